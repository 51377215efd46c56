import { agentKeySecret, dialectLabel, languageAgent, languageTool } from "@gatewright/dialects";
import { type KubernetesObject, type Source, source } from "@gatewright/reconcile";
import { signsInWith } from "./auth-secret.ts";
import type { GatewayReader } from "./gateway-reader.ts";
import type { LangopStores } from "./langop-stores.ts";
import { declaresTheSame, resourceOf } from "./resource.ts";

/** What wakes a LanguageCluster: itself, its members, what it owns, and what its gateway's settings come from. */
export function clusterSources(stores: LangopStores, reader: GatewayReader): readonly Source[] {
  const namespaced = ({ metadata }: KubernetesObject): readonly string[] =>
    clusterKeys(stores, metadata.namespace);
  return [
    source(stores.clusters, ({ metadata }) => [metadata.name]),
    ...[stores.models, stores.agents, stores.selfConfigs, stores.tools, stores.personas].map((store) =>
      // Their status is of no concern here.
      source(store, (member, other) =>
        other !== undefined && declaresTheSame(member, other) ? [] : namespaced(member),
      ),
    ),
    // Its capacity counts what agents have from their runtimes.
    source(stores.runtimes, (runtime, other) =>
      other !== undefined && declaresTheSame(runtime, other) ? [] : presetKeys(stores, runtime),
    ),
    source(stores.namespaces, ({ metadata }) => clusterKeys(stores, metadata.name)),
    source(stores.pods, ({ namespace }) => clusterKeys(stores, namespace)),
    ...[...stores.written].flatMap(([kind, store]) => {
      if (kind === "Namespace") return [];
      if (kind !== "Secret" && kind !== "ConfigMap") {
        return [source(store, (object) => (isOfMember(object) ? [] : namespaced(object)))];
      }
      return [source(store, (object) => sourceKeys(kind, object, stores, reader))];
    }),
  ];
}

/** Secrets and ConfigMaps are many and change often: only what is ours or is referred to wakes anybody. */
function sourceKeys(
  kind: "Secret" | "ConfigMap",
  object: KubernetesObject,
  stores: LangopStores,
  reader: GatewayReader,
): readonly string[] {
  const { labels, namespace = "", name } = object.metadata;
  // One that the user made is kept, and has no label of ours.
  const signs = kind === "Secret" && (name === agentKeySecret.name || isSignIn(stores, namespace, name));
  if (signs) return clusterKeys(stores, namespace);
  if (labels?.[dialectLabel] !== undefined) return isOfMember(object) ? [] : clusterKeys(stores, namespace);
  return reader.dependents(kind, `${namespace}/${name}`).filter((key) => !key.includes("/"));
}

function presetKeys(stores: LangopStores, { metadata: { name } }: KubernetesObject): readonly string[] {
  return [...stores.agents.store.values()]
    .filter((agent) => resourceOf(agent).spec?.["runtime"] === name)
    .flatMap(({ metadata }) => clusterKeys(stores, metadata.namespace));
}

/** What was written for an agent or a tool is the business of its own controller. */
function isOfMember({ metadata }: KubernetesObject): boolean {
  const kind = metadata.labels?.["langop.io/kind"];
  return kind === languageAgent.kind || kind === languageTool.kind;
}

function isSignIn(stores: LangopStores, namespace: string, secret: string): boolean {
  const cluster = stores.clusters.store.get(namespace);
  return cluster !== undefined && signsInWith(resourceOf(cluster), secret);
}

function clusterKeys(stores: LangopStores, namespace: string | undefined): readonly string[] {
  return namespace !== undefined && stores.clusters.store.get(namespace) !== undefined ? [namespace] : [];
}
