import { type ApiError, envelope } from "./error-envelope.ts";
import { errorTable } from "./error-table.ts";

/** What an error needs to know, by code. Codes are ours; clients see status, type, param and message. */
export interface ErrorDetails {
  key_missing: object;
  /** An `Authorization` header without a scheme that carries a key. */
  key_malformed: object;
  /** A virtual key that does not begin with `sk-`. `key` is shown abbreviated only, here and below. */
  key_prefix: { readonly key: string };
  /** `hash`: SHA-256 of the key, where the store looks keys up. */
  key_unknown: { readonly key: string; readonly hash?: string };
  key_expired: { readonly key: string; readonly expired: Date };
  key_blocked: object;
  team_blocked: { readonly team: string };
  user_unknown: { readonly user: string };
  model_denied: {
    readonly subject: "key" | "team" | "user" | "org" | "project";
    readonly model: string;
    readonly allowed: readonly string[];
  };
  /** Amounts in US dollars. */
  budget_exceeded: {
    readonly subject:
      | "key"
      | "team"
      | "organization"
      | "tag"
      | "user"
      | "end user"
      | "team member"
      | "model"
      | "proxy";
    readonly name?: string;
    readonly cost: number;
    readonly budget: number;
  };
  route_denied: { readonly path: string };
  admin_only: { readonly path: string };
  address_denied: { readonly address: string };
  /** `subject` and `limitType` in LiteLLM's words (litellm.md §3.6): `api_key`, `team_member`, …; `requests`, … */
  rate_limited: {
    readonly subject: string;
    readonly value: string;
    readonly limitType: "requests" | "tokens" | "max_parallel_requests";
    readonly limit: number;
    readonly remaining: number;
    readonly resetAt: Date;
    readonly retryAfterSeconds: number;
  };
  /** Limits cannot be read, and the document says to refuse then (`gatewright.redis.when_unavailable`). */
  limits_unavailable: object;
  /** The deployment's own `rpm` or `tpm` under `enforce_model_rate_limits`. */
  deployment_rate_limited: { readonly model: string; readonly retryAfterSeconds: number };
  /** `path` as documented, without the host; `model` absent when the request names none. */
  model_unknown: { readonly model: string | undefined; readonly path: string };
  /** `GET /v1/models/{id}` for a model that is not there. */
  model_not_found: { readonly model: string };
  field_missing: { readonly field: string };
  /** A field of the gateway's own that cannot be read; `wanted` says what it should be, as in "an object". */
  field_invalid: { readonly field: string; readonly wanted: string };
  body_invalid: object;
  /** Bytes. */
  body_too_large: { readonly limit: number };
  /** A field that would choose where the request goes or whose key pays for it. */
  connection_field: { readonly field: string };
  /** No deployment of the group can be used now: why not, one text each, and when to come back. */
  no_deployment: {
    readonly model: string;
    readonly reasons: readonly string[];
    readonly retryAfterSeconds?: number;
    readonly cooling?: readonly string[];
  };
  no_deployment_for_tags: { readonly model: string; readonly tags: readonly string[] };
  provider_budget_crossed: { readonly model: string; readonly provider: string };
  /** The prompt is longer than every deployment takes that could be called. Tokens; `longest`: what the largest takes. */
  context_window_exceeded: { readonly model: string; readonly tokens: number; readonly longest: number };
  /** Parameters a provider does not have, by OpenAI's names, while `drop_params` is off. */
  unsupported_parameters: {
    readonly provider: string;
    readonly model: string;
    readonly parameters: readonly string[];
  };
  /** A request that a provider cannot be asked; `text` says why, in a sentence without its full stop. */
  call_refused: { readonly provider: string; readonly model: string; readonly text: string };
  /** The credentials of a deployment do not work; `text` is without secrets. */
  credentials_failed: { readonly provider: string; readonly model: string; readonly text: string };
  database_required: object;
  database_unavailable: object;
  /** `provider` is the provider's title. `silence`: a stream that stopped in the middle. */
  upstream_timeout: {
    readonly provider: string;
    readonly model: string;
    readonly seconds: number;
    readonly silence: boolean;
  };
  upstream_unreachable: { readonly provider: string; readonly model: string; readonly text: string };
  upstream_garbage: { readonly provider: string; readonly model: string; readonly text: string };
  /** The target of a pass-through endpoint; `path` is the endpoint's own. `text` is without secrets. */
  target_unreachable: { readonly path: string; readonly text: string };
  target_timeout: { readonly path: string; readonly seconds: number };
  route_unknown: object;
  method_not_allowed: object;
  internal: object;
}

/** A stable name of an error the gateway answers with. */
export type ErrorCode = keyof ErrorDetails;

/** How one code is answered. Functions get the details; everything else is the same for every request. */
export interface ErrorRow<Detail> {
  readonly status: number;
  readonly exceptionClass: string;
  readonly message: string | ((detail: Detail) => string);
  /** `detail`: FastAPI's form, which has the message only. */
  readonly form?: "detail";
  readonly type?: string | null | ((detail: Detail) => string);
  readonly param?: string | null | ((detail: Detail) => string);
  readonly headers?: (detail: Detail) => { readonly [name: string]: string };
}

/** The answer for a code: status, body and headers as LiteLLM's clients know them. */
export function apiError<C extends ErrorCode>(code: C, detail: ErrorDetails[C]): ApiError {
  const row: ErrorRow<ErrorDetails[C]> = errorTable[code];
  const message = forDetail(row.message, detail);
  return {
    status: row.status,
    body:
      row.form === "detail"
        ? { detail: message }
        : envelope(
            row.status,
            message,
            forDetail(row.type ?? null, detail),
            forDetail(row.param ?? null, detail),
          ),
    ...(row.headers === undefined ? {} : { headers: row.headers(detail) }),
    exceptionClass: row.exceptionClass,
  };
}

function forDetail<Value extends string | null, Detail>(
  value: Value | ((detail: Detail) => Value),
  detail: Detail,
): Value {
  return typeof value === "function" ? value(detail) : value;
}
