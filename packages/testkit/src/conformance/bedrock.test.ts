import { Readable } from "node:stream";
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  type ConverseStreamOutput,
} from "@aws-sdk/client-bedrock-runtime";
import {
  type ChatAnswer,
  type ChatCall,
  type ChatEvent,
  isFailure,
  lossesOf,
  type Message,
  type Part,
} from "@gatewright/call";
import { type ChatWire, providerNamed, type Translation } from "@gatewright/providers";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { bedrockProblem } from "../fake-upstream/bedrock-problem.ts";
import { readBedrockRequest } from "../fake-upstream/bedrock-request.ts";
import { bedrockWire } from "../fake-upstream/bedrock-wire.ts";
import type { Behaviour } from "../fake-upstream/behaviour.ts";
import { startFakeUpstream } from "../fake-upstream/fake-upstream.ts";
import type { Fields } from "../fake-upstream/wire.ts";
import { arbitraryCall } from "./arbitrary-call.ts";

const MODEL = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0";
const upstream = await startFakeUpstream();
const credentials = { accessKeyId: "AKID", secretAccessKey: "secret" };
const client = new BedrockRuntimeClient({
  region: "eu-west-1",
  endpoint: upstream.url,
  credentials,
  maxAttempts: 1,
  requestHandler: { handle: send },
});
afterAll(async () => {
  client.destroy();
  await upstream.close();
});

interface SdkRequest {
  readonly hostname: string;
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array<ArrayBuffer>;
}

/** The SDK's own handler speaks HTTP/2 only. */
async function send({
  body,
  headers,
  hostname,
  method,
  path,
  port,
}: SdkRequest): Promise<{ response: object }> {
  const { host: _, ...others } = headers;
  const response = await fetch(`http://${hostname}:${port}${path}`, { method, headers: others, body });
  return {
    response: {
      statusCode: response.status,
      headers: Object.fromEntries(response.headers),
      body: response.body === null ? undefined : Readable.fromWeb(response.body),
    },
  };
}

function chatWire(model = MODEL): ChatWire {
  const wire = providerNamed("bedrock")?.chat(model);
  if (wire === undefined) throw new Error("there is no provider bedrock");
  return wire;
}

const question: ChatCall = {
  kind: "chat",
  from: "openai",
  stream: false,
  messages: [{ role: "user", parts: [{ kind: "text", text: "hi" }] }],
  tools: [{ kind: "function", name: "look_up" }],
  options: { stop: ["."] },
  extra: {},
};
const translate = (call: ChatCall = question): Translation =>
  chatWire().write(call, { model: MODEL, dropUnknown: false });

/** The same request as the client sends, by hand: what our readers get to see. */
async function bytesOf(action: "converse" | "converse-stream"): Promise<Response> {
  return fetch(`${upstream.url}/model/${encodeURIComponent(MODEL)}/${action}`, {
    method: "POST",
    body: JSON.stringify(translate().body),
  });
}

/** What both parsers say of an answer, in one form. */
interface Understood {
  reasoning: string;
  signature: string;
  text: string;
  tools: { readonly id: string; readonly name: string; arguments: string }[];
  finish: string;
  input: number;
  output: number;
}

const nothing = (): Understood => ({
  reasoning: "",
  signature: "",
  text: "",
  tools: [],
  finish: "",
  input: 0,
  output: 0,
});
const finishes: { readonly [stopReason: string]: string } = {
  end_turn: "stop",
  tool_use: "tool-calls",
  max_tokens: "length",
  content_filtered: "content-filter",
  stop_sequence: "stop-sequence",
};

function ofAnswer({ choices, usage }: ChatAnswer): Understood {
  const heard = nothing();
  for (const part of choices[0]?.parts ?? []) {
    if (part.kind === "text") heard.text += part.text;
    if (part.kind === "reasoning") heard.reasoning += part.text;
    if (part.kind === "reasoning") heard.signature += part.signature;
    if (part.kind === "tool-call")
      heard.tools.push({ id: part.id, name: part.name, arguments: part.arguments });
  }
  return { ...heard, finish: choices[0]?.finish ?? "", input: usage?.input ?? 0, output: usage?.output ?? 0 };
}

