import type { Delivered, Secret } from "@gatewright/litellm";
import type { DesiredObjects } from "../../desired-objects.ts";
import type { Gateway } from "../../dialect.ts";
import type { Installation } from "../../installation.ts";
import type { Resource } from "../../resource.ts";

/** What the objects of every gateway of the dialect are made of. */
export interface GatewayObjectsInput {
  readonly gateway: Gateway;
  /** `documentOf(gateway.plan)`. */
  readonly document: Delivered;
  /** Hash of the data of the Secrets that the document refers to; only the engine litellm needs it, to roll its pods. */
  readonly secretsHash?: string;
  /** Ready pods of the gateway, as a hint for shares of limits. */
  readonly readyReplicas: number;
  /** IPv4 and IPv6 addresses of a name; none: it does not resolve; `undefined`: nobody has looked yet. */
  readonly addresses: (dnsName: string) => readonly string[] | undefined;
  /** `spec.selector` of a Service; `undefined` when it is not known or has none. */
  readonly serviceSelectors?: (
    namespace: string,
    name: string,
  ) => { readonly [key: string]: string } | undefined;
  /** False when a Service of that name is there and not ours. */
  readonly serviceNameFree: (name: string) => boolean;
  readonly installation: Installation;
}

/** What the objects of a LanguageCluster are made of. */
export interface ClusterInput extends GatewayObjectsInput {
  readonly cluster: Resource;
  /** All LanguageModels of the namespace, in any order. */
  readonly models: readonly Resource[];
  /** Whether the operator made the namespace (then it goes with the cluster) or found it. */
  readonly namespace: "created" | "adopted";
  readonly agentKeys: "required" | "open";
  /** Value of `hmac-secret`, for the hash only; absent when it is not known. */
  readonly hmacSecret?: Secret;
}

/** The objects of a LanguageCluster (langop.md §3). */
export function clusterObjects(_input: ClusterInput): DesiredObjects {
  return { objects: [], absent: [], findings: [], dnsNames: [], unresolved: [], managedResources: [] };
}
