import type { Installation } from "../../../installation.ts";
import type { Resource } from "../../../resource.ts";
import type { LanguageClusterSpec } from "../../kinds/language-cluster.ts";
import type { Agent } from "../../read/agent.ts";
import type { NetworkView } from "../peer.ts";

/** What the objects of an agent are made of. */
export interface AgentObjectsInput extends Pick<NetworkView, "addresses" | "serviceSelectors"> {
  readonly agent: Agent;
  /** The LanguageCluster of the namespace, and its spec. */
  readonly cluster: Resource;
  readonly clusterSpec: LanguageClusterSpec;
  readonly installation: Installation;
  /** Hash of the Secrets the agent reads at its start: a new one replaces its pods. Absent when it is not known. */
  readonly secretsHash?: string;
  /** Name of the Job, and so of the template, that a task has run already: it is not run again. */
  readonly ranAs?: string;
}
