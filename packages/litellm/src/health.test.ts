import { describe, expect, it } from "vitest";
import { healthBody, readiness } from "./health.ts";

describe("the health bodies of litellm.md §3.5", () => {
  it("reports readiness with LiteLLM's members first", () => {
    const body = readiness({ draining: false, digest: "d", problems: [] });
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
    expect(readiness({ draining: true, digest: "d", problems: ["p"], database: "connected" })).toMatchObject({
      status: "draining",
      db: "connected",
      config_problems: ["p"],
    });
  });

  it("counts the endpoints", () => {
    expect(healthBody([{ model: "a" }], [{ model: "b", error: "e" }, { model: "c" }])).toMatchObject({
      healthy_count: 1,
      unhealthy_count: 2,
    });
  });
});
