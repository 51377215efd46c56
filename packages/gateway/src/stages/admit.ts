import { apiError } from "@gatewright/litellm";
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
  const fields = parseObject(exchange.body);
  if (fields === undefined) return exchange.fail(apiError("body_invalid", {}));
  for (const field in fields) {
    if (connectionFields.has(field)) return exchange.fail(apiError("connection_field", { field }));
  }
  const { snapshot, operation } = exchange;
  const model = snapshot.forcedModels[operation] ?? exchange.pathModel ?? fields["model"];
  if (typeof model !== "string" || model === "") {
    return exchange.fail(apiError("model_unknown", { model: undefined, path: exchange.path }));
  }
  const needed = neededFields[operation];
  if (fields[needed] === undefined) return exchange.fail(apiError("field_missing", { field: needed }));
  exchange.fields = fields;
  exchange.model = model;
  exchange.stream = fields["stream"] === true;
  next(exchange);
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

const neededFields = { chat: "messages", completion: "prompt", embedding: "input" } as const;

/**
 * Fields that would let a client choose where a request goes or whose key pays for it. Always refused
 * (decisions.md, "client sends api_base …"), whatever the document allows.
 */
const connectionFields: ReadonlySet<string> = new Set([
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
]);
