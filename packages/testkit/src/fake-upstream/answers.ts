import type { Behaviour } from "./behaviour.ts";
import { type Fields, type Operation, PROMPT_TOKENS, wordsOf } from "./wire.ts";

const CREATED = 1_700_000_000;

/** Absent only when the behaviour says so; its details only when the behaviour has any. */
function usageOf(completion: number, { usage, usageDetails }: Behaviour): object {
  if (usage === false) return {};
  const counts = {
    prompt_tokens: PROMPT_TOKENS,
    completion_tokens: completion,
    total_tokens: PROMPT_TOKENS + completion,
  };
  if (usageDetails === undefined) return { usage: counts };
  const { cached = 0, cacheWrite = 0, reasoning = 0 } = usageDetails;
  return {
    usage: {
      ...counts,
      prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: cacheWrite, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: reasoning, audio_tokens: 0 },
    },
  };
}

function calls(toolCalls: NonNullable<Behaviour["toolCalls"]>): readonly object[] {
  return toolCalls.map((call, index) => ({ id: `call_${index}`, type: "function", function: call }));
}

function finishOf({ finish, toolCalls }: Behaviour): string {
  if (finish === "length") return "length";
  if (finish === "content-filter") return "content_filter";
  return toolCalls === undefined ? "stop" : "tool_calls";
}

/** The message of a chat. `reasoning_content` is not OpenAI's, but what servers that show it mostly call it. */
function messageOf(text: string, { finish, reasoning, toolCalls }: Behaviour): object {
  const thought = reasoning === undefined ? {} : { reasoning_content: reasoning };
  const head = { role: "assistant", ...thought };
  if (toolCalls !== undefined) return { ...head, content: null, tool_calls: calls(toolCalls) };
  return finish === "refusal"
    ? { ...head, content: null, refusal: text }
    : { ...head, content: text, refusal: null };
}

/** The answer of a request that wants no stream. */
export function jsonAnswer(operation: Operation, fields: Fields, behaviour: Behaviour): object {
  const model = behaviour.model ?? fields["model"];
  const { padding = 0 } = behaviour;
  const more = padding === 0 ? {} : { padding: "x".repeat(padding) };
  if (operation === "embedding") {
    const { input } = fields;
    const inputs = Array.isArray(input) && typeof input[0] !== "number" ? input : [input];
    return {
      object: "list",
      model,
      data: inputs.map((_, index) => ({
        object: "embedding",
        index,
        embedding: vector(behaviour.dimensions ?? 3, index, fields["encoding_format"]),
      })),
      usage: { prompt_tokens: inputs.length, total_tokens: inputs.length },
      ...more,
    };
  }
  const said = wordsOf(String(fields["model"]), behaviour);
  const text = said.join("");
  const usage = usageOf(said.length, behaviour);
  const finish_reason = finishOf(behaviour);
  if (operation === "completion") {
    const choices = [{ index: 0, text, logprobs: null, finish_reason }];
    return {
      id: "cmpl-fake",
      object: "text_completion",
      created: CREATED,
      model,
      choices,
      ...usage,
      ...more,
    };
  }
  return {
    id: "chatcmpl-fake",
    object: "chat.completion",
    created: CREATED,
    model,
    choices: [{ index: 0, message: messageOf(text, behaviour), logprobs: null, finish_reason }],
    ...usage,
    system_fingerprint: "fp_fake",
    ...more,
  };
}

function vector(dimensions: number, seed: number, encoding: unknown): readonly number[] | string {
  const numbers = Array.from({ length: dimensions }, (_, index) => (index + 1) / (seed + 2));
  if (encoding !== "base64") return numbers;
  return Buffer.from(new Float32Array(numbers).buffer).toString("base64");
}

