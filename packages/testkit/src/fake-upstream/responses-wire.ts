import { errorBody } from "./answers.ts";
import type { Behaviour } from "./behaviour.ts";
import { type Ask, type FakeWire, PROMPT_TOKENS, wordsOf } from "./wire.ts";

const CREATED = 1_700_000_000;

/** OpenAI's Responses, under any base path, as its API reference shows it. */
export const responsesWire: FakeWire = {
  ask(path, fields) {
    if (!path.endsWith("/responses")) return undefined;
    const model = typeof fields["model"] === "string" ? fields["model"] : "";
    return { operation: "response", model, stream: fields["stream"] === true, fields };
  },
  answer: (ask, behaviour) => {
    const items = itemsOf(ask, behaviour).map(({ whole }) => whole);
    return responseOf(ask, behaviour, endOf(behaviour), items);
  },
  streamContentType: "text/event-stream; charset=utf-8",
  *frames(ask, behaviour) {
    let number = 0;
    const more = paddingOf(behaviour);
    for (const event of eventsOf(ask, behaviour)) {
      yield frameOf({ ...event, sequence_number: number++, ...more });
    }
  },
  closing: "",
  malformedFrame: 'event: response.output_text.delta\ndata: {"type": "broken\n\n',
  errorFrame: (message) =>
    frameOf({ type: "error", code: "server_error", message, param: null, sequence_number: 0 }),
  errorBody,
};

interface Event {
  readonly type: string;
  readonly [member: string]: unknown;
}

function frameOf(event: Event): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

function paddingOf({ padding = 0 }: Behaviour): object {
  return padding === 0 ? {} : { padding: "x".repeat(padding) };
}

/** An item of the output: as it begins, as it ends, and the events in between without their places. */
interface Item {
  readonly begun: object;
  readonly whole: object & { readonly id: string };
  readonly events: readonly Event[];
}

function itemsOf({ fields }: Ask, behaviour: Behaviour): readonly Item[] {
  const { finish, reasoning, signature = "sig_fake", toolCalls } = behaviour;
  const thought = reasoning === undefined ? [] : [reasoningOf(reasoning, signature)];
  if (toolCalls !== undefined) return [...thought, ...toolCalls.map(callOf)];
  const words = wordsOf(String(fields["model"]), behaviour);
  const status = finish === "length" || finish === "content-filter" ? "incomplete" : "completed";
  return [...thought, messageOf(words, finish === "refusal", status)];
}

function reasoningOf(text: string, encrypted: string): Item {
  const whole = {
    id: "rs_fake",
    type: "reasoning",
    summary: [{ type: "summary_text", text }],
    encrypted_content: encrypted,
  };
  const place = { summary_index: 0 };
  const middle = Math.ceil(text.length / 2);
  return {
    begun: { ...whole, summary: [], encrypted_content: null },
    whole,
    events: [
      {
        type: "response.reasoning_summary_part.added",
        ...place,
        part: { type: "summary_text", text: "" },
      },
      ...[text.slice(0, middle), text.slice(middle)].map((delta) => ({
        type: "response.reasoning_summary_text.delta",
        ...place,
        delta,
      })),
      { type: "response.reasoning_summary_text.done", ...place, text },
      { type: "response.reasoning_summary_part.done", ...place, part: { type: "summary_text", text } },
    ],
  };
}

function callOf(call: { readonly name: string; readonly arguments: string }, index: number): Item {
  const whole = {
    id: `fc_fake_${index}`,
    type: "function_call",
    status: "completed",
    call_id: `call_${index}`,
    ...call,
  };
  const middle = Math.ceil(call.arguments.length / 2);
  return {
    begun: { ...whole, status: "in_progress", arguments: "" },
    whole,
    events: [
      ...[call.arguments.slice(0, middle), call.arguments.slice(middle)].map((delta) => ({
        type: "response.function_call_arguments.delta",
        delta,
      })),
      { type: "response.function_call_arguments.done", ...call },
    ],
  };
}

