/** OpenAI's tokenizer, in a file of its own: its tables take 2 MB, and are loaded when tokens are first counted. */
export { countTokens } from "gpt-tokenizer/encoding/o200k_base";
