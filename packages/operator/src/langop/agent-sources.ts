import { agentKeySecret, agentReferences, languageAgent } from "@gatewright/dialects";
import { type KubernetesObject, keyText, objectKey, type Source, source } from "@gatewright/reconcile";
import { isIngressControllerNamespace } from "../ingress-controller.ts";
import type { LangopStores } from "./langop-stores.ts";
import { dialectLabel } from "./langop-types.ts";
import { declaresTheSame, resourceOf } from "./resource.ts";

/**
 * What wakes a LanguageAgent: itself, what it refers to and nothing else of its namespace, its cluster, what it owns, the
 * Secret its key is signed with, and those that its credentials come from (langop.md §2.4).
 */
export function agentSources(
  stores: LangopStores,
  usersOf: (namespace: string, secret: string) => readonly string[],
): readonly Source[] {
  const inNamespace = (namespace: string | undefined): readonly KubernetesObject[] =>
    namespace === undefined ? [] : stores.agents.store.by("namespace", namespace);
  const keyOf = (agent: KubernetesObject): string => keyText(objectKey(agent));
  const all = (namespace: string | undefined): readonly string[] => inNamespace(namespace).map(keyOf);
  const referring = (agents: Iterable<KubernetesObject>, { kind, metadata }: KubernetesObject) =>
    [...agents]
      .filter((agent) => agentReferences(resourceOf(agent)).has(`${kind}/${metadata.name}`))
      .map(keyOf);
  return [
    source(stores.agents, (agent) => [keyOf(agent)]),
    ...[stores.models, stores.tools, stores.personas].map((members) =>
      source(members, (member, other) =>
        saysNothingNew(member, other) ? [] : referring(inNamespace(member.metadata.namespace), member),
      ),
    ),
    source(stores.runtimes, (runtime, other) =>
      saysNothingNew(runtime, other) ? [] : referring(stores.agents.store.values(), runtime),
    ),
    // A gateway that was taken over open has no Secret of keys that would wake them when it comes: its cluster's phase does.
    source(stores.clusters, (cluster, other) =>
      saysNothingNew(cluster, other) && phaseOf(cluster) === phaseOf(other) ? [] : all(cluster.metadata.name),
    ),
    // Published agents admit it from then on.
    source(stores.namespaces, ({ metadata }) =>
      isIngressControllerNamespace(metadata.name) ? [...stores.agents.store.values()].map(keyOf) : [],
    ),
    ...[...stores.written].flatMap(([kind, written]) => {
      if (kind === "Namespace") return [];
      return [
        source(written, (object: KubernetesObject) => {
          const { namespace, name, labels } = object.metadata;
          // One that the user made is kept, and has no label of ours.
          if (kind === "Secret" && name === agentKeySecret.name) return all(namespace);
          const users = kind === "Secret" ? usersOf(namespace ?? "", name) : [];
          if (labels?.[dialectLabel] === undefined) return users;
          return [...users, ...memberKeys(object, languageAgent.kind)];
        }),
      ];
    }),
  ];
}

function phaseOf(object: KubernetesObject | undefined): unknown {
  return (object?.["status"] as { readonly phase?: unknown } | undefined)?.phase;
}

/** A change of status alone. */
export function saysNothingNew(object: KubernetesObject, other: KubernetesObject | undefined): boolean {
  return other !== undefined && declaresTheSame(object, other);
}

/** The member of a kind that an object was written for. Jobs of a CronJob, and volumes that outlive it, name it too. */
export function memberKeys({ metadata }: KubernetesObject, kind: string): readonly string[] {
  const { labels = {}, namespace = "" } = metadata;
  const name = labels["app.kubernetes.io/name"];
  return labels["langop.io/kind"] !== kind || name === undefined ? [] : [`${namespace}/${name}`];
}
