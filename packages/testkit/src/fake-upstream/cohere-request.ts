import type { AnswerFormat, ChatOptions, Message, Part, Reasoning, Tool, ToolChoice } from "@gatewright/call";
import type { Fields } from "./wire.ts";

/** What a request in Cohere's wire says, in the call form. */
export interface ReadCohereRequest {
  readonly messages: readonly Message[];
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice | undefined;
  readonly format: AnswerFormat | undefined;
  readonly reasoning: Reasoning | undefined;
  readonly options: ChatOptions;
}

/** Reads a request of Cohere's v2 chat, by its API reference. */
export function readCohereRequest(body: Fields): ReadCohereRequest {
  const names = new Map<string, string>();
  const messages = list(body["messages"]).map((message) => readMessage(message, names));
  const choice = body["tool_choice"];
  const format = body["response_format"] as Fields | undefined;
  const thinking = body["thinking"] as Fields | undefined;
  const budget = thinking?.["token_budget"];
  return {
    messages,
    tools: list(body["tools"]).map((tool) => {
      const { name, description, parameters } = tool["function"] as Fields;
      return {
        kind: "function",
        name: String(name),
        ...(typeof description === "string" ? { description } : {}),
        parameters: parameters as Fields,
      };
    }),
    toolChoice:
      choice === "REQUIRED" ? { kind: "required" } : choice === "NONE" ? { kind: "none" } : undefined,
    format:
      format === undefined ? undefined : format["json_schema"] === undefined ? { kind: "json" } : undefined,
    reasoning:
      thinking === undefined
        ? undefined
        : {
            enabled: thinking["type"] === "enabled",
            ...(typeof budget === "number" ? { budgetTokens: budget } : {}),
          },
    options: readOptions(body),
  };
}

const optionNames: { readonly [member: string]: keyof ChatOptions } = {
  max_tokens: "max_tokens",
  temperature: "temperature",
  p: "top_p",
  k: "top_k",
  stop_sequences: "stop",
  seed: "seed",
  frequency_penalty: "frequency_penalty",
  presence_penalty: "presence_penalty",
};

function readOptions(body: Fields): ChatOptions {
  return Object.fromEntries(
    Object.entries(optionNames).flatMap(([member, option]) =>
      body[member] === undefined ? [] : [[option, body[member]]],
    ),
  );
}

function readMessage(message: Fields, names: Map<string, string>): Message {
  const role = message["role"] as "system" | "user" | "assistant" | "tool";
  if (role === "tool") {
    const id = String(message["tool_call_id"]);
    const name = names.get(id);
    const text = String(message["content"]);
    const result: Part = {
      kind: "tool-result",
      id,
      ...(name === undefined ? {} : { name }),
      content: text === "" ? [] : [{ kind: "text", text }],
      isError: false,
    };
    return { role: "user", parts: [result] };
  }
  const content = message["content"];
  const parts: Part[] =
    typeof content === "string" ? [{ kind: "text", text: content }] : list(content).map(readContent);
  for (const call of list(message["tool_calls"])) {
    const { name, arguments: given } = call["function"] as Fields;
    names.set(String(call["id"]), String(name));
    parts.push({ kind: "tool-call", id: String(call["id"]), name: String(name), arguments: String(given) });
  }
  return { role, parts };
}

function readContent(content: Fields): Part {
  if (content["type"] === "thinking") return { kind: "reasoning", text: String(content["thinking"]) };
  if (content["type"] === "text") return { kind: "text", text: String(content["text"]) };
  const { url, detail } = content["image_url"] as Fields;
  const [, mediaType, data] = /^data:([^;]*);base64,(.*)$/s.exec(String(url)) ?? [];
  return {
    kind: "image",
    source:
      mediaType === undefined || data === undefined
        ? { kind: "url", url: String(url) }
        : { kind: "base64", mediaType, data },
    ...(typeof detail === "string" ? { detail } : {}),
  };
}

function list(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? (value as readonly Fields[]) : [];
}
