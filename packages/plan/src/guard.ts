import type { JsonObject } from "./json.ts";
import type { Origin } from "./origin.ts";

/** A check on what goes in or comes out. */
export interface Guard {
  readonly origin: Origin;
  readonly name: string;
  /** LiteLLM's name of the integration, or a dotted class path. */
  readonly integration: string;
  /** LiteLLM's `mode`: one or several of `pre_call`, `during_call`, `post_call`, … */
  readonly modes: string | readonly string[];
  readonly defaultOn?: boolean;
  /** Further `litellm_params`, verbatim; the writer knows their order. */
  readonly parameters?: JsonObject;
}
