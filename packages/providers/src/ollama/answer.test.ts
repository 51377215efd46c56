import { type ChatCall, type ChatEvent, tokenUsage } from "@gatewright/call";
import { describe, expect, it } from "vitest";
import { ollamaChatWire } from "./chat-wire.ts";

const wire = ollamaChatWire("llama3.2");

function translate(options: ChatCall["options"] = {}) {
  const messages = [{ role: "user", parts: [{ kind: "text", text: "hi" }] }] as const;
  return wire.write(
    { kind: "chat", from: "openai", stream: false, messages, tools: [], options, extra: {} },
    { model: "llama3.2", dropUnknown: false },
  );
}

function eventsOf(lines: readonly (object | string)[], options?: ChatCall["options"]): readonly ChatEvent[] {
  const events: ChatEvent[] = [];
  const reader = translate(options).readStream((event) => events.push(event));
  for (const line of lines)
    reader.push(Buffer.from(`${typeof line === "string" ? line : JSON.stringify(line)}\n`));
  reader.end();
  return events;
}

const end = {
  model: "llama3.2",
  message: { role: "assistant", content: "" },
  done: true,
  done_reason: "stop",
};
const calls = [
  { id: "call_a", function: { index: 0, name: "look", arguments: { topic: "ü" } } },
  { function: { name: "look" } },
  { function: {} },
  "nonsense",
];
const made = expect.stringMatching(/^call_[0-9a-f]{32}$/) as unknown as string;

describe("an answer", () => {
  it("has thoughts, text, calls, probabilities and counts", () => {
    const answer = {
      ...end,
      message: { content: "Yes.", thinking: "Is it?", tool_calls: calls },
      logprobs: [{ token: "Y", logprob: -0.5, top_logprobs: [{ token: "N", logprob: -1, bytes: [78] }] }],
      prompt_eval_count: 7,
      eval_count: 3,
    };
    const top = { token: "N", logprob: -1, bytes: [78] };
    expect(translate().readAnswer(answer)).toEqual({
      id: "",
      model: "llama3.2",
      choices: [
        {
          parts: [
            { kind: "reasoning", text: "Is it?" },
            { kind: "text", text: "Yes." },
            { kind: "tool-call", id: "call_a", name: "look", arguments: '{"topic":"ü"}' },
            { kind: "tool-call", id: made, name: "look", arguments: "{}" },
          ],
          finish: "tool-calls",
          logprobs: {
            content: [{ token: "Y", logprob: -0.5, bytes: [89], top_logprobs: [top] }],
            refusal: null,
          },
        },
      ],
      usage: tokenUsage(7, 3),
    });
  });

  it("has one call where the client wants one", () => {
    const answer = { ...end, message: { content: "", tool_calls: calls } };
    expect(translate({ parallel_tool_calls: false }).readAnswer(answer)).toMatchObject({
      choices: [{ parts: [{ id: "call_a" }] }],
    });
  });

  it.each([
    ["stop", "stop"],
    ["length", "length"],
    ["load", "stop"],
    [undefined, "stop"],
  ])("that is done for %s ends with %s", (done_reason, finish) => {
    expect(translate().readAnswer({ ...end, done_reason })).toMatchObject({
      choices: [{ finish }],
      usage: undefined,
    });
  });

  it("without a message is none", () => {
    expect(translate().readAnswer({ done: true })).toMatchObject({ status: 500 });
    expect(translate().readAnswer({ error: "no" })).toEqual({ status: 500, message: "no" });
  });
});

describe("a stream", () => {
  it("tells what is new in each line", () => {
    const line = (message: object): object => ({ model: "llama3.2", message, done: false });
    expect(
      eventsOf([
        line({ role: "assistant", content: "", thinking: "Is it?" }),
        "",
        line({ content: "Yes." }),
        line({ content: "", tool_calls: calls }),
        { ...end, prompt_eval_count: 7, eval_count: 3 },
        line({ content: "behind the end" }),
      ]),
    ).toEqual([
      { kind: "start", id: "", model: "llama3.2" },
      { kind: "reasoning", choice: 0, text: "Is it?" },
      { kind: "text", choice: 0, text: "Yes." },
      { kind: "tool-call", choice: 0, tool: 0, id: "call_a", name: "look" },
      { kind: "tool-arguments", choice: 0, tool: 0, text: '{"topic":"ü"}' },
      { kind: "tool-call", choice: 0, tool: 1, id: made, name: "look" },
      { kind: "tool-arguments", choice: 0, tool: 1, text: "{}" },
      { kind: "finish", choice: 0, reason: "tool-calls" },
      { kind: "usage", usage: tokenUsage(7, 3) },
      { kind: "end" },
    ]);
  });

  it.each([
    ["text that a proxy has already made of them", '{"topic": "x"}', '{"topic": "x"}'],
    ["a list, which no tool takes", ["x"], "{}"],
  ])("has the arguments of a call from %s", (_, given, want) => {
    const message = { tool_calls: [{ id: "1", function: { name: "look", arguments: given } }] };
    expect(eventsOf([{ message, done: false }, end])).toContainEqual({
      kind: "tool-arguments",
      choice: 0,
      tool: 0,
      text: want,
    });
  });

  it("has one call where the client wants one", () => {
    const lines = calls.map((call) => ({ message: { tool_calls: [call] }, done: false }));
    const told = eventsOf([...lines, end], { parallel_tool_calls: false });
    expect(told.filter(({ kind }) => kind === "tool-call")).toHaveLength(1);
  });

  it.each([
    [
      "a line that is no JSON",
      "{",
      { status: 500, message: "Ollama's stream has a line that is no JSON object" },
    ],
    ["an error", { error: "CUDA error" }, { status: 500, message: "CUDA error" }],
    [
      "an error for a long prompt",
      { error: "prompt too long; exceeded max context length by 4 tokens" },
      {
        status: 400,
        message: "prompt too long; exceeded max context length by 4 tokens",
        kind: "context-window",
      },
    ],
  ])("fails with %s", (_, line, failure) => {
    expect(eventsOf([line, end])).toEqual([{ kind: "failure", failure }]);
  });
});

describe("a failure", () => {
  it.each([
    [404, '{"error":"model \'x\' not found"}', { status: 404, message: "model 'x' not found" }],
    [
      500,
      '{"error":"the input length exceeds the context length"}',
      { status: 400, message: "the input length exceeds the context length", kind: "context-window" },
    ],
    [
      400,
      '{"error":"the request (9 tokens) exceeds the available context size"}',
      {
        status: 400,
        message: "the request (9 tokens) exceeds the available context size",
        kind: "context-window",
      },
    ],
    [401, '{"error":{"message":"who?"}}', { status: 401, message: "who?" }],
    [502, "<html>bad gateway</html>", { status: 502, message: "<html>bad gateway</html>" }],
    [503, "", { status: 503, message: "Ollama gave no reason" }],
  ])("with status %i is read: %s", (status, body, want) => {
    expect(wire.readFailure(status, body)).toEqual(want);
  });
});
