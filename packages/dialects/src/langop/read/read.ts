import { compareText, type Finding, originText } from "@gatewright/plan";
import { readAnnotations } from "../../annotations.ts";
import type { Gateway, Reading, ReadOptions, World } from "../../dialect.ts";
import { originOf, type Resource } from "../../resource.ts";
import { readSpec } from "../../spec.ts";
import { languageCluster } from "../kinds/language-cluster.ts";
import { languageModel } from "../kinds/language-model.ts";
import { type Contribution, fieldFinding, joined, readEntries, type Surroundings } from "./entry.ts";
import { clearVariables, readEnvironment, readVariables, type Variable } from "./environment.ts";
import { readGateway } from "./gateway.ts";
import { agentKind, limitsWithoutGateway, readGatewayAgents } from "./gateway-agents.ts";
import { hmacVariable, readAgentKeys } from "./identity.ts";
import { masterKeyVariable, readKey } from "./key.ts";
import { extraConfigVariable, readOverlay } from "./overlay.ts";

const secretsFolder = "/etc/secrets";

/**
 * The gateways of a world (langop.md §3.1, decisions: namespaces without a LanguageCluster): one for each LanguageCluster,
 * with all LanguageModels of its namespace, and one for each LanguageModel of any other namespace.
 */
export function read(world: World, options: ReadOptions): Reading {
  const clusters = resourcesOf(world, languageCluster.kind);
  const managed = new Set(clusters.map(({ metadata }) => metadata.name));
  const models = resourcesOf(world, languageModel.kind);
  const isAlone = ({ metadata }: Resource): boolean => !managed.has(metadata.namespace ?? "");
  const alone = models.filter(isAlone);
  const agents = resourcesOf(world, agentKind);
  const { only = () => true } = options;
  const gateways = [
    ...clusters.filter(only).map((cluster) => readShared(cluster, { models, agents }, world, options)),
    ...alone.filter(only).map((model) => readAlone(model, alone, world, options)),
  ];
  return { gateways: gateways.sort(byPlace), findings: limitsWithoutGateway(agents.filter(isAlone)) };
}

function resourcesOf(world: World, kind: string): readonly Resource[] {
  const { group, version } = languageModel;
  return world.resources.filter(
    (resource) => resource.kind === kind && resource.apiVersion === `${group}/${version}`,
  );
}

function byPlace(a: Gateway, b: Gateway): number {
  return compareText(a.plan.namespace, b.plan.namespace) || compareText(a.plan.name, b.plan.name);
}

function readShared(
  cluster: Resource,
  { models, agents }: { readonly models: readonly Resource[]; readonly agents: readonly Resource[] },
  world: World,
  options: ReadOptions,
): Gateway {
  const namespace = cluster.metadata.name;
  const origin = originOf(cluster);
  const { spec, findings: ofSpec } = readSpec(languageCluster, cluster);
  const annotations = readAnnotations(cluster, options.engine);
  const environment = readEnvironment(cluster, spec?.gateway?.deployment, world);
  const variable = (name: string): Variable | undefined => environment.variables.get(name);
  const overlay = readOverlay(origin, variable(extraConfigVariable));
  const isOwn = ({ metadata }: Resource): boolean => metadata.namespace === namespace;
  const agentKeys = readAgentKeys({
    origin,
    engine: annotations.engine,
    variable: variable(hmacVariable),
    required: options.agentKeys?.(cluster) ?? false,
    extra: overlay.value,
  });
  const settings = joined([
    readKey(origin, variable(masterKeyVariable)),
    overlay.contribution,
    agentKeys,
    readGatewayAgents(agents.filter(isOwn), {
      engine: annotations.engine,
      keysAsked: agentKeys.parts.length > 0,
    }),
    readVariables(cluster, environment, [masterKeyVariable, extraConfigVariable, hmacVariable]),
    { parts: [], findings: [...ofSpec, ...annotations.findings, ...environment.findings] },
    { parts: [], findings: spec === undefined ? [unreadableCluster(cluster)] : [] },
  ]);
  const gateway = readGateway({
    header: { namespace, name: "gateway", origin, ...headerOf(annotations) },
    models: models.filter(isOwn),
    surroundings: surroundingsOf(namespace, annotations.engine, world),
    settings,
  });
  const clear = clearVariables(environment);
  return Object.keys(clear).length === 0 ? gateway : { ...gateway, environment: clear };
}

/** What a whole LanguageCluster says cannot be guessed from a part of it: a lost `env` could open the gateway. */
function unreadableCluster(cluster: Resource): Finding {
  const origin = originOf(cluster);
  return {
    code: "ClusterInvalid",
    effect: "blocked",
    origin,
    text: `${originText(origin)} has fields that cannot be used, so its gateway is not served; see the findings about them.`,
  };
}

function readAlone(
  model: Resource,
  others: readonly Resource[],
  world: World,
  options: ReadOptions,
): Gateway {
  const { name, namespace = "" } = model.metadata;
  const annotations = readAnnotations(model, options.engine);
  const neighbours = others.filter(({ metadata }) => metadata.namespace === namespace);
  const settings: Contribution = {
    parts: [],
    findings: [
      ...annotations.findings,
      fieldFinding(
        model,
        "metadata.namespace",
        "NamespaceNotManaged",
        "approximated",
        `is no LanguageCluster, so the model gets a gateway of its own. Create a LanguageCluster named ${namespace} to serve all its models by one.`,
      ),
    ],
  };
  return readGateway({
    header: { namespace, name, origin: originOf(model), ...headerOf(annotations) },
    models: withFallbacks(model, neighbours),
    surroundings: surroundingsOf(namespace, annotations.engine, world),
    settings,
  });
}

/** A model and all it can fall back to: a gateway of its own must have the upstreams its chains lead to. */
function withFallbacks(model: Resource, neighbours: readonly Resource[]): readonly Resource[] {
  const { entries } = readEntries(neighbours);
  const reached = new Set([model.metadata.name]);
  // A Set goes on to members that are added while it is walked, so chains of chains are followed to their end.
  for (const name of reached) {
    const entry = entries.find((candidate) => candidate.name === name);
    for (const { modelRef } of entry?.spec.fallbacks ?? []) {
      if (neighbours.some(({ metadata }) => metadata.name === modelRef)) reached.add(modelRef);
    }
  }
  return neighbours.filter(({ metadata }) => reached.has(metadata.name));
}

function headerOf(annotations: ReturnType<typeof readAnnotations>) {
  const { engine, allowUnsupported } = annotations;
  return { engine, ...(allowUnsupported === undefined ? {} : { allowUnsupported }) };
}

function surroundingsOf(namespace: string, engine: Surroundings["engine"], world: World): Surroundings {
  return {
    engine,
    secretsFolder,
    secretKeys: (name) => world.secretKeys(namespace, name),
    environmentHas: () => false,
  };
}
