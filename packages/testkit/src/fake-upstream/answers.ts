import type { Behaviour } from "./behaviour.ts";

/** What an OpenAI server offers, as far as the fake does. */
export type Operation = "chat" | "completion" | "embedding";

/** A request body, as far as it could be read; unknown fields stay. */
export type Fields = { readonly [field: string]: unknown };

const CREATED = 1_700_000_000;

/** The words of an answer. The first is the upstream's own name of the model, so that clients can tell who answered. */
function words(fields: Fields, { text, frames = 5 }: Behaviour): readonly string[] {
  if (text !== undefined) return text.match(/\S+\s*|\s+/g) ?? [];
  return Array.from({ length: frames }, (_, index) => (index === 0 ? String(fields["model"]) : ` ${index}`));
}

function usageOf(completion: number): object {
  return { prompt_tokens: 7, completion_tokens: completion, total_tokens: 7 + completion };
}

function calls(toolCalls: NonNullable<Behaviour["toolCalls"]>): readonly object[] {
  return toolCalls.map((call, index) => ({ id: `call_${index}`, type: "function", function: call }));
}

/** The answer of a request that wants no stream. */
export function jsonAnswer(operation: Operation, fields: Fields, behaviour: Behaviour): object {
  const model = behaviour.model ?? fields["model"];
  const { padding = 0, toolCalls } = behaviour;
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
  const said = words(fields, behaviour);
  const text = said.join("");
  const usage = behaviour.usage === false ? {} : { usage: usageOf(said.length) };
  if (operation === "completion") {
    const choices = [{ index: 0, text, logprobs: null, finish_reason: "stop" }];
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
  const message =
    toolCalls === undefined
      ? { role: "assistant", content: text, refusal: null }
      : { role: "assistant", content: null, tool_calls: calls(toolCalls) };
  return {
    id: "chatcmpl-fake",
    object: "chat.completion",
    created: CREATED,
    model,
    choices: [
      { index: 0, message, logprobs: null, finish_reason: toolCalls === undefined ? "stop" : "tool_calls" },
    ],
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
  const said = toolCalls === undefined ? words(fields, behaviour) : [];
  for (const [index, word] of said.entries()) {
    const delta = { ...(index === 0 ? { role: "assistant" } : {}), content: word };
    const choice = chat
      ? { index: 0, delta, logprobs: null, finish_reason: null }
      : { index: 0, text: word, logprobs: null, finish_reason: null };
    yield { ...head, choices: [choice], ...more };
  }
  for (const delta of toolDeltas(toolCalls ?? [])) {
    yield { ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: null }], ...more };
  }
  const finish_reason = toolCalls === undefined ? "stop" : "tool_calls";
  const last = chat ? { delta: {} } : { text: "" };
  yield { ...head, choices: [{ index: 0, ...last, logprobs: null, finish_reason }] };
  const options = fields["stream_options"] as { include_usage?: unknown } | undefined;
  if (options?.include_usage === true && behaviour.usage !== false) {
    yield { ...head, choices: [], usage: usageOf(said.length) };
  }
}

/** Tool calls as OpenAI streams them: the name first, then the arguments in pieces that are not JSON by themselves. */
function* toolDeltas(toolCalls: NonNullable<Behaviour["toolCalls"]>): Generator<object, void> {
  for (const [index, call] of toolCalls.entries()) {
    const start = { index, id: `call_${index}`, type: "function" };
    yield {
      ...(index === 0 ? { role: "assistant", content: null } : {}),
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