function ofEvents(events: readonly ChatEvent[]): Understood {
  const heard = nothing();
  for (const event of events) {
    if (event.kind === "text") heard.text += event.text;
    if (event.kind === "reasoning") heard.reasoning += event.text;
    if (event.kind === "reasoning-signature") heard.signature += event.signature;
    if (event.kind === "tool-call") heard.tools.push({ id: event.id, name: event.name, arguments: "" });
    const tool = event.kind === "tool-arguments" ? heard.tools[event.tool] : undefined;
    if (event.kind === "tool-arguments" && tool !== undefined) tool.arguments += event.text;
    if (event.kind === "finish") heard.finish = event.reason;
    if (event.kind === "usage")
      Object.assign(heard, { input: event.usage.input, output: event.usage.output });
  }
  return heard;
}

function withUsage(
  heard: Understood,
  usage:
    | {
        inputTokens?: number | undefined;
        outputTokens?: number | undefined;
        cacheReadInputTokens?: number | undefined;
        cacheWriteInputTokens?: number | undefined;
      }
    | undefined,
): void {
  const {
    cacheReadInputTokens = 0,
    cacheWriteInputTokens = 0,
    inputTokens = 0,
    outputTokens = 0,
  } = usage ?? {};
  Object.assign(heard, {
    input: inputTokens + cacheReadInputTokens + cacheWriteInputTokens,
    output: outputTokens,
  });
}

async function sdkAnswer(): Promise<Understood> {
  const { output, stopReason, usage } = await client.send(
    new ConverseCommand({ modelId: MODEL, ...translate().body }),
  );
  const heard = { ...nothing(), finish: finishes[stopReason ?? ""] ?? "" };
  for (const block of output?.message?.content ?? []) {
    heard.text += block.text ?? "";
    heard.reasoning += block.reasoningContent?.reasoningText?.text ?? "";
    heard.signature += block.reasoningContent?.reasoningText?.signature ?? "";
    const { toolUse } = block;
    if (toolUse !== undefined) {
      heard.tools.push({
        id: toolUse.toolUseId ?? "",
        name: toolUse.name ?? "",
        arguments: JSON.stringify(toolUse.input),
      });
    }
  }
  withUsage(heard, usage);
  return heard;
}

async function sdkStream(): Promise<Understood> {
  const { stream } = await client.send(new ConverseStreamCommand({ modelId: MODEL, ...translate().body }));
  const heard = nothing();
  for await (const event of stream ?? []) hearSdk(heard, event);
  return heard;
}

function hearSdk(heard: Understood, event: ConverseStreamOutput): void {
  const { contentBlockDelta, contentBlockStart, messageStop, metadata } = event;
  const delta = contentBlockDelta?.delta;
  heard.text += delta?.text ?? "";
  heard.reasoning += delta?.reasoningContent?.text ?? "";
  heard.signature += delta?.reasoningContent?.signature ?? "";
  const started = contentBlockStart?.start?.toolUse;
  if (started !== undefined)
    heard.tools.push({ id: started.toolUseId ?? "", name: started.name ?? "", arguments: "" });
  const tool = heard.tools.at(-1);
  if (tool !== undefined) tool.arguments += delta?.toolUse?.input ?? "";
  if (messageStop !== undefined) heard.finish = finishes[messageStop.stopReason ?? ""] ?? "";
  if (metadata !== undefined) withUsage(heard, metadata.usage);
}

