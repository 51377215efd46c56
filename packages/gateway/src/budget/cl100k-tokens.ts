import { countTokens } from "gpt-tokenizer/encoding/cl100k_base";

/** Tokens of a text as GPT-4 and GPT-3.5 count them. Text that looks like a control token is text. */
export function count(text: string): number {
  return countTokens(text, { disallowedSpecial: new Set() });
}
