import type { Finding, JsonObject } from "@gatewright/plan";
import type { Resource } from "../../resource.ts";
import type {
  GatewayAccess,
  ObservedDeployment,
  ServedConfiguration,
  StatusIntent,
  StepResult,
} from "./intent.ts";

/** An entry of `status.managedResources`; the core group and cluster-scoped objects leave members out. */
export interface ManagedResource {
  readonly group?: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

/** Outcome of the lookup of a name below `spec.domain`. */
export interface DnsCheck {
  /** The name that was looked up. */
  readonly host: string;
  readonly resolved: boolean;
}

/** Facts the status of a LanguageCluster is made of. */
export interface ClusterStatusInput {
  readonly cluster: Resource;
  /** `status` as it stands, for what this pass cannot know because a step before failed. */
  readonly previous?: JsonObject;
  /** A DesiredObjects fits; absent when this pass did not get as far as working it out. */
  readonly desired?: {
    readonly objects: readonly { readonly kind: string; readonly metadata: { readonly name: string } }[];
    readonly managedResources: readonly ManagedResource[];
    /** DNS names of network rules that came to no address. */
    readonly unresolved: readonly string[];
  };
  /** About the cluster, its gateway and its models. */
  readonly findings: readonly Finding[];
  /** In the order they were taken. */
  readonly steps: readonly StepResult[];
  /** False when network policies are switched off for the whole installation. */
  readonly networkIsolation: boolean;
  /** Absent when there is none, or it has not been seen yet. */
  readonly deployment?: ObservedDeployment;
  /** Absent when it is not known, as with engine litellm. */
  readonly served?: ServedConfiguration;
  readonly access: GatewayAccess;
  /** Present only when a domain is set and the check is on; absent while the first lookup runs. */
  readonly dns?: DnsCheck;
  /** Members of the namespace; of agents and tools the specs are needed for the sums of limits. */
  readonly members: {
    readonly agents: readonly Pick<Resource, "spec">[];
    readonly tools: readonly Pick<Resource, "spec">[];
    readonly models: number;
    readonly personas: number;
  };
}

/** Status of a LanguageCluster (langop.md §1.1). */
export declare function clusterStatus(input: ClusterStatusInput): StatusIntent;
