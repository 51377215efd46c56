/*
 * What the operator may do, as data: `tools/generators/install.ts` makes its Roles of it, and a test holds the requests
 * that it makes on a real API server against it. A controller that needs more adds its rules here, in the commit that
 * needs them, each with its reason: the reasons stand in the install files, where those who review them read.
 */

/** Where a rule applies, and so in which role it lands: an operator may watch everything or a few namespaces. */
export type AccessScope =
  /** Cluster-scoped kinds. Always cluster-wide: there is no smaller way to grant them. */
  | "cluster"
  /** Cluster-scoped objects; only those named like a watched namespace where a few are watched. */
  | "cluster-by-name"
  /** Cluster-scoped kinds; not granted to an operator that watches a few namespaces. */
  | "whole-cluster"
  /** Objects in the namespaces that are watched. */
  | "watched"
  /** Objects in the namespace `default`. */
  | "default"
  /** Objects in the operator's own namespace. */
  | "own";

export type AccessVerb =
  | "get"
  | "list"
  | "watch"
  | "create"
  | "patch"
  | "update"
  | "delete"
  | "bind"
  | "escalate";

export interface AccessRule {
  readonly scope: AccessScope;
  /** What it is for, as a sentence for the person who installs the operator. */
  readonly why: string;
  /** API groups; `""` is the core group. */
  readonly groups: readonly string[];
  /** Plural names, `name/subresource` for a sub-resource. */
  readonly resources: readonly string[];
  readonly verbs: readonly AccessVerb[];
  /** Only objects of these names. Cannot limit list, watch and a plain create. */
  readonly names?: readonly string[];
}

/** The rules of one part of the operator. */
export interface PartAccess {
  readonly part: string;
  /** Left out of an operator that runs with `--disable-webhooks`. */
  readonly webhook?: boolean;
  readonly rules: readonly AccessRule[];
}

const read = ["get", "list", "watch"] as const;
/** Everything that server-side apply of owned objects takes: apply is a patch, and a create where there is nothing yet. */
const own = [...read, "create", "patch", "delete"] as const;

const runtime: PartAccess = {
  part: "runtime",
  rules: [
    {
      scope: "cluster",
      why: "Kinds are attached when their definition appears, and let go when it goes.",
      groups: ["apiextensions.k8s.io"],
      resources: ["customresourcedefinitions"],
      verbs: read,
    },
    {
      scope: "own",
      why: "One of several operators acts, the one that holds the Lease. Its name is a flag, so names are not limited.",
      groups: ["coordination.k8s.io"],
      resources: ["leases"],
      verbs: ["get", "create", "update"],
    },
    {
      scope: "watched",
      why: "What happened to a resource is told as Events.",
      groups: ["events.k8s.io"],
      resources: ["events"],
      verbs: ["create", "patch"],
    },
    {
      scope: "default",
      why: "Events about cluster-scoped resources stand in the namespace default: the API server takes them nowhere else.",
      groups: ["events.k8s.io"],
      resources: ["events"],
      verbs: ["create", "patch"],
    },
  ],
};

const admission: PartAccess = {
  part: "admission",
  webhook: true,
  rules: [
    {
      scope: "whole-cluster",
      why: "The authority of the webhook's certificate is written where the API server looks for it.",
      groups: ["admissionregistration.k8s.io"],
      resources: ["validatingwebhookconfigurations"],
      verbs: ["get", "patch"],
      names: ["gatewright-langop"],
    },
    {
      scope: "own",
      why: "The webhook's certificate, shared by the replicas and renewed before it ends.",
      groups: [""],
      resources: ["secrets"],
      verbs: ["get", "update", "patch"],
      names: ["gatewright-webhook-certificate"],
    },
    {
      scope: "own",
      why: "The certificate is created by the replica that comes first. A create cannot be limited to a name.",
      groups: [""],
      resources: ["secrets"],
      verbs: ["create"],
    },
  ],
};

const clusters: PartAccess = {
  part: "LanguageCluster",
  rules: [
    {
      scope: "cluster",
      why: "LanguageClusters are cluster-scoped; each stands for the namespace of its name.",
      groups: ["langop.io"],
      resources: ["languageclusters"],
      verbs: read,
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
      verbs: read,
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
      why: "Members are counted, and drained before their cluster goes.",
      groups: ["langop.io"],
      resources: ["languageagents", "languagetools", "languagepersonas"],
      verbs: [...read, "delete"],
    },
    {
      scope: "watched",
      why: "The Roles agents and gateway of a cluster.",
      groups: ["rbac.authorization.k8s.io"],
      resources: ["roles", "rolebindings"],
      verbs: own,
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
      verbs: own,
    },
    {
      scope: "watched",
      why: "How gateways are reached from outside.",
      groups: ["networking.k8s.io"],
      resources: ["ingresses"],
      verbs: own,
    },
    {
      scope: "watched",
      why: "The same by Gateway API, where it is installed.",
      groups: ["gateway.networking.k8s.io"],
      resources: ["httproutes"],
      verbs: own,
    },
    {
      scope: "watched",
      why: "Gateways that scale with their load.",
      groups: ["autoscaling"],
      resources: ["horizontalpodautoscalers"],
      verbs: own,
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
      verbs: [...read, "patch", "delete"],
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

const gateways: PartAccess = {
  part: "gateways of clusters and models",
  rules: [
    {
      scope: "watched",
      why: "Provider keys are read by name from the Secrets that models name, and delivered in one Secret for each gateway. Only the metadata of Secrets is listed and watched, which RBAC cannot tell apart from their data.",
      groups: [""],
      resources: ["secrets"],
      verbs: own,
    },
    {
      scope: "watched",
      why: "The configuration, address and identity of gateways.",
      groups: [""],
      resources: ["configmaps", "services", "serviceaccounts"],
      verbs: own,
    },
    {
      scope: "watched",
      why: "The gateways themselves.",
      groups: ["apps"],
      resources: ["deployments"],
      verbs: own,
    },
    {
      scope: "watched",
      why: "Which gateway pods serve; an annotation makes the kubelet deliver a change at once.",
      groups: [""],
      resources: ["pods"],
      verbs: [...read, "patch"],
    },
    {
      scope: "watched",
      why: "Gateways keep serving while nodes are drained.",
      groups: ["policy"],
      resources: ["poddisruptionbudgets"],
      verbs: own,
    },
    {
      scope: "watched",
      why: "Who may talk to whom.",
      groups: ["networking.k8s.io"],
      resources: ["networkpolicies"],
      verbs: own,
    },
    {
      scope: "watched",
      why: "The same by DNS name, where Cilium is installed.",
      groups: ["cilium.io"],
      resources: ["ciliumnetworkpolicies"],
      verbs: own,
    },
  ],
};

/** Everything that the operator may do, by the part that needs it. */
export const accessRules: readonly PartAccess[] = [runtime, admission, clusters, models, gateways];
