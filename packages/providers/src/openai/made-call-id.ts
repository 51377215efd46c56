import { randomUUID } from "node:crypto";

const OTHERS = /[^A-Za-z0-9_-]/g;
/** Keeps the ids within the 40 characters that OpenAI takes. */
const LONGEST_KEY = 32;

/**
 * An id for a tool call that came without: the same each time the answer is read. `key` is made of the answer's id and the
 * number of its choice; an answer without an id gets one that no other has.
 */
export function madeCallId(key: string, index: number): string {
  const known = key.startsWith("_") ? randomUUID().replaceAll("-", "") : key.replace(OTHERS, "_");
  return `call_${known.slice(-LONGEST_KEY)}_${index}`;
}