const behaviours: readonly { readonly name: string; readonly behaviour: Behaviour }[] = [
  { name: "text", behaviour: { text: "Grüße 🚪 an alle", usageDetails: { cached: 3, cacheWrite: 2 } } },
  { name: "reasoning", behaviour: { reasoning: "let me think", signature: "c2ln", frames: 3, padding: 50 } },
  {
    name: "tools",
    behaviour: {
      toolCalls: [
        { name: "look_up", arguments: '{"topic":"ü"}' },
        { name: "look_up", arguments: "{}" },
      ],
    },
  },
  { name: "an end for length", behaviour: { finish: "length" } },
  { name: "an end by a filter", behaviour: { finish: "content-filter" } },
  { name: "an end at a stop text", behaviour: { finish: "stop-sequence" } },
];

describe("Bedrock's wire, read by us and by the AWS SDK", () => {
  it.each(behaviours)("$name: the same whole", async ({ behaviour }) => {
    upstream.script = { default: behaviour };
    const answer = translate().readAnswer(await (await bytesOf("converse")).json());
    if (isFailure(answer)) throw new Error(answer.message);
    expect(ofAnswer(answer)).toEqual(await sdkAnswer());
  });

  it.each(behaviours)("$name: the same streamed", async ({ behaviour }) => {
    upstream.script = { default: behaviour };
    const events: ChatEvent[] = [];
    const reader = translate().readStream((event) => events.push(event));
    for await (const chunk of (await bytesOf("converse-stream")).body ?? []) reader.push(Buffer.from(chunk));
    reader.end();
    expect(events.at(-1)).toEqual({ kind: "end" });
    expect(ofEvents(events)).toEqual(await sdkStream());
  });

  it.each([
    { status: 400, name: "ValidationException", ours: 400 },
    { status: 403, name: "AccessDeniedException", ours: 403 },
    { status: 408, name: "ModelTimeoutException", ours: 408 },
    { status: 424, name: "ModelErrorException", ours: 500 },
    { status: 429, name: "ThrottlingException", ours: 429 },
    { status: 503, name: "ServiceUnavailableException", ours: 503 },
  ])("$name: the same words", async ({ name, ours, status }) => {
    upstream.script = { default: { error: { status, message: "it is so" } } };
    await expect(sdkAnswer()).rejects.toMatchObject({ name, message: "it is so" });
    const response = await bytesOf("converse");
    expect(chatWire().readFailure(response.status, await response.text())).toEqual({
      status: ours,
      message: "it is so",
    });
  });

  it("an exception in a stream that has begun", async () => {
    upstream.script = { default: { errorAtFrame: 2 } };
    await expect(sdkStream()).rejects.toMatchObject({
      name: "InternalServerException",
      message: "fake error in the stream",
    });
    const events: ChatEvent[] = [];
    const reader = translate().readStream((event) => events.push(event));
    reader.push(Buffer.from(await (await bytesOf("converse-stream")).arrayBuffer()));
    reader.end();
    expect(events.at(-1)).toEqual({
      kind: "failure",
      failure: { status: 500, message: "fake error in the stream" },
    });
  });

  it("a stream cut anywhere ends only if its finish was heard", () => {
    for (const { behaviour } of behaviours) {
      const ask = { operation: "chat", model: MODEL, stream: true, fields: {} } as const;
      const frames = [...bedrockWire.frames(ask, behaviour)];
      for (let kept = 0; kept <= frames.length; kept++) {
        const events: ChatEvent[] = [];
        const reader = translate().readStream((event) => events.push(event));
        for (const frame of frames.slice(0, kept)) reader.push(Buffer.from(frame));
        reader.end();
        expect(events.at(-1)?.kind === "end").toBe(kept >= frames.length - 1);
      }
    }
  });
});

