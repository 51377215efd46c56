import { afterEach, describe, expect, it } from "vitest";
import { type HealthOptions, type HealthServer, startHealthServer } from "./health.ts";
import { createMetrics } from "./metrics.ts";

let server: HealthServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function serve(options: Partial<HealthOptions> = {}): Promise<HealthServer> {
  server = await startHealthServer({
    healthAddress: "127.0.0.1:0",
    metricsAddress: "127.0.0.1:0",
    live: () => [],
    ready: () => [],
    registry: createMetrics().registry,
    ...options,
  });
  return server;
}

const ask = (port: number | undefined, path: string, method = "GET"): Promise<Response> =>
  fetch(`http://127.0.0.1:${port}${path}`, { method });

describe("the health server", () => {
  it("says which check fails, and recovers with it", async () => {
    let wrong: string | undefined = "nothing was heard of pods";
    const { healthPort } = await serve({
      live: () => [
        { name: "watches", check: () => wrong },
        { name: "lease", check: () => undefined },
      ],
    });
    const failed = await ask(healthPort, "/healthz");
    expect(failed.status).toBe(500);
    expect(await failed.text()).toContain("[-]watches failed: nothing was heard of pods\n[+]lease ok");
    expect((await ask(healthPort, "/readyz")).status).toBe(200);
    wrong = undefined;
    expect((await ask(healthPort, "/healthz?verbose")).status).toBe(200);
    expect((await ask(healthPort, "/healthz", "POST")).status).toBe(405);
    expect((await ask(healthPort, "/metrics")).status).toBe(404);
  });

  it("serves metrics on an address of their own, in Prometheus' format", async () => {
    const { metricsPort } = await serve({ healthAddress: "0" });
    expect(server?.healthPort).toBeUndefined();
    const answer = await ask(metricsPort, "/metrics");
    expect(answer.headers.get("content-type")).toContain("text/plain");
    expect(await answer.text()).toMatch(/^process_resident_memory_bytes \d+$/m);
  });

  it("serves both on one address when it is the same", async () => {
    const address = `127.0.0.1:${(await serve({ metricsAddress: "0" })).healthPort}`;
    await server?.close();
    const { healthPort, metricsPort } = await serve({ healthAddress: address, metricsAddress: address });
    expect(healthPort).toBe(metricsPort);
    expect((await ask(healthPort, "/readyz")).status).toBe(200);
    expect((await ask(healthPort, "/metrics")).status).toBe(200);
  });

  it("refuses an address it does not understand, and leaves nothing listening", async () => {
    await expect(serve({ metricsAddress: "8080" })).rejects.toThrow(/HOST:PORT, :PORT, or 0 for off/);
  });
});
