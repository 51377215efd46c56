import type { Fields } from "./wire.ts";

const roles = new Set(["system", "user", "assistant", "tool"]);

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
  const { tool_choice: choice, tools, response_format: format, thinking } = fields;
  if (choice !== undefined && choice !== "REQUIRED" && choice !== "NONE") return "invalid tool_choice";
  if (choice !== undefined && !Array.isArray(tools)) return "tool_choice is set without tools";
  if (fields["temperature"] !== undefined && typeof fields["temperature"] !== "number")
    return "invalid temperature";
  if (format !== undefined && (format as Fields)["type"] !== "json_object") return "invalid response_format";
  const kind = thinking === undefined ? undefined : (thinking as Fields)["type"];
  if (kind !== undefined && kind !== "enabled" && kind !== "disabled") return "invalid thinking";
  return undefined;
}

function messageProblem(message: Fields, index: number, open: Set<unknown>): string | undefined {
  const { role, content, tool_calls: calls, tool_call_id: id } = message;
  if (typeof role !== "string" || !roles.has(role)) return `invalid role in message ${index}`;
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
