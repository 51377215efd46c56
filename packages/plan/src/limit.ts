import type { Origin } from "./origin.ts";

/** A hard limit, enforced at the gateway. A minute is a fixed window unless `algorithm` says otherwise. */
export interface Limit {
  readonly origin: Origin;
  /** The whole gateway, or one model by resource name, whose deployments share the limit. */
  readonly scope: { readonly kind: "gateway" } | { readonly kind: "model"; readonly model: string };
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  readonly parallelRequests?: number;
  /** Megabytes. */
  readonly requestSizeMegabytes?: number;
  readonly responseSizeMegabytes?: number;
  readonly algorithm?: "fixed-window" | "gcra";
}
