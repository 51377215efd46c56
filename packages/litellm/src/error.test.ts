import { describe, expect, it } from "vitest";
import { apiError, type ErrorCode, type ErrorDetails } from "./error.ts";
import { errorTable } from "./error-table.ts";
import { upstreamError } from "./upstream-error.ts";

const key = "sk-abcdefghijklmnopqrstuv";
const time = new Date("2026-11-21T04:47:07Z");
const upstream = { provider: "OpenAI", model: "gpt-4" };

/** Details of every code, so that a new one does not compile until it has a row here. */
const details: { readonly [C in ErrorCode]: ErrorDetails[C] } = {
  key_missing: {},
  key_malformed: {},
  key_prefix: { key },
  key_unknown: { key, hash: "88dc28d0f030c55ed4ab77ed8faf098196cb1c05" },
  key_expired: { key, expired: time },
  key_blocked: {},
  team_blocked: { team: "t" },
  user_unknown: { user: "u" },
  model_denied: { subject: "team", model: "gpt-4", allowed: ["a", "b"] },
  budget_exceeded: { subject: "key", cost: 2, budget: 1 },
  route_denied: { path: "/key/generate" },
  admin_only: { path: "/key/generate" },
  address_denied: { address: "10.0.0.1" },
  rate_limited: {
    subject: "api_key",
    value: "88dc28",
    limitType: "requests",
    limit: 2,
    remaining: 0,
    resetAt: time,
    retryAfterSeconds: 17,
  },
  limits_unavailable: {},
  deployment_rate_limited: { model: "gpt-4", retryAfterSeconds: 17 },
  model_unknown: { model: "gpt-5", path: "/chat/completions" },
  model_not_found: { model: "gpt-5" },
  field_missing: { field: "messages" },
  field_invalid: { field: "cache", wanted: "an object" },
  body_invalid: {},
  body_too_large: { limit: 1000 },
  connection_field: { field: "api_base" },
  no_deployment: { model: "gpt-4", reasons: [] },
  no_deployment_for_tags: { model: "gpt-4", tags: ["paid"] },
  provider_budget_crossed: { model: "gpt-4", provider: "openai" },
  context_window_exceeded: { model: "gpt-4", tokens: 9000, longest: 8192 },
  unsupported_parameters: { provider: "anthropic", model: "claude", parameters: ["seed", "n"] },
  call_refused: { ...upstream, text: "it takes no audio" },
  credentials_failed: { ...upstream, text: "the role cannot be assumed" },
  database_required: {},
  database_unavailable: {},
  upstream_timeout: { ...upstream, seconds: 600, silence: false },
  upstream_unreachable: { ...upstream, text: "connect ECONNREFUSED" },
  upstream_garbage: { ...upstream, text: "no JSON" },
  target_unreachable: { path: "/bria", text: "no answer" },
  target_timeout: { path: "/bria", seconds: 600 },
  route_unknown: {},
  method_not_allowed: {},
  internal: {},
};

