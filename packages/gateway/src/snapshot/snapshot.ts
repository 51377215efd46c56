import type { ChatCall } from "@gatewright/call";
import type { Authorizer, ChatWire, EmbeddingWire, Operation, Provider } from "@gatewright/providers";
import type { Price } from "../budget/price.ts";
import type { SpendMeter } from "../budget/spend-meter.ts";
import type { Timeouts } from "../exchange.ts";
import type { Limit } from "../limit/limit.ts";
import type { RedisSettings } from "../redis/redis-settings.ts";
import type { DeploymentState } from "../route/deployment-state.ts";
import type { FallbackRules } from "../route/fallback.ts";
import type { GroupRoute } from "../route/group-route.ts";
import type { HealthTarget } from "../route/health-check.ts";
import type { CustomerLimits } from "../stages/limit.ts";
import type { DeploymentMetrics } from "../telemetry/deployment-metrics.ts";
import type { Pools } from "../upstream/pools.ts";
import type { ServedOperation } from "./address.ts";
import type { Budgets, GroupBudget } from "./budget.ts";
import type { GroupCache } from "./cache.ts";
import type { KeyCheck } from "./key-check.ts";
import type { Names } from "./names.ts";
import type { PassThroughs } from "./pass-through.ts";
import type { GroupTelemetry, SnapshotTelemetry } from "./telemetry.ts";

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
  /** Those that are looked after between requests. */
  readonly healthTargets: readonly HealthTarget<Deployment>[];
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
  /** Where requests for a customer may be served, of those customers that may not be served anywhere. */
  readonly customerRegions: ReadonlyMap<string, string>;
  /** Largest request body, bytes. */
  readonly bodyLimit: number;
  /** Model used whatever the client names, per operation (`completion_model`, `embedding_model`). */
  readonly forcedModels: { readonly [O in Operation]?: string };
  readonly passThroughs: PassThroughs;
  /** Where requests go whose model nobody serves (`default_fallbacks`). */
  readonly unknownModels: FallbackRules;
  /** Limits of every request, and of those for a customer. */
  readonly limits: readonly Limit[];
  readonly customerLimits: CustomerLimits;
  readonly budgets: Budgets;
  readonly telemetry: SnapshotTelemetry;
  readonly redis: RedisSettings;
  /** What limits do while Redis does not answer. */
  readonly whenRedisUnavailable: "local" | "refuse";
  /** Gateways that share the limits, this one included. */
  readonly replicas: number;
  /** Names of the caches in memory that are in use. */
  readonly cacheStores: ReadonlySet<string>;
  /** Longest silence inside a stream, milliseconds. */
  readonly streamIdleMilliseconds: number;
  /** `/health` may be read without a key (decisions.md: no master key, or langop). */
  readonly healthOpen: boolean;
}

/** The deployments behind one public name. */
export interface Group {
  readonly name: string;
  /** The name as JSON text, and as a line of an answer's head. */
  readonly nameJson: Buffer;
  readonly headerLine: string;
  readonly deployments: readonly Deployment[];
  /** Why the others of this name are not served. */
  readonly unusable: readonly string[];
  readonly route: GroupRoute;
  /** Limits that all its deployments share. */
  readonly limits: readonly Limit[];
  /** Limits of single deployments, by their id. */
  readonly ownLimits: ReadonlyMap<string, readonly Limit[]>;
  readonly budget: GroupBudget;
  /** Undefined: its answers are not kept. */
  readonly cache: GroupCache | undefined;
  readonly telemetry: GroupTelemetry | undefined;
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
  readonly operations: { readonly [O in Operation]: ServedOperation };
  /** The wire its chats and embeddings are written in where they are translated, and its errors always. */
  readonly chatWire: ChatWire;
  readonly embeddingWire: EmbeddingWire | undefined;
  /** Makes the authorization of every request, where a header that is always the same is not enough. */
  readonly authorizer: Authorizer | undefined;
  readonly pools: Pools;
  /** Flat lists of names and values: content types, authorization, configured headers. Hold the key: never printed; mutable for undici only. */
  readonly requestHeaders: string[];
  readonly streamRequestHeaders: string[];
  /** What the client learns about the deployment: lines of the answer's head. */
  readonly headerLines: string;
  /** Fields to fill in when the request lacks them, with their JSON text. */
  readonly defaults: { readonly [O in Operation]: readonly (readonly [field: string, json: string])[] };
  /** Those of chats, read; undefined when there are none. */
  readonly chatDefaults: ChatCall | undefined;
  /** Fields that replace the request's (`extra_body`), with their JSON text. */
  readonly overrides: readonly (readonly [field: string, json: string])[];
  /** Request fields that do not go upstream (`additional_drop_params`). */
  readonly dropped: ReadonlySet<string>;
  /** Parameters that the wire does not have are left out instead of being refused (`drop_params`). */
  readonly dropsUnsupported: boolean;
  /** Parameters that go upstream although the wire is not known to have them (`allowed_openai_params`). */
  readonly allowed: ReadonlySet<string>;
  /** What the gateway has learnt about it; outlives snapshots. */
  readonly state: DeploymentState;
  readonly tags: readonly string[];
  readonly tagPatterns: readonly RegExp[];
  readonly region: string | undefined;
  /** What it is sized for: weights, and what metrics tell. */
  readonly requestsPerMinute: number | undefined;
  readonly tokensPerMinute: number | undefined;
  readonly parallelLimit: number | undefined;
  /** Longest prompt, tokens. */
  readonly maxInputTokens: number | undefined;
  readonly cooldownMilliseconds: number | undefined;
  readonly retries: number | undefined;
  /** Undefined: unknown, so that its calls cost nothing. */
  readonly price: Price | undefined;
  /** Price of a prompt token and an answer token together, picodollars. */
  readonly tokenPrice: number | undefined;
  /** Its own budget and its provider's. */
  readonly spend: readonly SpendMeter[];
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
