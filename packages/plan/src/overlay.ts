import type { Json, JsonObject } from "./json.ts";
import type { Origin } from "./origin.ts";

/**
 * What a user lays over the generated document.
 * - `merge-patch`: RFC 7396; maps merge, `null` deletes, everything else replaces (agentic-layer `config-patch`).
 * - `deep-merge`: maps merge, everything else, `null` included, replaces (langop `LANGOP_GATEWAY_EXTRA_CONFIG`).
 * - `fill`: members of one block that are not there yet; what is there stays and is reported (palena `extra`).
 */
export interface Overlay {
  readonly origin: Origin;
  readonly kind: "merge-patch" | "deep-merge" | "fill";
  /** The top-level block, for `fill` only. */
  readonly block?: string;
  readonly value: JsonObject | { readonly [key: string]: Json };
}
