import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Exchange } from "../exchange.ts";
import { agent, anonymous, type Caller } from "../snapshot/caller.ts";
import { exampleAccounts } from "../snapshot/example-accounts.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import type { GroupTelemetry } from "../snapshot/telemetry.ts";
import { accessLog } from "./access-log.ts";
import { exampleDeployment, exampleExchange, exampleUsage } from "./example-exchange.ts";
import { Registry } from "./registry.ts";
import type { RequestFacts } from "./request-facts.ts";
import { RequestTrace } from "./trace.ts";
import type { TraceSettings } from "./trace-settings.ts";

/** The line that an exchange leaves, read back. */
function line(model: string, caller: Caller = anonymous): Record<string, unknown> {
  const request = { headers: {}, socket: { remoteAddress: "::ffff:127.0.0.1" } };
  const exchange = new Exchange(
    request as never,
    {} as never,
    {} as Snapshot,
    "chat",
    "/v1/chat/completions",
    undefined,
    "call-1",
  );
  exchange.model = model;
  exchange.caller = caller;
  return lineOf(exchange, 400) ?? {};
}

function lineOf(exchange: RequestFacts, status = 200): Record<string, unknown> | undefined {
  let written: string | undefined;
  const nothing = (): void => {};
  accessLog({
    debug: nothing,
    info: nothing,
    warn: nothing,
    error: nothing,
    child: () => expect.fail(),
    request: (members) => (written = members),
  }).write(exchange, status);
  return written === undefined ? undefined : JSON.parse(`{${written}}`);
}

describe("accessLog", () => {
  it("writes JSON whatever a client calls a model", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 199 }), (model) => {
        expect(line(model)["model"]).toBe(JSON.parse(JSON.stringify(model)));
      }),
    );
  });

  it("tells what happened, and no more of a name than 200 characters", () => {
    expect(line("m".repeat(500))).toMatchObject({
      call_id: "call-1",
      request_id: "call-1",
      route: "/v1/chat/completions",
      status: 400,
      model: "m".repeat(200),
      stream: false,
      upstream_ms: 0,
      caller: "anonymous",
      user: "",
      error: "",
    });
  });

  it("names the agent, whatever its id looks like", () => {
    expect(line("m", agent('9f8221e3"\n', exampleAccounts))).toMatchObject({
      caller: "agent",
      user: '9f8221e3"\n',
    });
  });

  it("tells cost, tokens, attempts, cache, wait, key and trace where there are any", () => {
    const registry = new Registry();
    const deployment = exampleDeployment(registry, "d-1");
    const attempt = {
      deployment,
      group: { name: "backup" },
      startedAt: 1,
      endedAt: 2,
      waitMilliseconds: 0,
    };
    const settings: TraceSettings = {
      exporter: { kind: "console" },
      everything: true,
      messages: false,
      resource: {},
      sampling: { parentBased: true, ratio: 1 },
    };
    const trace = new RequestTrace(settings, "ab".repeat(16), undefined, undefined, true);
    expect(
      lineOf(
        exampleExchange({
          deployment,
          attempts: [attempt, attempt, attempt],
          retries: 1,
          fallbacks: 1,
          usage: exampleUsage({ input: 9, output: 3 }),
          cost: 3_150_000,
          cacheKey: "k",
          cacheHit: false,
          queuedMilliseconds: 12.345,
          trace,
        }),
      ),
    ).toMatchObject({
      model: "gpt",
      model_group: "backup",
      model_id: "d-1",
      input_tokens: 9,
      output_tokens: 3,
      cost: 3.15e-6,
      attempts: 3,
      retries: 1,
      fallbacks: 1,
      cache: "miss",
      queue_ms: 12.35,
      key_alias: "app",
      team: "t-1",
      trace_id: "ab".repeat(16),
    });
    expect(lineOf(exampleExchange({ cacheKey: "k", cacheHit: true }))).toMatchObject({ cache: "hit" });
  });

  it.each<[why: string, telemetry: Partial<GroupTelemetry>, status: number, written: boolean]>([
    ["a model whose requests are not to be logged", { logRequests: false }, 500, false],
    ["one that logs warnings, a good answer", { logFrom: 400 }, 200, false],
    ["one that logs warnings, a refusal", { logFrom: 400 }, 429, true],
    ["one that logs errors, a refusal", { logFrom: 500 }, 429, false],
  ])("minds the model's own settings: %s", (_why, own, status, written) => {
    const telemetry = { metrics: true, tracing: undefined, logRequests: true, logFrom: 0, ...own };
    const line = lineOf(exampleExchange({ group: { name: "gpt", telemetry } }), status);
    expect(line !== undefined).toBe(written);
  });
});
