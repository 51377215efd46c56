import type { CooldownRules } from "./cooldown.ts";
import type { DeploymentState } from "./deployment-state.ts";
import type { FallbackRules } from "./fallback.ts";
import type { HealthCheckRules } from "./health-check.ts";
import type { RetryRules } from "./retry.ts";
import type { Strategy } from "./strategy.ts";
import type { WaitingLine } from "./waiting-line.ts";

/** What routing needs to know of a deployment; the snapshot's deployments are such. */
export interface RouteDeployment {
  /** `model_info.id`. */
  readonly id: string;
  readonly state: DeploymentState;
  /** Title of the provider, for messages. */
  readonly provider: { readonly title: string };
  /** `litellm_params.tags`. */
  readonly tags: readonly string[];
  /** `litellm_params.tag_regex`, compiled (`tagPatternsOf`). */
  readonly tagPatterns: readonly RegExp[];
  /** `litellm_params.region_name`. */
  readonly region?: string | undefined;
  /** Most calls at once; absent: the router's default. */
  readonly parallelLimit?: number | undefined;
  /** Longest prompt, tokens. */
  readonly maxInputTokens?: number | undefined;
  /** Price of a prompt token and an answer token together, in any one unit; absent: unknown. */
  readonly tokenPrice?: number | undefined;
  /** `cooldown_time` of its own; 0 never rests. */
  readonly cooldownMilliseconds?: number | undefined;
  /** `num_retries` of its own. */
  readonly retries?: number | undefined;
  /** Budgets of the deployment and its provider. */
  readonly spend: readonly { crossed(now: number): boolean }[];
}

/** What routing needs to know of a group; the snapshot's groups are such. */
export interface RouteGroup {
  readonly name: string;
  /** Why the others of this name are not served. */
  readonly unusable: readonly string[];
  readonly route: GroupRoute;
  /** Limits that its deployments share, which a request takes when it comes here as to a fallback. */
  readonly limits: readonly unknown[];
  /** Limits of single deployments, by id, that `take` asks the ledger for; for others it is not called. */
  readonly ownLimits: ReadonlyMap<string, readonly unknown[]>;
}

/** A deployment as a member of one group. */
export interface Member {
  readonly deployment: RouteDeployment;
  /** Share among the members of its tier. */
  readonly weight: number;
  /** Its tier: lower ones first. Infinity when it names none. */
  readonly order: number;
  readonly region: string | undefined;
  readonly parallelLimit: number;
  /** Calls and tokens a minute that usage-based routing keeps to. */
  readonly requestsPerMinute: number;
  readonly tokensPerMinute: number;
}

/** How the requests for a group are routed, worked out when the snapshot is prepared (litellm.md §2.3). */
export interface GroupRoute {
  /** Lower tiers first, within a tier in the document's order. */
  readonly members: readonly Member[];
  /** The members of the lowest tier, and the running sums of their weights. */
  readonly first: readonly Member[];
  readonly firstSums: readonly number[];
  readonly strategy: Strategy;
  /** Simple shuffle, and nothing but a deployment's own condition can speak against it. */
  readonly plain: boolean;
  readonly preCallChecks: boolean;
  /** Undefined: tags are not looked at. */
  readonly tags: { readonly matchAny: boolean } | undefined;
  readonly retry: RetryRules;
  readonly cooldown: CooldownRules;
  readonly fallbacks: FallbackRules;
  /** Undefined: no active checks. */
  readonly healthCheck: HealthCheckRules | undefined;
  /** Where requests wait for a deployment that is not at its `max_parallel_requests`. */
  readonly line: WaitingLine;
}
