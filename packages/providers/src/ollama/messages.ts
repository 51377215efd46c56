import type { ChatCall, Fields, Message, Part, ToolResultPart } from "@gatewright/call";
import { fieldsIn, parsedJson } from "../fields-in.ts";
import { CallRefusal } from "../wire.ts";

/** Ollama's own separator between messages that it puts together. */
const BETWEEN_TEXTS = "\n\n";

/** Member `messages` of the body: results of tools are messages of their own, before the rest of theirs. */
export function writeMessages({ messages }: ChatCall): readonly Fields[] {
  const written: Fields[] = [];
  for (const message of messages) {
    for (const part of message.parts) if (part.kind === "tool-result") written.push(resultMessage(part));
    const own = writeMessage(message);
    if (own !== undefined) written.push(own);
  }
  if (written.length === 0) throw new CallRefusal("Ollama needs a message that says something");
  return written;
}

/** Undefined where nothing of it can be said. */
function writeMessage({ parts, role }: Message): Fields | undefined {
  const texts: string[] = [];
  const thoughts: string[] = [];
  const images: string[] = [];
  const calls: Fields[] = [];
  for (const part of parts) {
    switch (part.kind) {
      case "text":
      case "refusal":
      case "document":
        texts.push(textOf(part));
        break;
      case "image":
        images.push(imageOf(part));
        break;
      case "reasoning":
        if (part.text !== "") thoughts.push(part.text);
        break;
      case "tool-call":
        calls.push({ id: part.id, function: { name: part.name, arguments: inputOf(part.arguments) } });
    }
  }
  if (texts.length + thoughts.length + images.length + calls.length === 0) return undefined;
  const assistant = role === "assistant";
  return {
    role: role === "developer" ? "system" : role,
    // What a model said in pieces was one text.
    content: texts.join(assistant ? "" : BETWEEN_TEXTS),
    ...(thoughts.length === 0 ? {} : { thinking: thoughts.join(BETWEEN_TEXTS) }),
    ...(images.length === 0 ? {} : { images }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

function resultMessage({ content, id, name }: ToolResultPart): Fields {
  const texts: string[] = [];
  const images: string[] = [];
  for (const part of content) {
    if (part.kind === "image") images.push(imageOf(part));
    else texts.push(textOf(part));
  }
  return {
    role: "tool",
    content: texts.join(BETWEEN_TEXTS),
    ...(images.length === 0 ? {} : { images }),
    ...(name === undefined ? {} : { tool_name: name }),
    tool_call_id: id,
  };
}

function textOf(part: Extract<Part, { kind: "text" | "refusal" | "document" }>): string {
  if (part.kind !== "document") return part.text;
  const { context, name, source } = part;
  if (source.kind !== "text") throw new CallRefusal("Ollama reads documents that are text only");
  return [name, context, source.text].filter((text) => text !== undefined).join(BETWEEN_TEXTS);
}

function imageOf({ source }: Extract<Part, { kind: "image" }>): string {
  if (source.kind === "base64") return source.data;
  throw new CallRefusal("Ollama takes images as base64 only, and fetches none");
}

/** Arguments as the object that Ollama wants. A model may have written anything: what is no object is kept as text. */
function inputOf(text: string): Fields {
  if (text.trim() === "") return {};
  return fieldsIn(parsedJson(text)) ?? { arguments: text };
}
