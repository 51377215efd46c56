import { owning, type PartAccess, reading } from "../access-rule.ts";

const clusters: PartAccess = {
  part: "LanguageCluster",
  rules: [
    {
      scope: "cluster",
      why: "LanguageClusters are cluster-scoped; each stands for the namespace of its name.",
      groups: ["langop.io"],
      resources: ["languageclusters"],
      verbs: reading,
    },
    {
      scope: "cluster-by-name",
      why: "Finalizers and annotations, never the spec.",
      groups: ["langop.io"],
      resources: ["languageclusters"],
      verbs: ["patch"],
    },
    {
      scope: "cluster-by-name",
      why: "Phase and conditions.",
      groups: ["langop.io"],
      resources: ["languageclusters/status"],
      verbs: ["patch"],
    },
    {
      scope: "cluster-by-name",
      why: "Owned objects block the deletion of their owner; some API servers ask for this right then.",
      groups: ["langop.io"],
      resources: ["languageclusters/finalizers"],
      verbs: ["update"],
    },
    {
      scope: "cluster",
      why: "Whether the namespace of a LanguageCluster is there, and whose it is.",
      groups: [""],
      resources: ["namespaces"],
      verbs: reading,
    },
    {
      scope: "cluster-by-name",
      why: "A namespace that was there before is labelled as the cluster's.",
      groups: [""],
      resources: ["namespaces"],
      verbs: ["patch"],
    },
    {
      scope: "whole-cluster",
      why: "The namespace of a LanguageCluster is created with it, and deleted with it if it was created for it.",
      groups: [""],
      resources: ["namespaces"],
      verbs: ["create", "delete"],
    },
    {
      scope: "watched",
      why: "A cluster that goes deletes its members first.",
      groups: ["langop.io"],
      resources: ["languageagents", "languagetools", "languagepersonas"],
      verbs: ["delete"],
    },
    {
      scope: "watched",
      why: "The Roles agents and gateway of a cluster, and that of each agent.",
      groups: ["rbac.authorization.k8s.io"],
      resources: ["roles", "rolebindings"],
      verbs: owning,
    },
    {
      scope: "watched",
      why: "The Role agents grants this, and nobody may grant what he may not do.",
      groups: [""],
      resources: ["events"],
      verbs: ["create"],
    },
    {
      scope: "watched",
      why: "The Role gateway holds the roleRules that a LanguageCluster asks for, which the operator itself need not hold. Whoever may write LanguageClusters can have any right inside their namespaces with this; they could anyway, as the gateway's pod may run under any ServiceAccount there. No other Role can be raised.",
      groups: ["rbac.authorization.k8s.io"],
      resources: ["roles"],
      verbs: ["escalate", "bind"],
      names: ["gateway"],
    },
    {
      scope: "watched",
      why: "The capacity of a cluster.",
      groups: [""],
      resources: ["resourcequotas"],
      verbs: owning,
    },
    {
      scope: "watched",
      why: "How gateways are reached from outside.",
      groups: ["networking.k8s.io"],
      resources: ["ingresses"],
      verbs: owning,
    },
    {
      scope: "watched",
      why: "The same by Gateway API, where it is installed.",
      groups: ["gateway.networking.k8s.io"],
      resources: ["httproutes"],
      verbs: owning,
    },
    {
      scope: "watched",
      why: "Gateways that scale with their load.",
      groups: ["autoscaling"],
      resources: ["horizontalpodautoscalers"],
      verbs: owning,
    },
  ],
};

const models: PartAccess = {
  part: "LanguageModel",
  rules: [
    {
      scope: "watched",
      why: "Models; finalizers and annotations are written, never the spec. A cluster that goes deletes its own.",
      groups: ["langop.io"],
      resources: ["languagemodels"],
      verbs: [...reading, "patch", "delete"],
    },
    {
      scope: "watched",
      why: "Phase and conditions.",
      groups: ["langop.io"],
      resources: ["languagemodels/status"],
      verbs: ["patch"],
    },
    {
      scope: "watched",
      why: "Owned objects block the deletion of their owner; some API servers ask for this right then.",
      groups: ["langop.io"],
      resources: ["languagemodels/finalizers"],
      verbs: ["update"],
    },
  ],
};

