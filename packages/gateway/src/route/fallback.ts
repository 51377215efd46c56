import type { ApiError } from "@gatewright/litellm";
import { type Failure, specialFailure } from "./failure.ts";

/** Another model that may serve a request. */
export interface FallbackTarget {
  readonly model: string;
  /** Fields that replace the request's when this model is called, with their JSON text. */
  readonly overrides: readonly (readonly [field: string, json: string])[];
}

/** A target as the document has it. */
export interface FallbackStep extends FallbackTarget {
  /** The failures it is meant for; undefined: all. */
  readonly meant: ((failure: Failure) => boolean) | undefined;
}

/** Where the requests for a group go when it fails (litellm.md §4.4). */
export interface FallbackRules {
  readonly plain: readonly FallbackStep[];
  /** For requests that are too long, and those that a provider's policy refuses: at once, without retries. */
  readonly contextWindow: readonly FallbackStep[];
  readonly contentPolicy: readonly FallbackStep[];
  /** The document names fallbacks, for this group or another. */
  readonly configured: boolean;
  /** How many other groups a request may go to (`max_fallbacks`). */
  readonly most: number;
}

/** A client's own fallbacks: each replaces the document's chain of its kind. */
export interface AskedFallbacks {
  readonly fallbacks: readonly FallbackTarget[] | undefined;
  readonly contextWindowFallbacks: readonly FallbackTarget[] | undefined;
  readonly contentPolicyFallbacks: readonly FallbackTarget[] | undefined;
}

/** The chain for too long and for refused requests; empty when the failure is neither, or nothing is configured. */
export function specialChain(
  rules: FallbackRules,
  asked: AskedFallbacks,
  failure: Failure,
): readonly FallbackTarget[] {
  switch (specialFailure(failure)) {
    case "context-window":
      return asked.contextWindowFallbacks ?? rules.contextWindow;
    case "content-policy":
      return asked.contentPolicyFallbacks ?? rules.contentPolicy;
    case undefined:
      return [];
  }
}

/** Where a failure leads, in order: its special chain first. */
export function chainFor(
  rules: FallbackRules,
  asked: AskedFallbacks,
  failure: Failure,
): readonly FallbackTarget[] {
  const plain = asked.fallbacks ?? rules.plain.filter(({ meant }) => meant === undefined || meant(failure));
  const special = specialChain(rules, asked, failure);
  return special.length === 0 ? plain : [...special, ...plain];
}

/** An item of a chain: a model name, or `{model, …overrides}`; undefined when it is neither. */
export function fallbackTarget(item: unknown): FallbackTarget | undefined {
  if (typeof item === "string") return item === "" ? undefined : { model: item, overrides: [] };
  if (typeof item !== "object" || item === null) return undefined;
  const { model, ...overrides } = item as { readonly [field: string]: unknown };
  if (typeof model !== "string" || model === "") return undefined;
  return {
    model,
    overrides: Object.entries(overrides).flatMap(([field, value]) =>
      value === undefined ? [] : [[field, JSON.stringify(value)] as const],
    ),
  };
}

/** What each word of `conditions` means (langop.md §4.2 has no list; `error` and `rate_limit` are what its examples use). */
const conditions: { readonly [word: string]: (failure: Failure) => boolean } = {
  error: () => true,
  any: () => true,
  rate_limit: ({ status }) => status === 429,
  timeout: ({ kind, status }) => kind === "timeout" || status === 408 || status === 504,
  unavailable: ({ kind, status }) => kind === "connection" || kind === "answer" || status >= 500,
  server_error: ({ kind, status }) => kind === "connection" || kind === "answer" || status >= 500,
  authentication: ({ status }) => status === 401 || status === 403,
  context_window: (failure) => specialFailure(failure) === "context-window",
  content_policy: (failure) => specialFailure(failure) === "content-policy",
};

/**
 * The failures that `conditions` name, as one test: words in any case, with `_` or `-`, or statuses such as `503`.
 * `unknown`: words that mean nothing; a chain whose words are all unknown is meant for nothing.
 */
export function conditionsOf(words: readonly string[]): {
  readonly meant: (failure: Failure) => boolean;
  readonly unknown: readonly string[];
} {
  const tests: ((failure: Failure) => boolean)[] = [];
  const unknown: string[] = [];
  for (const word of words) {
    const name = word.trim().toLowerCase().replaceAll("-", "_");
    const test = Object.hasOwn(conditions, name) ? conditions[name] : undefined;
    if (test !== undefined) tests.push(test);
    else if (/^[1-5]\d\d$/.test(name)) tests.push(({ status }) => status === Number(name));
    else unknown.push(word);
  }
  return { meant: (failure) => tests.some((test) => test(failure)), unknown };
}

const noneNamed = "Available Model Group Fallbacks=None";

/**
 * The error with the fallbacks named that stood ready (litellm.md §3.6). `model`: the name the client used;
 * `fallbacks`: of its group, whether they were followed or not.
 */
export function withFallbacks(
  error: ApiError,
  model: string,
  fallbacks: readonly FallbackTarget[],
  configured: boolean,
): ApiError {
  if (!("error" in error.body) || !(configured || fallbacks.length > 0)) return error;
  const { message } = error.body.error;
  const named = `Available Model Group Fallbacks=[${fallbacks.map((one) => one.model).join(", ")}]`;
  let text = message;
  if (fallbacks.length === 0) text += `. No fallback model group found for original model_group=${model}.`;
  else if (message.includes(noneNamed)) text = message.replace(noneNamed, () => named);
  else text += `. Received Model Group=${model}\n${named}`;
  return { ...error, body: { error: { ...error.body.error, message: text } } };
}
