import { type Client, type ResourceType, resourceTypes } from "@gatewright/reconcile";

/**
 * Network plugins that enforce NetworkPolicies, by the names of their DaemonSets in kube-system (langop.md §2.5).
 * Flannel, which the replaced operator counted too, is not among them: alone it enforces nothing.
 */
const enforcing = ["cilium", "calico-node", "weave-net", "antrea-agent"];

const calicoType: ResourceType = {
  group: "crd.projectcalico.org",
  version: "v1",
  kind: "IPPool",
  plural: "ippools",
  scope: "Cluster",
};

/**
 * Whether Calico is the network plugin, by its definitions (langop.md §2.5). Asked once: the plugin is there before any
 * pod. An API server that does not say is taken to have another one, whose rules are the narrower ones.
 */
export async function hasCalico(client: Client): Promise<boolean> {
  return client.served(calicoType).catch(() => false);
}

/**
 * Why this cluster does not seem to enforce network policies; nothing when it does. A guess: the API server takes
 * policies whether anybody enforces them or not.
 */
export async function networkPolicyObjection(client: Client): Promise<string | undefined> {
  const found = await client.list(resourceTypes.DaemonSet, { namespace: "kube-system", metadataOnly: true });
  const names = found.map(({ metadata }) => metadata.name);
  if (names.some((name) => enforcing.includes(name))) return undefined;
  return `--require-network-policy is set, and none of the network plugins that enforce policies (${enforcing.join(", ")}) runs in kube-system. Install one of them, or leave the flag out.`;
}
