import type { Citation, Fields, Part, TextPart, ToolCallPart } from "@gatewright/call";
import { fieldsIn, listIn, textIn } from "../fields-in.ts";
import type { WireNames } from "../wire-names.ts";
import { madeCallId } from "./made-call-id.ts";

/** Reads the message of a choice. `key`: what ids are made of for tool calls that have none. */
export function readMessage(message: Fields, key: string, toolNames: WireNames): readonly Part[] {
  const content = readContent(message["content"]);
  const blocks = readThinkingBlocks(message["thinking_blocks"]);
  const parts: Part[] = [...(blocks.length > 0 ? blocks : readReasoning(message, content)), ...content.said];
  const citations = listIn(message["annotations"]).flatMap(readAnnotation);
  if (citations.length > 0) cite(parts, citations);
  const refusal = textIn(message["refusal"]) ?? "";
  if (refusal !== "") parts.push({ kind: "refusal", text: refusal });
  for (const image of listIn(message["images"])) {
    const part = readImage(image);
    if (part !== undefined) parts.push(part);
  }
  const audio = fieldsIn(message["audio"]);
  if (audio !== undefined) parts.push({ kind: "other", wire: "openai", value: { audio } });
  const calls = [...listIn(message["tool_calls"]), ...legacyCall(message["function_call"])];
  for (const [index, call] of calls.entries()) {
    const part = readCall(fieldsIn(call), key, index, toolNames);
    if (part !== undefined) parts.push(part);
  }
  return parts;
}

/** What the content says, and what was thought in it. */
export interface ReadContent {
  readonly said: readonly Part[];
  readonly thought: string;
}

/** Content is a text, or a list of parts: Mistral's models think in one of them. */
export function readContent(content: unknown): ReadContent {
  if (typeof content === "string")
    return { said: content === "" ? [] : [{ kind: "text", text: content }], thought: "" };
  const said: Part[] = [];
  let thought = "";
  for (const item of listIn(content)) {
    const part = fieldsIn(item) ?? {};
    if (part["type"] === "thinking") thought += thinkingText(part["thinking"]);
    const text = textIn(part["text"]) ?? "";
    if (part["type"] === "text" && text !== "") said.push({ kind: "text", text });
    const refusal = textIn(part["refusal"]) ?? "";
    if (part["type"] === "refusal" && refusal !== "") said.push({ kind: "refusal", text: refusal });
  }
  return { said, thought };
}

function thinkingText(thinking: unknown): string {
  return (
    textIn(thinking) ??
    listIn(thinking)
      .map((item) => textIn(fieldsIn(item)?.["text"]) ?? "")
      .join("")
  );
}

/** The reasoning beside the content: `reasoning_content` (most), or `reasoning` (vLLM, Groq, OpenRouter). */
export function reasoningIn(message: Fields): string {
  return textIn(message["reasoning_content"]) ?? textIn(message["reasoning"]) ?? "";
}

function readReasoning(message: Fields, { thought }: ReadContent): readonly Part[] {
  const text = reasoningIn(message) || thought;
  return text === "" ? [] : [{ kind: "reasoning", text }];
}

/** LiteLLM's list of what was thought, in Anthropic's form. */
function readThinkingBlocks(value: unknown): readonly Part[] {
  return listIn(value).flatMap((item): readonly Part[] => {
    const block = fieldsIn(item) ?? {};
    const data = textIn(block["data"]);
    if (block["type"] === "redacted_thinking")
      return data === undefined ? [] : [{ kind: "redacted-reasoning", data }];
    if (block["type"] !== "thinking") return [];
    const signature = textIn(block["signature"]) ?? "";
    const text = textIn(block["thinking"]) ?? "";
    if (text === "" && signature === "") return [];
    return [{ kind: "reasoning", text, ...(signature === "" ? {} : { signature }) }];
  });
}

/** `{"type": "url_citation", "url_citation": {url, title, start_index, end_index}}`. */
export function readAnnotation(value: unknown): readonly Citation[] {
  const annotation = fieldsIn(value);
  if (annotation === undefined || typeof annotation["type"] !== "string") return [];
  const { title, url } = fieldsIn(annotation["url_citation"]) ?? {};
  return [
    {
      wire: "openai",
      value: annotation,
      ...(typeof url === "string" ? { url } : {}),
      ...(typeof title === "string" ? { title } : {}),
    },
  ];
}

/** Annotations belong to the content as a whole: the last text of it has them. */
function cite(parts: Part[], citations: readonly Citation[]): void {
  const index = parts.findLastIndex(({ kind }) => kind === "text");
  const text = parts[index];
  if (text?.kind === "text") parts[index] = { ...text, citations } satisfies TextPart;
}

/** OpenRouter's and LiteLLM's place for pictures that were made. */
function readImage(value: unknown): Part | undefined {
  const url = textIn(fieldsIn(fieldsIn(value)?.["image_url"])?.["url"]);
  if (url === undefined) return undefined;
  const base64 = /^data:([^;,]*);base64,/.exec(url.slice(0, 200));
  if (base64 === null) return { kind: "image", source: { kind: "url", url } };
  const [head, mediaType = ""] = base64;
  return { kind: "image", source: { kind: "base64", mediaType, data: url.slice(head.length) } };
}

function legacyCall(value: unknown): readonly Fields[] {
  const call = fieldsIn(value);
  return call === undefined ? [] : [{ function: call }];
}

function readCall(
  call: Fields | undefined,
  key: string,
  index: number,
  toolNames: WireNames,
): ToolCallPart | undefined {
  const details = fieldsIn(call?.["function"]);
  if (call === undefined || details === undefined) return undefined;
  const signature = signatureIn(call);
  return {
    kind: "tool-call",
    id: textIn(call["id"]) || madeCallId(key, index),
    name: toolNames.toClient(textIn(details["name"]) ?? ""),
    arguments: argumentsIn(details["arguments"]),
    ...(signature === undefined ? {} : { signature }),
  };
}

/** JSON text; some servers send it parsed. */
export function argumentsIn(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null ? JSON.stringify(value) : "";
}

/** Gemini's signature of a call: where LiteLLM has it, and where Google's own compatible server does. */
export function signatureIn(call: Fields): string | undefined {
  const google = fieldsIn(fieldsIn(call["extra_content"])?.["google"]);
  return (
    textIn(fieldsIn(call["provider_specific_fields"])?.["thought_signature"]) ??
    textIn(google?.["thought_signature"])
  );
}
