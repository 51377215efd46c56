import type { ChatCall, Fields, Message, Part, Tool } from "@gatewright/call";

/** The parts of a call that a request of /api/chat says, read back from it without the help of what wrote it. */
export type ReadBack = Pick<ChatCall, "messages" | "tools" | "format" | "reasoning" | "options" | "stream">;

/** Reads a valid request of /api/chat. The names of images' types and of a schema are not in it. */
export function readOllamaRequest(body: Fields): ReadBack {
  const { format, messages, think, tools } = body;
  return {
    stream: body["stream"] !== false,
    messages: (messages as readonly Fields[]).map(messageOf),
    tools: ((tools ?? []) as readonly Fields[]).map(toolOf),
    ...(format === undefined ? {} : { format: formatOf(format) }),
    ...(think === undefined ? {} : { reasoning: reasoningOf(think) }),
    options: optionsOf(body),
  };
}

function messageOf(message: Fields): Message {
  const { role } = message;
  if (role !== "tool") return { role: role as Message["role"], parts: partsOf(message) };
  const content = partsOf({ content: message["content"], images: message["images"] });
  return {
    role: "user",
    parts: [
      {
        kind: "tool-result",
        id: String(message["tool_call_id"]),
        name: String(message["tool_name"]),
        content: content as Extract<Part, { kind: "text" | "image" }>[],
        isError: false,
      },
    ],
  };
}

function partsOf({ content, images, thinking, tool_calls: calls }: Fields): readonly Part[] {
  const parts: Part[] = [];
  if (typeof thinking === "string") parts.push({ kind: "reasoning", text: thinking });
  if (content !== "") parts.push({ kind: "text", text: String(content) });
  for (const data of (images ?? []) as readonly string[]) {
    parts.push({ kind: "image", source: { kind: "base64", mediaType: "", data } });
  }
  for (const call of (calls ?? []) as readonly Fields[]) {
    const called = call["function"] as Fields;
    parts.push({
      kind: "tool-call",
      id: String(call["id"]),
      name: String(called["name"]),
      arguments: JSON.stringify(called["arguments"]),
    });
  }
  return parts;
}

function toolOf(tool: Fields): Tool {
  const { description, name, parameters } = tool["function"] as Fields;
  return {
    kind: "function",
    name: String(name),
    ...(typeof description === "string" ? { description } : {}),
    parameters: parameters as Fields,
  };
}

function formatOf(format: unknown): NonNullable<ChatCall["format"]> {
  return format === "json" ? { kind: "json" } : { kind: "schema", name: "", schema: format as Fields };
}

function reasoningOf(think: unknown): NonNullable<ChatCall["reasoning"]> {
  return typeof think === "string" ? { enabled: true, effort: think } : { enabled: think === true };
}

function optionsOf(body: Fields): ChatCall["options"] {
  const { num_predict: max_tokens, ...options } = (body["options"] ?? {}) as Fields;
  const { logprobs, top_logprobs } = body;
  const read = { ...options, max_tokens, logprobs, top_logprobs };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
}
