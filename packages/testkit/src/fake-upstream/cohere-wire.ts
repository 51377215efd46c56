import type { Behaviour } from "./behaviour.ts";
import { cohereEmbeddingProblem, cohereProblem } from "./cohere-problem.ts";
import { type Ask, type FakeWire, type Fields, PROMPT_TOKENS, wordsOf } from "./wire.ts";

/** Cohere's v2 chat and embed, as its API reference shows them. A chat that breaks its rules is refused. */
export const cohereWire: FakeWire = {
  ask(path, fields) {
    const operation = path.endsWith("/v2/chat")
      ? "chat"
      : path.endsWith("/v2/embed")
        ? "embedding"
        : undefined;
    if (operation === undefined) return undefined;
    const model = typeof fields["model"] === "string" ? fields["model"] : "";
    return { operation, model, stream: operation === "chat" && fields["stream"] === true, fields };
  },
  problem: ({ fields, operation }) => {
    const message = operation === "chat" ? cohereProblem(fields) : cohereEmbeddingProblem(fields);
    return message === undefined ? undefined : { status: 400, message };
  },
  answer: (ask, behaviour) =>
    ask.operation === "embedding" ? embeddings(ask, behaviour) : whole(ask, behaviour),
  streamContentType: "text/event-stream",
  *frames(ask, behaviour) {
    for (const event of events(ask, behaviour)) yield frameOf(event);
  },
  closing: "",
  malformedFrame: 'event: content-delta\ndata: {"type": "content-del\n\n',
  errorFrame: (message) =>
    frameOf({ type: "message-end", delta: { finish_reason: "ERROR", error: message, usage: {} } }),
  errorBody: (error) =>
    error.body ?? JSON.stringify({ id: "fake", message: error.message ?? `fake error ${error.status}` }),
};

function frameOf(event: Fields): string {
  return `event: ${String(event["type"])}\ndata: ${JSON.stringify(event)}\n\n`;
}

const reasons = {
  length: "MAX_TOKENS",
  "stop-sequence": "STOP_SEQUENCE",
  "content-filter": "ERROR_TOXIC",
  refusal: "COMPLETE",
} as const;

function reasonOf({ finish, toolCalls }: Behaviour): string {
  if (finish !== undefined) return reasons[finish];
  return toolCalls === undefined ? "COMPLETE" : "TOOL_CALL";
}

function usageOf(words: number, { usage }: Behaviour): Fields {
  if (usage === false) return {};
  const counts = { input_tokens: PROMPT_TOKENS, output_tokens: words };
  return { usage: { billed_units: { ...counts, input_tokens: PROMPT_TOKENS - 2 }, tokens: counts } };
}

function callsOf({ toolCalls = [] }: Behaviour): readonly Fields[] {
  return toolCalls.map((call, index) => ({ id: `${call.name}_${index}`, type: "function", function: call }));
}

function whole(ask: Ask, behaviour: Behaviour): object {
  const { padding = 0, reasoning, toolCalls } = behaviour;
  const words = toolCalls === undefined ? wordsOf(ask.model, behaviour) : [];
  const thinking = reasoning === undefined ? [] : [{ type: "thinking", thinking: reasoning }];
  const message =
    toolCalls === undefined
      ? { role: "assistant", content: [...thinking, { type: "text", text: words.join("") }] }
      : {
          role: "assistant",
          ...(reasoning === undefined ? {} : { tool_plan: reasoning }),
          tool_calls: callsOf(behaviour),
        };
  return {
    id: "co-fake",
    message,
    finish_reason: reasonOf(behaviour),
    ...usageOf(words.length, behaviour),
    ...(padding === 0 ? {} : { padding: "x".repeat(padding) }),
  };
}

function* events(ask: Ask, behaviour: Behaviour): Generator<Fields> {
  const { padding = 0, reasoning, toolCalls } = behaviour;
  const more = padding === 0 ? {} : { padding: "x".repeat(padding) };
  const empty = { role: "assistant", content: [], tool_plan: "", tool_calls: [], citations: [] };
  yield { id: "co-fake", type: "message-start", delta: { message: empty } };
  const of = (message: Fields): Fields => ({ delta: { message }, ...more });
  let index = 0;
  if (reasoning !== undefined && toolCalls !== undefined) {
    for (const word of reasoning.match(/\S+\s*|\s+/g) ?? [])
      yield { type: "tool-plan-delta", ...of({ tool_plan: word }) };
  } else if (reasoning !== undefined) {
    yield { type: "content-start", index, ...of({ content: { type: "thinking", thinking: "" } }) };
    for (const word of reasoning.match(/\S+\s*|\s+/g) ?? [])
      yield { type: "content-delta", index, ...of({ content: { thinking: word } }) };
    yield { type: "content-end", index };
    index++;
  }
  const words = toolCalls === undefined ? wordsOf(ask.model, behaviour) : [];
  if (toolCalls === undefined) {
    yield { type: "content-start", index, ...of({ content: { type: "text", text: "" } }) };
    for (const word of words) yield { type: "content-delta", index, ...of({ content: { text: word } }) };
    yield { type: "content-end", index };
  }
  for (const [at, call] of callsOf(behaviour).entries()) {
    const details = call["function"] as { readonly name: string; readonly arguments: string };
    const begun = { ...call, function: { name: details.name, arguments: "" } };
    yield { type: "tool-call-start", index: at, ...of({ tool_calls: begun }) };
    const middle = Math.ceil(details.arguments.length / 2);
    for (const piece of [details.arguments.slice(0, middle), details.arguments.slice(middle)])
      yield { type: "tool-call-delta", index: at, ...of({ tool_calls: { function: { arguments: piece } } }) };
    yield { type: "tool-call-end", index: at };
  }
  yield {
    type: "message-end",
    delta: { finish_reason: reasonOf(behaviour), ...usageOf(words.length, behaviour) },
  };
}

function embeddings({ fields }: Ask, { dimensions = 3 }: Behaviour): object {
  const texts = Array.isArray(fields["texts"]) ? fields["texts"] : [];
  const float = texts.map((_, seed) =>
    Array.from({ length: dimensions }, (_, index) => (index + 1) / (seed + 2)),
  );
  return {
    id: "co-fake",
    embeddings: { float },
    texts,
    meta: { api_version: { version: "2" }, billed_units: { input_tokens: texts.length } },
    response_type: "embeddings_by_type",
  };
}
