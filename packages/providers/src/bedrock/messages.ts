import type {
  CacheMark,
  ChatCall,
  Fields,
  Part,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from "@gatewright/call";
import { notMarked } from "../gemini/signature.ts";
import { CallRefusal } from "../wire.ts";
import type { WireNames } from "../wire-names.ts";
import { audioBlock, cachePoint, documentBlock, imageBlock } from "./blocks.ts";
import type { ModelTraits } from "./model.ts";

export interface Conversation {
  readonly system: Fields[];
  readonly messages: readonly WireMessage[];
}

interface WireMessage {
  readonly role: "user" | "assistant";
  content: Fields[];
}

/** Bedrock takes neither blank text nor a result without content. */
const EMPTY_RESULT = "(empty)";
const DOCUMENT_ALONE = "(document)";

/** Writes the messages: system texts before them, neighbours of one role joined, nothing blank. */
export function writeConversation(
  call: ChatCall,
  traits: ModelTraits,
  toolNames: WireNames,
  callIds: WireNames,
): Conversation {
  return new ConversationWriter(traits, toolNames, callIds).write(call);
}

class ConversationWriter {
  readonly #caching: boolean;
  readonly #toolNames: WireNames;
  readonly #callIds: WireNames;
  readonly #documentNames = new Set<string>();

  constructor(traits: ModelTraits, toolNames: WireNames, callIds: WireNames) {
    this.#caching = traits.caching !== "nowhere";
    this.#toolNames = toolNames;
    this.#callIds = callIds;
  }

  write(call: ChatCall): Conversation {
    const system: Fields[] = [];
    const messages: WireMessage[] = [];
    for (const { role, parts } of call.messages) {
      if (role === "system" || role === "developer") {
        for (const part of parts) if (part.kind === "text") this.#add(system, part, role);
        continue;
      }
      const last = messages.at(-1);
      const joined = last?.role === role;
      const content = joined ? last.content : [];
      for (const part of parts) this.#add(content, part, role);
      if (!joined && content.length > 0) messages.push({ role, content });
    }
    if (messages.length === 0)
      throw new CallRefusal("Amazon Bedrock needs a message beside the system prompt.");
    for (const message of messages) if (message.role === "user") resultsFirst(message);
    if (this.#documentNames.size > 0) withTextBesideDocuments(messages);
    trimPrefill(messages);
    return { system, messages };
  }

  #add(content: Fields[], part: Part, role: ChatCall["messages"][number]["role"]): void {
    const block = this.#block(part, role);
    if (block === undefined) return;
    content.push(block);
    if (this.#caching) {
      const mark = cacheMark(part);
      if (mark !== undefined) content.push(cachePoint(mark));
    }
  }

  #block(part: Part, role: string): Fields | undefined {
    switch (part.kind) {
      case "text":
        return isBlank(part.text) ? undefined : textBlock(part, role);
      case "refusal":
        return isBlank(part.text) ? undefined : { text: part.text };
      case "image":
        return imageBlock(part);
      case "audio":
        return audioBlock(part);
      case "document":
        return documentBlock(part, this.#documentNames);
      case "tool-call":
        return this.#toolUse(part);
      case "tool-result":
        return this.#toolResult(part);
      case "reasoning":
        return notMarked(part.signature) === undefined
          ? undefined
          : { reasoningContent: { reasoningText: { text: part.text, signature: part.signature } } };
      case "redacted-reasoning":
        return { reasoningContent: { redactedContent: part.data } };
      case "other":
        return part.wire === "bedrock" ? part.value : undefined;
    }
  }

  #toolUse(part: ToolCallPart): Fields {
    const toolUseId = this.#callIds.toWire(part.id);
    const name = this.#toolNames.toWire(part.name);
    return { toolUse: { toolUseId, name, input: inputOf(part.arguments) } };
  }

  #toolResult(part: ToolResultPart): Fields {
    const content: Fields[] = [];
    for (const piece of part.content) {
      const block = this.#block(piece, "user");
      if (block !== undefined) content.push(block);
    }
    if (content.length === 0) content.push({ text: EMPTY_RESULT });
    const toolUseId = this.#callIds.toWire(part.id);
    return { toolResult: { toolUseId, content, ...(part.isError ? { status: "error" } : {}) } };
  }
}

function isBlank(text: string): boolean {
  return text.trim() === "";
}

/** An answer's citations go back with it, if they are Bedrock's own. */
function textBlock({ citations, text }: TextPart, role: string): Fields {
  if (role !== "assistant" || citations === undefined) return { text };
  const own = citations.flatMap(({ value, wire }) => (wire === "bedrock" ? [value] : []));
  return own.length === 0 ? { text } : { citationsContent: { content: [{ text }], citations: own } };
}

/** The mark of a part, or of what a result holds: a cache point cannot stand inside a result. */
function cacheMark(part: Part): CacheMark | undefined {
  if (!("cache" in part) && part.kind !== "tool-result") return undefined;
  if (part.cache !== undefined || part.kind !== "tool-result") return part.cache;
  return part.content.findLast(({ cache }) => cache !== undefined)?.cache;
}

/** Arguments as the object that Bedrock wants. A model may have written anything: what is no object is kept as text. */
function inputOf(text: string): Fields {
  if (text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  } catch {
    // Kept as text below.
  }
  return { arguments: text };
}

/** Results have to stand right behind their calls, so before anything else of the message; cache points move along. */
function resultsFirst(message: WireMessage): void {
  const results: Fields[] = [];
  const others: Fields[] = [];
  let list = others;
  for (const block of message.content) {
    if ("toolResult" in block) list = results;
    else if (!("cachePoint" in block)) list = others;
    list.push(block);
  }
  if (results.length > 0) message.content = [...results, ...others];
}

/** White space at the end of the text that the model is to go on from is refused. */
function trimPrefill(messages: readonly WireMessage[]): void {
  const last = messages.at(-1);
  if (last?.role !== "assistant") return;
  const text = last.content.at(-1)?.["text"];
  if (typeof text === "string") last.content[last.content.length - 1] = { text: text.trimEnd() };
}

/** Bedrock refuses a message that has a document and no text. */
function withTextBesideDocuments(messages: readonly WireMessage[]): void {
  for (const { content } of messages) {
    const alone = content.some((block) => "document" in block) && !content.some((block) => "text" in block);
    if (alone) content.push({ text: DOCUMENT_ALONE });
  }
}
