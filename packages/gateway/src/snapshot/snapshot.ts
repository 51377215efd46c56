import type { Operation, Provider, Target } from "@gatewright/providers";
import type { Timeouts } from "../exchange.ts";
import type { DeploymentMetrics } from "../telemetry/deployment-metrics.ts";
import type { Pools } from "../upstream/pools.ts";
import type { KeyCheck } from "./key-check.ts";
import type { Names } from "./names.ts";

/**
 * Everything a request needs to be served, worked out beforehand. A snapshot never changes: a new configuration is a
 * new snapshot, and requests under way keep the one they started with.
 */
export interface Snapshot {
  /** SHA-256 of the document it was prepared from. */
  readonly digest: string;
  readonly names: Names;
  /** Every deployment that can be called, wildcards as templates, for health and metrics. */
  readonly deployments: readonly Deployment[];
  /** Entries that cannot be served, and why. */
  readonly unusable: readonly { readonly model: string; readonly reason: string }[];
  /** What does not work as the document means it, though it is served; without secrets, for whoever runs it. */
  readonly warnings: readonly string[];
  /** Whose a key is; undefined when the gateway is open. */
  readonly keyCheck: KeyCheck | undefined;
  /** A further header that may carry the key, lower case (`litellm_key_header_name`). */
  readonly keyHeader: string | undefined;
  /** A further header that names the end user, lower case (`user_header_name`). */
  readonly customerHeader: string | undefined;
  /** Largest request body, bytes. */
  readonly bodyLimit: number;
  /** Model used whatever the client names, per operation (`completion_model`, `embedding_model`). */
  readonly forcedModels: { readonly [O in Operation]?: string };
  /** Longest silence inside a stream, milliseconds. */
  readonly streamIdleMilliseconds: number;
  /** `/health` may be read without a key (decisions.md: no master key, or langop). */
  readonly healthOpen: boolean;
}

/** The deployments behind one public name. */
export interface Group {
  readonly name: string;
  /** The name as JSON text, and as a header value. */
  readonly nameJson: Buffer;
  readonly nameHeader: string;
  readonly deployments: readonly Deployment[];
  /** Running sums of the deployments' weights. */
  readonly weightSums: readonly number[];
  /** Why the others of this name are not served. */
  readonly unusable: readonly string[];
}

/** One upstream for one model, ready to be called. */
export interface Deployment {
  /** `model_info.id`. */
  readonly id: string;
  /** Public name of its group. */
  readonly modelName: string;
  /** `litellm_params.model` as written. */
  readonly litellmModel: string;
  readonly provider: Provider;
  /** Model id as the upstream knows it. */
  readonly upstreamModel: string;
  /** The same as JSON text. */
  readonly upstreamModelJson: string;
  /** Base URL of the upstream. */
  readonly apiBase: string;
  readonly origin: string;
  readonly targets: { readonly [O in Operation]: Target };
  readonly pools: Pools;
  /** Flat lists of names and values: content types, authorization, configured headers. Hold the key: never printed; mutable for undici only. */
  readonly requestHeaders: string[];
  readonly streamRequestHeaders: string[];
  /** Flat list of names and values: what the client learns about the deployment. */
  readonly responseHeaders: readonly string[];
  /** Fields to fill in when the request lacks them, with their JSON text. */
  readonly defaults: { readonly [O in Operation]: readonly (readonly [field: string, json: string])[] };
  /** Fields that replace the request's (`extra_body`), with their JSON text. */
  readonly overrides: readonly (readonly [field: string, json: string])[];
  /** Request fields that do not go upstream (`additional_drop_params`). */
  readonly dropped: ReadonlySet<string>;
  readonly weight: number;
  readonly timeouts: Timeouts;
  readonly mock: Mock | undefined;
  readonly metrics: DeploymentMetrics;
}

/** Answers without an upstream (litellm.md §3.9). */
export interface Mock {
  /** The text, the whole answer, or the name of an error to raise. */
  readonly response: unknown;
  readonly toolCalls: unknown;
  readonly delayMilliseconds: number;
  /** Never answers: the request times out. */
  readonly timeout: boolean;
}
