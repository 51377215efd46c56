import type { ApiError } from "@gatewright/litellm";
import type { Exchange } from "../exchange.ts";
import type { Deployment, Group, Snapshot } from "../snapshot/snapshot.ts";
import type { GroupTelemetry, SnapshotTelemetry } from "../snapshot/telemetry.ts";
import type { RequestTrace } from "./trace.ts";

/** Tokens of one request. */
export interface UsageFacts {
  readonly input: number;
  readonly output: number;
  readonly cachedInput?: number;
  readonly cacheWriteInput?: number;
  readonly reasoning?: number;
  /** The upstream did not say; they were counted here. */
  readonly estimated?: boolean;
}

/** Who called, as far as telemetry tells it. Never the key. */
export interface CallerFacts {
  readonly kind: string;
  readonly user: string;
  readonly team?: string | undefined;
  readonly teamAlias?: string | undefined;
  /** SHA-256 of the key, hexadecimal; empty when there is none. */
  readonly keyHash?: string | undefined;
  readonly alias?: string | undefined;
}

export type DeploymentFacts = Pick<
  Deployment,
  "id" | "modelName" | "litellmModel" | "apiBase" | "metrics"
> & {
  readonly provider: { readonly name: string };
};

export type GroupFacts = Pick<Group, "name"> & {
  readonly deployments?: readonly Pick<Deployment, "modelName">[];
  readonly telemetry?: GroupTelemetry | undefined;
};

/** One call to an upstream; times are `performance.now()`. */
export interface AttemptFacts {
  readonly deployment: DeploymentFacts;
  /** The group it was made for: after a fallback not the one the client asked for. */
  readonly group?: GroupFacts | undefined;
  readonly kind?: "first" | "retry" | "fallback" | undefined;
  /** How long the gateway waited before it, milliseconds. */
  readonly waitedMilliseconds?: number | undefined;
  readonly startedAt: number;
  /** 0 = not yet. */
  readonly endedAt?: number | undefined;
  readonly failure?:
    | { readonly error: Pick<ApiError, "exceptionClass">; readonly status: number; readonly kind: string }
    | undefined;
  /** The failure took the deployment out for a while. */
  readonly cooledDown?: boolean | undefined;
}

/** What was asked of a limit. */
export interface LimitFacts {
  readonly name: string;
  /** `requests`, `tokens`, … */
  readonly unit: string;
  readonly asked: number;
  readonly limit: number;
  readonly remaining: number;
}

/** A deployment that was looked at when one was chosen. */
export interface CandidateFacts {
  readonly deployment: Pick<Deployment, "id">;
  /** Why it was passed over; undefined when it could be chosen. */
  readonly reason?: string | undefined;
  /** What the strategy went by: a weight, a latency, a price …; as the strategy counts it. */
  readonly score?: number | undefined;
}

/** What telemetry reads of an exchange once it is over. Whatever a gateway has no part for stays undefined. */
export interface RequestFacts
  extends Pick<
    Exchange,
    | "request"
    | "path"
    | "operation"
    | "callId"
    | "requestId"
    | "startedAt"
    | "requestBytes"
    | "fields"
    | "model"
    | "stream"
    | "calledAt"
    | "answeredAt"
    | "firstByteAt"
    | "sentBytes"
    | "failure"
  > {
  readonly snapshot: Pick<Snapshot, "digest"> & { readonly telemetry?: SnapshotTelemetry | undefined };
  readonly caller: CallerFacts;
  /** The group the client asked for. */
  readonly group: GroupFacts | undefined;
  /** The deployment that was called last. */
  readonly deployment: DeploymentFacts | undefined;
  /** The end user the client named. */
  readonly customer?: string | undefined;
  readonly usage?: UsageFacts | undefined;
  /** Picodollars. */
  readonly cost?: number | undefined;
  /** How `cost` came about, one line each, made only when somebody reads it; holds on to numbers only. */
  readonly bill?: { lines(): readonly string[] } | undefined;
  /** All calls, the last one last. */
  readonly attempts?: readonly AttemptFacts[] | undefined;
  readonly retries?: number | undefined;
  readonly fallbacks?: number | undefined;
  readonly candidates?: readonly CandidateFacts[] | undefined;
  readonly strategy?: string | undefined;
  readonly limitsAsked?: readonly LimitFacts[] | undefined;
  /** The limit that refused the request. */
  readonly refusedBy?: { readonly name: string; readonly unit: string } | undefined;
  /** How long a limit made it wait, milliseconds. */
  readonly queuedMilliseconds?: number | undefined;
  /** Defined once the cache was asked. */
  readonly cacheKey?: string | undefined;
  readonly cacheHit?: boolean | undefined;
  /** Undefined where nothing is traced. */
  trace?: RequestTrace | undefined;
}

/** The call that was made last, also where no attempts are recorded. */
export function lastAttempt(exchange: RequestFacts): AttemptFacts | undefined {
  return exchange.attempts?.at(-1);
}

/** The group that answered, or was to answer. */
export function answeringGroup(exchange: RequestFacts): GroupFacts | undefined {
  return lastAttempt(exchange)?.group ?? exchange.group;
}
