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
import type { CallMemory } from "./request.ts";

/** Reads an answer of Converse. It has no id and does not name its model. */
export function readChatAnswer(value: unknown, memory: CallMemory): ChatAnswer | CallFailure {
  const answer = fieldsIn(value);
  const message = fieldsIn(fieldsIn(answer?.["output"])?.["message"]);
  if (answer === undefined || message === undefined) {
    return { status: 500, message: "Bedrock's answer has no message" };
  }
  const parts = answerParts(message["content"], memory);
  const finish = finishReason(
    answer["stopReason"],
    parts.some((part) => part.kind === "tool-call"),
  );
  const stopSequence = stopSequenceIn(answer);
  const serviceTier = textIn(fieldsIn(answer["serviceTier"])?.["type"]);
  return {
    id: "",
    model: "",
    choices: [{ parts, finish, ...(stopSequence === undefined ? {} : { stopSequence }) }],
    usage: readUsage(answer["usage"]),
    ...(serviceTier === undefined ? {} : { serviceTier }),
  };
}

/** Where a tool of ours was called, its arguments are the text, and what was said beside it is none. */
function answerParts(content: unknown, memory: CallMemory): readonly Part[] {
  const parts: Part[] = [];
  let formed: Part | undefined;
  for (const item of listIn(content)) {
    const block = fieldsIn(item);
    if (block === undefined) continue;
    const toolUse = fieldsIn(block["toolUse"]);
    if (toolUse !== undefined && memory.answerTool !== undefined && toolUse["name"] === memory.answerTool) {
      formed = { kind: "text", text: JSON.stringify(toolUse["input"] ?? {}) };
      parts.push(formed);
    } else {
      const part = answerPart(block, memory);
      if (part !== undefined) parts.push(part);
    }
  }
  return formed === undefined ? parts : parts.filter((part) => part.kind !== "text" || part === formed);
}

function answerPart(block: Fields, { toolNames }: CallMemory): Part | undefined {
  const text = textIn(block["text"]);
  if (text !== undefined) return { kind: "text", text };
  const toolUse = fieldsIn(block["toolUse"]);
  if (toolUse !== undefined) {
    return {
      kind: "tool-call",
      id: textIn(toolUse["toolUseId"]) ?? "",
      name: toolNames.toClient(textIn(toolUse["name"]) ?? ""),
      arguments: JSON.stringify(toolUse["input"] ?? {}),
    };
  }
  const reasoning = fieldsIn(block["reasoningContent"]);
  if (reasoning !== undefined) return reasoningPart(reasoning);
  const cited = fieldsIn(block["citationsContent"]);
  if (cited !== undefined) return citedPart(cited);
  for (const _ in block) return { kind: "other", wire: "bedrock", value: block };
  return undefined;
}

function reasoningPart(reasoning: Fields): Part | undefined {
  const shown = fieldsIn(reasoning["reasoningText"]);
  if (shown !== undefined) {
    const signature = textIn(shown["signature"]);
    const text = textIn(shown["text"]) ?? "";
    return { kind: "reasoning", text, ...(signature === undefined ? {} : { signature }) };
  }
  const data = textIn(reasoning["redactedContent"]);
  return data === undefined ? undefined : { kind: "redacted-reasoning", data };
}

function citedPart(cited: Fields): Part {
  const text = joinedTexts(cited["content"]);
  const citations = listIn(cited["citations"]).flatMap((item) => {
    const value = fieldsIn(item);
    return value === undefined ? [] : [readCitation(value)];
  });
  return { kind: "text", text, ...(citations.length === 0 ? {} : { citations }) };
}

export function readCitation(value: Fields): Citation {
  const url = textIn(fieldsIn(fieldsIn(value["location"])?.["web"])?.["url"]);
  const title = textIn(value["title"]);
  const text = joinedTexts(value["sourceContent"]);
  return {
    wire: "bedrock",
    value,
    ...(url === undefined ? {} : { url }),
    ...(title === undefined ? {} : { title }),
    ...(text === "" ? {} : { text }),
  };
}

function joinedTexts(list: unknown): string {
  return listIn(list)
    .map((item) => textIn(fieldsIn(item)?.["text"]) ?? "")
    .join("");
}

/** `calls`: the client gets tool calls. Without any, the end "for a tool" is an ordinary one. */
export function finishReason(stopReason: unknown, calls: boolean): FinishReason {
  switch (stopReason) {
    case "tool_use":
      return calls ? "tool-calls" : "stop";
    case "max_tokens":
    case "model_context_window_exceeded":
      return "length";
    case "stop_sequence":
      return "stop-sequence";
    case "guardrail_intervened":
    case "content_filtered":
      return "content-filter";
    default:
      return "stop";
  }
}

/** Claude tells it among the fields of its own, when asked. */
export function stopSequenceIn(value: Fields): string | undefined {
  return textIn(fieldsIn(value["additionalModelResponseFields"])?.["stop_sequence"]);
}

/** Bedrock counts the tokens of its cache beside those of the input. */
export function readUsage(value: unknown): Usage | undefined {
  const usage = fieldsIn(value);
  if (usage === undefined) return undefined;
  const cachedInput = tokenCount(usage["cacheReadInputTokens"]);
  const cacheWriteInput = tokenCount(usage["cacheWriteInputTokens"]);
  const input = tokenCount(usage["inputTokens"]) + cachedInput + cacheWriteInput;
  return tokenUsage(input, tokenCount(usage["outputTokens"]), { cachedInput, cacheWriteInput });
}
