import type { ChatEvent } from "@gatewright/call";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openaiChatWire } from "./chat-wire.ts";

/** What is heard of a stream of these bytes, in these pieces. */
function heard(pieces: readonly Buffer[]): readonly ChatEvent[] {
  const events: ChatEvent[] = [];
  const translation = openaiChatWire.write(
    { kind: "chat", from: "anthropic", stream: true, messages: [], tools: [], options: {}, extra: {} },
    { model: "m", dropUnknown: false },
  );
  const reader = translation.readStream((event) => events.push(event));
  for (const piece of pieces) reader.push(piece);
  reader.end();
  return events;
}

const frame = (data: unknown): string =>
  `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
const chunk = (delta: object, more: object = {}, index = 0) => ({
  id: "chatcmpl-1",
  object: "chat.completion.chunk",
  created: 1,
  model: "m-1",
  choices: [{ index, delta, logprobs: null, finish_reason: null, ...more }],
});
const finish = (reason: string, index = 0) => chunk({}, { finish_reason: reason }, index);
const read = (...frames: readonly unknown[]) => heard([Buffer.from(frames.map(frame).join(""))]);
const start: ChatEvent = { kind: "start", id: "chatcmpl-1", model: "m-1" };
const stopped: ChatEvent = { kind: "finish", choice: 0, reason: "stop" };
const end: ChatEvent = { kind: "end" };
const called = (tool: number, id: string, name: string): ChatEvent => ({
  kind: "tool-call",
  choice: 0,
  tool,
  id,
  name,
});
const given = (tool: number, text: string): ChatEvent => ({ kind: "tool-arguments", choice: 0, tool, text });
const callDelta = (call: object, ...more: readonly object[]) => chunk({ tool_calls: [call, ...more] });

const usage = { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 };

describe("streams", () => {
  it("text, finish, usage, end", () => {
    const events = read(
      chunk({ role: "assistant", content: "", refusal: null }),
      chunk({ content: "Grü" }),
      chunk({ content: "ße 🚪" }, { logprobs: { content: [] } }),
      finish("stop"),
      { ...chunk({}), choices: [], usage },
      "[DONE]",
      chunk({ content: "after the end" }),
    );
    expect(events).toEqual([
      start,
      { kind: "text", choice: 0, text: "Grü" },
      { kind: "text", choice: 0, text: "ße 🚪", logprobs: { content: [] } },
      stopped,
      { kind: "usage", usage: expect.objectContaining({ input: 7, output: 2 }) },
      end,
    ]);
  });

  it("Azure's first chunk, which knows nothing yet", () => {
    const first = { id: "", model: "", choices: [], prompt_filter_results: [{}] };
    expect(read(first, chunk({ content: "a" }), finish("stop"), "[DONE]")[0]).toEqual(start);
  });

  it("choices that come mixed", () => {
    const events = read(
      chunk({ content: "a" }, {}, 1),
      chunk({ content: "b" }),
      finish("length", 1),
      finish("stop"),
      "[DONE]",
    );
    expect(events.slice(1)).toEqual([
      { kind: "text", choice: 1, text: "a" },
      { kind: "text", choice: 0, text: "b" },
      { kind: "finish", choice: 1, reason: "length" },
      stopped,
      end,
    ]);
  });

  it("reasoning, under either name and in LiteLLM's blocks, each thought once", () => {
    const events = read(
      chunk({ role: "assistant", reasoning_content: "a" }),
      chunk({ reasoning: "b" }),
      chunk({ reasoning_content: "c", thinking_blocks: [{ type: "thinking", thinking: "c" }] }),
      chunk({ thinking_blocks: [{ type: "thinking", thinking: "abc", signature: "s" }] }),
      chunk({ thinking_blocks: [{ type: "redacted_thinking", data: "d" }] }),
      chunk({ content: "yes" }),
    );
    expect(events.slice(1)).toEqual([
      { kind: "reasoning", choice: 0, text: "a" },
      { kind: "reasoning", choice: 0, text: "b" },
      { kind: "reasoning", choice: 0, text: "c" },
      { kind: "reasoning-signature", choice: 0, signature: "s" },
      { kind: "redacted-reasoning", choice: 0, data: "d" },
      { kind: "text", choice: 0, text: "yes" },
    ]);
  });

  it("blocks without any text beside them", () => {
    const events = read(
      chunk({ thinking_blocks: [{ type: "thinking", thinking: "a" }] }),
      chunk({ thinking_blocks: [{ type: "thinking", thinking: "b", signature: "s" }] }),
    );
    expect(events.slice(1)).toEqual([
      { kind: "reasoning", choice: 0, text: "a" },
      { kind: "reasoning", choice: 0, text: "b" },
      { kind: "reasoning-signature", choice: 0, signature: "s" },
    ]);
  });

  it("a refusal, a citation, and Mistral's list", () => {
    const annotation = { type: "url_citation", url_citation: { url: "https://a", title: "A" } };
    const events = read(
      chunk({
        content: [
          { type: "thinking", thinking: [{ type: "text", text: "hm" }] },
          { type: "text", text: "a" },
        ],
      }),
      chunk({ annotations: [annotation] }),
      chunk({ refusal: "no" }),
      finish("stop"),
    );
    expect(events.slice(1)).toEqual([
      { kind: "reasoning", choice: 0, text: "hm" },
      { kind: "text", choice: 0, text: "a" },
      {
        kind: "citation",
        choice: 0,
        citation: { wire: "openai", url: "https://a", title: "A", value: annotation },
      },
      { kind: "refusal", choice: 0, text: "no" },
      { kind: "finish", choice: 0, reason: "refusal" },
      end,
    ]);
  });
});

describe("streamed tool calls", () => {
  const one = (index: number, id: string, name: string, text = "") => ({
    index,
    id,
    type: "function",
    function: { name, arguments: text },
  });

  it.each([
    [
      "OpenAI's",
      [
        callDelta(one(0, "a", "f")),
        callDelta({ index: 0, function: { arguments: '{"x"' } }),
        callDelta(
          { index: 1, id: "b", function: { name: "g", arguments: "" } },
          { index: 0, function: { arguments: ":1}" } },
        ),
        callDelta({ index: 1, function: { arguments: "{}" } }),
      ],
      [called(0, "a", "f"), given(0, '{"x"'), called(1, "b", "g"), given(0, ":1}"), given(1, "{}")],
    ],
    [
      "whole calls that all have the same number",
      [callDelta(one(0, "a", "f", "{}")), callDelta(one(0, "b", "f", "{}"))],
      [called(0, "a", "f"), given(0, "{}"), called(1, "b", "f"), given(1, "{}")],
    ],
    [
      "ids and names that are repeated in every piece",
      [callDelta(one(0, "a", "f", '{"x":')), callDelta(one(0, "a", "f", "1}"))],
      [called(0, "a", "f"), given(0, '{"x":'), given(0, "1}")],
    ],
    [
      "names that are repeated without an id",
      [
        callDelta(one(0, "a", "f", "{")),
        callDelta({ index: 0, id: null, function: { name: "f", arguments: "}" } }),
      ],
      [called(0, "a", "f"), given(0, "{"), given(0, "}")],
    ],
    [
      "no numbers",
      [
        callDelta({ id: "a", function: { name: "f", arguments: "{" } }),
        callDelta({ function: { arguments: "}" } }),
        callDelta({ id: "b", function: { name: "f", arguments: "{}" } }),
        callDelta({ id: "a", function: { arguments: " " } }),
      ],
      [called(0, "a", "f"), given(0, "{"), given(0, "}"), called(1, "b", "f"), given(1, "{}"), given(0, " ")],
    ],
    [
      "neither numbers nor ids",
      [
        callDelta({ function: { name: "f", arguments: { x: 1 } } }),
        callDelta({ function: { name: "f", arguments: "{}" } }),
      ],
      [
        called(0, "call_chatcmpl-1_0_0", "f"),
        given(0, '{"x":1}'),
        called(1, "call_chatcmpl-1_0_1", "f"),
        given(1, "{}"),
      ],
    ],
    [
      "a name that comes late",
      [
        callDelta({ index: 0, id: "a", function: { arguments: "{" } }),
        callDelta({ index: 0, function: { name: "f", arguments: "}" } }),
      ],
      [called(0, "a", "f"), given(0, "{"), given(0, "}")],
    ],
    [
      "the older function call",
      [chunk({ function_call: { name: "f", arguments: "" } }), chunk({ function_call: { arguments: "{}" } })],
      [called(0, "call_chatcmpl-1_0_0", "f"), given(0, "{}")],
    ],
  ] satisfies readonly (readonly [string, readonly object[], readonly ChatEvent[]])[])(
    "%s",
    (_, deltas, events) => {
      const finished: ChatEvent = { kind: "finish", choice: 0, reason: "tool-calls" };
      expect(read(...deltas, finish("stop"), "[DONE]")).toEqual([start, ...events, finished, end]);
    },
  );

  it("a name that never comes, and Gemini's signature", () => {
    const events = read(
      callDelta({ index: 0, id: "a", function: { arguments: "{}" } }),
      callDelta({ ...one(1, "b", "g"), extra_content: { google: { thought_signature: "s" } } }),
      finish("tool_calls"),
    );
    expect(events.slice(1, -1)).toEqual([
      { ...called(1, "b", "g"), signature: "s" },
      called(0, "a", ""),
      given(0, "{}"),
      { kind: "finish", choice: 0, reason: "tool-calls" },
    ]);
  });
});

describe("the end of a stream", () => {
  it("is heard without [DONE] when every choice has finished", () => {
    expect(read(chunk({ content: "a" }), finish("stop")).at(-1)).toEqual(end);
    const halves = [chunk({ content: "a" }), chunk({ content: "b" }, {}, 1), finish("stop", 1)];
    expect(read(...halves).at(-1)).not.toEqual(end);
    expect(read(...halves, finish("stop")).at(-1)).toEqual(end);
  });

  it("is not heard of a stream that was cut", () => {
    expect(read()).toEqual([]);
    expect(read(chunk({ content: "a" }))).toEqual([start, { kind: "text", choice: 0, text: "a" }]);
  });

  it("finishes what the upstream left open", () => {
    expect(read(chunk({ content: "a" }), "[DONE]").slice(-2)).toEqual([stopped, end]);
    expect(read("[DONE]")).toEqual([{ kind: "start", id: "", model: "" }, stopped, end]);
  });

  it("needs no empty line behind [DONE]", () => {
    const text = [chunk({ content: "a" }), finish("stop"), "[DONE]"].map(frame).join("").trimEnd();
    expect(heard([Buffer.from(text)]).at(-1)).toEqual(end);
  });
});

describe("failures in a stream", () => {
  it.each([
    ["OpenAI's", { error: { message: "busy", type: "server_error" } }, { status: 500, message: "busy" }],
    [
      "a rate limit",
      { error: { message: "slow", code: "rate_limit_exceeded" } },
      { status: 429, message: "slow" },
    ],
    [
      "OpenRouter's",
      { ...finish("error"), error: { code: 502, message: "gone" } },
      { status: 502, message: "gone" },
    ],
    ["LiteLLM's", { error: { message: "no", code: "404", type: null } }, { status: 404, message: "no" }],
    [
      "vLLM's older form",
      { object: "error", message: "bad", type: "BadRequestError", code: 400 },
      { status: 400 },
    ],
    [
      "a filter",
      { error: { message: "filtered", code: "content_filter" } },
      { status: 400, kind: "content-policy" },
    ],
    ["without words", { error: {} }, { status: 500, message: "the upstream gave no reason" }],
    ["broken JSON", '{"id": ', { status: 500, message: expect.stringContaining("not JSON") }],
  ])("%s", (_, broken, failure) => {
    const events = read(chunk({ content: "a" }), broken, finish("stop"), "[DONE]");
    expect(events).toHaveLength(3);
    expect(events.at(-1)).toMatchObject({ kind: "failure", failure });
  });

  it("an event that says so by its name", () => {
    const text = `event: error\ndata: {"message":"overloaded","type":"overloaded_error"}\n\n`;
    expect(heard([Buffer.from(text)])).toEqual([
      { kind: "failure", failure: { status: 529, message: "overloaded" } },
    ]);
  });
});

describe("bytes", () => {
  const stream = Buffer.from(
    [
      ": comment\n\n",
      frame(chunk({ role: "assistant", reasoning_content: "hm… 🚪" })),
      frame(chunk({ content: "Grüße\u2028" })).replace("\n\n", "\r\n\r\n"),
      frame(callDelta({ index: 0, id: "a", function: { name: "f", arguments: '{"ü":"👩‍👧"}' } })),
      frame(finish("tool_calls")),
      frame({ choices: [], usage }),
      frame("[DONE]"),
    ].join(""),
  );
  const whole = heard([stream]);

  it("may be cut anywhere", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: stream.length }), { maxLength: 12 }), (drawn) => {
        const cuts = [0, ...drawn.toSorted((one, other) => one - other), stream.length];
        const pieces = cuts.slice(1).map((cut, index) => stream.subarray(cuts[index], cut));
        expect(heard(pieces)).toEqual(whole);
      }),
    );
    expect(heard(Array.from(stream, (byte) => Buffer.from([byte])))).toEqual(whole);
  });

  it("are never a reason to throw, whatever they say", () => {
    const anything = fc.jsonValue();
    const odd = fc.record({
      id: anything,
      choices: fc.array(
        fc.oneof(
          anything,
          fc.record({
            index: anything,
            finish_reason: fc.oneof(anything, fc.constantFrom("stop", "error")),
            delta: fc.oneof(
              anything,
              fc.record({
                content: anything,
                reasoning_content: anything,
                refusal: anything,
                annotations: anything,
                thinking_blocks: fc.oneof(
                  anything,
                  fc.array(fc.record({ type: fc.constant("thinking"), thinking: anything })),
                ),
                tool_calls: fc.oneof(
                  anything,
                  fc.array(fc.record({ index: anything, id: anything, function: anything })),
                ),
                function_call: anything,
              }),
            ),
          }),
        ),
      ),
      usage: anything,
    });
    fc.assert(
      fc.property(fc.array(fc.oneof(anything, odd), { maxLength: 6 }), (chunks) => {
        const events = read(...chunks, "[DONE]");
        const last = events.filter(({ kind }) => kind === "end" || kind === "failure");
        expect(last).toHaveLength(1);
        expect(events.at(-1)).toBe(last[0]);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        heard([Buffer.from(bytes)]);
      }),
    );
  });
});
