import { type ChatCall, type ChatEvent, type Fields, tokenUsage } from "@gatewright/call";
import { describe, expect, it } from "vitest";
import { cohereChatWire } from "./chat-wire.ts";

function translate(options: ChatCall["options"] = {}) {
  const messages = [{ role: "user", parts: [{ kind: "text", text: "hi" }] }] as const;
  return cohereChatWire.write(
    { kind: "chat", from: "openai", stream: false, messages, tools: [], options, extra: {} },
    { model: "command-a", dropUnknown: false },
  );
}

function eventsOf(frames: readonly (object | string)[], options?: ChatCall["options"]): readonly ChatEvent[] {
  const events: ChatEvent[] = [];
  const reader = translate(options).readStream((event) => events.push(event));
  for (const frame of frames)
    reader.push(Buffer.from(`data: ${typeof frame === "string" ? frame : JSON.stringify(frame)}\n\n`));
  reader.end();
  return events;
}

const source = {
  type: "document",
  id: "doc:0",
  document: { title: "Doors", url: "https://example.org/doors", text: "A door." },
};
const citation = { start: 0, end: 3, text: "Yes", sources: [source], type: "TEXT_CONTENT" };
const cited = {
  wire: "cohere",
  value: citation,
  url: "https://example.org/doors",
  title: "Doors",
  text: "Yes",
};
const bare = { start: 4, end: 5 };
const ofThinking = { ...citation, type: "THINKING_CONTENT" };
const ofPlan = { ...citation, type: "PLAN" };
const call = (id: string, args: string): Fields => ({
  id,
  type: "function",
  function: { name: "look", arguments: args },
});

describe("an answer", () => {
  it("has thoughts, text with what it is based on, and counts", () => {
    const answer = {
      id: "co-1",
      message: {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "Is it?" },
          { type: "text", text: "Yes." },
          { type: "novel" },
          "nonsense",
        ],
        citations: [citation, ofThinking, ofPlan, bare, "nonsense"],
      },
      finish_reason: "COMPLETE",
      usage: {
        billed_units: { input_tokens: 5, output_tokens: 3 },
        tokens: { input_tokens: 70, output_tokens: 4 },
        cached_tokens: 64,
      },
    };
    expect(translate().readAnswer(answer)).toEqual({
      id: "co-1",
      model: "",
      choices: [
        {
          parts: [
            { kind: "reasoning", text: "Is it?" },
            { kind: "text", text: "Yes.", citations: [cited, { wire: "cohere", value: bare }] },
          ],
          finish: "stop",
        },
      ],
      usage: tokenUsage(70, 4, { cachedInput: 64 }),
    });
  });

  const calling = {
    message: {
      tool_plan: "I look.",
      tool_calls: [call("look_1", '{"at":"a"}'), call("look_2", ""), { function: {} }, "nonsense"],
    },
    finish_reason: "TOOL_CALL",
    usage: { billed_units: { input_tokens: 5, output_tokens: 3 } },
  };

  it("has a plan and calls, and the bill where nothing else is counted", () => {
    expect(translate().readAnswer(calling)).toEqual({
      id: "",
      model: "",
      choices: [
        {
          parts: [
            { kind: "reasoning", text: "I look." },
            { kind: "tool-call", id: "look_1", name: "look", arguments: '{"at":"a"}' },
            { kind: "tool-call", id: "look_2", name: "look", arguments: "" },
          ],
          finish: "tool-calls",
        },
      ],
      usage: tokenUsage(5, 3),
    });
  });

  it("has one call where the client wants one", () => {
    const answer = translate({ parallel_tool_calls: false }).readAnswer(calling);
    expect(answer).toMatchObject({ choices: [{ parts: [{ kind: "reasoning" }, { id: "look_1" }] }] });
  });

  it.each([
    ["COMPLETE", "stop"],
    ["STOP_SEQUENCE", "stop-sequence"],
    ["MAX_TOKENS", "length"],
    ["TOOL_CALL", "stop"],
    ["NOVEL", "stop"],
    [undefined, "stop"],
  ])("that ends for %s without calls ends with %s", (finish_reason, finish) => {
    const answer = { message: { content: [{ type: "text", text: "Yes" }] }, finish_reason };
    expect(translate().readAnswer(answer)).toMatchObject({ choices: [{ finish }], usage: undefined });
  });

  it.each<[string, unknown, object]>([
    ["ERROR", { message: { content: [] }, finish_reason: "ERROR" }, { status: 500 }],
    ["TIMEOUT", { finish_reason: "TIMEOUT" }, { status: 408, message: "the answer took too long" }],
    ["words alone", { id: "1", message: "no such model" }, { status: 500, message: "no such model" }],
    ["nothing", {}, { status: 500, message: "Cohere's answer has no message" }],
    ["a list", [], { status: 500, message: "Cohere's answer has no message" }],
  ])("with %s is none", (_, answer, want) => {
    expect(translate().readAnswer(answer)).toMatchObject(want);
  });
});

