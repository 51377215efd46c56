import { describe, expect, it } from "vitest";
import { healthBody, readiness, readinessDetail } from "./health.ts";

describe("the health bodies of litellm.md §3.5", () => {
  it("reports readiness with LiteLLM's members first", () => {
    const body = readiness({ draining: false, digest: "d", problems: [], warnings: [] });
    expect(Object.keys(body).slice(0, 8)).toEqual([
      "status",
      "db",
      "cache",
      "litellm_version",
      "success_callbacks",
      "use_aiohttp_transport",
      "log_level",
      "is_detailed_debug",
    ]);
    expect(body).toMatchObject({ status: "healthy", db: "Not connected", cache: null, config_digest: "d" });
  });

  it("says that it is draining, and why the newest configuration is not served", () => {
    const state = { digest: "d", problems: ["p"], warnings: ["w"], database: "connected" } as const;
    expect(readiness({ draining: true, ...state })).toMatchObject({
      status: "draining",
      db: "connected",
      config_problems: ["p"],
      config_warnings: ["w"],
    });
  });

  it("keeps problems short: they are asked for every few seconds", () => {
    const problems = Array.from({ length: 8 }, (_, index) => `${index}${"x".repeat(1000)}`);
    const { config_problems: shown } = readiness({ draining: false, digest: "d", problems, warnings: [] });
    expect(shown).toHaveLength(6);
    expect(shown[5]).toBe("and 3 more");
    expect(shown.join("").length).toBeLessThan(2500);
  });

  it("is read back by who asks for it, and by nobody's mistake from another server", () => {
    const body = readiness({ draining: true, digest: "d", problems: ["p"], warnings: [] });
    const detail = { config_digest: "d", config_problems: ["p"], config_warnings: [] };
    expect(readinessDetail(JSON.stringify(body))).toEqual(detail);
    for (const other of [
      "",
      "not JSON",
      "null",
      "[]",
      '"I\'m alive!"',
      '{"status":"healthy","db":"connected"}',
    ])
      expect(readinessDetail(other)).toBeUndefined();
    // A gateway of another version may say less.
    expect(readinessDetail('{"config_digest":"d","config_problems":"p"}')).toEqual({
      ...detail,
      config_problems: [],
    });
  });

  it("counts the endpoints", () => {
    expect(healthBody([{ model: "a" }], [{ model: "b", error: "e" }, { model: "c" }])).toMatchObject({
      healthy_count: 1,
      unhealthy_count: 2,
    });
  });
});
