import type { PolicyRule } from "kubernetes-types/rbac/v1.js";
import type { AccessRule, AccessScope } from "../../packages/operator/src/access-rule.ts";
import { accessRules } from "../../packages/operator/src/access-rules.ts";
import type { Manifest } from "./manifest.ts";
import { labels, operatorNamespace, serviceAccountName } from "./names.ts";

/** What is watched: the whole cluster, or some namespaces, without admission webhook. */
export type Watched =
  | { readonly kind: "cluster" }
  | { readonly kind: "namespaces"; readonly names: readonly string[] };

/** The ServiceAccount, its roles and their bindings. */
export function operatorAccess(watched: Watched): readonly Manifest[] {
  const rules = accessRules
    .filter(({ webhook }) => webhook !== true || watched.kind === "cluster")
    .flatMap((part) => part.rules);
  const of = (...scopes: AccessScope[]): AccessRule[] => rules.filter(({ scope }) => scopes.includes(scope));
  const serviceAccount: Manifest = {
    object: {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: serviceAccountName, namespace: operatorNamespace, labels },
      // Only the operator's own pods get a token, which ask for it.
      automountServiceAccountToken: false,
    } as Manifest["object"],
  };
  const inNamespaces = [
    ...pair({ name: "gatewright-operator", namespace: operatorNamespace }, of("own")),
    ...pair({ name: "gatewright-operator", namespace: "kube-system" }, of("kube-system")),
  ];
  if (watched.kind === "cluster") {
    return [
      serviceAccount,
      ...pair(
        { name: "gatewright-operator" },
        // Events in the namespace default come with those everywhere.
        of("cluster", "cluster-by-name", "whole-cluster", "watched"),
      ),
      ...inNamespaces,
    ];
  }
  const byName = of("cluster-by-name").map((rule) => ({ ...rule, names: watched.names }));
  return [
    serviceAccount,
    ...pair({ name: "gatewright-operator" }, [...of("cluster"), ...byName]),
    ...inNamespaces,
    ...pair({ name: "gatewright-operator-events", namespace: "default" }, of("default")),
    ...watched.names.flatMap((namespace) => pair({ name: "gatewright-operator", namespace }, of("watched"))),
  ];
}

/** A role of the rules, bound to the operator; with a namespace one that applies there only. */
function pair(
  at: { readonly name: string; readonly namespace?: string },
  rules: readonly AccessRule[],
): readonly Manifest[] {
  const kind = at.namespace === undefined ? "ClusterRole" : "Role";
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const role: Manifest = {
    object: {
      apiVersion,
      kind,
      metadata: { ...at, labels },
      rules: rules.map(policyRule),
    } as Manifest["object"],
    remarks: rules.map(({ why }, index) => [["rules", index], why] as const),
  };
  const binding: Manifest = {
    object: {
      apiVersion,
      kind: `${kind}Binding`,
      metadata: { ...at, labels },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name: at.name },
      subjects: [{ kind: "ServiceAccount", name: serviceAccountName, namespace: operatorNamespace }],
    } as Manifest["object"],
  };
  return [role, binding];
}

function policyRule({ groups, resources, names, verbs }: AccessRule): PolicyRule {
  return {
    apiGroups: [...groups],
    resources: [...resources],
    ...(names === undefined ? {} : { resourceNames: [...names] }),
    verbs: [...verbs],
  };
}
