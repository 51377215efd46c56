import { createHmac } from "node:crypto";

/** The key of the agent with this uid, signed as langop.md §3.4 says: once more, and not by the code under test. */
export function agentKeyOf(uid: string, hmacSecret: string): string {
  return `sk-langop-${uid}.${createHmac("sha256", hmacSecret).update(uid).digest("hex").slice(0, 32)}`;
}
