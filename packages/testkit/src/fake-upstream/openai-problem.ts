import type { Fields } from "./wire.ts";

const NAME = /^[a-zA-Z0-9_-]{1,64}$/;
const LONGEST_CALL_ID = 40;
const roles: ReadonlySet<unknown> = new Set(["system", "developer", "user", "assistant", "tool", "function"]);

/** Kinds of content parts, and whose messages may hold them. */
const parts: { readonly [type: string]: readonly string[] } = {
  text: ["system", "developer", "user", "assistant", "tool"],
  image_url: ["user"],
  input_audio: ["user"],
  file: ["user"],
  refusal: ["assistant"],
};

/** What OpenAI would say is wrong with a chat, from its documentation and its reported errors; undefined when it is valid. */
export function openaiProblem(fields: Fields): string | undefined {
  const messages = fields["messages"];
  // Who tries a script out by hand need not say anything; nor is an empty list refused.
  if (messages === undefined) return undefined;
  if (!Array.isArray(messages)) return "Invalid type for 'messages': expected an array of objects.";
  if (messages.length === 0)
    return "Invalid 'messages': empty array. Expected an array with minimum length 1.";
  for (const [index, message] of messages.entries()) {
    const problem = messageProblem(message as Fields, `messages[${index}]`);
    if (problem !== undefined) return problem;
  }
  return resultsProblem(messages as readonly Fields[]) ?? toolsProblem(fields) ?? parametersProblem(fields);
}

function messageProblem(message: Fields, path: string): string | undefined {
  const { content, role } = message;
  if (!roles.has(role))
    return `Invalid value: '${String(role)}'. Supported values are: ${[...roles].join(", ")}. (${path}.role)`;
  const calls = message["tool_calls"];
  const silent = role === "assistant" && (Array.isArray(calls) || message["function_call"] !== undefined);
  if (content === undefined || content === null) {
    const refused = typeof message["refusal"] === "string" || message["audio"] !== undefined;
    return silent || refused || role === "function"
      ? undefined
      : `Invalid value for '${path}.content': expected a string, got null.`;
  }
  for (const [index, part] of (Array.isArray(content) ? (content as Fields[]) : []).entries()) {
    const problem = partProblem(part, String(role), `${path}.content[${index}]`);
    if (problem !== undefined) return problem;
  }
  if (calls === undefined) return undefined;
  return Array.isArray(calls) && calls.length > 0
    ? callsProblem(calls as readonly Fields[], path)
    : `Invalid '${path}.tool_calls': empty array. Expected an array with minimum length 1.`;
}

function partProblem(part: Fields, role: string, path: string): string | undefined {
  const type = String(part["type"]);
  const takers = parts[type];
  if (takers === undefined) return `Invalid value: '${type}'. (${path}.type)`;
  if (!takers.includes(role))
    return `Invalid '${path}': '${type}' is not allowed in messages with the role '${role}'.`;
  const member = type === "text" || type === "refusal" ? part[type] : (part[type] as Fields | undefined);
  if (member === undefined) return `Missing required parameter: '${path}.${type}'.`;
  if (type === "image_url") {
    const { url } = member as Fields;
    return /^(?:https?:|data:image\/)/.test(String(url)) ? undefined : `Invalid '${path}.image_url.url'.`;
  }
  if (type !== "file") return undefined;
  const { file_data: data, file_id: id, filename } = member as Fields;
  if ((data === undefined) === (id === undefined))
    return `Give one of 'file_data' and 'file_id'. (${path}.file)`;
  return data !== undefined && filename === undefined
    ? `Missing required parameter: '${path}.file.filename'.`
    : undefined;
}

function callsProblem(calls: readonly Fields[], path: string): string | undefined {
  for (const [index, call] of calls.entries()) {
    const at = `${path}.tool_calls[${index}]`;
    const details = call["function"] as Fields | undefined;
    if (call["type"] !== "function" || details === undefined)
      return `Missing required parameter: '${at}.function'.`;
    if (typeof call["id"] !== "string") return `Missing required parameter: '${at}.id'.`;
    if (call["id"].length > LONGEST_CALL_ID) {
      return `Invalid '${at}.id': string too long. Expected a string with maximum length ${LONGEST_CALL_ID}.`;
    }
    if (typeof details["arguments"] !== "string")
      return `Missing required parameter: '${at}.function.arguments'.`;
    if (!NAME.test(String(details["name"])))
      return `Invalid '${at}.function.name': does not match '${NAME.source}'.`;
  }
  return undefined;
}

/** Results follow their calls at once, and all of them. */
function resultsProblem(messages: readonly Fields[]): string | undefined {
  let open = new Set<unknown>();
  for (const [index, message] of messages.entries()) {
    if (message["role"] === "tool") {
      if (!open.delete(message["tool_call_id"])) {
        return `Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'. (messages[${index}])`;
      }
      continue;
    }
    if (open.size > 0) break;
    const calls = (message["tool_calls"] ?? []) as readonly Fields[];
    open = new Set(calls.map(({ id }) => id));
  }
  if (open.size === 0) return undefined;
  return `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...open].join(", ")}`;
}

function toolsProblem(fields: Fields): string | undefined {
  const tools = (fields["tools"] ?? []) as readonly Fields[];
  for (const [index, tool] of tools.entries()) {
    if (tool["type"] !== "function") continue;
    const details = (tool["function"] ?? {}) as Fields;
    if (!NAME.test(String(details["name"]))) {
      return `Invalid 'tools[${index}].function.name': does not match '${NAME.source}'.`;
    }
  }
  if (fields["tools"] !== undefined && tools.length === 0) return "Invalid 'tools': empty array.";
  for (const name of ["tool_choice", "parallel_tool_calls"]) {
    if (fields[name] !== undefined && tools.length === 0) {
      return `Invalid value for '${name}': '${name}' is only allowed when 'tools' are specified.`;
    }
  }
  return undefined;
}

function parametersProblem(fields: Fields): string | undefined {
  if (fields["max_tokens"] !== undefined && fields["max_completion_tokens"] !== undefined) {
    return "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.";
  }
  if (fields["stream_options"] !== undefined && fields["stream"] !== true) {
    return "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
  }
  if (fields["top_logprobs"] !== undefined && fields["logprobs"] !== true) {
    return "Invalid value for 'top_logprobs': only allowed when 'logprobs' is true.";
  }
  const { json_schema: schema, type } = (fields["response_format"] ?? {}) as Fields;
  if (type === "json_schema" && !NAME.test(String((schema as Fields | undefined)?.["name"]))) {
    return `Invalid 'response_format.json_schema.name': does not match '${NAME.source}'.`;
  }
  return undefined;
}
