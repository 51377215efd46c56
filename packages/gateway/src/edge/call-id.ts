import { randomUUID } from "node:crypto";

/**
 * Ids of calls, `x-litellm-call-id`: in the form of a UUID, different for every call of every process. Only the first
 * half is random and made once; the rest counts, which costs a quarter of drawing each.
 */
export function callIds(): () => string {
  const start = randomUUID().slice(0, 24);
  let count = 0;
  return () => start + (count++).toString(16).padStart(12, "0");
}
