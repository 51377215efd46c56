/**
 * What a call used, tokens where nothing else is said. The details are parts of their whole: `cachedInput`,
 * `cacheWriteInput` and `audioInput` of `input`, `reasoning` and `audioOutput` of `output`. APIs that count cached
 * tokens beside the others (Anthropic, Bedrock) are converted to this when they are read.
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
  /** Images that were made. */
  readonly images: number;
  /** Seconds of audio that were heard. */
  readonly seconds: number;
  /** Counted by the gateway, because the provider sent nothing. */
  readonly estimated: boolean;
}

/** Usage with nothing but tokens of text. */
export function tokenUsage(input: number, output: number, details: Partial<Usage> = {}): Usage {
  return {
    input,
    output,
    cachedInput: details.cachedInput ?? 0,
    cacheWriteInput: details.cacheWriteInput ?? 0,
    reasoning: details.reasoning ?? 0,
    audioInput: details.audioInput ?? 0,
    audioOutput: details.audioOutput ?? 0,
    images: details.images ?? 0,
    seconds: details.seconds ?? 0,
    estimated: details.estimated ?? false,
  };
}

/** More tokens than any call can have: what an upstream claims beyond that is cut off, so that costs stay exact. */
const MOST_TOKENS = 1e8;

/** A count as an upstream sent it: a whole number that is not negative, or 0 for anything else. */
export function tokenCount(value: unknown): number {
  return typeof value === "number" && value > 0 ? Math.floor(Math.min(value, MOST_TOKENS)) : 0;
}
