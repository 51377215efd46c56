import { type ApiError, envelope } from "./error-envelope.ts";

/** An upstream's answer that is no success. */
export interface UpstreamFailure {
  readonly status: number;
  /** The body as it came, or what was read from it. */
  readonly text: string;
  /** What the provider's own codes say it is; else the text is looked at. */
  readonly kind?: "context-window" | "content-policy";
  /** Title of the provider, for example `OpenAI`. */
  readonly provider: string;
  /** The model group that was asked for. */
  readonly model: string;
  /** Groups that would have stood in. */
  readonly fallbacks?: readonly string[];
  /** The upstream's `retry-after`, passed on. */
  readonly retryAfter?: string;
}

/** Longest part of an upstream's text that a client gets, in characters. */
const longestText = 2000;

/** Statuses with a class of their own (litellm.md §3.6, "Upstream errors keep their class status"). */
const classes: { readonly [status: number]: string } = {
  400: "BadRequestError",
  401: "AuthenticationError",
  403: "PermissionDeniedError",
  404: "NotFoundError",
  408: "Timeout",
  422: "UnprocessableEntityError",
  429: "RateLimitError",
  500: "InternalServerError",
  502: "BadGatewayError",
  503: "ServiceUnavailableError",
  529: "ServiceUnavailableError",
};

/**
 * The answer to a client whose upstream refused or failed: the class's status and LiteLLM's form of the message.
 * A refusal without a class of its own (402, 413, …) keeps its status; any other answer that is no success is 500.
 */
export function upstreamError(failure: UpstreamFailure): ApiError {
  const said = upstreamWords(failure.text);
  const exceptionClass = classOf(failure, said);
  const status = statusOf(failure);
  return {
    status,
    body: envelope(
      status,
      upstreamMessage(exceptionClass, { ...failure, text: said.message }),
      status === 429 ? "throttling_error" : null,
      null,
    ),
    ...(failure.retryAfter === undefined
      ? {}
      : { headers: { "retry-after": failure.retryAfter, "llm_provider-retry-after": failure.retryAfter } }),
    exceptionClass,
  };
}

/** LiteLLM's wording of a failed call: class, provider, what it said, and the model group it was for. */
export function upstreamMessage(
  exceptionClass: string,
  failure: Pick<UpstreamFailure, "provider" | "model" | "text" | "fallbacks">,
): string {
  const fallbacks = failure.fallbacks === undefined ? "None" : `[${failure.fallbacks.join(", ")}]`;
  return `litellm.${exceptionClass}: ${exceptionClass}: ${failure.provider}Exception - ${failure.text}. Received Model Group=${failure.model}\nAvailable Model Group Fallbacks=${fallbacks}`;
}

interface Words {
  readonly message: string;
  readonly code: string;
}

/** Fallbacks for long prompts and refused contents follow 400, whatever status the provider has for them. */
function statusOf({ status, kind }: UpstreamFailure): number {
  if (kind !== undefined) return 400;
  if (status === OVERLOADED) return 503;
  return classes[status] !== undefined || (status >= 400 && status < 500) ? status : 500;
}

/** Anthropic's status for having too much to do. */
const OVERLOADED = 529;

function classOf({ status, kind }: UpstreamFailure, said: Words): string {
  if (kind !== undefined)
    return kind === "context-window" ? "ContextWindowExceededError" : "ContentPolicyViolationError";
  if (status === 400) {
    if (said.code === "context_length_exceeded" || contextWindow.test(said.message)) {
      return "ContextWindowExceededError";
    }
    if (said.code.startsWith("content_filter") || contentPolicy.test(said.message)) {
      return "ContentPolicyViolationError";
    }
  }
  return classes[status] ?? "APIError";
}

const contextWindow =
  /maximum context length|context window|context length|prompt is too long|too many (?:input )?tokens/i;
const contentPolicy = /content[ _]policy|content[ _]filter|content management policy|safety system/i;

/** The message and code inside the forms of error that providers use; otherwise the text itself, cut short. */
function upstreamWords(text: string): Words {
  const body = parsed(text);
  const error = body["error"];
  const source = isRecord(error) ? error : body;
  const message = [error, source["message"], source["detail"], source["error_description"], text].find(
    (candidate): candidate is string => typeof candidate === "string",
  );
  const code = source["code"] ?? source["type"];
  return {
    message: (message ?? "").trim().slice(0, longestText) || "the upstream gave no reason",
    code: typeof code === "string" ? code : "",
  };
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
