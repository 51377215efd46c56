import type { CallFailure, Fields } from "@gatewright/call";
import { fieldsIn, listIn, parsedJson, textIn } from "../fields-in.ts";

/** Google's names of its errors (google.rpc.Code) as HTTP statuses, for errors that come without a number. */
const statuses: { readonly [name: string]: number } = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  OUT_OF_RANGE: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ABORTED: 409,
  ALREADY_EXISTS: 409,
  RESOURCE_EXHAUSTED: 429,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
};

/** A wrong key of AI Studio is an invalid argument to Google. */
const WRONG_KEY = /api key (?:not valid|not found|expired)|pass a valid api key/i;
const TOO_LONG =
  /input (?:token count|context)[^.]*exceed|exceeds the maximum (?:number of )?(?:input )?tokens|(?:prompt|input|request) is too long|context (?:window|length)/i;
const BLOCKED =
  /blocked (?:by|due to|because|for)\b.*(?:safety|polic|filter|prohibit|sensitive)|prohibited content|violat\w*\b.*\bpolic|content.?filter/i;

/** Reads an error answer: `{"error": {"code", "message", "status", "details"}}`, at times in a list. */
export function readGeminiFailure(status: number, text: string): CallFailure {
  const body = parsedJson(text);
  const error = fieldsIn(fieldsIn(Array.isArray(body) ? body[0] : body)?.["error"]);
  if (error === undefined) return { status, message: text.trim() || "Gemini gave no reason" };
  return failureOf(error, status);
}

/** Reads an error in a stream that has begun. */
export function failureInStream(error: Fields): CallFailure {
  const code = error["code"];
  const known = typeof code === "number" && code >= 400 && code <= 599 ? code : undefined;
  return failureOf(error, known ?? statuses[textIn(error["status"]) ?? ""] ?? 500);
}

/** The failure that `promptFeedback` tells of; undefined when the prompt was not blocked. */
export function blockedPrompt(answer: Fields): CallFailure | undefined {
  const feedback = fieldsIn(answer["promptFeedback"]);
  const reason = textIn(feedback?.["blockReason"]);
  if (reason === undefined) return undefined;
  const more = textIn(feedback?.["blockReasonMessage"]);
  const message = `Gemini blocked the prompt (${reason})${more === undefined ? "" : `: ${more}`}`;
  return { status: 400, message, kind: "content-policy" };
}

function failureOf(error: Fields, status: number): CallFailure {
  const message = textIn(error["message"]) || textIn(error["status"]) || "Gemini gave no reason";
  if (status === 400 && (WRONG_KEY.test(message) || reasonIn(error) === "API_KEY_INVALID")) {
    return { status: 401, message };
  }
  if (status === 400 && TOO_LONG.test(message)) return { status, message, kind: "context-window" };
  if (status === 400 && BLOCKED.test(message)) return { status, message, kind: "content-policy" };
  const retryAfter = retryDelay(error);
  return { status, message, ...(retryAfter === undefined ? {} : { retryAfter }) };
}

function reasonIn(error: Fields): unknown {
  return detailIn(error, "ErrorInfo")?.["reason"];
}

/** `{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "17.5s"}` */
function retryDelay(error: Fields): number | undefined {
  const delay = textIn(detailIn(error, "RetryInfo")?.["retryDelay"]);
  const seconds = delay?.endsWith("s") === true ? Number(delay.slice(0, -1)) : Number.NaN;
  return seconds >= 0 && Number.isFinite(seconds) ? Math.ceil(seconds) : undefined;
}

function detailIn(error: Fields, type: string): Fields | undefined {
  for (const item of listIn(error["details"])) {
    const detail = fieldsIn(item);
    if (textIn(detail?.["@type"])?.endsWith(`google.rpc.${type}`) === true) return detail;
  }
  return undefined;
}
