import { type Fields, tokenCount as tokens, tokenUsage, type Usage } from "@gatewright/call";

/**
 * Reads the `usage` of a passed answer, in the form of the API that it came through: OpenAI's chat completions,
 * completions and embeddings, with the spellings of cache details that compatible servers have; OpenAI's Responses and
 * images; Anthropic's Messages. Anything that is not a count is 0; undefined when there is no count at all
 * (`"usage": null` in the frames of a stream, for example). `images` is added by the gateway, `seconds` is OpenAI's
 * for audio that is billed by its length.
 */
export function usageOf(value: unknown): Usage | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const usage = value as Fields;
  const images = tokens(usage["images"]);
  const seconds = tokens(usage["seconds"]);
  const counted = textUsage(usage);
  if (images === 0 && seconds === 0) return counted;
  return { ...(counted ?? tokenUsage(0, 0)), images, seconds };
}

function textUsage(usage: Fields): Usage | undefined {
  if (typeof usage["input_tokens"] === "number" || typeof usage["output_tokens"] === "number") {
    return isAnthropic(usage) ? anthropicUsage(usage) : responsesUsage(usage);
  }
  return chatUsage(usage);
}

function chatUsage(usage: Fields): Usage | undefined {
  const total = usage["total_tokens"];
  if (
    typeof usage["prompt_tokens"] !== "number" &&
    typeof usage["completion_tokens"] !== "number" &&
    typeof total !== "number"
  )
    return undefined;
  const output = tokens(usage["completion_tokens"]);
  const input =
    typeof usage["prompt_tokens"] === "number"
      ? tokens(usage["prompt_tokens"])
      : Math.max(0, tokens(total) - output);
  const prompt = fieldsOf(usage["prompt_tokens_details"]);
  const completion = fieldsOf(usage["completion_tokens_details"]);
  const cachedInput = Math.min(
    input,
    tokens(prompt["cached_tokens"] ?? usage["cache_read_input_tokens"] ?? usage["prompt_cache_hit_tokens"]),
  );
  const cacheWriteInput =
    prompt["cache_creation_tokens"] ?? prompt["cache_write_tokens"] ?? usage["cache_creation_input_tokens"];
  return tokenUsage(input, output, {
    cachedInput,
    cacheWriteInput: Math.min(input - cachedInput, tokens(cacheWriteInput)),
    reasoning: Math.min(output, tokens(completion["reasoning_tokens"])),
    audioInput: Math.min(input, tokens(prompt["audio_tokens"])),
    audioOutput: Math.min(output, tokens(completion["audio_tokens"])),
  });
}

function responsesUsage(usage: Fields): Usage {
  const input = tokens(usage["input_tokens"]);
  const output = tokens(usage["output_tokens"]);
  const ofInput = fieldsOf(usage["input_tokens_details"]);
  const ofOutput = fieldsOf(usage["output_tokens_details"]);
  return tokenUsage(input, output, {
    cachedInput: Math.min(input, tokens(ofInput["cached_tokens"])),
    audioInput: Math.min(input, tokens(ofInput["audio_tokens"])),
    reasoning: Math.min(output, tokens(ofOutput["reasoning_tokens"])),
  });
}

/** Anthropic counts what it read from and wrote to its cache beside the other tokens of the prompt. */
function anthropicUsage(usage: Fields): Usage {
  const cachedInput = tokens(usage["cache_read_input_tokens"]);
  const cacheWriteInput = tokens(usage["cache_creation_input_tokens"]);
  return tokenUsage(
    tokens(usage["input_tokens"]) + cachedInput + cacheWriteInput,
    tokens(usage["output_tokens"]),
    { cachedInput, cacheWriteInput },
  );
}

/** Only OpenAI's has a total, and details in blocks of their own. */
function isAnthropic(usage: Fields): boolean {
  return usage["total_tokens"] === undefined && usage["input_tokens_details"] === undefined;
}

const none: Fields = {};

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : none;
}

/** The same from JSON text, as `Exchange#usageText` keeps it. */
export function usageOfText(text: string | undefined): Usage | undefined {
  if (text === undefined) return undefined;
  try {
    return usageOf(JSON.parse(text));
  } catch {
    return undefined; // What an upstream writes there is not the client's trouble.
  }
}

/** JSON text of a usage in OpenAI's chat form, as `usageOfText` reads it; undefined where nothing was counted. */
export function usageJson(usage: Usage | undefined): string | undefined {
  if (usage === undefined) return undefined;
  const { input, output, cachedInput, cacheWriteInput, reasoning, audioInput, audioOutput } = usage;
  const more =
    usage.images + usage.seconds === 0 ? "" : `"images":${usage.images},"seconds":${usage.seconds},`;
  return `{${more}"prompt_tokens":${input},"completion_tokens":${output},"total_tokens":${input + output},"prompt_tokens_details":{"cached_tokens":${cachedInput},"cache_creation_tokens":${cacheWriteInput},"audio_tokens":${audioInput}},"completion_tokens_details":{"reasoning_tokens":${reasoning},"audio_tokens":${audioOutput}}}`;
}

/** Usage of a call that costs nothing, as JSON text. */
export const nothingUsed = '{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}';
