import { type ApiError, apiError } from "@gatewright/litellm";

/** What a request asks of the cache, in its body's `cache` (litellm.md §4.6). */
export interface CacheControls {
  /** How long the answer may be kept, seconds; 0 keeps nothing. */
  readonly ttlSeconds: number | undefined;
  /** `s-maxage`: an older answer will not do, seconds. */
  readonly maxAgeSeconds: number | undefined;
  /** Do not answer from the cache; the new answer is kept. */
  readonly noCache: boolean;
  /** Do not keep the answer; one that is there will do. */
  readonly noStore: boolean;
  /** Instead of the document's. */
  readonly namespace: string | undefined;
  /** `use-cache`: needed in mode `default_off`. */
  readonly useCache: boolean;
}

/**
 * Reads the body's `cache`: undefined when it is absent, null or without controls. A control of the wrong type is refused
 * with 400: who writes `"no-cache": "true"` and is not understood would get the very answer it does not want (LiteLLM
 * fails with 500, or takes any non-empty text for yes). Controls we do not know are ignored, as in LiteLLM.
 */
export function cacheControls(value: unknown): CacheControls | ApiError | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "object" || Array.isArray(value)) return invalid("cache", "an object");
  const given = value as { readonly [control: string]: unknown };
  for (const control of ["no-cache", "no-store", "use-cache"])
    if (!isAbsent(given[control]) && typeof given[control] !== "boolean")
      return invalid(`cache.${control}`, "true or false");
  for (const control of ["ttl", "s-maxage"])
    if (!isAbsent(given[control]) && !isSeconds(given[control]))
      return invalid(`cache.${control}`, "a number of seconds");
  const { namespace } = given;
  if (!isAbsent(namespace) && (typeof namespace !== "string" || !fitNamespace.test(namespace)))
    return invalid("cache.namespace", "a text of 1 to 128 letters, digits and . _ : / -");
  return {
    ttlSeconds: secondsOf(given["ttl"]),
    maxAgeSeconds: secondsOf(given["s-maxage"]),
    noCache: given["no-cache"] === true,
    noStore: given["no-store"] === true,
    namespace: typeof namespace === "string" ? namespace : undefined,
    useCache: given["use-cache"] === true,
  };
}

/** It becomes part of a key in Redis and of a header. */
const fitNamespace = /^[\w.:/-]{1,128}$/;

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

/** Thirty years: more is infinite to none of the stores. */
const LONGEST_SECONDS = 1e9;

function isSeconds(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= LONGEST_SECONDS;
}

function secondsOf(value: unknown): number | undefined {
  return isSeconds(value) ? value : undefined;
}

function invalid(field: string, wanted: string): ApiError {
  return apiError("field_invalid", { field, wanted });
}
