import { type ApiError, apiError } from "@gatewright/litellm";
import { estimate } from "../budget/token-estimate.ts";
import { controlsOf, customerOf, hasControlHeader, type RequestControls } from "../controls.ts";
import { operationFacts } from "../edge/operations.ts";
import type { Exchange, RequestFields } from "../exchange.ts";
import type { Next } from "./stage.ts";

/** Collects the body, up to the limit. A client that goes away in the middle is simply dropped. */
export function receive(exchange: Exchange, next: Next): void {
  const { request } = exchange;
  const limit = exchange.snapshot.bodyLimit;
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > limit) return exchange.fail(apiError("body_too_large", { limit }));
  const parts: Buffer[] = [];
  let length = 0;
  request.on("data", (part: Buffer) => {
    length += part.length;
    if (length <= limit) {
      parts.push(part);
    } else if (!exchange.over) {
      parts.length = 0;
      exchange.fail(apiError("body_too_large", { limit }));
    }
  });
  request.on("end", () => {
    if (exchange.over) return;
    exchange.body = parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts, length);
    exchange.requestBytes = length;
    next(exchange);
  });
}

/** Reads the few fields the gateway acts on, and refuses what no upstream should ever see. */
export function admit(exchange: Exchange, next: Next): void {
  const fields = exchange.form === undefined ? parseObject(exchange.body) : exchange.form.fields;
  if (fields === undefined) return exchange.fail(apiError("body_invalid", {}));
  let own: string[] | undefined;
  for (const field in fields) {
    const kind = specialFields.get(field);
    if (kind === undefined) continue;
    if (kind === "connection") return exchange.fail(apiError("connection_field", { field }));
    if (kind === "metadata" && !isProxyMetadata(fields[field])) continue;
    own ??= [];
    own.push(field);
  }
  const { snapshot, operation } = exchange;
  const { headers } = exchange.request;
  if (own !== undefined) exchange.proxyFields = own;
  if (own !== undefined || hasControlHeader(headers)) {
    exchange.controls = controlsOf(fields, headers);
    const field = connectionOverride(exchange.controls);
    if (field !== undefined) return exchange.fail(apiError("connection_field", { field }));
  }
  exchange.customer = customerOf(fields, headers, snapshot.customerHeader);
  const { needed, defaultModel, writesText } = operationFacts[operation];
  const model = snapshot.forcedModels[operation] ?? exchange.pathModel ?? fields["model"] ?? defaultModel;
  if (typeof model !== "string" || model === "") {
    return exchange.fail(apiError("model_unknown", { model: undefined, path: exchange.path }));
  }
  if (needed !== undefined && fields[needed] === undefined)
    return exchange.fail(apiError("field_missing", { field: needed }));
  exchange.fields = fields;
  exchange.model = model;
  exchange.stream = fields["stream"] === true;
  const textBytes = exchange.form?.textLength ?? exchange.requestBytes;
  exchange.estimate = estimate(textBytes, fields, writesText === true);
  next(exchange);
}

/** A connection field that a client's own fallback (`{model, …fields}`) would bring in by the back door. */
function connectionOverride(controls: RequestControls): string | undefined {
  for (const targets of [
    controls.fallbacks,
    controls.contextWindowFallbacks,
    controls.contentPolicyFallbacks,
  ]) {
    for (const { overrides } of targets ?? [])
      for (const [field] of overrides) if (specialFields.get(field) === "connection") return field;
  }
  return undefined;
}

/** The error that a field is refused with which would let a client choose where its request goes. */
export function connectionRefusal(field: string): ApiError | undefined {
  return specialFields.get(field) === "connection" ? apiError("connection_field", { field }) : undefined;
}

function parseObject(body: Buffer): RequestFields | undefined {
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as RequestFields)
      : undefined;
  } catch {
    return undefined;
  }
}

/** OpenAI's `metadata` holds texts only; anything else is meant for the proxy (tags, spend logs) and an error upstream. */
function isProxyMetadata(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((member) => typeof member !== "string");
}

/**
 * Fields that would let a client choose where a request goes or whose key pays for it. Always refused
 * (decisions.md, "client sends api_base …"), whatever the document allows.
 */
const connectionFields = [
  "api_base",
  "base_url",
  "api_key",
  "api_version",
  "organization",
  "custom_llm_provider",
  "litellm_credential_name",
  "azure_ad_token",
  "client_id",
  "client_secret",
  "tenant_id",
  "aws_access_key_id",
  "aws_secret_access_key",
  "aws_session_token",
  "aws_region_name",
  "aws_role_name",
  "aws_session_name",
  "aws_profile_name",
  "aws_bedrock_runtime_endpoint",
  "vertex_project",
  "vertex_location",
  "vertex_credentials",
  "user_config",
  "extra_headers",
] as const;

/** Request fields meant for the proxy alone (litellm.md §3.9, decisions.md "bytes passed through"). */
const proxyFields = [
  "num_retries",
  "timeout",
  "stream_timeout",
  "fallbacks",
  "context_window_fallbacks",
  "content_policy_fallbacks",
  "disable_fallbacks",
  "cache",
  "guardrails",
  "tags",
  "litellm_metadata",
  "litellm_session_id",
  "litellm_trace_id",
  "router_settings_override",
  "drop_params",
  "additional_drop_params",
  "allowed_openai_params",
  "mock_response",
  "mock_tool_calls",
  "mock_delay",
  "mock_timeout",
  "mock_testing_fallbacks",
  "mock_testing_context_fallbacks",
  "mock_testing_content_policy_fallbacks",
  "mock_testing_rate_limit_error",
] as const;

/** What a field is when it is not the model's business. One look-up for each field of a request. */
const specialFields: ReadonlyMap<string, "connection" | "proxy" | "metadata"> = new Map<
  string,
  "connection" | "proxy" | "metadata"
>([
  ...connectionFields.map((field) => [field, "connection"] as const),
  ...proxyFields.map((field) => [field, "proxy"] as const),
  ["metadata", "metadata"],
]);