/** The rows of litellm.md §3.6: status, type, param and the words that clients look for. */
const rows: readonly {
  code: ErrorCode;
  why: string;
  status: number;
  type: string | null;
  param: string | null;
  says: string;
}[] = [
  row("key_missing", "no key", 401, "auth_error", "None", "Authentication Error, No api key passed in."),
  row("key_malformed", "no Bearer prefix", 401, "auth_error", "None", "Malformed API Key"),
  row("key_prefix", "does not start with sk-", 401, "auth_error", "None", "sk-"),
  row(
    "key_unknown",
    "unknown key",
    401,
    "token_not_found_in_db",
    "key",
    "sk-...stuv, Key Hash (Token) = 88dc28",
  ),
  row("key_expired", "expired", 401, "expired_key", "sk-...stuv", "2026-11-21T04:47:07.000Z"),
  row("key_blocked", "key blocked", 401, "auth_error", "None", "blocked"),
  row("team_blocked", "team blocked", 401, "auth_error", "None", "Team=t is blocked"),
  row("user_unknown", "user unknown", 401, "auth_error", "None", "User=u"),
  row("model_denied", "may not use model, later versions", 403, "team_model_access_denied", "model", "gpt-4"),
  row(
    "budget_exceeded",
    "budget, later versions",
    429,
    "budget_exceeded",
    null,
    "Budget has been exceeded! Current cost: 2, Max budget: 1",
  ),
  row("route_denied", "route not allowed", 403, "auth_error", "None", "/key/generate"),
  row("admin_only", "management route by non-admin", 403, "auth_error", "None", "/key/generate"),
  row("address_denied", "client IP not allowed", 403, "auth_error", "None", "10.0.0.1"),
  row(
    "rate_limited",
    "rate limit",
    429,
    "None",
    "None",
    "Rate limit exceeded for api_key: 88dc28. Limit type: requests. Current limit: 2, Remaining: 0. Limit resets at: 2026-11-21 04:47:07 UTC",
  ),
  row("limits_unavailable", "ours", 503, "None", "None", "Redis does not answer"),
  row("deployment_rate_limited", "deployment rpm", 429, "throttling_error", null, "gpt-4"),
  row(
    "model_unknown",
    "model unknown",
    400,
    "None",
    "None",
    "/chat/completions: Invalid model name passed in model=gpt-5. Call `/v1/models`",
  ),
  row(
    "field_missing",
    "messages missing: 400 of our own",
    400,
    "invalid_request_error",
    "messages",
    "`messages`",
  ),
  row("body_invalid", "broken JSON", 400, "invalid_request_error", "request_body", "JSON"),
  row("connection_field", "api_base in the body", 401, "auth_error", "None", "api_base"),
  row(
    "no_deployment",
    "all cooled down",
    429,
    "None",
    "None",
    "No deployments available for selected model, Try again in 5 seconds. Passed model=gpt-4. cooldown_list=[]",
  ),
  row("no_deployment_for_tags", "no deployment for the tags", 401, "None", "None", "paid"),
  row(
    "context_window_exceeded",
    "longer than every context window",
    400,
    null,
    null,
    "litellm.ContextWindowExceededError: ContextWindowExceededError: the prompt has about 9000 tokens",
  ),
  row(
    "provider_budget_crossed",
    "provider budget",
    429,
    "None",
    "None",
    "No deployments available - crossed budget",
  ),
  row("database_required", "management call without DB", 500, "internal_server_error", "None", "database"),
  row("database_unavailable", "DB down, later versions", 503, "no_db_connection", null, "database"),
  row(
    "upstream_timeout",
    "408 of the class Timeout",
    408,
    null,
    null,
    "litellm.Timeout: Timeout: OpenAIException - Request timed out after 600 seconds. Received Model Group=gpt-4\nAvailable Model Group Fallbacks=None",
  ),
  row(
    "upstream_unreachable",
    "APIConnection 500",
    500,
    null,
    null,
    "litellm.APIConnectionError: APIConnectionError: OpenAIException - connect ECONNREFUSED. ",
  ),
  row(
    "upstream_garbage",
    "APIError 500",
    500,
    null,
    null,
    "litellm.APIError: APIError: OpenAIException - no JSON. ",
  ),
];

describe("apiError", () => {
  it.each(rows)("$code: $why", ({ code, status, type, param, says }) => {
    const error = apiError(code, details[code]);
    expect(error.status).toBe(status);
    expect(error.body).toEqual({
      error: { message: expect.stringContaining(says), type, param, code: String(status) },
    });
  });

  it("answers an unknown route and a wrong verb in FastAPI's form", () => {
    expect(apiError("route_unknown", {})).toMatchObject({ status: 404, body: { detail: "Not Found" } });
    expect(apiError("method_not_allowed", {})).toMatchObject({
      status: 405,
      body: { detail: "Method Not Allowed" },
    });
  });

  it.each(Object.keys(errorTable) as ErrorCode[])("%s fits the envelope and never shows a key", (code) => {
    const error = apiError(code, details[code]);
    const text = JSON.stringify(error);
    expect(text).not.toContain(key.slice(3, 12));
    expect(text).not.toContain("undefined");
    expect("detail" in error.body || error.body.error.code === String(error.status)).toBe(true);
    expect(error.exceptionClass).not.toBe("");
  });

  it("does not show a short key at all", () => {
    expect(JSON.stringify(apiError("key_unknown", { key: "sk-1234" }))).not.toContain("1234");
  });

  it("words the budgets of people differently", () => {
    expect(
      apiError("budget_exceeded", { subject: "user", name: "u", cost: 2, budget: 1 }).body,
    ).toMatchObject({
      error: { message: "ExceededBudget: user=u over budget. Spend: 2, Budget: 1" },
    });
  });

  it("says when to come back", () => {
    expect(apiError("rate_limited", details.rate_limited).headers).toEqual({
      "retry-after": "17",
      rate_limit_type: "requests",
      reset_at: "2026-11-21 04:47:07 UTC",
    });
    expect(apiError("no_deployment", details.no_deployment).headers).toEqual({ "retry-after": "5" });
    expect(apiError("deployment_rate_limited", details.deployment_rate_limited).headers).toEqual({
      "retry-after": "17",
      "llm_provider-retry-after": "17",
    });
  });

  it("tells why no deployment can be used", () => {
    const { body } = apiError("no_deployment", {
      model: "m",
      reasons: ["its key os.environ/A is not set"],
      retryAfterSeconds: 2,
      cooling: ["one"],
    });
    expect(body).toMatchObject({
      error: {
        message:
          "No deployments available for selected model, Try again in 2 seconds. Passed model=m. Reasons: its key os.environ/A is not set. cooldown_list=[one]",
      },
    });
  });
});

