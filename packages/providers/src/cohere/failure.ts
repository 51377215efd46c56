import type { CallFailure } from "@gatewright/call";
import { fieldsIn, parsedJson, textIn } from "../fields-in.ts";

/** Statuses of Cohere's own: an invalid token, and a request that was cancelled. */
const statuses: { readonly [status: number]: number } = { 498: 401, 499: 408 };

const TOO_LONG = /too many tokens|context length|maximum (?:number of )?tokens/i;
const BLOCKED = /blocked (?:input|output)|safety mode|content (?:policy|filter)/i;

/** Reads an error answer: `{"id": …, "message": …}`. */
export function readCohereFailure(status: number, text: string): CallFailure {
  const body = fieldsIn(parsedJson(text));
  return cohereFailure(statuses[status] ?? status, textIn(body?.["message"]) ?? text.trim());
}

export function cohereFailure(status: number, said: string): CallFailure {
  const message = said === "" ? "Cohere gave no reason" : said;
  if (status !== 400 && status !== 413 && status !== 422) return { status, message };
  if (TOO_LONG.test(message)) return { status, message, kind: "context-window" };
  return BLOCKED.test(message) ? { status, message, kind: "content-policy" } : { status, message };
}
