import type { ChatAnswer, ChatCall, ChatEvent, Part, ToolCallPart, Usage } from "@gatewright/call";
import { tokenUsage } from "@gatewright/call";
import * as fc from "fast-check";
import OpenAI from "openai";
import { expect, test } from "vitest";
import type { AnswerContext } from "../client-api.ts";
import { eventsIn, type StreamEvent } from "./example-events.ts";
import { responsesApi } from "./responses-api.ts";

const context: AnswerContext = {
  model: "claude",
  callId: "0b8c5a9e-0000-4000-8000-00000000002a",
  time: 1_700_000_000_999,
  fields: { model: "claude", input: "hello", temperature: 0.5 },
};

const word = fc.string({ minLength: 1, maxLength: 12, unit: "grapheme" });

const citation = fc.record({ url: fc.webUrl(), title: word }).map(({ url, title }) => ({
  wire: "responses" as const,
  value: { type: "url_citation", url, title, start_index: 0, end_index: 1 },
  url,
  title,
}));

const part: fc.Arbitrary<Part> = fc.oneof(
  fc.record(
    {
      kind: fc.constant("text" as const),
      text: word,
      citations: fc.array(citation, { minLength: 1, maxLength: 2 }),
    },
    { requiredKeys: ["kind", "text"] },
  ),
  fc.record({ kind: fc.constant("refusal" as const), text: word }),
  fc.record(
    { kind: fc.constant("reasoning" as const), text: word, signature: word },
    { requiredKeys: ["kind", "text"] },
  ),
  fc.record({ kind: fc.constant("reasoning" as const), text: fc.constant(""), signature: word }),
  fc.record({ kind: fc.constant("redacted-reasoning" as const), data: word }),
  fc.record(
    {
      kind: fc.constant("tool-call" as const),
      id: fc.uuid(),
      name: fc.constantFrom("weather", "clock"),
      arguments: fc.json(),
      signature: word,
    },
    { requiredKeys: ["kind", "id", "name", "arguments"] },
  ),
  fc.record({
    kind: fc.constant("other" as const),
    wire: fc.constantFrom("anthropic" as const, "gemini" as const),
    value: fc.record({ type: word, more: fc.jsonValue() }) as fc.Arbitrary<{ type: string }>,
  }),
  fc.record({
    kind: fc.constant("other" as const),
    wire: fc.constant("responses" as const),
    value: fc.record({ type: fc.constant("web_search_call"), id: fc.uuid(), status: word }),
  }),
);

const usage: fc.Arbitrary<Usage | undefined> = fc.option(
  fc
    .record({ input: fc.nat(99), output: fc.nat(99), cachedInput: fc.nat(9), reasoning: fc.nat(9) })
    .map(({ input, output, ...details }) => tokenUsage(input, output, details)),
  { nil: undefined },
);

const anyAnswer: fc.Arbitrary<ChatAnswer> = fc
  .record({
    parts: fc.array(part, { maxLength: 7 }),
    finish: fc.constantFrom(
      "stop",
      "stop-sequence",
      "length",
      "tool-calls",
      "content-filter",
      "refusal",
      "pause",
    ),
    usage,
    serviceTier: fc.constantFrom("default", "priority"),
  })
  .map(({ finish, parts, ...rest }) => ({ id: "x", model: "m", choices: [{ parts, finish }], ...rest }));

/** Draws what a stream leaves open: where texts are cut, whether ends of parts are said, … */
type Draw = (most: number) => number;

