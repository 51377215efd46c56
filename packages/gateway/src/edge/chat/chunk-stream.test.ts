import { type ChatEvent, tokenUsage } from "@gatewright/call";
import { apiError } from "@gatewright/litellm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chatApi } from "./chat-api.ts";

function written(events: readonly ChatEvent[], fields: object = {}): string {
  const context = { model: 'gr"oup', callId: "11-22", time: 1_700_000_000_999, fields: { ...fields } };
  const writer = chatApi.writeStream(context);
  return events.map((event) => writer.write(event)).join("");
}

interface Chunk {
  readonly choices: readonly {
    readonly index: number;
    readonly delta: Record<string, unknown>;
    readonly finish_reason?: string;
  }[];
  readonly usage?: object;
}

/** The chunks, after a check that they are all there is but `[DONE]` and pings. */
function chunksOf(text: string): readonly Chunk[] {
  return text
    .split("\n\n")
    .filter((frame) => frame !== "" && frame !== ": ping" && frame !== "data: [DONE]")
    .map((frame) => {
      expect(frame.startsWith("data: {")).toBe(true);
      return JSON.parse(frame.slice(6)) as Chunk;
    });
}

const deltasOf = (...events: readonly ChatEvent[]) =>
  chunksOf(written(events)).map(({ choices }) => choices[0]?.delta);
const text = (said: string, choice = 0): ChatEvent => ({ kind: "text", choice, text: said });
const usage: ChatEvent = { kind: "usage", usage: tokenUsage(7, 2) };
const start: ChatEvent = { kind: "start", id: "msg_1", model: "m" };
const stop: ChatEvent = { kind: "finish", choice: 0, reason: "stop" };

describe("streams", () => {
  it("have LiteLLM's members in its order, and the role with the first content", () => {
    expect(written([start, text("Grü"), { kind: "ping" }, text('"\n'), stop, usage, { kind: "end" }])).toBe(
      [
        'data: {"id":"msg_1","created":1700000000,"model":"gr\\"oup","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"Grü","role":"assistant"}}]}',
        ": ping",
        'data: {"id":"msg_1","created":1700000000,"model":"gr\\"oup","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"\\"\\n"}}]}',
        'data: {"id":"msg_1","created":1700000000,"model":"gr\\"oup","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
        "data: [DONE]",
        "",
      ].join("\n\n"),
    );
  });

  it("say what was used when asked", () => {
    const events: ChatEvent[] = [start, text("a"), usage, stop, { kind: "end" }];
    const asked = chunksOf(written(events, { stream_options: { include_usage: true } }));
    expect(asked.at(-1)).toMatchObject({
      choices: [{ index: 0, delta: {} }],
      usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 },
    });
    expect(asked.filter((chunk) => chunk.usage !== undefined)).toHaveLength(1);
    expect(chunksOf(written(events)).some((chunk) => chunk.usage !== undefined)).toBe(false);
  });

  it("without an id of the upstream's have the gateway's", () => {
    expect(written([text("a")])).toContain('"id":"chatcmpl-11-22"');
  });

  it("reasoning, then its signature with all of it, and what is hidden", () => {
    const deltas = deltasOf(
      { kind: "reasoning", choice: 0, text: "h" },
      { kind: "reasoning", choice: 0, text: "m" },
      { kind: "reasoning-signature", choice: 0, signature: "s" },
      { kind: "part-end", choice: 0 },
      { kind: "redacted-reasoning", choice: 0, data: "d" },
      { kind: "reasoning", choice: 0, text: "x" },
      { kind: "part-end", choice: 0 },
      { kind: "reasoning-signature", choice: 0, signature: "t" },
    );
    expect(deltas).toEqual([
      { reasoning_content: "h", role: "assistant" },
      { reasoning_content: "m" },
      { thinking_blocks: [{ type: "thinking", thinking: "hm", signature: "s" }] },
      { thinking_blocks: [{ type: "redacted_thinking", data: "d" }] },
      { reasoning_content: "x" },
      { thinking_blocks: [{ type: "thinking", thinking: "", signature: "t" }] },
    ]);
  });

  it("tool calls, and {} for those that take nothing", () => {
    const deltas = deltasOf(
      { kind: "tool-call", choice: 0, tool: 0, id: "a", name: "f", signature: "s" },
      { kind: "tool-arguments", choice: 0, tool: 0, text: '{"x"' },
      { kind: "tool-call", choice: 0, tool: 1, id: "", name: "g" },
      { kind: "tool-arguments", choice: 0, tool: 0, text: ":1}" },
      { kind: "tool-arguments", choice: 0, tool: 1, text: "" },
      { kind: "finish", choice: 0, reason: "tool-calls" },
    );
    expect(deltas).toEqual([
      {
        tool_calls: [
          {
            index: 0,
            id: "a",
            type: "function",
            function: { arguments: "", name: "f" },
            provider_specific_fields: { thought_signature: "s" },
          },
        ],
        role: "assistant",
      },
      { tool_calls: [{ index: 0, function: { arguments: '{"x"' } }] },
      {
        tool_calls: [
          { index: 1, id: "call_1122_0_1", type: "function", function: { arguments: "", name: "g" } },
        ],
      },
      { tool_calls: [{ index: 0, function: { arguments: ":1}" } }] },
      { tool_calls: [{ index: 1, function: { arguments: "" } }] },
      { tool_calls: [{ index: 1, function: { arguments: "{}" } }] },
      {},
    ]);
  });

  it("citations reach over the text before them", () => {
    const deltas = deltasOf(
      text("abc"),
      { kind: "part-end", choice: 0 },
      text("de"),
      { kind: "citation", choice: 0, citation: { wire: "gemini", value: {}, url: "https://a" } },
      { kind: "citation", choice: 0, citation: { wire: "anthropic", value: { type: "char_location" } } },
    );
    expect(deltas.slice(2)).toEqual([
      {
        annotations: [
          {
            type: "url_citation",
            url_citation: { start_index: 3, end_index: 5, url: "https://a", title: "https://a" },
          },
        ],
      },
      { provider_specific_fields: { citation: { type: "char_location" } } },
    ]);
  });

  it("a refusal, logprobs, and a choice that says nothing", () => {
    expect(deltasOf({ kind: "refusal", choice: 0, text: "no" }, stop)).toEqual([
      { refusal: "no", role: "assistant" },
      {},
    ]);
    expect(deltasOf(stop)).toEqual([{ role: "assistant" }]);
    const logprobs = { content: [{ token: "a" }] };
    expect(chunksOf(written([{ kind: "text", choice: 0, text: "a", logprobs }]))[0]?.choices[0]).toEqual({
      index: 0,
      delta: { content: "a", role: "assistant" },
      logprobs,
    });
  });

  it("choices that come mixed each have their role", () => {
    const chunks = chunksOf(written([text("a", 1), text("b", 0), text("c", 1)]));
    expect(chunks.map(({ choices }) => choices[0])).toEqual([
      { index: 1, delta: { content: "a", role: "assistant" } },
      { index: 0, delta: { content: "b", role: "assistant" } },
      { index: 1, delta: { content: "c" } },
    ]);
  });

  it("an error is the last frame", () => {
    const writer = chatApi.writeStream({ model: "m", callId: "c", time: 0, fields: {} });
    const error = apiError("upstream_garbage", { provider: "X", model: "m", text: "gone" });
    expect(writer.fail(error)).toBe(`data: ${JSON.stringify(error.body)}\n\n`);
  });
});

