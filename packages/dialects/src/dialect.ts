import type { Secret } from "@gatewright/litellm";
import type { Engine, Finding, GatewayPlan, Origin } from "@gatewright/plan";
import type { DesiredObjects } from "./desired-objects.ts";
import type { Installation } from "./installation.ts";
import type { Kind } from "./kind.ts";
import type { Resource } from "./resource.ts";

/** Everything a reader may look at. Readers are pure: the same world gives the same answer. */
export interface World {
  /** All resources of all groups, in any order, with namespaces filled in. Secrets are not among them. */
  readonly resources: readonly Resource[];
  /**
   * The keys that a Secret holds, never their values: `absent` when it is known not to exist, `unknown` when nobody
   * can tell (a folder of manifests need not hold every Secret).
   */
  secretKeys(namespace: string, name: string): readonly string[] | "absent" | "unknown";
  /** The data of a ConfigMap, empty if it has none; absent when there is no such ConfigMap. */
  configMap(namespace: string, name: string): { readonly [key: string]: string } | undefined;
}

/** What a reader is told by whoever runs it. */
export interface ReadOptions {
  /** Engine of gateways that do not name one by the annotation `gatewright.dev/engine`. */
  readonly engine: Engine;
  /**
   * Whether the callers of a shared gateway need agent keys (langop.md §3.4), given the resource it belongs to. Without
   * it they do where the gateway's own environment has the secret of agent keys.
   */
  readonly agentKeys?: (gateway: Resource) => boolean;
  /** Only the gateways of these resources are read, each as among all the others; without it, all are. */
  readonly only?: (gateway: Resource) => boolean;
}

/** One gateway found in the resources. */
export interface Gateway {
  readonly plan: GatewayPlan;
  /** About this gateway and its members. A `blocked` finding on the gateway's own origin means: do not serve it. */
  readonly findings: readonly Finding[];
  /**
   * Environment variables that the resource gives the gateway in clear. They stand beside the plan and wrapped, since
   * people write secrets there; those that come from Secrets are the plan's `workload.secretVariables`.
   */
  readonly environment?: { readonly [name: string]: Secret };
}

/** What a dialect makes of a world. */
export interface Reading {
  /** Ordered by namespace and name. */
  readonly gateways: readonly Gateway[];
  /** About resources that belong to no gateway. */
  readonly findings: readonly Finding[];
}

/**
 * A resource that runs beside gateways, an agent or a tool: it has no plan, and its objects are made of it and of what it
 * refers to.
 */
export interface Member {
  readonly origin: Origin;
  /** By which a gateway knows an agent; absent where the manifest has none. */
  readonly uid?: string;
  readonly findings: readonly Finding[];
  /**
   * The variables of its container in their order, as its process sees them. Those of its own fields are among them as far
   * as they are texts and keys of Secrets.
   */
  readonly environment: readonly MemberVariable[];
  /** Absent when nothing can be deployed; one of the findings says why. */
  readonly objects?: (installation: Installation) => DesiredObjects;
}

/** A variable of a container: a text, or the key of a Secret of the namespace. */
export type MemberVariable =
  | { readonly name: string; readonly value: string }
  | { readonly name: string; readonly secret: { readonly name: string; readonly key: string } };

/** A resource dialect: one API group, its kinds, and how they become gateway plans. */
export interface Dialect {
  readonly name: "langop" | "agentic-layer" | "palena";
  /** API group, for example `langop.io`. */
  readonly group: string;
  /** Kinds with a schema: everything this dialect can read today. */
  readonly kinds: readonly Kind[];
  /** Engine when neither a flag nor an annotation says otherwise. */
  readonly defaultEngine: Engine;
  read(world: World, options: ReadOptions): Reading;
  /**
   * The Kubernetes objects of a gateway that `read` found, as far as a world of manifests tells: what only a running
   * cluster knows (addresses, other objects) is left open. Absent for dialects whose objects are not written yet.
   */
  readonly objects?: (world: World, gateway: Gateway, installation: Installation) => DesiredObjects;
  /** What runs beside the gateways, ordered by namespace, kind and name. Absent for dialects that have no such thing. */
  readonly members?: (world: World) => readonly Member[];
}
