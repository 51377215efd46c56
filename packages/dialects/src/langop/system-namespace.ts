/** Namespaces that Kubernetes itself lives in: agents, quotas and policies there could stop the whole cluster. */
export const systemNamespaces: readonly string[] = ["kube-system", "kube-public", "kube-node-lease"];
