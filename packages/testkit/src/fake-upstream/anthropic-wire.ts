import { anthropicProblem } from "./anthropic-problem.ts";
import type { Behaviour } from "./behaviour.ts";
import { type Ask, type FakeWire, type Fields, PROMPT_TOKENS, wordsOf } from "./wire.ts";

const VERTEX = /\/publishers\/anthropic\/models\/([^/:]+):(rawPredict|streamRawPredict)$/;

/**
 * Anthropic's Messages API as its reference shows it, with `count_tokens`, and as Google's platform serves it. A request
 * that breaks its rules is refused.
 */
export const anthropicWire: FakeWire = {
  ask(path, fields) {
    const [, deployed, action] = VERTEX.exec(path) ?? [];
    if (deployed !== undefined) {
      const model = decodeURIComponent(deployed);
      return {
        operation: "chat",
        model,
        stream: action === "streamRawPredict",
        fields: { ...fields, model },
      };
    }
    const counts = path.endsWith("/messages/count_tokens");
    if (!counts && !path.endsWith("/v1/messages")) return undefined;
    const model = typeof fields["model"] === "string" ? fields["model"] : "";
    return { operation: counts ? "messageTokens" : "chat", model, stream: fields["stream"] === true, fields };
  },
  problem: ({ fields, operation }) => {
    const message = anthropicProblem(operation === "messageTokens" ? { max_tokens: 1, ...fields } : fields);
    return message === undefined ? undefined : { status: 400, message };
  },
  answer: (ask, behaviour) =>
    ask.operation === "messageTokens" ? { input_tokens: PROMPT_TOKENS } : answer(ask, behaviour),
  streamContentType: "text/event-stream; charset=utf-8",
  *frames(ask, behaviour) {
    const { padding = 0 } = behaviour;
    const more = padding === 0 ? {} : { padding: "x".repeat(padding) };
    for (const event of events(ask, behaviour)) yield frame({ ...event, ...more });
  },
  closing: "",
  malformedFrame: 'event: content_block_delta\ndata: {"type": "content_block_delta", "ind\n\n',
  errorFrame: (message) => frame(errorOf("api_error", message)),
  errorBody: ({ body, message, status, type }) =>
    body ?? JSON.stringify(errorOf(type ?? typeOf(status), message ?? `fake error ${status}`)),
};

interface Event {
  readonly type: string;
  readonly [member: string]: unknown;
}

function frame(event: Event): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

function errorOf(type: string, message: string): Event {
  return { type: "error", error: { type, message }, request_id: "req_fake" };
}

const types: { readonly [status: number]: string } = {
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  504: "timeout_error",
  529: "overloaded_error",
};

function typeOf(status: number): string {
  return types[status] ?? (status >= 500 ? "api_error" : "invalid_request_error");
}

/** A block of the answer: whole, as it starts in a stream, and its deltas. */
interface Block {
  readonly whole: Fields;
  readonly start: Fields;
  readonly deltas: readonly Fields[];
}

function blocksOf(ask: Ask, behaviour: Behaviour): readonly Block[] {
  const thought = thinkingBlocks(behaviour);
  const calls = behaviour.toolCalls ?? forcedCall(ask.fields, behaviour);
  if (calls !== undefined) return [...thought, ...calls.map(toolBlock)];
  const words = wordsOf(ask.model, behaviour);
  if (words.length === 0) return thought;
  return [
    ...thought,
    {
      whole: { type: "text", text: words.join("") },
      start: { type: "text", text: "" },
      deltas: words.map((text) => ({ type: "text_delta", text })),
    },
  ];
}

function thinkingBlocks({ reasoning, signature = "sig_fake" }: Behaviour): readonly Block[] {
  if (reasoning === undefined) return [];
  return [
    {
      whole: { type: "thinking", thinking: reasoning, signature },
      start: { type: "thinking", thinking: "", signature: "" },
      deltas: [
        ...halves(reasoning).map((thinking) => ({ type: "thinking_delta", thinking })),
        { type: "signature_delta", signature },
      ],
    },
  ];
}

