/**
 * Thought signatures: Gemini's proof of what it thought, which wants to come back with the part it came with. Those of
 * tool calls are `ToolCallPart.signature`. Those of other parts are signatures of reasoning, and begin with a mark,
 * because Gemini refuses a conversation that holds another provider's signatures.
 */
const MARK = "gemini:";

/** Accepted in place of a signature, for calls that Gemini did not make itself or that lost theirs. */
export const SIGNATURE_OF_OTHERS = "skip_thought_signature_validator";

/** The signature as the conversation carries it. */
export function marked(signature: string): string {
  return `${MARK}${signature}`;
}

/** The signature as Gemini gave it; undefined for those of others. */
export function unmarked(signature: string | undefined): string | undefined {
  return signature?.startsWith(MARK) === true ? signature.slice(MARK.length) : undefined;
}

/** A signature that Claude may have made; undefined for Gemini's, which it refuses as Gemini refuses its. */
export function notMarked(signature: string | undefined): string | undefined {
  return signature?.startsWith(MARK) === true ? undefined : signature;
}