const text = [{ text: "hi" }];
const toolUse = { toolUse: { toolUseId: "t", name: "look_up", input: {} } };
const lookUp = { tools: [{ toolSpec: { name: "look_up", inputSchema: { json: { type: "object" } } } }] };
const wrong: readonly { readonly why: string; readonly fields: Fields; readonly says: string }[] = [
  { why: "members nobody knows", fields: { model: MODEL }, says: "extraneous key [model]" },
  {
    why: "an assistant that begins",
    fields: { messages: [{ role: "assistant", content: text }] },
    says: "must start with a user message",
  },
  {
    why: "two messages of one role",
    fields: { messages: [1, 2].map(() => ({ role: "user", content: text })) },
    says: "must alternate",
  },
  { why: "blank text", fields: { messages: [{ role: "user", content: [{ text: " " }] }] }, says: "is blank" },
  {
    why: "calls without tools",
    fields: {
      messages: [
        { role: "user", content: text },
        { role: "assistant", content: [toolUse] },
      ],
    },
    says: "The toolConfig field must be defined",
  },
  {
    why: "calls without results",
    fields: {
      toolConfig: lookUp,
      messages: [
        { role: "user", content: text },
        { role: "assistant", content: [toolUse] },
        { role: "user", content: text },
      ],
    },
    says: "Expected toolResult blocks",
  },
];

describe("the fake Bedrock", () => {
  it.each(wrong)("refuses $why", async ({ fields, says }) => {
    upstream.script = {};
    const response = await fetch(`${upstream.url}/model/m/converse`, {
      method: "POST",
      body: JSON.stringify(fields),
    });
    expect(response.status).toBe(400);
    expect(response.headers.get("x-amzn-errortype")).toBe("ValidationException");
    expect(await response.json()).toEqual({ message: expect.stringContaining(says) });
  });
});

/** One that Claude can be held to as it is. */
const schema = {
  type: "object",
  properties: { a: { type: "string" } },
  required: ["a"],
  additionalProperties: false,
};
const word = fc.stringMatching(/^[a-zA-Z0-9üß🚪 ]{0,10}[a-z]$/u);
const name = fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/);
const base64 = fc
  .uint8Array({ minLength: 1, maxLength: 12 })
  .map((bytes) => Buffer.from(bytes).toString("base64"));
const cache = fc.option(fc.constantFrom({}, { ttl: "1h" }), { nil: undefined });
const json = fc
  .dictionary(word, fc.jsonValue(), { maxKeys: 3 })
  .map((value) => JSON.stringify(JSON.parse(JSON.stringify(value))));

function withCache<P extends object>(part: fc.Arbitrary<P>): fc.Arbitrary<P> {
  return fc
    .tuple(part, cache)
    .map(([value, mark]) => (mark === undefined ? value : { ...value, cache: mark }));
}

const textPart = withCache(word.map((text) => ({ kind: "text" as const, text })));
const imagePart = withCache(
  fc.record({
    kind: fc.constant("image" as const),
    source: fc.record({
      kind: fc.constant("base64" as const),
      mediaType: fc.constantFrom("image/png", "image/jpeg", "image/gif", "image/webp"),
      data: base64,
    }),
  }),
);
const audioPart = fc.record({
  kind: fc.constant("audio" as const),
  format: fc.constantFrom("wav", "mp3"),
  data: base64,
});
const reasoningPart: fc.Arbitrary<Part> = fc.oneof(
  fc.record({ kind: fc.constant("reasoning" as const), text: word, signature: base64 }),
  fc.record({ kind: fc.constant("redacted-reasoning" as const), data: base64 }),
);
const userMessage: fc.Arbitrary<Message> = fc.record({
  role: fc.constant("user" as const),
  parts: fc.array(fc.oneof(textPart, imagePart, audioPart), { minLength: 1, maxLength: 3 }),
});
const document: fc.Arbitrary<Part> = withCache(
  fc.record(
    {
      kind: fc.constant("document" as const),
      source: fc.oneof(
        fc.record({
          kind: fc.constant("base64" as const),
          mediaType: fc.constantFrom("application/pdf", "text/csv"),
          data: base64,
        }),
        fc.record({ kind: fc.constant("text" as const), text: word }),
      ),
      name: fc.constant("report (1)"),
      context: word,
      cite: fc.boolean(),
    },
    { requiredKeys: ["kind", "source", "name"] },
  ),
);

