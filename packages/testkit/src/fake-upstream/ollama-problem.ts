import type { Fields } from "./wire.ts";

/** Members of a request. Ollama passes over all others, which here counts as a mistake. */
const members: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "stream",
  "format",
  "keep_alive",
  "tools",
  "think",
  "truncate",
  "shift",
  "logprobs",
  "top_logprobs",
  "options",
  // The script of this very request.
  "fake",
]);

const embeddingMembers: ReadonlySet<string> = new Set([
  "model",
  "input",
  "truncate",
  "dimensions",
  "keep_alive",
  "options",
  "fake",
]);

const messageMembers: ReadonlySet<string> = new Set([
  "role",
  "content",
  "thinking",
  "images",
  "tool_calls",
  "tool_name",
  "tool_call_id",
]);

const numbers: ReadonlySet<string> = new Set([
  "num_predict",
  "num_ctx",
  "temperature",
  "top_p",
  "top_k",
  "min_p",
  "seed",
  "frequency_penalty",
  "presence_penalty",
  "repeat_penalty",
]);

const roles: ReadonlySet<unknown> = new Set(["system", "user", "assistant", "tool"]);
const levels: ReadonlySet<unknown> = new Set(["low", "medium", "high"]);
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** What Ollama would say is wrong with a request, from its documentation; undefined when it is valid. */
export function ollamaProblem(fields: Fields, embedding: boolean): string | undefined {
  const known = embedding ? embeddingMembers : members;
  const unknown = Object.keys(fields).find((name) => !known.has(name));
  if (unknown !== undefined) return `unknown member ${unknown}`;
  if (typeof fields["model"] !== "string" || fields["model"] === "") return "model is required";
  if (embedding) return inputProblem(fields["input"]) ?? optionsProblem(fields["options"]);
  const { messages, tools = [] } = fields;
  if (!Array.isArray(messages)) return "messages must be an array";
  if (!Array.isArray(tools)) return "tools must be an array";
  return (
    firstProblem(messages, messageProblem) ??
    firstProblem(tools, toolProblem) ??
    optionsProblem(fields["options"]) ??
    formProblem(fields)
  );
}

function firstProblem(
  items: readonly unknown[],
  problemOf: (item: unknown) => string | undefined,
): string | undefined {
  return items.map(problemOf).find((problem) => problem !== undefined);
}

function inputProblem(input: unknown): string | undefined {
  const texts = Array.isArray(input) ? (input as readonly unknown[]) : [input];
  return texts.every((text) => typeof text === "string") ? undefined : "invalid input type";
}

function messageProblem(message: unknown): string | undefined {
  if (!isFields(message)) return mismatch("message");
  const unknown = Object.keys(message).find((name) => !messageMembers.has(name));
  if (unknown !== undefined) return `unknown member ${unknown} of a message`;
  const { content, images = [], role, thinking, tool_calls: calls = [] } = message;
  if (!roles.has(role)) return `invalid role: ${String(role)}`;
  if (typeof content !== "string") return mismatch("messages.content of type string");
  if (thinking !== undefined && typeof thinking !== "string") return mismatch("messages.thinking");
  if (!Array.isArray(images) || !images.every((image) => BASE64.test(String(image)))) {
    return "illegal base64 data at input byte 4";
  }
  if (role === "tool" && typeof message["tool_name"] !== "string") return "a result names its tool";
  if (!Array.isArray(calls)) return mismatch("messages.tool_calls");
  return firstProblem(calls, (call) => {
    const called = isFields(call) ? call["function"] : undefined;
    if (!isFields(called) || typeof called["name"] !== "string")
      return mismatch("messages.tool_calls.function");
    return isFields(called["arguments"]) ? undefined : mismatch("messages.tool_calls.function.arguments");
  });
}

function toolProblem(tool: unknown): string | undefined {
  const offered = isFields(tool) && tool["type"] === "function" ? tool["function"] : undefined;
  if (!isFields(offered) || typeof offered["name"] !== "string") return mismatch("tools.function");
  const { parameters } = offered;
  return isFields(parameters) && parameters["type"] === "object" && isFields(parameters["properties"])
    ? undefined
    : mismatch("tools.function.parameters");
}

function optionsProblem(options: unknown = {}): string | undefined {
  if (!isFields(options)) return mismatch("options");
  for (const name in options) {
    if (numbers.has(name) && typeof options[name] !== "number")
      return `option "${name}" must be of type number`;
  }
  const { stop = [] } = options;
  return Array.isArray(stop) && stop.every((text) => typeof text === "string")
    ? undefined
    : 'option "stop" must be of an array of strings';
}

function formProblem({
  format = "",
  model,
  think = false,
  top_logprobs: top = 0,
}: Fields): string | undefined {
  if (format !== "" && format !== "json" && !isFields(format)) {
    return `invalid format: ${JSON.stringify(format)}; expected "json" or a valid JSON Schema object`;
  }
  if (typeof think !== "boolean") {
    if (!levels.has(think)) return `invalid think value: ${JSON.stringify(think)}`;
    if (!String(model).startsWith("gpt-oss"))
      return `think value "${String(think)}" is not supported for this model`;
  }
  return typeof top === "number" && top >= 0 && top <= 20
    ? undefined
    : "top_logprobs must be between 0 and 20";
}

function mismatch(member: string): string {
  return `json: cannot unmarshal into Go struct field ${member}`;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