const start = { type: "message-start", id: "co-1", delta: { message: { role: "assistant", content: [] } } };
const of = (type: string, message: object, index = 0): object => ({ type, index, delta: { message } });
const end = { type: "message-end", delta: { finish_reason: "COMPLETE" } };

describe("a stream", () => {
  it("tells thoughts, text and what it is based on", () => {
    expect(
      eventsOf([
        start,
        of("content-start", { content: { type: "thinking", thinking: "" } }),
        of("content-delta", { content: { thinking: "Is it?" } }),
        of("citation-start", { citations: ofThinking }),
        { type: "content-end", index: 0 },
        of("content-start", { content: { type: "text", text: "" } }, 1),
        of("content-delta", { content: { text: "Yes." } }, 1),
        of("citation-start", { citations: citation }),
        { type: "citation-end", index: 0 },
        { type: "novel" },
        { type: "content-end", index: 1 },
        {
          type: "message-end",
          delta: { finish_reason: "MAX_TOKENS", usage: { tokens: { input_tokens: 7, output_tokens: 3 } } },
        },
        of("content-delta", { content: { text: "behind the end" } }),
      ]),
    ).toEqual([
      { kind: "start", id: "co-1", model: "" },
      { kind: "reasoning", choice: 0, text: "Is it?" },
      { kind: "part-end", choice: 0 },
      { kind: "text", choice: 0, text: "Yes." },
      { kind: "citation", choice: 0, citation: cited },
      { kind: "part-end", choice: 0 },
      { kind: "finish", choice: 0, reason: "length" },
      { kind: "usage", usage: tokenUsage(7, 3) },
      { kind: "end" },
    ]);
  });

  const calling = [
    start,
    { type: "tool-plan-delta", delta: { message: { tool_plan: "I look." } } },
    of("tool-call-start", { tool_calls: call("look_1", "") }),
    of("tool-call-delta", { tool_calls: { function: { arguments: '{"at":' } } }),
    of("tool-call-delta", { tool_calls: { function: { arguments: '"a"}' } } }),
    { type: "tool-call-end", index: 0 },
    of("tool-call-start", { tool_calls: call("look_2", "{}") }, 1),
    { type: "tool-call-end", index: 1 },
    { type: "message-end", delta: { finish_reason: "TOOL_CALL" } },
  ];
  const first: readonly ChatEvent[] = [
    { kind: "start", id: "co-1", model: "" },
    { kind: "reasoning", choice: 0, text: "I look." },
    { kind: "tool-call", choice: 0, tool: 0, id: "look_1", name: "look" },
    { kind: "tool-arguments", choice: 0, tool: 0, text: '{"at":' },
    { kind: "tool-arguments", choice: 0, tool: 0, text: '"a"}' },
    { kind: "part-end", choice: 0 },
  ];
  const last: readonly ChatEvent[] = [{ kind: "finish", choice: 0, reason: "tool-calls" }, { kind: "end" }];

  it("tells a plan and calls", () => {
    expect(eventsOf(calling)).toEqual([
      ...first,
      { kind: "tool-call", choice: 0, tool: 1, id: "look_2", name: "look" },
      { kind: "tool-arguments", choice: 0, tool: 1, text: "{}" },
      { kind: "part-end", choice: 0 },
      ...last,
    ]);
  });

  it("tells one call where the client wants one", () => {
    expect(eventsOf(calling, { parallel_tool_calls: false })).toEqual([...first, ...last]);
  });

  it("that has no start has one all the same", () => {
    expect(eventsOf([end])).toEqual([
      { kind: "start", id: "", model: "" },
      { kind: "finish", choice: 0, reason: "stop" },
      { kind: "end" },
    ]);
  });

  it.each<[string, object | string, object]>([
    ["a frame that is no JSON", "{", { status: 500 }],
    [
      "an error at its end",
      { type: "message-end", delta: { finish_reason: "ERROR", error: "CUDA error" } },
      { status: 500, message: "CUDA error" },
    ],
    ["a timeout", { type: "message-end", delta: { finish_reason: "TIMEOUT" } }, { status: 408 }],
    [
      "a context that was too long",
      { type: "message-end", delta: { finish_reason: "ERROR_LIMIT" } },
      { status: 400, kind: "context-window" },
    ],
    ["an error in words", { id: "1", message: "going down" }, { status: 500, message: "going down" }],
  ])("breaks off with %s", (_, frame, failure) => {
    const told = eventsOf([start, frame, end]);
    expect(told).toHaveLength(2);
    expect(told[1]).toMatchObject({ kind: "failure", failure });
  });
});
