import type { ChatCall, Part } from "@gatewright/call";
import { nothingUsed } from "../budget/usage.ts";
import { messagesApi } from "../edge/messages/messages-api.ts";
import type { Exchange } from "../exchange.ts";
import type { Deployment } from "../snapshot/snapshot.ts";
import { beginAnswer } from "./answer.ts";
import type { CallMaker } from "./upstream-call.ts";

/** What most providers add to a message for its role. */
const TOKENS_PER_MESSAGE = 4;

/** A picture of usual size, by Anthropic's rule of width × height / 750. */
const TOKENS_PER_PICTURE = 1600;

/**
 * Answers `/v1/messages/count_tokens` for a model whose provider has no such call, by OpenAI's tokenizer: an estimate,
 * and free. The tokenizer's tables are loaded when they are first needed.
 */
export async function answerTokenCount(
  exchange: Exchange,
  deployment: Deployment,
  listener: CallMaker,
): Promise<void> {
  const call = messagesApi.read(exchange.fields);
  if ("status" in call)
    return listener.failed({
      error: call,
      status: call.status,
      kind: "refused",
      retryAfterMilliseconds: undefined,
    });
  const { countTokens } = await import("./tokenizer.ts");
  exchange.call = undefined;
  if (exchange.over) return listener.abandoned();
  const body = Buffer.from(`{"input_tokens":${tokensOf(call, countTokens)}}`);
  exchange.answeredAt = performance.now();
  exchange.firstByteAt = exchange.answeredAt;
  exchange.usageText = nothingUsed;
  listener.answering();
  beginAnswer(exchange, deployment, {
    status: 200,
    contentType: "application/json",
    upstream: {},
    length: body.length,
  });
  exchange.finish(body);
  listener.succeeded();
}

function tokensOf(call: ChatCall, count: (text: string) => number): number {
  let tokens = 0;
  for (const { parts } of call.messages) {
    tokens += TOKENS_PER_MESSAGE;
    for (const part of parts) tokens += tokensOfPart(part, count);
  }
  for (const tool of call.tools) tokens += count(JSON.stringify(tool));
  return tokens;
}

function tokensOfPart(part: Part, count: (text: string) => number): number {
  switch (part.kind) {
    case "text":
    case "refusal":
    case "reasoning":
      return count(part.text);
    case "image":
      return TOKENS_PER_PICTURE;
    case "document":
      return part.source.kind === "text" ? count(part.source.text) : TOKENS_PER_PICTURE;
    case "tool-call":
      return count(part.name) + count(part.arguments);
    case "tool-result":
      return part.content.reduce((sum, one) => sum + tokensOfPart(one, count), 0);
    case "audio":
    case "redacted-reasoning":
      return 0;
    case "other":
      return count(JSON.stringify(part.value));
  }
}
