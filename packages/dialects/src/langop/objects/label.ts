import type { Labels } from "@gatewright/kubernetes";

/** The label by which the operator finds what it wrote. Never part of a selector: objects of the replaced operator lack it. */
export const dialectLabel = "gatewright.dev/dialect";

/** The label of Services that keep old addresses of models working; its value is the model's name. */
export const modelServiceLabel = "gatewright.dev/model-service";

const common: Labels = {
  "app.kubernetes.io/name": "language-operator",
  "app.kubernetes.io/managed-by": "language-operator",
  "app.kubernetes.io/part-of": "langop",
};

/** Labels of a shared gateway's pods, which are also their selector (langop.md §3.2). */
export function gatewaySelector(cluster: string): Labels {
  return {
    ...common,
    "langop.io/kind": "gateway",
    "app.kubernetes.io/component": "gateway",
    "langop.io/cluster": cluster,
  };
}

/** Labels of a standalone gateway's pods, which are also their selector (langop.md §4.3). */
export function modelSelector(model: string): Labels {
  return { ...common, "app.kubernetes.io/name": model, "langop.io/kind": "LanguageModel" };
}

/** Labels of the agents of a cluster, to select them by (langop.md §3.5). */
export function agentSelector(cluster: string): Labels {
  return { "langop.io/cluster": cluster, "langop.io/kind": "LanguageAgent" };
}

/** Labels of the pods of an agent or a tool, which are also their selector (langop.md §2.4). */
export function memberSelector(
  kind: "LanguageAgent" | "LanguageTool",
  name: string,
  cluster: string,
): Labels {
  return {
    ...common,
    "app.kubernetes.io/name": name,
    "langop.io/kind": kind,
    "langop.io/component": kind === "LanguageAgent" ? "agent" : "tool",
    "langop.io/cluster": cluster,
  };
}

/** Labels of the pods of a cluster's own OpenID provider, which are also their selector. */
export function authSelector(cluster: string): Labels {
  return {
    ...common,
    "langop.io/kind": "LanguageCluster",
    "app.kubernetes.io/component": "auth",
    "langop.io/cluster": cluster,
  };
}

/** Labels of an object that belongs to the cluster rather than to its gateway. */
export function clusterLabels(cluster: string, component: string): Labels {
  return owned({
    ...common,
    "langop.io/kind": "LanguageCluster",
    "app.kubernetes.io/component": component,
    "langop.io/cluster": cluster,
  });
}

/** Labels of the namespace of a cluster (langop.md §3.1). */
export function namespaceLabels(cluster: string): Labels {
  return owned({ "app.kubernetes.io/managed-by": "language-operator", "langop.io/cluster": cluster });
}

/** Labels as the operator writes them on an object: those, and the one it finds the object by. */
export function owned(labels: Labels): Labels {
  return { ...labels, [dialectLabel]: "langop" };
}
