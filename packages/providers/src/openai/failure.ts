import type { CallFailure, Fields } from "@gatewright/call";
import { fieldsIn, listIn, parsedJson, textIn } from "../fields-in.ts";

/** Statuses of OpenAI's codes and types of error, for those that come where an answer was expected. */
const statuses: { readonly [code: string]: number } = {
  invalid_request_error: 400,
  BadRequestError: 400,
  context_length_exceeded: 400,
  content_filter: 400,
  content_policy_violation: 400,
  invalid_prompt: 400,
  authentication_error: 401,
  invalid_api_key: 401,
  permission_error: 403,
  not_found_error: 404,
  model_not_found: 404,
  timeout: 408,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  insufficient_quota: 429,
  tokens: 429,
  requests: 429,
  server_error: 500,
  internal_server_error: 500,
  engine_overloaded: 503,
  service_unavailable: 503,
  overloaded_error: 529,
};

/** Words of servers that have no code for it: vLLM, Mistral, Groq, Together, llama.cpp, … */
const TOO_LONG =
  /(?:maximum|max) context length|context (?:window|length|size|limit)|max_model_len|(?:prompt|input|request) is too (?:long|large) for|prompt is too long|too many (?:input |prompt )?tokens|input tokens? (?:count )?exceeds?|reduce the length of the (?:messages|prompt)/i;
const BLOCKED =
  /content[ _](?:policy|filter)|content management policy|usage polic(?:y|ies)|safety system|flagged as potentially violating|flagged by moderation/i;

const blockedCodes: ReadonlySet<string> = new Set([
  "content_filter",
  "content_policy_violation",
  "ResponsibleAIPolicyViolation",
  "invalid_prompt",
  "moderation_blocked",
]);

/** Reads an error answer, in OpenAI's form (`{"error": {message, type, code}}`) or another that servers have for it. */
export function readOpenaiFailure(status: number, text: string): CallFailure {
  const body = parsedJson(text);
  // Google's compatible server puts its errors into a list.
  const value = fieldsIn(Array.isArray(body) ? body[0] : body);
  if (value === undefined) return failure(status, text.trim(), "", "");
  return ofFields(status, value) ?? failure(status, text.trim(), "", "");
}

/** An error where an answer, or the rest of one, was expected; undefined where it is none. */
export function answeredFailure(value: Fields): CallFailure | undefined {
  const error = value["error"];
  if (value["object"] !== "error" && (error === undefined || error === null)) return undefined;
  const source = fieldsIn(error) ?? value;
  return (
    ofFields(statusOf(source), value) ?? { status: statusOf(source), message: "the upstream gave no reason" }
  );
}

function statusOf({ code, status, type }: Fields): number {
  for (const candidate of [code, status]) {
    const number = Number(candidate);
    if (Number.isInteger(number) && number >= 400 && number < 600) return number;
  }
  return statuses[textIn(code) ?? ""] ?? statuses[textIn(type) ?? ""] ?? 500;
}

function ofFields(status: number, value: Fields): CallFailure | undefined {
  const error = fieldsIn(value["error"]) ?? value;
  const message =
    textIn(error["message"]) ??
    textIn(value["error"]) ??
    textIn(value["message"]) ??
    detailIn(value["detail"]);
  if (message === undefined) return undefined;
  const inner = fieldsIn(error["innererror"]) ?? fieldsIn(error["inner_error"]);
  return failure(status, message, textIn(error["code"]) ?? "", textIn(inner?.["code"]) ?? "");
}

/** FastAPI's: a text, or a list of what is wrong with which field. */
function detailIn(detail: unknown): string | undefined {
  const lines = listIn(detail).map((item) => {
    const { loc, msg } = fieldsIn(item) ?? {};
    return `${listIn(loc).join(".")}: ${textIn(msg) ?? ""}`;
  });
  return textIn(detail) ?? (lines.length === 0 ? undefined : lines.join("; "));
}

function failure(status: number, text: string, code: string, innerCode: string): CallFailure {
  const message = text === "" ? "the upstream gave no reason" : text;
  if (code === "context_length_exceeded") return { status, message, kind: "context-window" };
  if (blockedCodes.has(code) || blockedCodes.has(innerCode))
    return { status, message, kind: "content-policy" };
  if (status !== 400 && status !== 413 && status !== 422) return { status, message };
  if (TOO_LONG.test(message)) return { status, message, kind: "context-window" };
  if (BLOCKED.test(message)) return { status, message, kind: "content-policy" };
  return { status, message };
}