/** A stream of the answer. Tool calls whose end is not said may get their arguments late, mixed with those of others. */
function eventsOf(answer: ChatAnswer, draw: Draw): readonly ChatEvent[] {
  const { parts, finish } = answer.choices[0] ?? { parts: [], finish: "stop" };
  const events: ChatEvent[] = [
    { kind: "start", id: answer.id, model: answer.model, serviceTier: answer.serviceTier ?? "" },
  ];
  const late: ChatEvent[][] = [];
  let tool = 0;
  for (const [index, part] of parts.entries()) {
    if (draw(4) === 0) events.push({ kind: "ping" }, { kind: "text", choice: 1, text: "left out" });
    if (part.kind === "tool-call") {
      const pieces = callEvents(part, tool, draw);
      events.push(...pieces.slice(0, 1));
      tool++;
      if (draw(2) === 0) {
        late.push(pieces.slice(1));
        continue;
      }
      events.push(...pieces.slice(1));
    } else {
      events.push(...partEvents(part, draw));
    }
    if (draw(2) === 0 || wouldGrow(part, parts[index + 1])) events.push({ kind: "part-end", choice: 0 });
  }
  for (let open = late.filter((pieces) => pieces.length > 0); open.length > 0; ) {
    const event = open[draw(open.length)]?.shift();
    if (event !== undefined) events.push(event);
    open = open.filter((pieces) => pieces.length > 0);
  }
  if (answer.usage !== undefined) events.push({ kind: "usage", usage: tokenUsage(1, 0) });
  events.push({ kind: "finish", choice: 0, reason: finish });
  if (answer.usage !== undefined) events.push({ kind: "usage", usage: answer.usage });
  return [...events, { kind: "end" }];
}

/** Whether what follows would be taken for more of the same part. */
function wouldGrow(part: Part, next: Part | undefined): boolean {
  if (part.kind === "reasoning") return part.signature === undefined && next?.kind === "reasoning";
  return part.kind === next?.kind;
}

function callEvents(part: ToolCallPart, tool: number, draw: Draw): ChatEvent[] {
  const { id, name, signature } = part;
  return [
    { kind: "tool-call", choice: 0, tool, id, name, ...(signature === undefined ? {} : { signature }) },
    ...cut(part.arguments, draw).map((text) => ({ kind: "tool-arguments", choice: 0, tool, text }) as const),
  ];
}

function partEvents(part: Part, draw: Draw): readonly ChatEvent[] {
  switch (part.kind) {
    case "text":
      return [
        ...cut(part.text, draw).map((text) => ({ kind: "text", choice: 0, text }) as const),
        ...(part.citations ?? []).map((citation) => ({ kind: "citation", choice: 0, citation }) as const),
      ];
    case "refusal":
      return cut(part.text, draw).map((text) => ({ kind: "refusal", choice: 0, text }));
    case "reasoning": {
      const said = cut(part.text, draw).map((text) => ({ kind: "reasoning", choice: 0, text }) as const);
      const { signature } = part;
      return signature === undefined
        ? said
        : [...said, { kind: "reasoning-signature", choice: 0, signature }];
    }
    case "redacted-reasoning":
      return [{ kind: "redacted-reasoning", choice: 0, data: part.data }];
    case "other":
      return [{ kind: "other", choice: 0, wire: part.wire, value: part.value }];
    default:
      return [];
  }
}

function cut(text: string, draw: Draw): readonly string[] {
  const at = draw(text.length + 1);
  return [text.slice(0, at), text.slice(at)];
}

function stream(events: readonly ChatEvent[]): string {
  const writer = responsesApi.writeStream(context);
  return events.map((event) => writer.write(event)).join("");
}

const deltas: Readonly<Record<string, string>> = {
  "response.output_text.delta": "response.output_text.done",
  "response.refusal.delta": "response.refusal.done",
  "response.reasoning_summary_text.delta": "response.reasoning_summary_text.done",
  "response.function_call_arguments.delta": "response.function_call_arguments.done",
};

