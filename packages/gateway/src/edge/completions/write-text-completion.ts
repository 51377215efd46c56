import type { ChatAnswer, Choice, Usage } from "@gatewright/call";
import { finishReasons } from "../chat/finish-reason.ts";
import type { AnswerContext } from "../client-api.ts";
import { textLogprobs } from "./text-logprobs.ts";

/** A whole answer as a `text_completion`, in the form of LiteLLM's (litellm.md §3.8). */
export function writeTextCompletion({ choices, id, usage }: ChatAnswer, context: AnswerContext): object {
  const { callId, model, time } = context;
  return {
    id: completionId(id, callId),
    created: Math.floor(time / 1000),
    model,
    object: "text_completion",
    choices: choices.map(writeChoice),
    ...(usage === undefined ? {} : { usage: textUsage(usage) }),
  };
}

function writeChoice({ finish, logprobs, parts }: Choice, index: number): object {
  const text = parts
    .map((part) => (part.kind === "text" || part.kind === "refusal" ? part.text : ""))
    .join("");
  return { finish_reason: finishReasons[finish], index, text, logprobs: textLogprobs(logprobs, 0) ?? null };
}

export function completionId(id: string, callId: string): string {
  return id === "" ? `cmpl-${callId}` : id;
}

/** Usage of a text completion or of embeddings, whose details LiteLLM leaves null. */
export function textUsage({ input, output }: Usage): object {
  return {
    completion_tokens: output,
    prompt_tokens: input,
    total_tokens: input + output,
    completion_tokens_details: null,
    prompt_tokens_details: null,
  };
}
