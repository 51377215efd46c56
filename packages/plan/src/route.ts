import type { SecretReference } from "./credential.ts";
import type { Json, JsonObject } from "./json.ts";

/** How a request finds its deployment, and what happens when one fails. Everything unset keeps the engine's default. */
export interface Route {
  /** LiteLLM's name of the strategy, for example `least-busy`. */
  readonly strategy?: string;
  readonly retries?: number;
  readonly retryAfterSeconds?: number;
  /** Router-wide total per request (`router_settings.timeout`). */
  readonly timeoutSeconds?: number;
  readonly streamTimeoutSeconds?: number;
  /** Process-wide total per request (`litellm_settings.request_timeout`). */
  readonly requestTimeoutSeconds?: number;
  readonly allowedFails?: number;
  readonly cooldownSeconds?: number;
  readonly preCallChecks?: boolean;
  readonly optionalPreCallChecks?: readonly string[];
  readonly tagFiltering?: boolean;
  readonly tagMatchAny?: boolean;
  readonly defaultParallelRequests?: number;
  /** Further names: alias to model name. */
  readonly aliases?: { readonly [alias: string]: string };
  /** LiteLLM's key (for example `TimeoutErrorRetries`) to number of retries. */
  readonly retryPolicy?: { readonly [errorClass: string]: number };
  readonly groupRetryPolicy?: { readonly [model: string]: { readonly [errorClass: string]: number } };
  readonly fallbacks?: readonly Fallback[];
  readonly defaultFallbacks?: readonly string[];
  readonly maxFallbacks?: number;
  /** Drop parameters a provider does not know, for all models. */
  readonly dropParameters?: boolean;
  readonly passThrough?: readonly PassThrough[];
  /** Settings of one model alone, by resource name (langop's first generation): `gatewright.models.<name>`. */
  readonly models?: { readonly [resource: string]: ModelRoute };
  /** Compatibility switches of `litellm_settings` that langop writes for OpenAI-compatible servers, by LiteLLM's key. */
  readonly switches?: JsonObject;
}

/** Where requests for a model go when it fails. */
export interface Fallback {
  readonly when: "error" | "content-policy" | "context-window";
  readonly model: string;
  readonly fallbacks: readonly string[];
}

/** A path handed to a fixed target outside the model routes. */
export interface PassThrough {
  readonly path: string;
  readonly target: string;
  readonly auth?: boolean;
  readonly forwardHeaders?: boolean;
  readonly includeSubpath?: boolean;
  readonly methods?: readonly string[];
  readonly headers?: { readonly [name: string]: string };
  /** Headers whose value is a prefix and a secret. */
  readonly secretHeaders?: {
    readonly [name: string]: { readonly prefix: string; readonly secret: SecretReference };
  };
  readonly queryParameters?: { readonly [name: string]: string };
}

/** Routing of one model alone. Durations in seconds. */
export interface ModelRoute {
  readonly strategy?: string;
  readonly retry?: {
    readonly attempts?: number;
    readonly initialBackoffSeconds?: number;
    readonly maxBackoffSeconds?: number;
    readonly backoffMultiplier?: number;
    readonly statusCodes?: readonly number[];
  };
  readonly fallbacks?: readonly { readonly model: string; readonly conditions?: readonly string[] }[];
  readonly endpoints?: readonly ModelEndpoint[];
  readonly healthCheck?: {
    readonly enabled?: boolean;
    readonly intervalSeconds?: number;
    readonly timeoutSeconds?: number;
    readonly unhealthyThreshold?: number;
    readonly healthyThreshold?: number;
  };
  readonly regions?: readonly { readonly [field: string]: Json }[];
}

/** What one of a model's endpoints adds to its deployment. */
export interface ModelEndpoint {
  /** Deployment id. */
  readonly id: string;
  readonly weight?: number;
  readonly region?: string;
  readonly priority?: number;
}
