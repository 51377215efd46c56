import type { CallFailure, ChatAnswer, Choice, Fields } from "@gatewright/call";
import { fieldsIn, textIn } from "../fields-in.ts";
import { answeredFailure } from "./failure.ts";
import { isBroken, readFinish } from "./finish.ts";
import { readMessage } from "./message.ts";
import type { CallMemory } from "./request.ts";
import { readUsage } from "./usage.ts";

/** Reads a whole chat completion. */
export function readChatAnswer(value: unknown, memory: CallMemory): ChatAnswer | CallFailure {
  const answer = fieldsIn(value);
  const failure = answer === undefined ? undefined : answeredFailure(answer);
  if (failure !== undefined) return failure;
  if (answer === undefined || !Array.isArray(answer["choices"])) {
    return { status: 500, message: "the upstream's answer has no choices" };
  }
  const id = textIn(answer["id"]) ?? "";
  const items = answer["choices"].map((item) => fieldsIn(item) ?? {});
  const broken = items.find((choice) => isBroken(choice["finish_reason"]));
  if (broken !== undefined) return brokenChoice(broken);
  const serviceTier = textIn(answer["service_tier"]);
  return {
    id,
    model: textIn(answer["model"]) ?? "",
    choices: items.toSorted(byIndex).map((choice, index) => readChoice(choice, `${id}_${index}`, memory)),
    usage: readUsage(answer["usage"]),
    ...(serviceTier === undefined ? {} : { serviceTier }),
  };
}

/** The failure of a choice that was broken off. */
export function brokenChoice(choice: Fields): CallFailure {
  return (
    answeredFailure(choice) ?? {
      status: 503,
      message: `the upstream gave up: ${String(choice["finish_reason"])}`,
    }
  );
}

function byIndex(one: Fields, other: Fields): number {
  const { index: first } = one;
  const { index: second } = other;
  return typeof first === "number" && typeof second === "number" ? first - second : 0;
}

function readChoice(choice: Fields, key: string, memory: CallMemory): Choice {
  const parts = readMessage(fieldsIn(choice["message"]) ?? {}, key, memory.toolNames);
  const { reason, stopSequence } = readFinish(choice["finish_reason"], {
    calls: parts.some(({ kind }) => kind === "tool-call"),
    refused: parts.some(({ kind }) => kind === "refusal"),
    stopReason: choice["stop_reason"],
  });
  const logprobs = choice["logprobs"];
  return {
    parts,
    finish: reason,
    ...(stopSequence === undefined ? {} : { stopSequence }),
    ...(logprobs === undefined || logprobs === null ? {} : { logprobs }),
  };
}
