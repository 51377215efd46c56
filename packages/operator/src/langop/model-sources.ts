import { dialectLabel, languageModel } from "@gatewright/dialects";
import { type KubernetesObject, keyText, objectKey, type Source, source } from "@gatewright/reconcile";
import type { GatewayReader } from "./gateway-reader.ts";
import type { LangopStores } from "./langop-stores.ts";
import { declaresTheSame } from "./resource.ts";

/** What wakes a LanguageModel: any model or the LanguageCluster of its namespace, what it owns, and its Secrets. */
export function modelSources(stores: LangopStores, reader: GatewayReader): readonly Source[] {
  const all = (namespace: string | undefined): readonly string[] =>
    namespace === undefined
      ? []
      : stores.models.store.by("namespace", namespace).map((model) => keyText(objectKey(model)));
  return [
    // The others too: models share names, and fall back to each other.
    source(stores.models, (model, other) => [
      keyText(objectKey(model)),
      ...(saysNothingNew(model, other) ? [] : all(model.metadata.namespace)),
    ]),
    source(stores.clusters, (cluster, other) =>
      saysNothingNew(cluster, other) ? [] : all(cluster.metadata.name),
    ),
    source(stores.pods, ({ namespace, labels }) =>
      labels["langop.io/kind"] === languageModel.kind
        ? [`${namespace}/${labels["app.kubernetes.io/name"] ?? ""}`]
        : [],
    ),
    ...[...stores.written].flatMap(([kind, store]) => {
      if (kind === "Namespace") return [];
      if (kind !== "Secret" && kind !== "ConfigMap") return [source(store, ownerKeys)];
      return [
        source(store, (object) => {
          const { labels, namespace = "", name } = object.metadata;
          if (labels?.[dialectLabel] !== undefined) return ownerKeys(object);
          return reader
            .dependents(kind, `${namespace}/${name}`)
            .flatMap((key) => (key.includes("/") ? [key] : all(key)));
        }),
      ];
    }),
  ];
}

/** A change of status alone: of no concern to anybody else, and each edit makes several. */
function saysNothingNew(object: KubernetesObject, other: KubernetesObject | undefined): boolean {
  return other !== undefined && declaresTheSame(object, other);
}

/** The model an object was written for. */
function ownerKeys({ metadata }: KubernetesObject): readonly string[] {
  return (metadata.ownerReferences ?? []).flatMap(({ kind, name }) =>
    kind === languageModel.kind ? [`${metadata.namespace ?? ""}/${name}`] : [],
  );
}
