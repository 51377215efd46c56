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
import { errorFailure } from "./failure.ts";
import type { CallMemory } from "./request.ts";

/** Reads a whole message. */
export function readChatAnswer(value: unknown, memory: CallMemory): ChatAnswer | CallFailure {
  const message = fieldsIn(value);
  if (message !== undefined && !Array.isArray(message["content"]) && message["error"] !== undefined) {
    return errorFailure(message);
  }
  if (message === undefined || !Array.isArray(message["content"])) {
    return { status: 500, message: "Anthropic's answer has no content" };
  }
  const parts = answerParts(message["content"], memory);
  const finish = finishReason(
    message["stop_reason"],
    parts.some(({ kind }) => kind === "tool-call"),
  );
  const refusal = finish === "refusal" ? refusalText(message) : undefined;
  if (refusal !== undefined) parts.push({ kind: "refusal", text: refusal });
  const stopSequence = textIn(message["stop_sequence"]);
  const serviceTier = textIn(fieldsIn(message["usage"])?.["service_tier"]);
  return {
    id: textIn(message["id"]) ?? "",
    model: textIn(message["model"]) ?? "",
    choices: [{ parts, finish, ...(stopSequence === undefined ? {} : { stopSequence }) }],
    usage: readUsage(message["usage"]),
    ...(serviceTier === undefined ? {} : { serviceTier }),
  };
}

function answerParts(content: unknown, memory: CallMemory): Part[] {
  const parts: Part[] = [];
  for (const item of listIn(content)) {
    const block = fieldsIn(item);
    const part = block === undefined ? undefined : answerPart(block, memory);
    if (part !== undefined) parts.push(part);
  }
  return parts;
}

function answerPart(block: Fields, { answerTool, toolNames }: CallMemory): Part | undefined {
  switch (block["type"]) {
    case "text": {
      const citations = readCitations(block["citations"]);
      const text = textIn(block["text"]) ?? "";
      return { kind: "text", text, ...(citations.length === 0 ? {} : { citations }) };
    }
    case "tool_use": {
      const name = textIn(block["name"]) ?? "";
      const json = JSON.stringify(block["input"] ?? {});
      if (name === answerTool) return { kind: "text", text: json };
      return {
        kind: "tool-call",
        id: textIn(block["id"]) ?? "",
        name: toolNames.toClient(name),
        arguments: json,
      };
    }
    case "thinking": {
      const signature = textIn(block["signature"]);
      const text = textIn(block["thinking"]) ?? "";
      return { kind: "reasoning", text, ...(signature === undefined ? {} : { signature }) };
    }
    case "redacted_thinking":
      return { kind: "redacted-reasoning", data: textIn(block["data"]) ?? "" };
    default:
      return typeof block["type"] === "string"
        ? { kind: "other", wire: "anthropic", value: block }
        : undefined;
  }
}

function readCitations(value: unknown): readonly Citation[] {
  return listIn(value).flatMap((item) => {
    const citation = fieldsIn(item);
    return citation === undefined ? [] : [readCitation(citation)];
  });
}

export function readCitation(value: Fields): Citation {
  const source = textIn(value["source"]);
  const url = textIn(value["url"]) ?? (source?.startsWith("http") === true ? source : undefined);
  const title = textIn(value["title"]) ?? textIn(value["document_title"]);
  const text = textIn(value["cited_text"]);
  return {
    wire: "anthropic",
    value,
    ...(url === undefined ? {} : { url }),
    ...(title === undefined ? {} : { title }),
    ...(text === undefined ? {} : { text }),
  };
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
    case "refusal":
      return "refusal";
    case "pause_turn":
    case "compaction":
      return "pause";
    default:
      return "stop";
  }
}

/** Why the model would not, where Anthropic says so; `value`: the message, or the delta that ends it. */
export function refusalText(value: Fields): string | undefined {
  const text = textIn(fieldsIn(value["stop_details"])?.["explanation"]);
  return text === "" ? undefined : text;
}

/** Anthropic counts the tokens of its cache beside those of the input. */
export function readUsage(value: unknown): Usage | undefined {
  const usage = fieldsIn(value);
  if (usage === undefined) return undefined;
  const cachedInput = tokenCount(usage["cache_read_input_tokens"]);
  const cacheWriteInput = tokenCount(usage["cache_creation_input_tokens"]);
  const input = tokenCount(usage["input_tokens"]) + cachedInput + cacheWriteInput;
  const reasoning = tokenCount(fieldsIn(usage["output_tokens_details"])?.["thinking_tokens"]);
  return tokenUsage(input, tokenCount(usage["output_tokens"]), { cachedInput, cacheWriteInput, reasoning });
}