describe("any events", () => {
  const choice = fc.nat({ max: 2 });
  const words = fc.string({ unit: "binary" });
  const event: fc.Arbitrary<ChatEvent> = fc.oneof(
    fc.record({ kind: fc.constant("text" as const), choice, text: words }),
    fc.record({ kind: fc.constant("text" as const), choice, text: words, logprobs: fc.jsonValue() }),
    fc.record({ kind: fc.constant("reasoning" as const), choice, text: words }),
    fc.record({ kind: fc.constant("refusal" as const), choice, text: words }),
    fc.record({ kind: fc.constant("reasoning-signature" as const), choice, signature: words }),
    fc.record({ kind: fc.constant("redacted-reasoning" as const), choice, data: words }),
    fc.record({ kind: fc.constant("tool-call" as const), choice, tool: choice, id: words, name: words }),
    fc.record({ kind: fc.constant("tool-arguments" as const), choice, tool: choice, text: words }),
    fc.record({
      kind: fc.constant("citation" as const),
      choice,
      citation: fc.record(
        { wire: fc.constant("gemini" as const), value: fc.constant({ a: 1 }), url: words },
        { requiredKeys: ["wire", "value"] },
      ),
    }),
    fc.record({
      kind: fc.constant("other" as const),
      choice,
      wire: fc.constant("gemini" as const),
      value: fc.constant({}),
    }),
    fc.record({ kind: fc.constant("part-end" as const), choice }),
    fc.constant(usage),
    fc.constant<ChatEvent>({ kind: "ping" }),
  );

  it("become chunks whose texts, put together, are those of the events", () => {
    fc.assert(
      fc.property(fc.array(event), (events) => {
        const stream = written([start, ...events, stop, usage, { kind: "end" }], {
          stream_options: { include_usage: true },
        });
        expect(stream.endsWith("data: [DONE]\n\n")).toBe(true);
        const choices = chunksOf(stream).flatMap((chunk) => chunk.choices);
        for (const [kind, member] of [
          ["text", "content"],
          ["reasoning", "reasoning_content"],
          ["refusal", "refusal"],
        ] as const) {
          for (const index of [0, 1, 2]) {
            const said = events
              .map((one) => (one.kind === kind && one.choice === index ? one.text : ""))
              .join("");
            const heard = choices
              .filter((one) => one.index === index)
              .map(({ delta }) => (delta[member] ?? "") as string)
              .join("");
            expect(heard).toBe(said);
          }
        }
        for (const index of [0, 1, 2]) {
          const roles = choices.filter((one) => one.index === index && "role" in one.delta);
          expect(roles.length).toBeLessThanOrEqual(1);
        }
        expect(choices.filter((one) => one.finish_reason !== undefined)).toHaveLength(1);
      }),
    );
  });
});