/** What an assistant says, and the results of the tools that it called. */
const exchange: fc.Arbitrary<readonly Message[]> = fc
  .record({
    reasoning: fc.array(reasoningPart, { maxLength: 2 }),
    text: textPart,
    calls: fc.uniqueArray(
      fc.record({
        call: withCache(
          fc.record({ kind: fc.constant("tool-call" as const), id: name, name, arguments: json }),
        ),
        content: fc.array(
          fc.oneof(
            word.map((text) => ({ kind: "text" as const, text })),
            imagePart,
          ),
          { minLength: 1, maxLength: 2 },
        ),
        isError: fc.boolean(),
      }),
      { maxLength: 3, selector: ({ call }) => call.id },
    ),
    reply: userMessage,
  })
  .map(({ calls, reasoning, reply, text }) => [
    { role: "assistant", parts: [...reasoning, text, ...calls.map(({ call }) => call)] },
    {
      role: "user",
      parts: [
        ...calls.map(({ call, content, isError }) => ({
          kind: "tool-result" as const,
          id: call.id,
          content: content.map(
            ({ cache: _, ...piece }: (typeof content)[number] & { cache?: unknown }) => piece,
          ) as never,
          isError,
        })),
        ...reply.parts,
      ],
    },
  ]);
const tool = withCache(
  fc.record(
    {
      kind: fc.constant("function" as const),
      name,
      description: word,
      parameters: fc.constant(schema),
      strict: fc.constant(true),
    },
    { requiredKeys: ["kind", "name", "parameters"] },
  ),
);

/** Parameters that go together with each other, and with thinking or without. */
const sampled = fc.record(
  {
    temperature: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
    top_k: fc.nat({ max: 99 }),
    max_tokens: fc.integer({ min: 1, max: 9999 }),
  },
  { requiredKeys: [] },
);
const thinking = fc.record(
  { top_p: fc.double({ min: 0.95, max: 1, noNaN: true }), max_tokens: fc.integer({ min: 5000, max: 9999 }) },
  { requiredKeys: [] },
);
const otherOptions = fc.record(
  {
    stop: fc.array(word, { minLength: 1, maxLength: 2 }),
    service_tier: fc.constantFrom("default", "flex", "priority"),
  },
  { requiredKeys: [] },
);
const ownMembers = fc.record(
  {
    guardrailConfig: fc.constant({ guardrailIdentifier: "g", guardrailVersion: "1", trace: "enabled" }),
    performanceConfig: fc.constant({ latency: "optimized" }),
    requestMetadata: fc.constant({ team: "a" }),
  },
  { requiredKeys: [] },
);
const format = fc.record(
  {
    kind: fc.constant("schema" as const),
    name,
    description: word,
    schema: fc.constant(schema),
    strict: fc.constant(true),
  },
  { requiredKeys: ["kind", "name", "schema", "strict"] },
);

const calls: fc.Arbitrary<ChatCall> = fc
  .record({
    system: fc.array(textPart, { maxLength: 2 }),
    first: userMessage,
    document: fc.option(document, { nil: undefined }),
    exchanges: fc.array(exchange, { maxLength: 3 }),
    tools: fc.uniqueArray(tool, { minLength: 1, maxLength: 3, selector: (one) => one.name }),
    choice: fc.constantFrom(undefined, "auto", "required", "tool"),
    format: fc.option(format, { nil: undefined }),
    budgetTokens: fc.option(fc.integer({ min: 1024, max: 4000 }), { nil: undefined }),
    sampled,
    thinking,
    otherOptions,
    extra: ownMembers,
  })
  .map(({ choice, document: attached, exchanges, first, system, tools, ...more }) => {
    // A Claude that thinks cannot be forced, nor go on from a turn without thinking.
    const free = exchanges.length === 0 && choice !== "required" && choice !== "tool";
    const budgetTokens = free ? more.budgetTokens : undefined;
    return {
      kind: "chat",
      from: "openai",
      stream: false,
      messages: [
        ...system.map((part): Message => ({ role: "system", parts: [part] })),
        attached === undefined
          ? first
          : { role: "user", parts: [...first.parts, attached, { kind: "text", text: "read it" }] },
        ...exchanges.flat(),
      ],
      tools,
      ...(choice === undefined
        ? {}
        : {
            toolChoice: choice === "tool" ? { kind: choice, name: tools[0]?.name ?? "" } : { kind: choice },
          }),
      ...(more.format === undefined ? {} : { format: more.format }),
      ...(budgetTokens === undefined ? {} : { reasoning: { enabled: true, budgetTokens } }),
      options: { ...(budgetTokens === undefined ? more.sampled : more.thinking), ...more.otherOptions },
      extra: more.extra,
    };
  });

