import type { Fields, Part } from "@gatewright/call";
import { fieldsIn, textIn } from "../fields-in.ts";
import { marked } from "./signature.ts";
import type { ToolNames } from "./tool-names.ts";

/** One part of an answer, as the call form has it: what it says, and the signature that stands beside it. */
export type AnswerPart =
  | { readonly kind: "text" | "reasoning"; readonly text: string; readonly signature: string | undefined }
  | {
      readonly kind: "tool-call";
      readonly id: string | undefined;
      readonly name: string;
      readonly arguments: string;
      readonly signature: string | undefined;
    }
  | { readonly kind: "other"; readonly value: Fields };

/** Reads a part; undefined for one that says nothing. */
export function readAnswerPart(value: unknown, toolNames: ToolNames): AnswerPart | undefined {
  const part = fieldsIn(value);
  if (part === undefined) return undefined;
  const signature = textIn(part["thoughtSignature"]);
  const text = textIn(part["text"]);
  if (text !== undefined) {
    if (text === "" && signature === undefined) return undefined;
    const kind = part["thought"] === true ? "reasoning" : "text";
    return { kind, text, signature: signature === undefined ? undefined : marked(signature) };
  }
  const call = fieldsIn(part["functionCall"]);
  if (call !== undefined) {
    return {
      kind: "tool-call",
      id: textIn(call["id"]) || undefined,
      name: toolNames.toClient(textIn(call["name"]) ?? ""),
      arguments: JSON.stringify(fieldsIn(call["args"]) ?? {}),
      signature,
    };
  }
  for (const member in part) if (member !== "thought") return { kind: "other", value: part };
  return undefined;
}

/** What an answer holds that is neither text nor a call: media that the model made, or a part of Gemini's own. */
export function mediaOrOther(value: Fields): Part {
  const inline = fieldsIn(value["inlineData"]);
  const data = textIn(inline?.["data"]);
  const mediaType = textIn(inline?.["mimeType"]) ?? "";
  if (data !== undefined && mediaType.startsWith("image/")) {
    return { kind: "image", source: { kind: "base64", mediaType, data } };
  }
  if (data !== undefined && mediaType.startsWith("audio/")) {
    return { kind: "audio", data, format: audioFormat(mediaType) };
  }
  return { kind: "other", wire: "gemini", value };
}

/** Speech comes as `audio/L16;codec=pcm;rate=24000`: OpenAI's `pcm16`. */
function audioFormat(mediaType: string): string {
  const [type = ""] = mediaType.split(";", 1);
  const format = type.slice("audio/".length).toLowerCase();
  return format === "l16" || format === "pcm" ? "pcm16" : format;
}
