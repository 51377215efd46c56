import type { Fields } from "./wire.ts";

/** What Cohere would say to a chat that breaks its rules; undefined for one that does not. */
export function cohereProblem(fields: Fields): string | undefined {
  const messages = Array.isArray(fields["messages"]) ? (fields["messages"] as readonly Fields[]) : [];
  if (typeof fields["model"] !== "string") return "model is required.";
  if (messages.length === 0) return "invalid request: at least one message is required";
  const open = new Set<unknown>();
  for (const [index, message] of messages.entries()) {
    const problem = messageProblem(message, index, open);
    if (problem !== undefined) return problem;
  }
  const { tool_choice: choice, tools, response_format: format } = fields;
  if (choice !== undefined && choice !== "REQUIRED" && choice !== "NONE") return "invalid tool_choice";
  if (choice !== undefined && !Array.isArray(tools)) return "tool_choice is set without tools";
  if (fields["strict_tools"] !== undefined && !Array.isArray(tools))
    return "strict_tools is set without tools";
  if (tools !== undefined && !(tools as readonly Fields[]).every(isTool)) return "invalid tools";
  if (format !== undefined && (format as Fields)["type"] !== "json_object") return "invalid response_format";
  return samplingProblem(fields) ?? thinkingProblem(fields["thinking"] as Fields | undefined);
}

/** What Cohere would say to a wish for embeddings. */
export function cohereEmbeddingProblem(fields: Fields): string | undefined {
  if (typeof fields["model"] !== "string") return "model is required.";
  const { embedding_types: types, input_type: input, texts } = fields;
  if (!isList(texts) || texts.length === 0 || !texts.every((text) => typeof text === "string"))
    return "invalid request: texts must be a list of strings";
  if (typeof input !== "string")
    return "invalid request: valid input_type must be provided with the provided model";
  return Array.isArray(types) ? undefined : "invalid request: embedding_types is required";
}

const toolName = /^[a-zA-Z0-9_-]+$/;

function isTool({ function: details, type }: Fields): boolean {
  if (type !== "function" || typeof details !== "object" || details === null) return false;
  const { name, parameters } = details as Fields;
  return typeof name === "string" && toolName.test(name) && typeof parameters === "object";
}

/** The least and the most of numbers, by the API reference. */
const bounds: { readonly [member: string]: readonly [number, number] } = {
  temperature: [0, Number.POSITIVE_INFINITY],
  p: [0.01, 0.99],
  k: [0, 500],
  frequency_penalty: [0, 1],
  presence_penalty: [0, 1],
};

function samplingProblem(fields: Fields): string | undefined {
  for (const [member, [least, most]] of Object.entries(bounds)) {
    const value = fields[member];
    if (value === undefined) continue;
    if (typeof value !== "number" || value < least || value > most)
      return `invalid request: ${member} must be between ${least} and ${most}`;
  }
  const { stop_sequences: stop } = fields;
  return isList(stop) && stop.length > 5 ? "invalid request: at most 5 stop_sequences are taken" : undefined;
}

function thinkingProblem(thinking: Fields | undefined): string | undefined {
  if (thinking === undefined) return undefined;
  const { token_budget: budget, type } = thinking;
  if (type !== "enabled" && type !== "disabled") return "invalid thinking";
  return budget === undefined || (typeof budget === "number" && budget > 0)
    ? undefined
    : "invalid token_budget";
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

/** The types of content that each role's messages may have. */
const contents: { readonly [role: string]: readonly string[] } = {
  system: ["text"],
  user: ["text", "image_url"],
  assistant: ["text", "thinking"],
  tool: ["text", "document"],
};

function messageProblem(message: Fields, index: number, open: Set<unknown>): string | undefined {
  const { role, content, tool_calls: calls, tool_call_id: id } = message;
  const types = typeof role === "string" ? contents[role] : undefined;
  if (types === undefined) return `invalid role in message ${index}`;
  for (const item of isList(content) ? (content as readonly Fields[]) : [])
    if (!types.includes(String(item["type"]))) return `invalid content in message ${index}`;
  if (role === "tool") {
    if (!open.has(id)) return `tool call id not found in previous tool calls in message ${index}`;
    return content === undefined ? `message ${index} has no content` : undefined;
  }
  if (Array.isArray(calls)) {
    if (role !== "assistant") return `tool_calls in a message of ${role}`;
    for (const call of calls as readonly Fields[]) open.add(call["id"]);
    return undefined;
  }
  const empty = content === undefined || content === "" || (Array.isArray(content) && content.length === 0);
  return empty ? `invalid request: message ${index} must have non-empty content or tool calls` : undefined;
}
