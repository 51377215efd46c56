import { countTokens } from "gpt-tokenizer/encoding/o200k_base";

/** Tokens of a text as GPT-4o and later count them. Text that looks like a control token is text. */
export function count(text: string): number {
  return countTokens(text, { disallowedSpecial: new Set() });
}
