import { tokenUsage, type Usage } from "@gatewright/call";

/** Bytes of text that make a token, on average: LiteLLM's own rule (litellm.md §4.3). */
const BYTES_PER_TOKEN = 4;

/** Tokens an answer is taken to have when the request sets no limit. */
export const ASSUMED_OUTPUT_TOKENS = 1024;

/** Tokens a request is taken to use before that is known. */
export interface Estimate {
  readonly input: number;
  readonly output: number;
}

/**
 * Estimate before a call, in a time that does not depend on the prompt: a quarter of the body's bytes, and
 * `max_completion_tokens`, else `max_tokens`, else `max_output_tokens`, else 1,024. An embedding has no output. Pictures in the body are counted
 * by their bytes too, which is too much; what was really used replaces the estimate when the request ends.
 */
export function estimate(
  bodyBytes: number,
  fields: { readonly [field: string]: unknown },
  writesText: boolean,
): Estimate {
  const input = Math.ceil(bodyBytes / BYTES_PER_TOKEN);
  if (!writesText) return { input, output: 0 };
  const most = fields["max_completion_tokens"] ?? fields["max_tokens"] ?? fields["max_output_tokens"];
  return {
    input,
    output: typeof most === "number" && most >= 0 && most < 1e8 ? Math.ceil(most) : ASSUMED_OUTPUT_TOKENS,
  };
}

/** Usage of a call whose provider sent none: `output` is what the answer was found to have. */
export function estimatedUsage(input: number, output: number): Usage {
  return tokenUsage(input, output, { estimated: true });
}

/** Tokens of a text by its length: characters, or bytes where only they are known. */
export function tokensOfLength(length: number): number {
  return Math.ceil(length / BYTES_PER_TOKEN);
}

/** Bytes of a stream for each token of the answer: a frame mostly carries one, in some 200 bytes. */
const STREAM_BYTES_PER_TOKEN = 200;

/** Tokens of a stream by the bytes that were sent of it, for one that ended before it said its usage. */
export function tokensOfStream(bytes: number): number {
  return Math.ceil(bytes / STREAM_BYTES_PER_TOKEN);
}