describe("what Bedrock is asked", () => {
  it("comes back equal wherever the fidelity says so, and breaks no rule of Converse", () => {
    fc.assert(
      fc.property(calls, (call) => {
        const body = JSON.parse(JSON.stringify(translate(call).body)) as Fields;
        expect(bedrockProblem(body)).toBeUndefined();
        const { extra, format, messages, options, reasoning, toolChoice, tools } = call;
        const said = { messages, tools, toolChoice, format, reasoning, options, extra };
        expect(readBedrockRequest(body)).toEqual(said);
      }),
    );
  });

  it.each([
    MODEL,
    "anthropic.claude-3-5-sonnet-20240620-v1:0",
    "us.amazon.nova-2-lite-v1:0",
    "meta.llama3-1-70b-instruct-v1:0",
  ])("breaks no rule of Converse, whatever the call is: %s", (model) => {
    const wire = chatWire(model);
    fc.assert(
      fc.property(arbitraryCall, (drawn) => {
        const call = { ...drawn, messages: drawn.messages.map(withoutReferences) };
        expect(lossesOf(call, wire).refused).toEqual([]);
        const body = wire.write(call, { model, dropUnknown: false }).body;
        expect(bedrockProblem(JSON.parse(JSON.stringify(body)) as Fields)).toBeUndefined();
      }),
    );
  });

  it("has no member that the AWS SDK does not know", async () => {
    let sent = "";
    const recorder = new BedrockRuntimeClient({
      region: "eu-west-1",
      credentials,
      maxAttempts: 1,
      requestHandler: {
        handle: async (request: { readonly body: Uint8Array }) => {
          sent = new TextDecoder().decode(request.body);
          throw new Error("read");
        },
      },
    });
    await fc.assert(
      fc.asyncProperty(calls, async (call) => {
        const body = JSON.parse(JSON.stringify(translate(call).body)) as Fields;
        const input = withBytes(body) as Fields;
        await expect(recorder.send(new ConverseCommand({ modelId: MODEL, ...input }))).rejects.toThrow(
          "read",
        );
        expect(JSON.parse(sent)).toEqual(body);
      }),
      { numRuns: 50 },
    );
  });
});

/** Bedrock takes no addresses and no files: bytes in their place. */
function withoutReferences(message: Message): Message {
  return { ...message, parts: message.parts.map(withoutReference) };
}

function withoutReference<P extends Part>(part: P): P {
  if (part.kind === "tool-result") return { ...part, content: part.content.map(withoutReference) };
  if (part.kind !== "image" && part.kind !== "document") return part;
  const { source } = part;
  if (source.kind === "base64" || source.kind === "text") return part;
  const mediaType = part.kind === "image" ? "image/png" : "application/pdf";
  return { ...part, source: { kind: "base64", mediaType, data: "AAAA" } };
}

/** Base64 as the bytes that the SDK wants, where the API has bytes. */
function withBytes(value: unknown, member = ""): unknown {
  if (typeof value === "string") {
    return member === "bytes" || member === "redactedContent" ? Buffer.from(value, "base64") : value;
  }
  if (Array.isArray(value)) return value.map((item) => withBytes(item));
  if (typeof value !== "object" || value === null || member === "input" || member === "json") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withBytes(item, key)]));
}
