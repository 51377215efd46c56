/** OpenAI's tokenizer, in a file of its own: its table takes 3 MB, and is loaded when tokens are first counted. */
export { countTokens } from "gpt-tokenizer/encoding/o200k_base";
