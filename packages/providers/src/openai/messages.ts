import type { Fields, Message, Part, ToolCallPart, ToolResultPart } from "@gatewright/call";
import type { WireNames } from "../wire-names.ts";
import type { CallIds } from "./call-ids.ts";
import { cacheControl, writeContent, writeParts } from "./content.ts";
import type { ChatTraits } from "./traits.ts";

/** What writing messages has to know. */
export interface MessageContext {
  readonly traits: ChatTraits;
  readonly toolNames: WireNames;
  readonly callIds: CallIds;
}

type ResultPart = ToolResultPart["content"][number];

/** Whether it is written as text, which is all that results of tools may be. */
function isText(part: ResultPart): boolean {
  return part.kind === "text" || (part.kind === "document" && part.source.kind === "text");
}

/**
 * Writes the conversation. Results of tools become messages of their own, before the rest of the message they are in. They
 * take text only, so what else they hold follows the last of them in a message of the user's.
 */
export function writeMessages(messages: readonly Message[], context: MessageContext): Fields[] {
  const written: Fields[] = [];
  let attached: Fields[] = [];
  for (const message of messages) {
    const results = message.parts.filter((part) => part.kind === "tool-result");
    for (const result of results) {
      written.push(writeResult(result, context));
      attached.push(...writeAttachments(result, context.traits));
    }
    if (results.length > 0 && results.length === message.parts.length) continue;
    if (attached.length > 0) written.push({ role: "user", content: attached });
    attached = [];
    written.push(writeMessage(message, context));
  }
  if (attached.length > 0) written.push({ role: "user", content: attached });
  return written;
}

function writeMessage({ name, parts, role }: Message, context: MessageContext): Fields {
  const { traits } = context;
  return {
    role: role === "developer" && !traits.developerRole ? "system" : role,
    content: writeContent(parts, traits),
    ...(name !== undefined && traits.ownParameters ? { name } : {}),
    ...(role === "assistant" ? writeTurn(parts, context) : {}),
  };
}

/** What only an assistant's message has: its reasoning, its calls, and what it said. */
function writeTurn(parts: readonly Part[], context: MessageContext): Fields {
  const { traits } = context;
  const calls = parts.filter((part) => part.kind === "tool-call");
  const audio = parts.find(
    (part) => part.kind === "other" && part.wire === "openai" && "audio" in part.value,
  );
  return {
    ...(traits.reasoning === "none" ? {} : writeReasoning(parts, traits)),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map((call) => writeCall(call, context)) }),
    ...(audio?.kind === "other" ? { audio: audio.value["audio"] } : {}),
  };
}

function writeCall(call: ToolCallPart, { callIds, toolNames, traits }: MessageContext): Fields {
  const { arguments: given, cache, id, name, signature } = call;
  return {
    id: callIds.toWire(id),
    type: "function",
    function: { name: toolNames.toWire(name), arguments: given === "" ? "{}" : given },
    ...(signature !== undefined && traits.reasoning === "blocks"
      ? { provider_specific_fields: { thought_signature: signature } }
      : {}),
    ...cacheControl(cache, traits),
  };
}

/** All thoughts as one text, and those that are signed or hidden as blocks. */
function writeReasoning(parts: readonly Part[], traits: ChatTraits): Fields {
  let text = "";
  const blocks: Fields[] = [];
  for (const part of parts) {
    if (part.kind === "redacted-reasoning") blocks.push({ type: "redacted_thinking", data: part.data });
    if (part.kind !== "reasoning") continue;
    text += part.text;
    const { signature } = part;
    if (signature !== undefined) blocks.push({ type: "thinking", thinking: part.text, signature });
  }
  return {
    ...(text === "" ? {} : { reasoning_content: text }),
    ...(blocks.length === 0 || traits.reasoning !== "blocks" ? {} : { thinking_blocks: blocks }),
  };
}

function writeResult(result: ToolResultPart, { callIds, traits }: MessageContext): Fields {
  const texts = result.content.filter(isText);
  return {
    role: "tool",
    tool_call_id: callIds.toWire(result.id),
    content: writeContent(texts, traits) ?? "",
    ...cacheControl(result.cache, traits),
  };
}

/** What a result holds beside text, below a line that says to which one it belongs. */
function writeAttachments({ content, id, name }: ToolResultPart, traits: ChatTraits): readonly Fields[] {
  const written = writeParts(
    content.filter((part) => !isText(part)),
    traits,
  );
  if (written.length === 0) return [];
  const of = name === undefined ? id : `${name} (${id})`;
  return [{ type: "text", text: `This belongs to the result of ${of}:` }, ...written];
}