const members: PartAccess = {
  part: "LanguageAgent, LanguageTool, LanguagePersona",
  rules: [
    {
      scope: "watched",
      why: "Agents, tools and personas; finalizers are written, and of agents what they ask to change about themselves.",
      groups: ["langop.io"],
      resources: ["languageagents", "languagetools", "languagepersonas"],
      verbs: [...reading, "patch"],
    },
    {
      scope: "watched",
      why: "Phase and conditions.",
      groups: ["langop.io"],
      resources: ["languageagents/status", "languagetools/status", "languagepersonas/status"],
      verbs: ["patch"],
    },
    {
      scope: "watched",
      why: "Owned objects block the deletion of their owner; some API servers ask for this right then.",
      groups: ["langop.io"],
      resources: ["languageagents/finalizers", "languagetools/finalizers"],
      verbs: ["update"],
    },
    {
      scope: "cluster",
      why: "Presets that agents of any namespace may name.",
      groups: ["langop.io"],
      resources: ["languageagentruntimes"],
      verbs: reading,
    },
    {
      scope: "watched",
      why: "The workspaces of agents. None is ever deleted: they go with their agents, or stay.",
      groups: [""],
      resources: ["persistentvolumeclaims"],
      verbs: owning.filter((verb) => verb !== "delete"),
    },
    {
      scope: "watched",
      why: "Agents that run to their end, once or on a schedule.",
      groups: ["batch"],
      resources: ["jobs", "cronjobs"],
      verbs: owning,
    },
    {
      scope: "watched",
      why: "What agents ask to change about themselves; deleted an hour after it was decided. Finalizers of the replaced operator are removed.",
      groups: ["langop.io"],
      resources: ["languageagentselfconfigs"],
      verbs: [...reading, "patch", "delete"],
    },
    {
      scope: "watched",
      why: "What became of it.",
      groups: ["langop.io"],
      resources: ["languageagentselfconfigs/status"],
      verbs: ["patch"],
    },
    {
      scope: "watched",
      why: "The Role of an agent that may change itself grants this, and nobody may grant what he may not do.",
      groups: ["langop.io"],
      resources: ["languageagentselfconfigs"],
      verbs: ["create"],
    },
  ],
};

const gateways: PartAccess = {
  part: "gateways of clusters and models",
  rules: [
    {
      scope: "watched",
      why: "Provider keys are read by name from the Secrets that models name, and delivered in one Secret for each gateway. Only the metadata of Secrets is listed and watched, which RBAC cannot tell apart from their data.",
      groups: [""],
      resources: ["secrets"],
      verbs: owning,
    },
    {
      scope: "watched",
      why: "The configuration, address and identity of gateways.",
      groups: [""],
      resources: ["configmaps", "services", "serviceaccounts"],
      verbs: owning,
    },
    {
      scope: "watched",
      why: "The gateways themselves.",
      groups: ["apps"],
      resources: ["deployments"],
      verbs: owning,
    },
    {
      scope: "watched",
      why: "Which gateway pods serve; an annotation makes the kubelet deliver a change at once.",
      groups: [""],
      resources: ["pods"],
      verbs: [...reading, "patch"],
    },
    {
      scope: "watched",
      why: "Gateways keep serving while nodes are drained.",
      groups: ["policy"],
      resources: ["poddisruptionbudgets"],
      verbs: owning,
    },
    {
      scope: "watched",
      why: "Who may talk to whom.",
      groups: ["networking.k8s.io"],
      resources: ["networkpolicies"],
      verbs: owning,
    },
    {
      scope: "watched",
      why: "The same by DNS name, where Cilium is installed.",
      groups: ["cilium.io"],
      resources: ["ciliumnetworkpolicies"],
      verbs: owning,
    },
  ],
};

/** What the controllers of `langop.io` may do. */
export const langopAccess: readonly PartAccess[] = [clusters, models, members, gateways];
