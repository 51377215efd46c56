import type { JsonObject } from "@gatewright/plan";

/** A condition as it should be; when it changed last, and of which generation it speaks, is the writer's knowledge. */
export interface ConditionIntent {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
}

/** The whole status as it should be: a member or condition that is not here goes away. */
export interface StatusIntent {
  /** One of the words that the kind's schema has. */
  readonly phase: string;
  /** Each type once, in the order they are shown. */
  readonly conditions: readonly ConditionIntent[];
  /** Members of `status` beside phase and conditions, `observedGeneration` included. */
  readonly fields: JsonObject;
}

/** What became of one step of a pass. A step that was not reached, because one before it failed, has no result. */
export interface StepResult {
  readonly step: "Namespace" | "RBAC" | "NetworkPolicy" | "Gateway" | "GatewayIngress" | "Capacity" | "OIDC";
  /** What went wrong, in a sentence a user can act on; absent when the step succeeded. */
  readonly error?: string;
}

/** What a Deployment says about its pods. */
export interface ObservedDeployment {
  /** `spec.replicas`. */
  readonly replicas: number;
  readonly readyReplicas: number;
  /** Its condition Available: enough pods serve. */
  readonly available: boolean;
  /** Message of its condition Progressing or ReplicaFailure, when that says that pods cannot be made. */
  readonly trouble?: string;
}

/** The same, and how far a change of the pods has come. */
export interface ObservedRollout extends ObservedDeployment {
  /** Pods of the present template. */
  readonly updatedReplicas: number;
  /** The numbers are about the present spec. */
  readonly current: boolean;
}

/** What a Job says about its pods. */
export interface ObservedRun {
  readonly name: string;
  readonly phase: "Running" | "Succeeded" | "Failed";
  /** When it began, RFC 3339; absent before its first pod. */
  readonly startTime?: string;
  /** Why it failed, as the Job says. */
  readonly trouble?: string;
}

/** Which configuration the pods of a gateway serve. */
export interface ServedConfiguration {
  /** Digest the pods should serve, as `sha256:<hex>`. */
  readonly digest: string;
  /** Pods that should serve it. */
  readonly pods: number;
  readonly serving: number;
  /** Pods that do not answer on their health port. */
  readonly unreachable: number;
  /** What a pod says that refused the configuration and keeps serving the one before. */
  readonly refusal?: string;
}

/** Whether clients of a gateway need a key, and who decided that. */
export interface GatewayAccess {
  readonly keys: "required" | "open";
  /**
   * `default`: nobody said anything; `annotation`: `gatewright.dev/agent-keys`; `adopted`: the replaced operator ran it
   * open; `engine`: LiteLLM without LITELLM_MASTER_KEY; `standalone`: a model's own gateway.
   */
  readonly decidedBy: "default" | "annotation" | "adopted" | "engine" | "standalone";
}
