import { type ChatCall, type ChatEvent, tokenUsage } from "@gatewright/call";
import { EventStreamCodec } from "@smithy/eventstream-codec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bedrockChatWire } from "./chat-wire.ts";

const MODEL = "anthropic.claude-3-5-sonnet-20240620-v1:0";
const plain: ChatCall = {
  kind: "chat",
  from: "openai",
  stream: true,
  messages: [{ role: "user", parts: [{ kind: "text", text: "hi" }] }],
  tools: [{ kind: "function", name: "a.b" }],
  options: {},
  extra: {},
};
const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === "string" ? bytes : Buffer.from(bytes).toString("utf8")),
  (text) => Buffer.from(text, "utf8"),
);

function frame(headers: Readonly<Record<string, string>>, payload: string): Buffer {
  const texts = Object.entries(headers).map(
    ([name, value]) => [name, { type: "string" as const, value }] as const,
  );
  return Buffer.from(codec.encode({ headers: Object.fromEntries(texts), body: Buffer.from(payload) }));
}

function event(type: string, value: unknown): Buffer {
  return frame(
    { ":event-type": type, ":content-type": "application/json", ":message-type": "event" },
    JSON.stringify(value),
  );
}

function exception(type: string, value: unknown): Buffer {
  return frame({ ":exception-type": type, ":message-type": "exception" }, JSON.stringify(value));
}

const delta = (contentBlockIndex: number, value: unknown): Buffer =>
  event("contentBlockDelta", { contentBlockIndex, delta: value, p: "abcdef" });
const stop = (contentBlockIndex: number): Buffer => event("contentBlockStop", { contentBlockIndex });
const tool = (contentBlockIndex: number, toolUseId: string, name: string): Buffer =>
  event("contentBlockStart", { contentBlockIndex, start: { toolUse: { toolUseId, name } } });
const start = event("messageStart", { role: "assistant" });
const metadata = event("metadata", {
  usage: { inputTokens: 5, outputTokens: 3, totalTokens: 8, cacheReadInputTokens: 2 },
  metrics: { latencyMs: 1 },
});
const messageStop = (stopReason: string, more: object = {}): Buffer =>
  event("messageStop", { stopReason, ...more });

function hear(chunks: readonly Buffer[], call: ChatCall = plain): ChatEvent[] {
  const events: ChatEvent[] = [];
  const reader = bedrockChatWire(MODEL)
    .write(call, { model: MODEL, dropUnknown: false })
    .readStream((heard) => events.push(heard));
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return events;
}

const full = [
  start,
  delta(0, { reasoningContent: { text: "h" } }),
  delta(0, { reasoningContent: { text: "m" } }),
  delta(0, { reasoningContent: { signature: "sig" } }),
  stop(0),
  delta(1, { reasoningContent: { redactedContent: "cmVk" } }),
  stop(1),
  delta(2, { text: "Grü" }),
  delta(2, { text: "ße 🚪" }),
  delta(2, { citation: { title: "t" } }),
  stop(2),
  tool(3, "tooluse_1", "a_b"),
  delta(3, { toolUse: { input: '{"x":' } }),
  delta(3, { toolUse: { input: "1}" } }),
  stop(3),
  tool(4, "tooluse_2", "a_b"),
  delta(4, { toolUse: { input: "" } }),
  stop(4),
  event("somethingNew", { a: 1 }),
  messageStop("tool_use"),
  metadata,
];
const fullEvents: readonly ChatEvent[] = [
  { kind: "start", id: "", model: "" },
  { kind: "reasoning", choice: 0, text: "h" },
  { kind: "reasoning", choice: 0, text: "m" },
  { kind: "reasoning-signature", choice: 0, signature: "sig" },
  { kind: "part-end", choice: 0 },
  { kind: "redacted-reasoning", choice: 0, data: "cmVk" },
  { kind: "part-end", choice: 0 },
  { kind: "text", choice: 0, text: "Grü" },
  { kind: "text", choice: 0, text: "ße 🚪" },
  { kind: "citation", choice: 0, citation: { wire: "bedrock", value: { title: "t" }, title: "t" } },
  { kind: "part-end", choice: 0 },
  { kind: "tool-call", choice: 0, tool: 0, id: "tooluse_1", name: "a.b" },
  { kind: "tool-arguments", choice: 0, tool: 0, text: '{"x":' },
  { kind: "tool-arguments", choice: 0, tool: 0, text: "1}" },
  { kind: "part-end", choice: 0 },
  { kind: "tool-call", choice: 0, tool: 1, id: "tooluse_2", name: "a.b" },
  { kind: "tool-arguments", choice: 0, tool: 1, text: "{}" },
  { kind: "part-end", choice: 0 },
  { kind: "finish", choice: 0, reason: "tool-calls" },
  { kind: "usage", usage: tokenUsage(7, 3, { cachedInput: 2 }) },
  { kind: "end" },
];

