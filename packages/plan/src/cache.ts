import type { JsonObject } from "./json.ts";

/** The response cache. */
export interface Cache {
  readonly enabled?: boolean;
  /** LiteLLM's `cache_params`: names as LiteLLM writes them, secrets as `os.environ/NAME`. */
  readonly parameters?: JsonObject;
  /** Cache of one model alone, by resource name (langop). */
  readonly models?: {
    readonly [resource: string]: {
      readonly enabled?: boolean;
      readonly ttlSeconds?: number;
      readonly maxSizeMegabytes?: number;
      readonly backend?: string;
    };
  };
}
