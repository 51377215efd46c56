import { createHash } from "node:crypto";

/** SHA-256 of a text's UTF-8 bytes, 64 hexadecimal characters. Dialects show the first 16 (agentic-layer.md §3.6). */
export function digestOf(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}
