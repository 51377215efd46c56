import { execFileSync } from "node:child_process";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { apiError } from "@gatewright/litellm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { exampleDeployment, exampleExchange, exampleUsage } from "./example-exchange.ts";
import { type ReceivedSpan, readTraces } from "./protobuf-reader.ts";
import { Registry } from "./registry.ts";
import type { RequestFacts } from "./request-facts.ts";
import { Tracing, traceParent } from "./trace.ts";
import type { TraceSettings } from "./trace-settings.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const parentSpan = "b7ad6b7169203331";

let collector: Server;
let received: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: Buffer }[];
let status: number;
let settings: TraceSettings;
let warnings: string[];
let registry: Registry;
let tracing: Tracing;

beforeEach(async () => {
  received = [];
  warnings = [];
  status = 200;
  collector = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      received.push({ path: request.url ?? "", headers: request.headers, body: Buffer.concat(parts) });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
  const { port } = collector.address() as AddressInfo;
  settings = {
    exporter: { kind: "otlp", url: `http://127.0.0.1:${port}/v1/traces`, headers: { "x-tenant": "red" } },
    everything: true,
    messages: false,
    resource: { "service.name": "gatewright", team: "red" },
    sampling: { parentBased: true, ratio: 1 },
  };
  const nothing = (): void => {};
  registry = new Registry();
  tracing = new Tracing(
    {
      debug: nothing,
      info: nothing,
      error: nothing,
      request: nothing,
      warn: (_fields, message) => warnings.push(message),
      child: () => expect.fail(),
    },
    registry,
  );
});

afterEach(async () => {
  await tracing.close();
  collector.closeAllConnections();
  await new Promise((resolve) => collector.close(resolve));
});

function request(headers: IncomingHttpHeaders): RequestFacts["request"] {
  return { headers, socket: { remoteAddress: "127.0.0.1" } } as RequestFacts["request"];
}

const continued = { traceparent: `00-${traceId}-${parentSpan}-01`, tracestate: "vendor=1" };

/** What the collector has got once everything is sent. */
async function sent(): Promise<readonly ReceivedSpan[]> {
  await tracing.close();
  return received.flatMap(({ body }) => readTraces(body).spans);
}

