import type { ErrorCode, ErrorDetails, ErrorRow } from "./error.ts";
import { upstreamMessage } from "./upstream-error.ts";

/** LiteLLM writes a type or param it does not have as this word. */
const none = "None";

/** Seconds a deployment rests by default (litellm.md §2.3, `cooldown_time`). */
const restSeconds = 5;

/**
 * Every row of litellm.md §3.6 that the gateway answers with, at the "current" level of §8.1, with the amendments of
 * §8.6 and decisions.md: a wrong key is always 401, a missing field is 400, no message is a Python repr.
 */
export const errorTable: { readonly [C in ErrorCode]: ErrorRow<ErrorDetails[C]> } = {
  key_missing: authentication("No api key passed in."),
  key_malformed: authentication(
    "Malformed API Key passed in. Ensure the key has the prefix `Bearer `: `Authorization: Bearer <key>`.",
  ),
  key_prefix: authentication(
    ({ key }) => `LiteLLM Virtual Key expected. Received=${abbreviated(key)}, expected to start with 'sk-'.`,
  ),
  key_unknown: {
    ...authentication(
      ({ key, hash }) =>
        `Invalid proxy server token passed. Received API Key = ${abbreviated(key)}${hash === undefined ? "" : `, Key Hash (Token) = ${hash}`}. No such key.`,
    ),
    type: "token_not_found_in_db",
    param: "key",
  },
  key_expired: {
    ...authentication(({ expired }) => `Expired Key. The key expired at ${expired.toISOString()}.`),
    type: "expired_key",
    param: ({ key }) => abbreviated(key),
  },
  key_blocked: authentication("Key is blocked. Unblock it with `/key/unblock`."),
  team_blocked: authentication(({ team }) => `Team=${team} is blocked. Unblock it with \`/team/unblock\`.`),
  user_unknown: authentication(({ user }) => `User=${user} does not exist.`),
  model_denied: {
    status: 403,
    exceptionClass: "ProxyException",
    type: ({ subject }) => `${subject}_model_access_denied`,
    param: "model",
    message: ({ subject, model, allowed }) =>
      `${subject} not allowed to access model. This ${subject} can only access models=[${allowed.join(", ")}]. Tried to access ${model}.`,
  },
  budget_exceeded: {
    status: 429,
    exceptionClass: "BudgetExceededError",
    type: "budget_exceeded",
    message: budgetMessage,
  },
  route_denied: forbidden(({ path }) => `The key may not call the route ${path}.`),
  admin_only: forbidden(({ path }) => `Only proxy admins may call the route ${path}.`),
  address_denied: forbidden(({ address }) => `Access forbidden: IP address ${address} is not allowed.`),
  rate_limited: {
    status: 429,
    exceptionClass: "RateLimitError",
    type: none,
    param: none,
    message: ({ subject, value, limitType, limit, remaining, resetAt }) =>
      `Rate limit exceeded for ${subject}: ${value}. Limit type: ${limitType}. Current limit: ${limit}, Remaining: ${remaining}. Limit resets at: ${spokenTime(resetAt)}`,
    headers: ({ retryAfterSeconds, limitType, resetAt }) => ({
      "retry-after": String(retryAfterSeconds),
      rate_limit_type: limitType,
      reset_at: spokenTime(resetAt),
    }),
  },
  deployment_rate_limited: {
    status: 429,
    exceptionClass: "RateLimitError",
    type: "throttling_error",
    message: ({ model }) => `Model rate limit exceeded for ${model}: the deployment's rpm or tpm is used up.`,
    headers: ({ retryAfterSeconds }) => ({
      "retry-after": String(retryAfterSeconds),
      "llm_provider-retry-after": String(retryAfterSeconds),
    }),
  },
  limits_unavailable: {
    status: 503,
    exceptionClass: "ServiceUnavailableError",
    type: none,
    param: none,
    message: "Rate limits cannot be checked: Redis does not answer. Try again later.",
    headers: () => ({ "retry-after": "1" }),
  },
  model_unknown: {
    status: 400,
    exceptionClass: "ProxyModelNotFoundError",
    type: none,
    param: none,
    message: ({ model, path }) =>
      `${path}: Invalid model name passed in model=${model ?? none}. Call \`/v1/models\` to view available models for your key.`,
  },
  model_not_found: {
    status: 404,
    exceptionClass: "NotFoundError",
    type: "invalid_request_error",
    param: "model",
    message: ({ model }) =>
      `The model \`${model}\` does not exist. Call \`/v1/models\` to view available models for your key.`,
  },
  field_missing: {
    ...badRequest(({ field }) => `The request has no \`${field}\`, which this route needs.`),
    param: ({ field }) => field,
  },
  field_invalid: {
    ...badRequest(({ field, wanted }) => `\`${field}\` has to be ${wanted}.`),
    param: ({ field }) => field,
  },
  body_invalid: {
    ...badRequest("Invalid JSON payload: the body must be a JSON object."),
    param: "request_body",
  },
  body_too_large: {
    ...badRequest(({ limit }) => `Request size is too large. The limit is ${limit} bytes.`),
    status: 413,
    param: "content-length",
  },
  connection_field: authentication(
    ({ field }) =>
      `Rejected Request: ${field} is not allowed in request body. The gateway alone decides where a request goes and with which credentials; take the field out.`,
  ),
  no_deployment: {
    status: 429,
    exceptionClass: "RouterRateLimitError",
    type: none,
    param: none,
    message: ({ model, reasons, retryAfterSeconds = restSeconds, cooling = [] }) =>
      `No deployments available for selected model, Try again in ${retryAfterSeconds} seconds. Passed model=${model}. ${reasons.length === 0 ? "" : `Reasons: ${reasons.join("; ")}. `}cooldown_list=[${cooling.join(", ")}]`,
    headers: ({ retryAfterSeconds = restSeconds }) => ({ "retry-after": String(retryAfterSeconds) }),
  },
  no_deployment_for_tags: {
    ...authentication(
      ({ model, tags }) => `No deployments available for model=${model} with the tags [${tags.join(", ")}].`,
    ),
    type: none,
  },
  provider_budget_crossed: {
    status: 429,
    exceptionClass: "RouterRateLimitError",
    type: none,
    param: none,
    message: ({ model, provider }) =>
      `No deployments available - crossed budget: provider=${provider}, passed model=${model}.`,
  },
  context_window_exceeded: {
    status: 400,
    exceptionClass: "ContextWindowExceededError",
    message: ({ model, tokens, longest }) =>
      `litellm.ContextWindowExceededError: ContextWindowExceededError: the prompt has about ${tokens} tokens, and the largest context window of the deployments that could be called takes ${longest}. Received Model Group=${model}\nAvailable Model Group Fallbacks=None`,
  },
  unsupported_parameters: {
    status: 400,
    exceptionClass: "UnsupportedParamsError",
    message: ({ provider, model, parameters }) => {
      const names = `[${parameters.map((name) => `'${name}'`).join(", ")}]`;
      return `litellm.UnsupportedParamsError: ${provider} does not support parameters: ${names}, for model=${model}. To drop these, set \`litellm.drop_params=True\` or for proxy:\n\n\`litellm_settings:\n drop_params: true\`\n. \n If you want to use these params dynamically send allowed_openai_params=${names} in your request.`;
    },
  },
  call_refused: {
    status: 400,
    exceptionClass: "BadRequestError",
    type: "invalid_request_error",
    message: (detail) => upstreamMessage("BadRequestError", detail),
  },
  credentials_failed: {
    status: 401,
    exceptionClass: "AuthenticationError",
    message: (detail) => upstreamMessage("AuthenticationError", detail),
  },
  database_required: {
    status: 500,
    exceptionClass: "ProxyException",
    type: "internal_server_error",
    param: none,
    message: "No connected database: this gateway runs without one, and the route needs it.",
  },
  database_unavailable: {
    status: 503,
    exceptionClass: "ProxyException",
    type: "no_db_connection",
    message: "The database cannot be reached, so the key cannot be checked. Try again later.",
  },
  upstream_timeout: {
    status: 408,
    exceptionClass: "Timeout",
    message: ({ provider, model, seconds, silence }) =>
      upstreamMessage("Timeout", {
        provider,
        model,
        text: silence
          ? `the stream stopped in the middle; gave up ${seconds} seconds after the call`
          : `Request timed out after ${seconds} seconds`,
      }),
  },
  upstream_unreachable: {
    status: 500,
    exceptionClass: "APIConnectionError",
    message: (detail) => upstreamMessage("APIConnectionError", detail),
  },
  upstream_garbage: {
    status: 500,
    exceptionClass: "APIError",
    message: (detail) => upstreamMessage("APIError", detail),
  },
  target_unreachable: {
    status: 502,
    exceptionClass: "BadGatewayError",
    type: "upstream_error",
    message: ({ path, text }) => `Pass-through endpoint ${path}: ${text}`,
  },
  target_timeout: {
    status: 504,
    exceptionClass: "Timeout",
    type: "timeout_error",
    message: ({ path, seconds }) =>
      `Pass-through endpoint ${path}: Request timed out after ${seconds} seconds`,
  },
  route_unknown: { status: 404, exceptionClass: "HTTPException", form: "detail", message: "Not Found" },
  method_not_allowed: {
    status: 405,
    exceptionClass: "HTTPException",
    form: "detail",
    message: "Method Not Allowed",
  },
  internal: {
    status: 500,
    exceptionClass: "InternalServerError",
    type: "internal_server_error",
    param: none,
    message: "Internal server error. The gateway's log says more; look for this request's x-litellm-call-id.",
  },
};

