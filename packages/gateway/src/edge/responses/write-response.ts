import type { ChatAnswer, Choice, Part } from "@gatewright/call";
import type { AnswerContext } from "../client-api.ts";
import {
  functionCallItem,
  type ItemStatus,
  itemId,
  logprobsOf,
  messageItem,
  NO_ARGUMENTS,
  otherItem,
  outputText,
  reasoningItem,
  type Said,
} from "./output-item.ts";
import { incompleteReason, responseHead, responseState } from "./response-object.ts";

/** A whole answer as a `response` object. The API has one choice only. */
export function writeResponse(answer: ChatAnswer, context: AnswerContext): object {
  const choice: Choice = answer.choices[0] ?? { parts: [], finish: "stop" };
  const refused = choice.parts.some((part) => part.kind === "refusal");
  const incomplete = incompleteReason(choice.finish, refused);
  const status = incomplete === undefined ? "completed" : "incomplete";
  const { serviceTier, usage } = answer;
  return {
    ...responseHead(context),
    ...responseState({ status, incomplete, usage, serviceTier }),
    output: outputOf(choice, context.callId, status),
  };
}

type MakeItem = (index: number, status: ItemStatus) => object;

/** `last`: status of the last item; those before it are complete. */
function outputOf({ parts, logprobs }: Choice, callId: string, last: ItemStatus): readonly object[] {
  const items: MakeItem[] = [];
  // Content of the message that the next text belongs to as well.
  let message: Said[] | undefined;
  // Those APIs that have them have one text: the first gets them.
  let tokens: readonly unknown[] = logprobsOf(logprobs);
  for (const part of parts) {
    const said = saidBy(part, tokens);
    if (said?.type === "output_text") tokens = [];
    if (said === undefined) {
      const more = itemsOf(part, callId);
      if (more.length > 0) message = undefined;
      items.push(...more);
    } else if (message === undefined) {
      const content = [said];
      message = content;
      items.push((index, status) => messageItem(itemId("msg", callId, index), status, content));
    } else {
      message.push(said);
    }
  }
  return items.map((make, index) => make(index, index === items.length - 1 ? last : "completed"));
}

function saidBy(part: Part, logprobs: readonly unknown[]): Said | undefined {
  if (part.kind === "refusal" && part.text !== "") return { type: "refusal", refusal: part.text };
  if (part.kind !== "text" || (part.text === "" && part.citations === undefined)) return undefined;
  return outputText(part.text, part.citations ?? [], logprobs);
}

/** The items of a part that is no text: none where it says nothing. */
function itemsOf(part: Part, callId: string): readonly MakeItem[] {
  switch (part.kind) {
    case "reasoning": {
      const { signature, text } = part;
      if (signature === undefined && text === "") return [];
      const carried = signature === undefined ? undefined : ({ kind: "signature", signature } as const);
      return [(index) => reasoningItem(itemId("rs", callId, index), text, carried)];
    }
    case "redacted-reasoning":
      return [(index) => reasoningItem(itemId("rs", callId, index), "", part)];
    case "other":
      return [(index) => otherItem(itemId("rs", callId, index), part)];
    case "tool-call": {
      const whole = { ...part, arguments: part.arguments || NO_ARGUMENTS };
      const call: MakeItem = (index, status) => functionCallItem(itemId("fc", callId, index), status, whole);
      const { signature } = part;
      if (signature === undefined) return [call];
      return [(index) => reasoningItem(itemId("rs", callId, index), "", { kind: "call", signature }), call];
    }
    default:
      // Empty text, and what only clients say.
      return [];
  }
}