describe("Tracing", () => {
  it("sends the spans of a request with a retry and a fallback, in the caller's trace", async () => {
    await tracing.configure(settings);
    const [first, second] = [
      exampleDeployment(registry, "d-1"),
      exampleDeployment(registry, "d-2", "backup", "azure"),
    ];
    const exchange = exampleExchange({
      request: request(continued),
      fields: { messages: [{ content: "secret words" }] },
    });
    tracing.start(exchange);
    exchange.trace?.authenticated();
    exchange.trace?.routed();
    const upstream = [traceParent(exchange), traceParent(exchange), traceParent(exchange)];
    const { startedAt } = exchange;
    const error = apiError("upstream_unreachable", { provider: "OpenAI", model: "gpt", text: "gone" });
    const group = exchange.group ?? expect.fail();
    const failed = { failure: { error, status: 503, kind: "upstream" }, waitMilliseconds: 10 };
    const at = (begin: number, end: number) => ({ startedAt: startedAt + begin, endedAt: startedAt + end });
    const over: RequestFacts = {
      ...exchange,
      deployment: second,
      attempts: [
        { deployment: first, group, ...at(10, 20), ...failed },
        { deployment: first, group, ...at(30, 40), ...failed },
        { deployment: second, group: { name: "backup" }, ...at(50, 90), waitMilliseconds: 0 },
      ],
      usage: exampleUsage({ input: 9, output: 3 }),
      cost: 3_150_000,
    };
    tracing.end(over, 200);
    const spans = await sent();
    const [root, auth, router, ...calls] = spans;
    expect(spans.map(({ name }) => name)).toEqual([
      "Received Proxy Server Request",
      "auth",
      "router",
      "litellm_request",
      "litellm_request",
      "litellm_request",
    ]);
    expect(root).toMatchObject({
      traceId,
      parentSpanId: parentSpan,
      state: "vendor=1",
      kind: 2,
      error: undefined,
    });
    expect(root?.attributes).toMatchObject({
      "http.route": "/v1/chat/completions",
      "http.response.status_code": 200,
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": "gpt",
      "gen_ai.usage.input_tokens": 9,
      "gen_ai.usage.completion_tokens": 3,
      "gen_ai.cost.total_cost": 3.15e-6,
      "metadata.user_api_key_team_id": "t-1",
      "litellm.call_id": "call-1",
      "litellm.model_group": "backup",
    });
    for (const child of spans.slice(1)) expect(child).toMatchObject({ traceId, parentSpanId: root?.spanId });
    expect(calls.map((span) => `00-${span.traceId}-${span.spanId}-01`)).toEqual(upstream);
    expect(calls.map(({ error: text }) => text)).toEqual([
      error.exceptionClass,
      error.exceptionClass,
      undefined,
    ]);
    expect(calls[2]).toMatchObject({
      kind: 3,
      attributes: {
        "gen_ai.system": "azure",
        "gen_ai.request.model": "azure/backup-upstream",
        "server.address": "d-2.example",
        "litellm.attempt": 3,
        "litellm.attempt.kind": "fallback",
        "gen_ai.usage.output_tokens": 3,
      },
    });
    expect(Number((calls[2]?.end ?? 0n) - (calls[2]?.start ?? 0n)) / 1e6).toBeCloseTo(40, 0);
    expect([auth, router].every((span) => span !== undefined && span.end >= span.start)).toBe(true);
    expect(received[0]).toMatchObject({ path: "/v1/traces", headers: { "x-tenant": "red" } });
    expect(readTraces(received[0]?.body ?? Buffer.alloc(0)).resource).toMatchObject({
      "service.name": "gatewright",
      team: "red",
    });
    expect(String(received[0]?.body)).not.toContain("secret words");
  });

  it("begins a trace of its own where the caller has none", async () => {
    await tracing.configure(settings);
    const exchange = exampleExchange({ deployment: exampleDeployment(registry, "d-1") });
    tracing.start(exchange);
    tracing.end(exchange, 200);
    const [root, ...children] = await sent();
    expect(root).toMatchObject({ parentSpanId: "", traceId: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(children.map(({ name }) => name)).toEqual(["auth", "router", "litellm_request"]);
  });

  it("follows a caller that is not sampled, and says so upstream", async () => {
    await tracing.configure(settings);
    const exchange = exampleExchange({ request: request({ traceparent: `00-${traceId}-${parentSpan}-00` }) });
    tracing.start(exchange);
    expect(traceParent(exchange)).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
    tracing.end(exchange, 200);
    expect(await sent()).toEqual([]);
  });

  it("keeps the share that the sampler asks for", async () => {
    await tracing.configure({ ...settings, sampling: { parentBased: true, ratio: 0.25 } });
    let kept = 0;
    for (let index = 0; index < 4_000; index++)
      if (tracing.start(exampleExchange())?.sampled === true) kept++;
    expect(kept).toBeGreaterThan(800);
    expect(kept).toBeLessThan(1_200);
  });

  it("tells the prompt only when asked, in a span of its own, cut short", async () => {
    await tracing.configure({ ...settings, messages: true });
    const fields = { messages: [{ role: "user", content: `secret words ${"x".repeat(10_000)}` }] };
    const exchange = exampleExchange({ deployment: exampleDeployment(registry, "d-1"), fields });
    tracing.start(exchange);
    traceParent(exchange);
    tracing.end(exchange, 200);
    const spans = await sent();
    const raw = spans.find(({ name }) => name === "raw_gen_ai_request");
    expect(raw?.parentSpanId).toBe(spans.find(({ name }) => name === "litellm_request")?.spanId);
    expect(String(raw?.attributes["gen_ai.input.messages"])).toMatch(/^\[.*secret words/);
    expect(String(raw?.attributes["gen_ai.input.messages"])).toHaveLength(8_192);
  });

  it("leaves out models that are not to be traced, and takes only those that are", async () => {
    const group = (name: string, traced: boolean | undefined) => ({
      name,
      telemetry: { metrics: true, tracing: traced, logRequests: true, logFrom: 0 },
    });
    for (const everything of [true, false]) {
      await tracing.configure({ ...settings, everything });
      for (const traced of [true, false, undefined]) {
        const exchange = exampleExchange({ group: group(`${everything}-${traced}`, traced) });
        tracing.start(exchange);
        expect(traceParent(exchange) === undefined).toBe(!(traced ?? everything));
        tracing.end(exchange, 200);
      }
    }
    const groups = (await sent()).flatMap((span) =>
      span.name === "Received Proxy Server Request" ? [span.attributes["litellm.model_group"]] : [],
    );
    expect(groups).toEqual(["true-true", "true-undefined", "false-true"]);
  });

  it("counts and says what the collector does not take, once, and goes on", async () => {
    status = 400;
    await tracing.configure(settings);
    const exchange = exampleExchange();
    tracing.start(exchange);
    tracing.end(exchange, 200);
    await tracing.close();
    expect(warnings).toEqual(["traces could not be exported; requests go on"]);
    expect(registry.text()).toContain("gatewright_trace_export_failures_total 1");
  });

  it("does nothing, and loads nothing of OpenTelemetry, without an exporter", () => {
    const module = JSON.stringify(fileURLToPath(new URL("trace.ts", import.meta.url)));
    const own = JSON.stringify(fileURLToPath(new URL("registry.ts", import.meta.url)));
    const program = `
      import { registerHooks } from "node:module";
      let loaded = 0;
      registerHooks({ load(url, context, next) { if (url.includes("@opentelemetry")) loaded++; return next(url, context); } });
      const { Tracing } = await import(${module});
      const { Registry } = await import(${own});
      const tracing = new Tracing({ error: console.error, warn: console.error }, new Registry());
      await tracing.configure(undefined);
      const before = [tracing.start({ request: { headers: {} } }), loaded];
      await tracing.configure({ exporter: { kind: "console" }, everything: true, messages: false, resource: {}, sampling: { parentBased: true, ratio: 1 } });
      console.log(JSON.stringify([...before, loaded > 0]));`;
    const out = execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
    expect(JSON.parse(out)).toEqual([null, 0, true]);
  });
});
