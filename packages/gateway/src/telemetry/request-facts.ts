import type { Usage } from "@gatewright/call";
import type { ApiError } from "@gatewright/litellm";
import type { Price, ServiceTier } from "../budget/price.ts";
import type { Exchange } from "../exchange.ts";
import type { Deployment, Group, Snapshot } from "../snapshot/snapshot.ts";
import type { GroupTelemetry, SnapshotTelemetry } from "../snapshot/telemetry.ts";
import type { RequestTrace } from "./trace.ts";

/** Who called, as far as telemetry tells it. Never the key. */
export interface CallerFacts {
  readonly kind: string;
  readonly user: string;
  /** An agent's name as a label; empty or absent for callers that are none. */
  readonly agentName?: string;
  readonly team?: string;
  readonly teamAlias?: string;
  /** SHA-256 of the key, hexadecimal; empty when there is none. */
  readonly keyHash?: string;
  readonly keyAlias?: string;
}

export type DeploymentFacts = Pick<
  Deployment,
  "id" | "modelName" | "litellmModel" | "apiBase" | "metrics"
> & {
  readonly provider: { readonly name: string };
  readonly price?: Price | undefined;
  /** What routing has learnt about it; times as `performance.now()`. */
  readonly state?: { readonly restsUntil: number; readonly healthy?: boolean };
};

export type GroupFacts = Pick<Group, "name"> & {
  readonly deployments?: readonly Pick<Deployment, "modelName">[];
  readonly telemetry?: GroupTelemetry | undefined;
};

/** One call to an upstream; times are `performance.now()`. */
export interface AttemptFacts {
  readonly deployment: DeploymentFacts;
  /** The group it was made for: after a fallback not the one the client asked for. */
  readonly group: GroupFacts;
  readonly startedAt: number;
  readonly endedAt: number;
  /** How long was waited before it. */
  readonly waitMilliseconds: number;
  /** Absent when it went well. */
  readonly failure?: {
    readonly error: Pick<ApiError, "exceptionClass">;
    readonly status: number;
    readonly kind: string;
  };
}

/** A counter of a limit. */
export interface MeterFacts {
  readonly owner: { readonly name: string; readonly subject: string };
  readonly unit: string;
  readonly limit: number;
}

/** One choice of a deployment, as routing records it for those who ask. */
export interface ChoiceFacts {
  readonly group: string;
  readonly strategy: string;
  readonly chosen: string | undefined;
  readonly rejected: readonly { readonly id: string; readonly filter: string; readonly reason: string }[];
  readonly candidates: readonly {
    readonly id: string;
    readonly weight: number;
    readonly score: number | undefined;
  }[];
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
  /** The group that answered, or was tried last, where that may be another. */
  readonly servingGroup?: GroupFacts | undefined;
  /** The deployment that was called last. */
  readonly deployment: DeploymentFacts | undefined;
  /** The end user the client named. */
  readonly customer?: string | undefined;
  /** JSON text of the usage; of an answer from the cache, what it once took. */
  readonly usageText?: string | undefined;
  readonly usage?: Usage | undefined;
  /** Picodollars. */
  readonly cost?: number | undefined;
  readonly serviceTier?: ServiceTier | undefined;
  /** Calls that have ended, the last one last; undefined where the only one went well. */
  readonly attempts?: readonly AttemptFacts[] | undefined;
  readonly retries?: number | undefined;
  readonly fallbacks?: number | undefined;
  readonly choices?: readonly ChoiceFacts[] | undefined;
  /** What it took of its limits. */
  readonly grant?:
    | {
        readonly charges: readonly {
          readonly meter: MeterFacts;
          readonly amount: number;
          readonly remaining: number;
        }[];
      }
    | undefined;
  /** The limit that refused it. */
  readonly refusal?: { readonly meter: MeterFacts; readonly remaining: number } | undefined;
  /** How long a limit made it wait. */
  readonly queuedMilliseconds?: number | undefined;
  /** Defined once the cache was asked. */
  readonly cacheKey?: string | undefined;
  readonly cacheHit?: boolean | undefined;
  /** Undefined where nothing is traced. */
  trace?: RequestTrace | undefined;
}

/** The group that answered, or was to answer. */
export function answeringGroup(exchange: RequestFacts): GroupFacts | undefined {
  return exchange.servingGroup ?? exchange.attempts?.at(-1)?.group ?? exchange.group;
}

/** All calls, also the one that was under way when the client left, or the only one, which nobody recorded. */
export function callsOf(exchange: RequestFacts, now: number): readonly AttemptFacts[] {
  const { attempts = [], deployment, calledAt, failure } = exchange;
  const group = answeringGroup(exchange);
  const last = attempts.at(-1);
  if (deployment === undefined || group === undefined || calledAt === 0) return attempts;
  if (last !== undefined && (last.failure === undefined || calledAt <= last.endedAt)) return attempts;
  const failed = failure && { failure: { error: failure, status: failure.status, kind: "upstream" } };
  return [
    ...attempts,
    { deployment, group, startedAt: calledAt, endedAt: now, waitMilliseconds: 0, ...failed },
  ];
}

/** What an attempt was: `asked` is the group the client asked for. */
export function attemptKind(
  attempts: readonly AttemptFacts[],
  index: number,
  asked: GroupFacts | undefined,
): "first" | "retry" | "fallback" {
  const group = attempts[index]?.group;
  const before = attempts[index - 1]?.group ?? asked;
  if (group !== before && group?.name !== before?.name) return "fallback";
  return index === 0 ? "first" : "retry";
}