/** The frames of a stream without `[DONE]`, as JSON values: content, then the finish, then usage if it was asked for. */
export function* streamFrames(
  operation: Operation,
  fields: Fields,
  behaviour: Behaviour,
): Generator<object, void> {
  const chat = operation === "chat";
  const { padding = 0, toolCalls } = behaviour;
  const head = {
    id: chat ? "chatcmpl-fake" : "cmpl-fake",
    object: chat ? "chat.completion.chunk" : "text_completion",
    created: CREATED,
    model: behaviour.model ?? fields["model"],
    system_fingerprint: "fp_fake",
  };
  const more = padding === 0 ? {} : { padding: "x".repeat(padding) };
  const said = toolCalls === undefined ? wordsOf(String(fields["model"]), behaviour) : [];
  const contents = chat ? chatDeltas(said, behaviour) : said.map((text) => ({ text }));
  let silent = true;
  for (const content of contents) {
    silent = false;
    const choice = { index: 0, ...content, logprobs: null, finish_reason: null };
    yield { ...head, choices: [choice], ...more };
  }
  const last = chat ? { delta: silent ? { role: "assistant" } : {} } : { text: "" };
  yield { ...head, choices: [{ index: 0, ...last, logprobs: null, finish_reason: finishOf(behaviour) }] };
  const options = fields["stream_options"] as { include_usage?: unknown } | undefined;
  if (options?.include_usage === true && behaviour.usage !== false) {
    yield { ...head, choices: [], ...usageOf(said.length, behaviour) };
  }
}

/** What a chat says, bit by bit: its thoughts in two pieces, its words, its tool calls. The first has the role. */
function* chatDeltas(
  words: readonly string[],
  { finish, reasoning = "", toolCalls = [] }: Behaviour,
): Generator<object, void> {
  const middle = Math.ceil(reasoning.length / 2);
  const thoughts = [reasoning.slice(0, middle), reasoning.slice(middle)].filter((piece) => piece !== "");
  const deltas = [
    ...thoughts.map((piece) => ({ reasoning_content: piece })),
    ...words.map((word) => ({ [finish === "refusal" ? "refusal" : "content"]: word })),
    ...toolDeltas(toolCalls),
  ];
  for (const [index, delta] of deltas.entries()) {
    yield { delta: index === 0 ? { role: "assistant", ...delta } : delta };
  }
}

/** Tool calls as OpenAI streams them: the name first, then the arguments in pieces that are not JSON by themselves. */
function* toolDeltas(toolCalls: NonNullable<Behaviour["toolCalls"]>): Generator<object, void> {
  for (const [index, call] of toolCalls.entries()) {
    const start = { index, id: `call_${index}`, type: "function" };
    yield {
      ...(index === 0 ? { content: null } : {}),
      tool_calls: [{ ...start, function: { name: call.name, arguments: "" } }],
    };
    const middle = Math.ceil(call.arguments.length / 2);
    for (const part of [call.arguments.slice(0, middle), call.arguments.slice(middle)]) {
      yield { tool_calls: [{ index, function: { arguments: part } }] };
    }
  }
}

/** OpenAI's error body. */
export function errorBody(error: NonNullable<Behaviour["error"]>): string {
  if (error.body !== undefined) return error.body;
  const { status, message = `fake error ${status}`, type = typeOf(status), code = null } = error;
  return JSON.stringify({ error: { message, type, param: null, code } });
}

function typeOf(status: number): string {
  if (status === 401) return "authentication_error";
  if (status === 429) return "rate_limit_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}

/** What is no answer: content type and bytes. `truncated` is the first half of the real one. */
export function garbageAnswer(
  kind: NonNullable<Behaviour["garbage"]>,
  answer: string,
): { readonly contentType: string; readonly text: string } {
  switch (kind) {
    case "empty":
      return { contentType: "application/json", text: "" };
    case "html":
      return { contentType: "text/html", text: "<html><body><h1>It works!</h1></body></html>" };
    case "text":
      return { contentType: "application/json", text: "upstream connect error" };
    case "list":
      return { contentType: "application/json", text: "[1, 2, 3]" };
    case "truncated":
      return { contentType: "application/json", text: answer.slice(0, answer.length / 2) };
    case "wrong-type":
      return { contentType: "application/octet-stream", text: "\u0000\u0001\u0002" };
  }
}