function messageOf(words: readonly string[], refused: boolean, status: string): Item {
  const text = words.join("");
  const partOf = (said: string): object =>
    refused
      ? { type: "refusal", refusal: said }
      : { type: "output_text", text: said, annotations: [], logprobs: [] };
  const name = refused ? "refusal" : "output_text";
  const logprobs = refused ? {} : { logprobs: [] };
  const place = { content_index: 0 };
  const whole = { id: "msg_fake", type: "message", role: "assistant", status, content: [partOf(text)] };
  return {
    begun: { ...whole, status: "in_progress", content: [] },
    whole,
    events: [
      { type: "response.content_part.added", ...place, part: partOf("") },
      ...words.map((delta) => ({ type: `response.${name}.delta`, ...place, delta, ...logprobs })),
      {
        type: `response.${name}.done`,
        ...place,
        ...(refused ? { refusal: text } : { text }),
        ...logprobs,
      },
      { type: "response.content_part.done", ...place, part: partOf(text) },
    ],
  };
}

function* eventsOf(ask: Ask, behaviour: Behaviour): Generator<Event, void> {
  const begun = { status: "in_progress", incomplete_details: null, usage: null };
  yield { type: "response.created", response: responseOf(ask, behaviour, begun, []) };
  yield { type: "response.in_progress", response: responseOf(ask, behaviour, begun, []) };
  const items = itemsOf(ask, behaviour);
  for (const [output_index, { begun: item, events, whole }] of items.entries()) {
    yield { type: "response.output_item.added", output_index, item };
    for (const event of events) yield { ...event, item_id: whole.id, output_index };
    yield { type: "response.output_item.done", output_index, item: whole };
  }
  const end = endOf(behaviour);
  const output = items.map(({ whole }) => whole);
  yield { type: `response.${end.status}`, response: responseOf(ask, behaviour, end, output) };
}

interface State {
  readonly status: string;
  readonly incomplete_details: object | null;
  readonly usage?: null;
}

function endOf({ finish }: Behaviour): State {
  if (finish !== "length" && finish !== "content-filter") {
    return { status: "completed", incomplete_details: null };
  }
  const reason = finish === "length" ? "max_output_tokens" : "content_filter";
  return { status: "incomplete", incomplete_details: { reason } };
}

function responseOf({ fields }: Ask, behaviour: Behaviour, state: State, output: readonly object[]): object {
  return {
    id: "resp_fake",
    object: "response",
    created_at: CREATED,
    background: false,
    error: null,
    instructions: fields["instructions"] ?? null,
    max_output_tokens: fields["max_output_tokens"] ?? null,
    max_tool_calls: null,
    metadata: fields["metadata"] ?? {},
    model: behaviour.model ?? fields["model"],
    output,
    parallel_tool_calls: fields["parallel_tool_calls"] ?? true,
    previous_response_id: fields["previous_response_id"] ?? null,
    reasoning: fields["reasoning"] ?? { effort: null, summary: null },
    service_tier: "default",
    store: fields["store"] ?? true,
    temperature: fields["temperature"] ?? 1,
    text: fields["text"] ?? { format: { type: "text" } },
    tool_choice: fields["tool_choice"] ?? "auto",
    tools: fields["tools"] ?? [],
    top_p: fields["top_p"] ?? 1,
    truncation: fields["truncation"] ?? "disabled",
    usage: usageOf(fields, behaviour),
    user: fields["user"] ?? null,
    ...state,
    ...paddingOf(behaviour),
  };
}

function usageOf(fields: Ask["fields"], behaviour: Behaviour): object | null {
  if (behaviour.usage === false) return null;
  const { cached = 0, cacheWrite = 0, reasoning = 0 } = behaviour.usageDetails ?? {};
  const output = behaviour.toolCalls === undefined ? wordsOf(String(fields["model"]), behaviour).length : 0;
  return {
    input_tokens: PROMPT_TOKENS,
    input_tokens_details: { cached_tokens: cached, cache_write_tokens: cacheWrite },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: reasoning },
    total_tokens: PROMPT_TOKENS + output,
  };
}
