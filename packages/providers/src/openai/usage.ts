import { tokenCount, tokenUsage, type Usage } from "@gatewright/call";
import { fieldsIn } from "../fields-in.ts";

/**
 * Reads `usage`, with the names that compatible servers have for what is cached: `prompt_cache_hit_tokens` (DeepSeek),
 * `cached_tokens` (Moonshot), `cache_read_input_tokens` and `cache_creation_input_tokens` (LiteLLM). Undefined where
 * nothing was counted, as in most chunks of a stream.
 */
export function readUsage(value: unknown): Usage | undefined {
  const usage = fieldsIn(value);
  if (usage === undefined) return undefined;
  const prompt = usage["prompt_tokens"];
  const completion = usage["completion_tokens"];
  if (typeof prompt !== "number" && typeof completion !== "number") return undefined;
  const ofPrompt = fieldsIn(usage["prompt_tokens_details"]) ?? {};
  const ofCompletion = fieldsIn(usage["completion_tokens_details"]) ?? {};
  const input = tokenCount(prompt);
  const reasoning = tokenCount(ofCompletion["reasoning_tokens"]);
  // xAI counts reasoning beside the completion, which only the total shows.
  const beside = usage["total_tokens"] === input + tokenCount(completion) + reasoning;
  const output = tokenCount(completion) + (beside ? reasoning : 0);
  const cached =
    ofPrompt["cached_tokens"] ??
    usage["cache_read_input_tokens"] ??
    usage["prompt_cache_hit_tokens"] ??
    usage["cached_tokens"];
  const cacheWrite =
    ofPrompt["cache_write_tokens"] ??
    ofPrompt["cache_creation_tokens"] ??
    usage["cache_creation_input_tokens"];
  const cachedInput = Math.min(input, tokenCount(cached));
  return tokenUsage(input, output, {
    cachedInput,
    cacheWriteInput: Math.min(input - cachedInput, tokenCount(cacheWrite)),
    reasoning: Math.min(output, reasoning),
    audioInput: Math.min(input, tokenCount(ofPrompt["audio_tokens"])),
    audioOutput: Math.min(output, tokenCount(ofCompletion["audio_tokens"])),
  });
}
