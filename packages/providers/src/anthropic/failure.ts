import type { CallFailure, Fields } from "@gatewright/call";
import { fieldsIn, parsedJson, textIn } from "../fields-in.ts";

/** Statuses of Anthropic's types of error, for those that come in a stream. */
const statuses: { readonly [type: string]: number } = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  conflict_error: 409,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

/** Anthropic has no codes for these, only words. */
const TOO_LONG =
  /prompt is too long|exceeds? (?:the )?(?:model's )?context (?:limit|window)|too many (?:input )?tokens/i;
const BLOCKED = /content filtering policy|violates? .*usage polic/i;

/** Reads an error answer: `{"type": "error", "error": {"type": …, "message": …}}`. */
export function readAnthropicFailure(status: number, text: string): CallFailure {
  return failure(status, messageIn(fieldsIn(parsedJson(text))) ?? text.trim());
}

/** Reads an error that came where an answer, or the rest of one, was expected. */
export function errorFailure(value: Fields): CallFailure {
  const type = textIn(fieldsIn(value["error"])?.["type"]) ?? "";
  return failure(statuses[type] ?? 500, messageIn(value) ?? type);
}

function messageIn(value: Fields | undefined): string | undefined {
  const { error } = value ?? {};
  return textIn(fieldsIn(error)?.["message"]) ?? textIn(error) ?? textIn(value?.["message"]);
}

function failure(status: number, text: string): CallFailure {
  const message = text === "" ? "Anthropic gave no reason" : text;
  if (status !== 400 && status !== 413) return { status, message };
  if (TOO_LONG.test(message)) return { status, message, kind: "context-window" };
  if (BLOCKED.test(message)) return { status, message, kind: "content-policy" };
  return { status, message };
}
