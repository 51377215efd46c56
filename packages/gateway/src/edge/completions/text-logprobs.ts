import type { Fields } from "@gatewright/call";
import { isFields } from "../field.ts";

/**
 * The `logprobs` of a chat in the form of completions: lists side by side. `offset`: where their text begins, in UTF-16
 * units. Undefined where there are none.
 */
export function textLogprobs(logprobs: unknown, offset: number): Fields | undefined {
  const content = isFields(logprobs) ? logprobs["content"] : undefined;
  if (!Array.isArray(content)) return undefined;
  const tokens = content.filter(isFields);
  let position = offset;
  const offsets: number[] = [];
  for (const { token } of tokens) {
    offsets.push(position);
    position += typeof token === "string" ? token.length : 0;
  }
  return {
    text_offset: offsets,
    token_logprobs: tokens.map(({ logprob }) => logprob ?? null),
    tokens: tokens.map(({ token }) => token ?? ""),
    top_logprobs: tokens.map(({ top_logprobs: alternatives }) => byToken(alternatives)),
  };
}

function byToken(alternatives: unknown): Fields {
  const listed: readonly unknown[] = Array.isArray(alternatives) ? alternatives : [];
  return Object.fromEntries(
    listed.filter(isFields).map(({ logprob, token }) => [String(token), logprob ?? null]),
  );
}
