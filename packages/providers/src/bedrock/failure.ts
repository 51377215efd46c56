import type { CallFailure, Fields } from "@gatewright/call";
import { fieldsIn, parsedJson, textIn } from "../fields-in.ts";
import type { MessageHeaders } from "./event-stream.ts";

/**
 * Statuses of AWS's exceptions where they are not the HTTP status, or where there is none, as in a stream. Failures of
 * the model (424) count as the server's: no class of LiteLLM's has that status (litellm.md §3.6).
 */
const statuses: { readonly [exception: string]: number } = {
  validationexception: 400,
  unrecognizedclientexception: 401,
  invalidsignatureexception: 401,
  incompletesignatureexception: 401,
  expiredtokenexception: 401,
  missingauthenticationtokenexception: 401,
  accessdeniedexception: 403,
  resourcenotfoundexception: 404,
  modeltimeoutexception: 408,
  throttlingexception: 429,
  servicequotaexceededexception: 429,
  toomanyrequestsexception: 429,
  modelnotreadyexception: 503,
  modelerrorexception: 500,
  modelstreamerrorexception: 500,
  internalserverexception: 500,
  internalfailure: 500,
  serviceunavailableexception: 503,
};

/** The same without their names, which the error's body mostly does not have. */
const NOT_AUTHENTICATED =
  /security token included in the request is (?:invalid|expired)|signature we calculated does not match|missing authentication token|signature expired|api key.*(?:not valid|invalid|expired)/i;
const TOO_LONG =
  /(?:input|prompt) is too long|too many (?:total text bytes|input tokens)|exceeds? (?:the )?(?:context|maximum (?:context|number of (?:input )?tokens))|maximum context length|input tokens exceeded|expected maxlength/i;
const BLOCKED =
  /content filter|content policy|blocked by (?:our|the) (?:content|guardrail)|guardrail.*intervened/i;

/** Reads an error answer: `{"message": …}`, at times with the exception's name in `__type`. */
export function readBedrockFailure(status: number, text: string): CallFailure {
  const body = fieldsIn(parsedJson(text));
  const message = messageIn(body) ?? text.trim();
  return failure(statusOf(nameIn(body), body) ?? status, message || "Bedrock gave no reason");
}

/** Reads an exception or an error in a stream that has begun. */
export function exceptionFailure(headers: MessageHeaders, body: Fields | undefined): CallFailure {
  const name = headers.get(":exception-type") ?? headers.get(":error-code") ?? "";
  const message = messageIn(body) ?? headers.get(":error-message") ?? name;
  return failure(statusOf(name, body) ?? 500, message || "Bedrock's stream broke off without a reason");
}

function failure(upstreamStatus: number, message: string): CallFailure {
  let status = upstreamStatus === 424 ? 500 : upstreamStatus;
  if ((status === 400 || status === 403) && NOT_AUTHENTICATED.test(message)) status = 401;
  // Throttling speaks of too many tokens as well.
  if (status === 429 || status === 401) return { status, message };
  if (TOO_LONG.test(message)) return { status: 400, message, kind: "context-window" };
  if (BLOCKED.test(message)) return { status: 400, message, kind: "content-policy" };
  return { status, message };
}

function messageIn(body: Fields | undefined): string | undefined {
  const message = textIn(body?.["originalMessage"]) ?? textIn(body?.["message"]) ?? textIn(body?.["Message"]);
  return message === "" ? undefined : message;
}

/** `com.amazon.coral.service#ThrottlingException`, also with an address behind a colon. */
function nameIn(body: Fields | undefined): string {
  const type = textIn(body?.["__type"]) ?? textIn(body?.["code"]) ?? "";
  const name = type.slice(type.lastIndexOf("#") + 1);
  const colon = name.indexOf(":");
  return colon < 0 ? name : name.slice(0, colon);
}

/** A failing model tells the status that it gave itself. */
function statusOf(exception: string, body: Fields | undefined): number | undefined {
  const original = body?.["originalStatusCode"];
  if (typeof original === "number" && Number.isInteger(original) && original >= 400 && original <= 599)
    return original;
  return statuses[exception.toLowerCase()];
}
