/**
 * What a call used, tokens. The details are parts of their whole: `cachedInput`, `cacheWriteInput` and `audioInput`
 * of `input`, `reasoning` and `audioOutput` of `output`.
 */
export interface Usage {
  readonly input: number;
  readonly output: number;
  /** Read from the provider's cache. */
  readonly cachedInput: number;
  /** Written to the provider's cache. */
  readonly cacheWriteInput: number;
  readonly reasoning: number;
  readonly audioInput: number;
  readonly audioOutput: number;
  /** Counted by the gateway, because the provider sent nothing. */
  readonly estimated: boolean;
}

/** More tokens than any call can have: what an upstream claims beyond that is cut off, so that costs stay exact. */
const MOST_TOKENS = 1e8;

type Fields = { readonly [field: string]: unknown };

/**
 * Reads OpenAI's `usage` (of chat, completions and embeddings), with the spellings of cache details that compatible
 * servers have. Anything that is not a count is 0; undefined when there is no count at all (`"usage": null` in the
 * frames of a stream, for example).
 */
export function usageOf(value: unknown): Usage | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const usage = value as Fields;
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
  return {
    input,
    output,
    cachedInput,
    cacheWriteInput: Math.min(
      input - cachedInput,
      tokens(
        prompt["cache_creation_tokens"] ??
          prompt["cache_write_tokens"] ??
          usage["cache_creation_input_tokens"],
      ),
    ),
    reasoning: Math.min(output, tokens(completion["reasoning_tokens"])),
    audioInput: Math.min(input, tokens(prompt["audio_tokens"])),
    audioOutput: Math.min(output, tokens(completion["audio_tokens"])),
    estimated: false,
  };
}

const none: Fields = {};

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : none;
}

function tokens(value: unknown): number {
  return typeof value === "number" && value > 0 ? Math.floor(Math.min(value, MOST_TOKENS)) : 0;
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
