import type { PolicyRule } from "kubernetes-types/rbac/v1.js";
import type { Manifest } from "./manifest.ts";
import { labels } from "./names.ts";

/*
 * The roles of people (langop.md §3.9). A LanguageCluster is not a namespaced thing: it takes over the namespace of its
 * name and runs pods there under any ServiceAccount, so to write one is to administer the cluster, and that right comes
 * with none of Kubernetes' own roles.
 */

const clusterKind = "languageclusters";
const otherKinds = [
  "languageagents",
  "languageagentruntimes",
  "languageagentselfconfigs",
  "languagemodels",
  "languagepersonas",
  "languagetools",
] as const;

const read = ["get", "list", "watch"];
const write = ["create", "update", "patch", "delete", "deletecollection"];

/** ClusterRoles that an administrator binds to people, with a RoleBinding or a ClusterRoleBinding. */
export function userRoles(): readonly Manifest[] {
  return [
    role(
      "langop-admin",
      "People who run agents, tools and models in namespaces that are there. Part of Kubernetes' own role admin, which may read the Secrets and run the pods of its namespaces anyway; not of edit, because agents can ask for rights (roleRules) that edit must not hand out.",
      [
        rule(otherKinds, [...read, ...write]),
        statusRule(otherKinds),
        rule([clusterKind], read),
        statusRule([clusterKind]),
      ],
      { "rbac.authorization.k8s.io/aggregate-to-admin": "true" },
    ),
    role(
      "langop-cluster-admin",
      "People who make LanguageClusters. Bind it to those only who may administer the whole cluster: a LanguageCluster takes over the namespace of its name, kube-system too, and runs pods there under any ServiceAccount.",
      [rule([clusterKind, ...otherKinds], [...read, ...write]), statusRule([clusterKind, ...otherKinds])],
    ),
    role(
      "langop-cluster-viewer",
      "People who look. Not part of Kubernetes' own role view, which shows no secrets: an agent's credentials may stand in its spec.",
      [rule([clusterKind, ...otherKinds], read), statusRule([clusterKind, ...otherKinds])],
    ),
  ];
}

function role(
  name: string,
  remark: string,
  rules: readonly PolicyRule[],
  aggregation: { readonly [label: string]: string } = {},
): Manifest {
  return {
    remark,
    object: {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name, labels: { ...labels, ...aggregation } },
      rules,
    } as Manifest["object"],
  };
}

function rule(resources: readonly string[], verbs: readonly string[]): PolicyRule {
  return { apiGroups: ["langop.io"], resources: [...resources], verbs: [...verbs] };
}

/** Status is the operator's to write. */
function statusRule(resources: readonly string[]): PolicyRule {
  return rule(
    resources.map((resource) => `${resource}/status`),
    ["get"],
  );
}
