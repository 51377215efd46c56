import type { ChatAnswer, Choice, Fields } from "@gatewright/call";
import type { AnswerContext } from "../client-api.ts";
import { blocksOf, messageId, stopFields, usageFields } from "./content-block.ts";

/** A whole answer as a message. The API has one choice only. */
export function writeMessage({ choices, id, usage }: ChatAnswer, { callId, model }: AnswerContext): object {
  const { finish, parts, stopSequence }: Choice = choices[0] ?? { parts: [], finish: "stop" };
  const content: Fields[] = [];
  let refusal = "";
  for (const part of parts) {
    content.push(...blocksOf(part, callId, content.length));
    if (part.kind === "refusal") refusal += part.text;
  }
  return {
    id: messageId(id, callId),
    type: "message",
    role: "assistant",
    model,
    content,
    ...stopFields(finish, stopSequence, refusal),
    usage: usageFields(usage),
  };
}