type Text<Detail> = string | ((detail: Detail) => string);

/** 401: all of these begin with the words that clients look for. */
function authentication<Detail>(text: Text<Detail>): ErrorRow<Detail> {
  return {
    status: 401,
    exceptionClass: "ProxyException",
    type: "auth_error",
    param: none,
    message:
      typeof text === "string"
        ? `Authentication Error, ${text}`
        : (detail) => `Authentication Error, ${text(detail)}`,
  };
}

function forbidden<Detail>(message: Text<Detail>): ErrorRow<Detail> {
  return { status: 403, exceptionClass: "ProxyException", type: "auth_error", param: none, message };
}

function badRequest<Detail>(message: Text<Detail>): ErrorRow<Detail> {
  return { status: 400, exceptionClass: "BadRequestError", type: "invalid_request_error", message };
}

/** Users, end users and team members have a wording of their own (litellm.md §3.6). */
function budgetMessage({ subject, name, cost, budget }: ErrorDetails["budget_exceeded"]): string {
  const of = name === undefined ? "" : ` ${subject}=${name}`;
  if (subject === "user" || subject === "end user" || subject === "team member") {
    return `ExceededBudget:${of} over budget. Spend: ${cost}, Budget: ${budget}`;
  }
  return `Budget has been exceeded!${of} Current cost: ${cost}, Max budget: ${budget}`;
}

/** `sk-...abcd`: enough to recognise a key by, too little to use it. Short ones are not shown at all. */
function abbreviated(key: string): string {
  return key.length < 12 ? "sk-..." : `sk-...${key.slice(-4)}`;
}

/** `2026-11-21 04:47:07 UTC`, as LiteLLM prints times in these texts. */
function spokenTime(time: Date): string {
  return `${time.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
