import { randomUUID } from "node:crypto";
import {
  type CallFailure,
  type ChatAnswer,
  type Fields,
  type FinishReason,
  type Part,
  type ToolCallPart,
  tokenCount,
  tokenUsage,
  type Usage,
} from "@gatewright/call";
import { fieldsIn, listIn, textIn } from "../fields-in.ts";
import { failureInAnswer } from "./failure.ts";
import type { CallMemory } from "./request.ts";

/** Reads a whole answer. */
export function readChatAnswer(value: unknown, { singleCall }: CallMemory): ChatAnswer | CallFailure {
  const answer = fieldsIn(value);
  if (answer?.["error"] !== undefined) return failureInAnswer(answer);
  const message = fieldsIn(answer?.["message"]);
  if (answer === undefined || message === undefined) {
    return { status: 500, message: "Ollama's answer has no message" };
  }
  const parts: Part[] = [];
  const thought = textIn(message["thinking"]) ?? "";
  if (thought !== "") parts.push({ kind: "reasoning", text: thought });
  const text = textIn(message["content"]) ?? "";
  if (text !== "") parts.push({ kind: "text", text });
  const calls = readCalls(message);
  parts.push(...(singleCall ? calls.slice(0, 1) : calls));
  const logprobs = readLogprobs(answer["logprobs"]);
  return {
    id: "",
    model: textIn(answer["model"]) ?? "",
    choices: [
      {
        parts,
        finish: finishReason(answer["done_reason"], calls.length > 0),
        ...(logprobs === undefined ? {} : { logprobs }),
      },
    ],
    usage: readUsage(answer),
  };
}

/** The tool calls of a message, whole in a stream as well. Older versions give no ids. */
export function readCalls(message: Fields): readonly ToolCallPart[] {
  const calls: ToolCallPart[] = [];
  for (const item of listIn(message["tool_calls"])) {
    const call = fieldsIn(item);
    const called = fieldsIn(call?.["function"]);
    const name = textIn(called?.["name"]);
    if (name === undefined) continue;
    const id = textIn(call?.["id"]) || `call_${randomUUID().replaceAll("-", "")}`;
    calls.push({ kind: "tool-call", id, name, arguments: argumentsOf(called?.["arguments"]) });
  }
  return calls;
}

function argumentsOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(fieldsIn(value) ?? {});
}

/** `done_reason` says nothing of tools; `load` and `unload` end an answer to no question. */
export function finishReason(doneReason: unknown, calls: boolean): FinishReason {
  if (doneReason === "length") return "length";
  return calls ? "tool-calls" : "stop";
}

/** The counts stand beside the message, in a stream only in the last line. */
export function readUsage(answer: Fields): Usage | undefined {
  const { eval_count: output, prompt_eval_count: input } = answer;
  if (input === undefined && output === undefined) return undefined;
  return tokenUsage(tokenCount(input), tokenCount(output));
}

/** Turns Ollama's `logprobs` into OpenAI's; undefined when there are none. */
export function readLogprobs(value: unknown): Fields | undefined {
  const tokens = listIn(value);
  if (tokens.length === 0) return undefined;
  const content = tokens.map((item) => ({
    ...tokenOf(item),
    top_logprobs: listIn(fieldsIn(item)?.["top_logprobs"]).map(tokenOf),
  }));
  return { content, refusal: null };
}

function tokenOf(value: unknown): Fields {
  const fields = fieldsIn(value);
  const token = textIn(fields?.["token"]) ?? "";
  const bytes = fields?.["bytes"];
  const logprob = fields?.["logprob"];
  return {
    token,
    logprob: typeof logprob === "number" ? logprob : 0,
    bytes: Array.isArray(bytes) ? bytes : [...Buffer.from(token)],
  };
}
