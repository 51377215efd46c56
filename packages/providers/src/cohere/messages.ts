import type {
  DocumentPart,
  Fields,
  ImagePart,
  Message,
  Part,
  TextPart,
  ToolResultPart,
} from "@gatewright/call";
import { CallRefusal } from "../wire.ts";
import type { WireNames } from "../wire-names.ts";

/** Writes the conversation. Results of tools become messages of their own, before the rest of the message they are in. */
export function writeMessages(messages: readonly Message[], toolNames: WireNames): readonly Fields[] {
  const written: Fields[] = [];
  for (const { parts, role } of messages) {
    for (const part of parts) if (part.kind === "tool-result") written.push(writeResult(part));
    if (role === "assistant") {
      const turn = writeTurn(parts, toolNames);
      if (turn !== undefined) written.push(turn);
      continue;
    }
    const content = parts.map(writeContent).filter((one) => one !== undefined);
    if (content.length > 0)
      written.push({ role: role === "user" ? "user" : "system", content: plain(content) });
  }
  return written;
}

function writeTurn(parts: readonly Part[], toolNames: WireNames): Fields | undefined {
  const calls = parts.filter((part) => part.kind === "tool-call");
  const thought = parts.map((part) => (part.kind === "reasoning" ? part.text : "")).join("");
  const texts = parts.flatMap((part) => {
    const said = part.kind === "text" || part.kind === "refusal" ? part.text : "";
    return said === "" ? [] : [{ type: "text", text: said }];
  });
  if (calls.length === 0) {
    const thinking = thought === "" ? [] : [{ type: "thinking", thinking: thought }];
    return texts.length === 0 ? undefined : { role: "assistant", content: plain([...thinking, ...texts]) };
  }
  return {
    role: "assistant",
    ...(texts.length === 0 ? {} : { content: plain(texts) }),
    // What it said before it called is its plan, and there is no other place for what it thought.
    ...(thought === "" ? {} : { tool_plan: thought }),
    tool_calls: calls.map(({ arguments: given, id, name }) => ({
      id,
      type: "function",
      function: { name: toolNames.toWire(name), arguments: given === "" ? "{}" : given },
    })),
  };
}

function writeResult({ content, id, isError }: ToolResultPart): Fields {
  const texts = content.map(textOf);
  return { role: "tool", tool_call_id: id, content: (isError ? ["Error:", ...texts] : texts).join("\n") };
}

function textOf(part: TextPart | ImagePart | DocumentPart): string {
  if (part.kind === "text") return part.text;
  if (part.kind === "document" && part.source.kind === "text") return documentText(part, part.source.text);
  throw new CallRefusal("Cohere's results of tools hold text only.");
}

function writeContent(part: Part): Fields | undefined {
  switch (part.kind) {
    case "text":
      return { type: "text", text: part.text };
    case "image":
      return writeImage(part);
    case "document":
      return part.source.kind === "text"
        ? { type: "text", text: documentText(part, part.source.text) }
        : undefined;
    default:
      return undefined;
  }
}

function writeImage({ detail, source }: ImagePart): Fields | undefined {
  if (source.kind !== "url" && source.kind !== "base64") return undefined;
  const url = source.kind === "url" ? source.url : `data:${source.mediaType};base64,${source.data}`;
  return { type: "image_url", image_url: { url, ...(detail === undefined ? {} : { detail }) } };
}

function documentText({ context, name }: DocumentPart, text: string): string {
  return [name, context, text].filter((line) => line !== undefined).join("\n\n");
}

/** One text is written as the string that every version takes. */
function plain(content: readonly Fields[]): string | readonly Fields[] {
  const [first] = content;
  return content.length === 1 && first?.["type"] === "text" ? String(first["text"]) : content;
}
