import {
  type CallFailure,
  type ChatAnswer,
  type Citation,
  type Fields,
  type FinishReason,
  type Part,
  tokenCount,
  tokenUsage,
  type Usage,
} from "@gatewright/call";
import { fieldsIn, listIn, textIn } from "../fields-in.ts";
import { cohereFailure } from "./failure.ts";
import type { CallMemory } from "./request.ts";

/** Reads a whole answer. */
export function readChatAnswer(value: unknown, memory: CallMemory): ChatAnswer | CallFailure {
  const answer = fieldsIn(value);
  const failed = failureOf(answer?.["finish_reason"]);
  if (failed !== undefined) return failed;
  const message = fieldsIn(answer?.["message"]);
  if (answer === undefined || message === undefined) {
    return { status: 500, message: textIn(answer?.["message"]) ?? "Cohere's answer has no message" };
  }
  const called = calls(message, memory);
  return {
    id: textIn(answer["id"]) ?? "",
    model: "",
    choices: [
      {
        parts: [...thoughts(message), ...said(message), ...called],
        finish: finishReason(answer["finish_reason"], called.length > 0),
      },
    ],
    usage: readUsage(answer["usage"]),
  };
}

function thoughts(message: Fields): readonly Part[] {
  const thinking = listIn(message["content"]).map((item) => textIn(fieldsIn(item)?.["thinking"]) ?? "");
  const text = thinking.join("") + (textIn(message["tool_plan"]) ?? "");
  return text === "" ? [] : [{ kind: "reasoning", text }];
}

function said(message: Fields): readonly Part[] {
  const citations = listIn(message["citations"]).flatMap((item) => readCitation(item) ?? []);
  const texts = listIn(message["content"]).flatMap((item) => textIn(fieldsIn(item)?.["text"]) ?? []);
  return texts.map((text, index) => ({
    kind: "text" as const,
    text,
    // They tell their own place in the text, and the first text has it.
    ...(index === 0 && citations.length > 0 ? { citations } : {}),
  }));
}

function calls(message: Fields, { singleCall, toolNames }: CallMemory): readonly Part[] {
  const all = listIn(message["tool_calls"]).flatMap((item) => {
    const call = fieldsIn(item);
    const details = fieldsIn(call?.["function"]);
    const name = textIn(details?.["name"]);
    if (call === undefined || name === undefined) return [];
    const id = textIn(call["id"]) ?? "";
    const given = textIn(details?.["arguments"]) ?? "";
    return [{ kind: "tool-call" as const, id, name: toolNames.toClient(name), arguments: given }];
  });
  return singleCall ? all.slice(0, 1) : all;
}

/** Undefined for a passage of the plan or the thinking: only text has citations. */
export function readCitation(item: unknown): Citation | undefined {
  const value = fieldsIn(item);
  const type = value?.["type"];
  if (value === undefined || type === "THINKING_CONTENT" || type === "PLAN") return undefined;
  const source = fieldsIn(listIn(value["sources"])[0]);
  const document = fieldsIn(source?.["document"]);
  const url = textIn(document?.["url"]);
  const title = textIn(document?.["title"]);
  const text = textIn(value["text"]);
  return {
    wire: "cohere",
    value,
    ...(url === undefined ? {} : { url }),
    ...(title === undefined ? {} : { title }),
    ...(text === undefined ? {} : { text }),
  };
}

/** `calls`: the client gets tool calls. Without any, the end "for a tool" is an ordinary one. */
export function finishReason(reason: unknown, calls: boolean): FinishReason {
  switch (reason) {
    case "MAX_TOKENS":
      return "length";
    case "TOOL_CALL":
      return calls ? "tool-calls" : "stop";
    case "STOP_SEQUENCE":
      return "stop-sequence";
    default:
      return "stop";
  }
}

/** An answer may end with an error as its reason; `message` where Cohere says more. */
export function failureOf(reason: unknown, message?: unknown): CallFailure | undefined {
  if (reason === "ERROR") return cohereFailure(500, textIn(message) ?? "the answer ended with an error");
  if (reason === "ERROR_LIMIT") return cohereFailure(400, "too many tokens: the context length was reached");
  if (reason === "ERROR_TOXIC") return cohereFailure(400, "blocked output");
  return reason === "TIMEOUT" ? cohereFailure(408, "the answer took too long") : undefined;
}

/** What went through the model; where only the bill is told, that. */
export function readUsage(value: unknown): Usage | undefined {
  const usage = fieldsIn(value);
  const counts = fieldsIn(usage?.["tokens"]) ?? fieldsIn(usage?.["billed_units"]);
  if (counts === undefined) return undefined;
  const input = tokenCount(counts["input_tokens"]);
  const cachedInput = Math.min(input, tokenCount(usage?.["cached_tokens"]));
  return tokenUsage(input, tokenCount(counts["output_tokens"]), { cachedInput });
}
