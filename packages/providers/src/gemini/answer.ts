import type { CallFailure, ChatAnswer, Choice, Citation, Fields, Part } from "@gatewright/call";
import { fieldsIn, listIn, textIn } from "../fields-in.ts";
import { type AnswerPart, mediaOrOther, readAnswerPart } from "./answer-part.ts";
import { CallIds } from "./call-ids.ts";
import { readCitations } from "./citations.ts";
import { blockedPrompt, failureInStream } from "./failure.ts";
import { failureToAnswer, finishReason } from "./finish.ts";
import { readLogprobs } from "./logprobs.ts";
import type { CallMemory } from "./request.ts";
import { readUsage } from "./usage.ts";

/** Reads an answer of generateContent. */
export function readChatAnswer(value: unknown, memory: CallMemory): ChatAnswer | CallFailure {
  const answer = fieldsIn(value);
  if (answer === undefined) return noAnswer;
  const error = fieldsIn(answer["error"]);
  if (error !== undefined) return failureInStream(error);
  const candidates = candidatesIn(answer);
  const [first] = candidates;
  if (first === undefined) return blockedPrompt(answer) ?? noAnswer;
  const id = textIn(answer["responseId"]) ?? "";
  const callIds = new CallIds(id);
  const choices = candidates.map((candidate, index) => readChoice(candidate, index, callIds, memory));
  if (choices.every(({ parts }) => parts.length === 0)) {
    const failure = failureToAnswer(first["finishReason"], first["finishMessage"]);
    if (failure !== undefined) return failure;
  }
  return {
    id,
    model: textIn(answer["modelVersion"]) ?? "",
    choices,
    usage: readUsage(answer["usageMetadata"]),
  };
}

const noAnswer: CallFailure = { status: 500, message: "Gemini's answer has no candidates" };

/** In the order of their index. */
function candidatesIn(answer: Fields): readonly Fields[] {
  const candidates = listIn(answer["candidates"])
    .map(fieldsIn)
    .filter((candidate) => candidate !== undefined);
  return candidates.length < 2
    ? candidates
    : candidates.toSorted((one, other) => indexOf(one) - indexOf(other));
}

/** The number of a candidate; the first has none. */
export function indexOf(candidate: Fields): number {
  const index = candidate["index"];
  return typeof index === "number" && Number.isInteger(index) && index >= 0 ? index : 0;
}

export function partsIn(candidate: Fields): readonly unknown[] {
  return listIn(fieldsIn(candidate["content"])?.["parts"]);
}

function readChoice(candidate: Fields, choice: number, callIds: CallIds, memory: CallMemory): Choice {
  const parts: Part[] = [];
  let calls = 0;
  for (const item of partsIn(candidate)) {
    const part = readAnswerPart(item, memory.toolNames);
    if (part === undefined) continue;
    if (part.kind === "other") parts.push(mediaOrOther(part.value));
    else if (part.kind !== "tool-call") addText(parts, part);
    else if (calls === 0 || !memory.singleCall) {
      const { id = callIds.idOf(choice, calls), signature, ...call } = part;
      parts.push({ ...call, id, ...(signature === undefined ? {} : { signature }) });
      calls++;
    }
  }
  cite(parts, readCitations(candidate));
  const logprobs = readLogprobs(candidate["logprobsResult"]);
  const finish = finishReason(candidate["finishReason"], calls > 0);
  return { parts, finish, ...(logprobs === undefined ? {} : { logprobs }) };
}

/** Text goes on where text was; a signature without a thought of its own ends the thought before it, or stands alone. */
function addText(
  parts: Part[],
  { kind, signature, text }: Extract<AnswerPart, { readonly text: string }>,
): void {
  const last = parts.at(-1);
  if (text !== "") {
    const goesOn = last?.kind === kind && !("signature" in last);
    if (goesOn) parts[parts.length - 1] = { kind, text: (last as { readonly text: string }).text + text };
    else parts.push({ kind, text });
  }
  if (signature === undefined) return;
  const signed = parts.at(-1);
  if (signed?.kind === "reasoning" && signed.signature === undefined) {
    parts[parts.length - 1] = { ...signed, signature };
  } else parts.push({ kind: "reasoning", text: "", signature });
}

/** Citations belong to the last text: Gemini counts their places over all of it. */
function cite(parts: Part[], citations: readonly Citation[]): void {
  if (citations.length === 0) return;
  const at = parts.findLastIndex(({ kind }) => kind === "text");
  const part = parts[at];
  if (part?.kind === "text") parts[at] = { ...part, citations };
}