function toolBlock(call: { readonly name: string; readonly arguments: string }, index: number): Block {
  const start = { type: "tool_use", id: `toolu_${index}`, name: call.name, input: {} };
  return {
    whole: { ...start, input: JSON.parse(call.arguments) as unknown },
    start,
    deltas: ["", ...halves(call.arguments)].map((partial_json) => ({
      type: "input_json_delta",
      partial_json,
    })),
  };
}

/** A model that is forced to call a tool does: with the script's text as the arguments, if it is an object. */
function forcedCall(fields: Fields, { text }: Behaviour): Behaviour["toolCalls"] {
  const choice = fields["tool_choice"] as { readonly type: string; readonly name: string } | undefined;
  if (choice?.type !== "tool" || text?.startsWith("{") !== true) return undefined;
  return [{ name: choice.name, arguments: text }];
}

function halves(text: string): readonly string[] {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)];
}

function stopOf({ fields }: Ask, { finish }: Behaviour, blocks: readonly Block[]): Fields {
  const none = { stop_sequence: null, stop_details: null };
  switch (finish) {
    case "length":
      return { stop_reason: "max_tokens", ...none };
    case "stop-sequence": {
      const stops = fields["stop_sequences"];
      return {
        ...none,
        stop_reason: "stop_sequence",
        stop_sequence: Array.isArray(stops) ? stops[0] : "STOP",
      };
    }
    case "content-filter":
    case "refusal":
      return {
        ...none,
        stop_reason: "refusal",
        stop_details: { type: "refusal", category: null, explanation: null },
      };
    case undefined: {
      const calls = blocks.some(({ start }) => start["type"] === "tool_use");
      return { stop_reason: calls ? "tool_use" : "end_turn", ...none };
    }
  }
}

function answer(ask: Ask, behaviour: Behaviour): object {
  const blocks = blocksOf(ask, behaviour);
  const { padding = 0 } = behaviour;
  return {
    ...headOf(ask, behaviour),
    content: blocks.map(({ whole }) => whole),
    ...stopOf(ask, behaviour, blocks),
    ...usageOf(behaviour, outputOf(blocks)),
    ...(padding === 0 ? {} : { padding: "x".repeat(padding) }),
  };
}

function headOf({ model }: Ask, behaviour: Behaviour): Fields {
  return { id: "msg_fake", type: "message", role: "assistant", model: behaviour.model ?? model };
}

function* events(ask: Ask, behaviour: Behaviour): Generator<Event, void> {
  const blocks = blocksOf(ask, behaviour);
  const open = { content: [], stop_reason: null, stop_sequence: null, stop_details: null };
  yield {
    type: "message_start",
    message: { ...headOf(ask, behaviour), ...open, ...usageOf(behaviour, 1) },
  };
  yield { type: "ping" };
  for (const [index, { deltas, start }] of blocks.entries()) {
    yield { type: "content_block_start", index, content_block: start };
    for (const delta of deltas) yield { type: "content_block_delta", index, delta };
    yield { type: "content_block_stop", index };
  }
  yield {
    type: "message_delta",
    delta: stopOf(ask, behaviour, blocks),
    ...usageOf(behaviour, outputOf(blocks)),
  };
  yield { type: "message_stop" };
}

/** One token for each word, or for each delta of another kind. */
function outputOf(blocks: readonly Block[]): number {
  return blocks.reduce((sum, { deltas }) => sum + deltas.length, 0);
}

function usageOf({ usage, usageDetails = {} }: Behaviour, output: number): Fields {
  if (usage === false) return {};
  const { cached = 0, cacheWrite = 0, reasoning } = usageDetails;
  return {
    usage: {
      input_tokens: PROMPT_TOKENS - cached - cacheWrite,
      cache_creation_input_tokens: cacheWrite,
      cache_read_input_tokens: cached,
      output_tokens: output,
      ...(reasoning === undefined ? {} : { output_tokens_details: { thinking_tokens: reasoning } }),
      service_tier: "standard",
    },
  };
}
