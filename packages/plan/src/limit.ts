import type { Origin } from "./origin.ts";

/** A hard limit, enforced at the gateway. A minute is a fixed window unless `algorithm` says otherwise. */
export interface Limit {
  readonly origin: Origin;
  /**
   * The whole gateway; one model by resource name, whose deployments share the limit; or one agent by its id
   * (`Identity.agents`), whatever models it asks for.
   */
  readonly scope:
    | { readonly kind: "gateway" }
    | { readonly kind: "model"; readonly model: string }
    | { readonly kind: "agent"; readonly agent: string };
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  readonly parallelRequests?: number;
  /** Megabytes. */
  readonly requestSizeMegabytes?: number;
  readonly responseSizeMegabytes?: number;
  readonly algorithm?: "fixed-window" | "gcra";
}