describe("bedrockChatWire.readStream", () => {
  it("reads every kind of event in its order", () => {
    expect(hear(full)).toEqual(fullEvents);
  });

  it("hears the same wherever the chunks end", () => {
    const bytes = Buffer.concat(full);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 12 }), (cuts) => {
        const ends = [...cuts.sort((one, other) => one - other), bytes.length];
        expect(hear(ends.map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end)))).toEqual(fullEvents);
      }),
    );
    expect(hear([...bytes].map((byte) => Buffer.from([byte])))).toEqual(fullEvents);
  });

  it("ends at every cut only if the finish was heard", () => {
    for (let frames = 0; frames <= full.length; frames++) {
      const heard = hear(full.slice(0, frames));
      expect(heard.at(-1)?.kind === "end", `after ${frames} frames`).toBe(frames >= full.length - 1);
      expect(heard.some(({ kind }) => kind === "failure")).toBe(false);
    }
  });

  it("tells the stop text", () => {
    const stopped = messageStop("stop_sequence", { additionalModelResponseFields: { stop_sequence: "." } });
    expect(hear([start, stopped])).toContainEqual({
      kind: "finish",
      choice: 0,
      reason: "stop-sequence",
      stopSequence: ".",
    });
  });

  const formed: ChatCall = { ...plain, format: { kind: "json" } };

  it("makes a forced tool's arguments the text, and nothing said before it", () => {
    const heard = hear(
      [
        start,
        delta(0, { text: "Here:" }),
        stop(0),
        tool(1, "t", "json_tool_call"),
        delta(1, { toolUse: { input: '{"a"' } }),
        delta(1, { toolUse: { input: ":1}" } }),
        stop(1),
        messageStop("tool_use"),
      ],
      formed,
    );
    expect(heard).toEqual([
      { kind: "start", id: "", model: "" },
      { kind: "text", choice: 0, text: '{"a"' },
      { kind: "text", choice: 0, text: ":1}" },
      { kind: "part-end", choice: 0 },
      { kind: "finish", choice: 0, reason: "stop" },
      { kind: "end" },
    ]);
  });

  it("keeps what was said before a tool of the client's, and an answer without the tool", () => {
    const said = (...more: readonly Buffer[]): ChatEvent[] =>
      hear([start, delta(0, { text: "a" }), delta(0, { text: "b" }), stop(0), ...more], formed).slice(1, 4);
    const text = [
      { kind: "text", choice: 0, text: "ab" },
      { kind: "part-end", choice: 0 },
    ];
    expect(said(tool(1, "t", "a_b"), stop(1), messageStop("tool_use"))).toEqual([
      ...text,
      { kind: "tool-call", choice: 0, tool: 0, id: "t", name: "a.b" },
    ]);
    expect(said(messageStop("end_turn"))).toEqual([...text, { kind: "finish", choice: 0, reason: "stop" }]);
  });

  it.each([
    ["throttlingException", { message: "slow down" }, { status: 429, message: "slow down" }],
    ["modelStreamErrorException", { message: "broke" }, { status: 500, message: "broke" }],
    [
      "modelStreamErrorException",
      { message: "broke", originalStatusCode: 503, originalMessage: "busy" },
      { status: 503, message: "busy" },
    ],
    [
      "validationException",
      { message: "Input is too long for requested model." },
      { status: 400, message: "Input is too long for requested model.", kind: "context-window" },
    ],
    ["internalServerException", { message: "oops" }, { status: 500, message: "oops" }],
    ["serviceUnavailableException", { message: "later" }, { status: 503, message: "later" }],
    ["somethingNew", {}, { status: 500, message: "somethingNew" }],
  ])("reads %s as a failure, and nothing after it", (type, value, failure) => {
    expect(hear([start, exception(type, value), ...full]).slice(1)).toEqual([{ kind: "failure", failure }]);
  });

  it("reads an error of the stream itself", () => {
    const error = frame(
      { ":message-type": "error", ":error-code": "InternalFailure", ":error-message": "gone" },
      "",
    );
    expect(hear([error])).toEqual([{ kind: "failure", failure: { status: 500, message: "gone" } }]);
  });

  it.each([
    [
      "a checksum that is wrong",
      Buffer.from(start.map((byte, at) => (at === start.length - 1 ? byte ^ 1 : byte))),
    ],
    ["a payload that is no JSON", frame({ ":message-type": "event", ":event-type": "messageStop" }, "{")],
    ["bytes of something else", Buffer.from("<html><body>It works!</body></html>")],
  ])("fails for %s", (_, bytes) => {
    expect(hear([start, bytes, ...full]).slice(1)).toEqual([
      { kind: "failure", failure: { status: 500, message: expect.stringContaining("Bedrock's stream has") } },
    ]);
  });

  it("never throws, whatever the events are", () => {
    const types = fc.constantFrom(
      "messageStart",
      "contentBlockStart",
      "contentBlockDelta",
      "contentBlockStop",
      "messageStop",
      "metadata",
      "new",
    );
    const keys = fc.constantFrom(
      "contentBlockIndex",
      "start",
      "delta",
      "toolUse",
      "toolUseId",
      "name",
      "input",
      "text",
      "reasoningContent",
      "signature",
      "citation",
      "usage",
      "stopReason",
    );
    const odd = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, fc.jsonValue(), fc.dictionary(keys, tie("value"), { maxKeys: 3 })),
    })).value;
    fc.assert(
      fc.property(fc.array(fc.tuple(types, odd), { maxLength: 6 }), (events) => {
        const heard = hear(events.map(([type, value]) => event(type, value)));
        expect(heard.filter(({ kind }) => kind === "end" || kind === "failure").length).toBeLessThanOrEqual(
          1,
        );
      }),
    );
  });
});
