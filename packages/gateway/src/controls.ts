import type { IncomingHttpHeaders } from "node:http";
import { requestHeaders } from "@gatewright/litellm";
import type { RequestFields } from "./exchange.ts";
import type { RouteControls } from "./route/course-call.ts";
import { type FallbackTarget, fallbackTarget } from "./route/fallback.ts";
import { explainHeaderName } from "./telemetry/explain-header-name.ts";

/** What a client asks of the gateway itself, by body fields and headers (litellm.md §3.7, §3.9). */
export interface RequestControls extends RouteControls {
  readonly timeoutMilliseconds: number | undefined;
  readonly firstByteMilliseconds: number | undefined;
  readonly tags: readonly string[];
  /** The body's `cache`, unread. */
  readonly cache: unknown;
}

/** Nothing is asked for: shared by nearly all requests. */
export const noControls: RequestControls = Object.freeze({
  retries: undefined,
  timeoutMilliseconds: undefined,
  firstByteMilliseconds: undefined,
  fallbacks: undefined,
  contextWindowFallbacks: undefined,
  contentPolicyFallbacks: undefined,
  disableFallbacks: false,
  tags: [],
  cache: undefined,
  testing: undefined,
  explain: false,
});

/** Headers that ask for something. */
const asking = [
  requestHeaders.timeout,
  requestHeaders.streamTimeout,
  requestHeaders.retries,
  requestHeaders.tags,
  explainHeaderName,
] as const;

/** Whether any header asks something of the gateway. */
export function hasControlHeader(headers: IncomingHttpHeaders): boolean {
  for (const name of asking) if (headers[name] !== undefined) return true;
  return false;
}

const tests = [
  ["mock_testing_fallbacks", "fallbacks"],
  ["mock_testing_context_fallbacks", "context-window"],
  ["mock_testing_content_policy_fallbacks", "content-policy"],
  ["mock_testing_rate_limit_error", "rate-limit"],
] as const;

/** Reads them. What makes no sense counts as not sent, as in LiteLLM. A header goes before the field. */
export function controlsOf(fields: RequestFields, headers: IncomingHttpHeaders): RequestControls {
  return {
    retries: wholeNumber(headers[requestHeaders.retries]) ?? wholeNumber(fields["num_retries"]),
    timeoutMilliseconds: milliseconds(headers[requestHeaders.timeout] ?? fields["timeout"]),
    firstByteMilliseconds: milliseconds(headers[requestHeaders.streamTimeout] ?? fields["stream_timeout"]),
    fallbacks: targets(fields["fallbacks"]),
    contextWindowFallbacks: targets(fields["context_window_fallbacks"]),
    contentPolicyFallbacks: targets(fields["content_policy_fallbacks"]),
    disableFallbacks: fields["disable_fallbacks"] === true,
    tags: tagsOf(fields, headers[requestHeaders.tags]),
    cache: fields["cache"],
    testing: tests.find(([field]) => fields[field] === true)?.[1],
    explain: headers[explainHeaderName] === "true",
  };
}

/**
 * The end user a request is for, "" when it names none (litellm.md §3.7). `configured` is the further header of
 * `user_header_name`, lower case.
 */
export function customerOf(
  fields: RequestFields,
  headers: IncomingHttpHeaders,
  configured: string | undefined,
): string {
  return (
    filled(headers[requestHeaders.customer]) ??
    filled(headers[requestHeaders.endUser]) ??
    (configured === undefined ? undefined : filled(headers[configured])) ??
    filled(fields["user"]) ??
    filled(member(fields["litellm_metadata"], "user")) ??
    filled(member(fields["metadata"], "user_id")) ??
    filled(fields["safety_identifier"]) ??
    ""
  );
}

function filled(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as RequestFields)[name] : undefined;
}

function wholeNumber(value: unknown): number | undefined {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isInteger(number) && number >= 0 ? number : undefined;
}

function milliseconds(seconds: unknown): number | undefined {
  const value = typeof seconds === "string" || typeof seconds === "number" ? Number(seconds) : Number.NaN;
  return value > 0 ? value * 1000 : undefined;
}

/** Names, or `{model, …fields}`; LiteLLM's `[{model: [names]}]` of its configuration is taken too. */
function targets(value: unknown): readonly FallbackTarget[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((item: unknown): readonly FallbackTarget[] => {
    const target = fallbackTarget(item);
    if (target !== undefined) return [target];
    return typeof item === "object" && item !== null
      ? Object.values(item).flatMap((chain) => targets(chain) ?? [])
      : [];
  });
}

function tagsOf(fields: RequestFields, header: string | string[] | undefined): readonly string[] {
  const found = [
    ...texts(fields["tags"]),
    ...texts(member(fields["metadata"], "tags")),
    ...texts(member(fields["litellm_metadata"], "tags")),
    ...(typeof header === "string" ? header.split(",").map((tag) => tag.trim()) : []),
  ];
  return [...new Set(found.filter((tag) => tag !== ""))];
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