/** litellm.md §3.6, "Upstream errors keep their class status". */
const failures: readonly {
  name: string;
  status: number;
  text: string;
  want: number;
  exception: string;
  type?: string;
}[] = [
  { name: "bad request", status: 400, text: "no", want: 400, exception: "BadRequestError" },
  {
    name: "context window by code",
    status: 400,
    text: '{"error":{"message":"too long","code":"context_length_exceeded"}}',
    want: 400,
    exception: "ContextWindowExceededError",
  },
  {
    name: "context window by text",
    status: 400,
    text: '{"error":{"message":"This model\'s maximum context length is 8192 tokens."}}',
    want: 400,
    exception: "ContextWindowExceededError",
  },
  {
    name: "content policy",
    status: 400,
    text: '{"error":{"message":"blocked","code":"content_filter"}}',
    want: 400,
    exception: "ContentPolicyViolationError",
  },
  { name: "authentication", status: 401, text: "no", want: 401, exception: "AuthenticationError" },
  { name: "permission", status: 403, text: "no", want: 403, exception: "PermissionDeniedError" },
  { name: "not found", status: 404, text: "no", want: 404, exception: "NotFoundError" },
  { name: "timeout", status: 408, text: "no", want: 408, exception: "Timeout" },
  { name: "unprocessable", status: 422, text: "no", want: 422, exception: "UnprocessableEntityError" },
  {
    name: "rate limit",
    status: 429,
    text: "no",
    want: 429,
    exception: "RateLimitError",
    type: "throttling_error",
  },
  { name: "internal", status: 500, text: "no", want: 500, exception: "InternalServerError" },
  { name: "bad gateway", status: 502, text: "no", want: 502, exception: "BadGatewayError" },
  { name: "unavailable", status: 503, text: "no", want: 503, exception: "ServiceUnavailableError" },
  { name: "another refusal", status: 402, text: "no", want: 402, exception: "APIError" },
  { name: "another failure", status: 599, text: "no", want: 500, exception: "APIError" },
  { name: "Anthropic's overload", status: 529, text: "no", want: 503, exception: "ServiceUnavailableError" },
  { name: "a redirect", status: 302, text: "", want: 500, exception: "APIError" },
];

describe("upstreamError", () => {
  it.each(failures)("$name: $status", ({ status, text, want, exception, type = null }) => {
    const error = upstreamError({ ...upstream, status, text });
    expect(error).toMatchObject({
      status: want,
      exceptionClass: exception,
      body: {
        error: {
          message: expect.stringMatching(
            new RegExp(
              `^litellm\\.${exception}: ${exception}: OpenAIException - [^]+\\. Received Model Group=gpt-4\\nAvailable Model Group Fallbacks=None$`,
            ),
          ),
          type,
          param: null,
          code: String(want),
        },
      },
    });
  });

  it.each([
    ['{"error":{"message":"the words"}}'],
    ['{"error":"the words"}'],
    ['{"message":"the words"}'],
    ['{"detail":"the words"}'],
    ["  the words\n"],
  ])("finds the words in %s", (text) => {
    expect(upstreamError({ ...upstream, status: 500, text }).body).toMatchObject({
      error: { message: expect.stringContaining("OpenAIException - the words. Received") },
    });
  });

  it("cuts an endless page short", () => {
    const { body } = upstreamError({ ...upstream, status: 502, text: `<html>${"x".repeat(100_000)}` });
    expect(JSON.stringify(body).length).toBeLessThan(2300);
  });

  it("passes on when to come back, and who would have stood in", () => {
    const error = upstreamError({
      ...upstream,
      status: 429,
      text: "slow",
      retryAfter: "3",
      fallbacks: ["a", "b"],
    });
    expect(error.headers).toEqual({ "retry-after": "3", "llm_provider-retry-after": "3" });
    expect(error.body).toMatchObject({ error: { message: expect.stringContaining("Fallbacks=[a, b]") } });
  });
});

function row(
  code: ErrorCode,
  why: string,
  status: number,
  type: string | null,
  param: string | null,
  says: string,
) {
  return { code, why, status, type, param, says };
}
