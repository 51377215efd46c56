import type { ChatCall, Fields, Message } from "@gatewright/call";
import { CallRefusal } from "../wire.ts";
import type { WireNames } from "../wire-names.ts";
import { writeBlocks } from "./blocks.ts";
import type { ModelTraits } from "./model.ts";

export interface Conversation {
  readonly system: Fields[];
  readonly messages: readonly WireMessage[];
}

interface WireMessage {
  readonly role: "system" | "user" | "assistant";
  content: Fields[];
}

/** Writes the messages: system texts ahead of them, neighbours of one role joined, results of tools first. */
export function writeConversation(
  call: ChatCall,
  traits: ModelTraits,
  toolNames: WireNames,
  callIds: WireNames,
): Conversation {
  const system: Fields[] = [];
  const messages: WireMessage[] = [];
  for (const [index, { parts, role }] of call.messages.entries()) {
    const blocks = writeBlocks(parts, role, toolNames, callIds);
    if (blocks.length === 0) continue;
    const last = messages.at(-1);
    if (role === "system" || role === "developer") {
      const texts = blocks.filter(({ type }) => type === "text");
      if (last?.role === "system") last.content.push(...texts);
      else if (traits.systemTurns && last?.role === "user" && followedByAnswer(call.messages, index)) {
        messages.push({ role: "system", content: texts });
      } else system.push(...texts);
    } else if (last?.role === role) last.content.push(...blocks);
    else messages.push({ role, content: blocks });
  }
  if (!messages.some(({ role }) => role !== "system")) {
    throw new CallRefusal("Anthropic needs a message of the user beside the system prompt");
  }
  for (const message of messages) if (message.role === "user") resultsFirst(message);
  trimPrefill(messages);
  return { system, messages };
}

/** A system message in the middle has to be the last one, or to stand before the assistant's. */
function followedByAnswer(messages: readonly Message[], index: number): boolean {
  for (let next = index + 1; next < messages.length; next++) {
    const role = messages[next]?.role;
    if (role === "user") return false;
    if (role === "assistant") return true;
  }
  return true;
}

/** Anthropic wants results right behind their calls, so before anything else of the message. */
function resultsFirst(message: WireMessage): void {
  const { content } = message;
  const first = content.findIndex(({ type }) => type !== "tool_result");
  if (first < 0 || !content.some(({ type }, index) => index > first && type === "tool_result")) return;
  const results = content.filter(({ type }) => type === "tool_result");
  message.content = [...results, ...content.filter(({ type }) => type !== "tool_result")];
}

/** White space at the end of the text that the model is to go on from is refused. */
function trimPrefill(messages: readonly WireMessage[]): void {
  const last = messages.at(-1);
  if (last?.role !== "assistant") return;
  const block = last.content.at(-1);
  const text = block?.["text"];
  if (block?.["type"] !== "text" || typeof text !== "string") return;
  last.content[last.content.length - 1] = { ...block, text: text.trimEnd() };
}
