import { type Fields, tokenCount, tokenUsage, type Usage } from "@gatewright/call";
import { fieldsIn, listIn } from "../fields-in.ts";

/** Reads `usageMetadata`. Gemini counts thoughts and the results of its own tools beside answer and prompt. */
export function readUsage(value: unknown): Usage | undefined {
  const usage = fieldsIn(value);
  if (usage === undefined) return undefined;
  const reasoning = tokenCount(usage["thoughtsTokenCount"]);
  const answer = tokenCount(usage["candidatesTokenCount"]);
  const input = tokenCount(usage["promptTokenCount"]) + tokenCount(usage["toolUsePromptTokenCount"]);
  // Some models count the thoughts among the answer's tokens already; the total gives it away.
  const counted = reasoning > 0 && tokenCount(usage["totalTokenCount"]) === input + answer;
  return tokenUsage(input, counted ? answer : answer + reasoning, {
    cachedInput: tokenCount(usage["cachedContentTokenCount"]),
    reasoning,
    audioInput: audioTokens(usage, "promptTokensDetails"),
    audioOutput: audioTokens(usage, "candidatesTokensDetails"),
  });
}

function audioTokens(usage: Fields, member: string): number {
  for (const item of listIn(usage[member])) {
    const detail = fieldsIn(item);
    if (detail?.["modality"] === "AUDIO") return tokenCount(detail["tokenCount"]);
  }
  return 0;
}