/** Checks the order of everything, and gives back the output as the `done` events have it. */
function outputOf(events: readonly StreamEvent[]): readonly unknown[] {
  const begun = new Map<unknown, string>();
  const output: unknown[] = [];
  const open = new Set<string>();
  const said = new Map<string, string>();
  const place = (event: StreamEvent): string => {
    const { content_index: content, item_id: id, output_index: index, summary_index: summary } = event;
    return `${index} ${JSON.stringify([id, content ?? summary])}`;
  };
  for (const event of events) {
    const { item, output_index: index } = event as unknown as { item: { id: string }; output_index: number };
    if (event.type === "response.output_item.added") {
      expect(index).toBe(begun.size);
      begun.set(index, item.id);
    } else if (event.type === "response.output_item.done") {
      expect(begun.get(index)).toBe(item.id);
      expect(output[index]).toBeUndefined();
      expect([...open].filter((each) => each.startsWith(`${index} `))).toEqual([]);
      output[index] = item;
    } else if (event["item_id"] !== undefined) {
      expect(begun.get(index)).toBe(event["item_id"]);
      expect(output[index]).toBeUndefined();
    }
    const at = place(event);
    if (event.type.endsWith("_part.added")) {
      expect(open.has(at)).toBe(false);
      open.add(at);
    } else if (event.type.endsWith("_part.done")) {
      expect(open.delete(at)).toBe(true);
    } else if (deltas[event.type] !== undefined) {
      const key = `${deltas[event.type]} ${at}`;
      said.set(key, (said.get(key) ?? "") + String(event["delta"]));
    } else if (Object.values(deltas).includes(event.type)) {
      const whole = event["text"] ?? event["refusal"] ?? event["arguments"];
      expect(said.get(`${event.type} ${at}`) ?? "").toBe(whole);
    }
  }
  expect(output).toHaveLength(begun.size);
  expect(open.size).toBe(0);
  return output;
}

const terminal = ["response.completed", "response.incomplete", "response.failed", "error"];

test("any stream is well formed and says the same as the whole answer", () => {
  fc.assert(
    fc.property(anyAnswer, fc.infiniteStream(fc.nat()), (answer, drawn) => {
      const draw = (most: number): number => (drawn.next().value ?? 0) % most;
      const events = eventsIn(stream(eventsOf(answer, draw)));
      expect(events.slice(0, 2).map(({ type }) => type)).toEqual([
        "response.created",
        "response.in_progress",
      ]);
      const ends = events.filter(({ type }) => terminal.includes(type));
      expect(ends).toEqual([events.at(-1)]);
      const whole = JSON.parse(JSON.stringify(responsesApi.writeAnswer(answer, context)));
      expect(ends[0]?.["response"]).toEqual(whole);
      expect(outputOf(events)).toEqual(whole.output);
      expect(ends[0]?.type).toBe(`response.${whole.status}`);
    }),
  );
});

test("the output of any answer reads as its parts in the next turn", () => {
  fc.assert(
    fc.property(anyAnswer, (any) => {
      const { output } = JSON.parse(JSON.stringify(responsesApi.writeAnswer(any, context)));
      const next = responsesApi.read({ model: "m", input: output }) as ChatCall;
      const said = any.choices[0]?.parts ?? [];
      expect(next.messages).toEqual(
        said.length === 0 ? [] : JSON.parse(JSON.stringify([{ role: "assistant", parts: said }])),
      );
    }),
  );
});

test("the official client reads any answer the same, streamed and not", async () => {
  let body = "";
  const fetch = async (): Promise<Response> =>
    new Response(body, {
      headers: { "content-type": body.startsWith("{") ? "application/json" : "text/event-stream" },
    });
  const client = new OpenAI({
    baseURL: "http://gateway.example/v1",
    apiKey: "sk-test",
    maxRetries: 0,
    fetch,
  });
  for (const answer of fc.sample(anyAnswer, { numRuns: 50, seed: 7 })) {
    body = JSON.stringify(responsesApi.writeAnswer(answer, context));
    const whole = await client.responses.create({ model: "m", input: "hello" });
    let draws = 0;
    body = stream(eventsOf(answer, (most) => draws++ % most));
    const streamed = await client.responses.stream({ model: "m", input: "hello" }).finalResponse();
    expect(plain(streamed)).toEqual(plain(whole));
  }
});

/** Without what the client's parser of structured outputs adds. */
function plain(value: unknown): unknown {
  const added = ["parsed", "output_parsed", "parsed_arguments"];
  return JSON.parse(JSON.stringify(value, (key, member) => (added.includes(key) ? undefined : member)));
}
