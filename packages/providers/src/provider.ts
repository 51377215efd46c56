/** The calls a gateway makes for its clients. */
export type Operation = "chat" | "completion" | "embedding";

/** How a provider wants its key. */
export type Authorization = "bearer" | "api-key";

/** Where one operation of one model lives on an upstream. */
export interface Target {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
}

/** What is needed to find an upstream's addresses. */
export interface Place {
  /** Base URL: configured, from the environment, or the provider's own. */
  readonly baseUrl: string;
  /** Model id without the provider prefix. */
  readonly model: string;
  readonly apiVersion: string | undefined;
}

/**
 * The facts of one provider: everything that differs between upstreams of one wire family.
 * Support tables and reference pages are generated from these.
 */
export interface Provider {
  /** LiteLLM's prefix, and the value of `custom_llm_provider`. */
  readonly name: string;
  /** As people write it; error texts carry `<title>Exception`. */
  readonly title: string;
  /** Further prefixes that mean the same provider. */
  readonly aliases?: readonly string[];
  /** Base URL when none is configured; absent when it must be given. */
  readonly baseUrl?: string;
  /** Environment variables that hold the base URL, first one set wins. */
  readonly baseUrlVariables: readonly string[];
  /** Environment variables that hold the key when none is configured, first one set wins. */
  readonly keyVariables: readonly string[];
  /** Without a key no call can succeed, so a deployment without one is not served. */
  readonly keyRequired: boolean;
  readonly authorization: Authorization;
  /** Environment variables that hold the API version, for providers that have one. */
  readonly apiVersionVariables?: readonly string[];
  readonly apiVersion?: string;
  /** Client request headers, lower case, that go upstream: nothing else does. */
  readonly clientHeaders: readonly string[];
  /** Addresses of an operation. Throws a TypeError when `baseUrl` is no URL. */
  target(operation: Operation, place: Place): Target;
}
