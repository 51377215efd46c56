import { compareText } from "@gatewright/plan";
import type { Member, MemberVariable, World } from "../../dialect.ts";
import { originOf, type Resource } from "../../resource.ts";
import { readSpec } from "../../spec.ts";
import { languageAgent } from "../kinds/language-agent.ts";
import { languageAgentRuntime } from "../kinds/language-agent-runtime.ts";
import { languageCluster } from "../kinds/language-cluster.ts";
import { languageModel } from "../kinds/language-model.ts";
import { languagePersona } from "../kinds/language-persona.ts";
import { languageTool } from "../kinds/language-tool.ts";
import { type Agent, isUndecided, readAgent } from "../read/agent.ts";
import { fieldFinding } from "../read/entry.ts";
import { agentObjects } from "./agent/agent.ts";
import { agentVariables } from "./agent/environment.ts";
import { memberVariables } from "./member-variable.ts";
import { toolObjects } from "./tool/tool.ts";
import { joinVariables } from "./variable.ts";

/** The agents and tools of a world of manifests: `Dialect.members`. */
export function members(world: World): readonly Member[] {
  return world.resources
    .filter(
      ({ apiVersion, kind }) =>
        apiVersion === version && (kind === languageAgent.kind || kind === languageTool.kind),
    )
    .sort(byPlace)
    .map((resource) =>
      resource.kind === languageAgent.kind ? agentOf(resource, world) : toolOf(resource, world),
    );
}

const version = `${languageAgent.group}/${languageAgent.version}`;

function byPlace({ kind, metadata: a }: Resource, { kind: other, metadata: b }: Resource): number {
  return (
    compareText(a.namespace ?? "", b.namespace ?? "") ||
    compareText(kind, other) ||
    compareText(a.name, b.name)
  );
}

/** Nobody has looked up a name, and no Service but those of the manifests is known. */
function viewOf(world: World) {
  return {
    addresses: () => undefined,
    serviceSelectors(namespace: string, name: string) {
      const service = world.resources.find(
        ({ apiVersion, kind, metadata }) =>
          apiVersion === "v1" &&
          kind === "Service" &&
          metadata.name === name &&
          metadata.namespace === namespace,
      );
      const selector = service?.spec?.["selector"];
      return selector as { readonly [key: string]: string } | undefined;
    },
  };
}

function agentOf(resource: Resource, world: World): Member {
  const { namespace = "" } = resource.metadata;
  const named = (kind: string): readonly Resource[] =>
    world.resources.filter(
      (one) => one.apiVersion === version && one.kind === kind && one.metadata.namespace === namespace,
    );
  const { agent, findings } = readAgent(resource, {
    models: named(languageModel.kind),
    tools: named(languageTool.kind),
    personas: named(languagePersona.kind),
    runtimes: world.resources.filter(({ kind }) => kind === languageAgentRuntime.kind),
  });
  const cluster = clusterOf(namespace, world);
  const { uid } = resource.metadata;
  const origin = originOf(resource);
  if (agent === undefined) return { origin, findings, environment: [] };
  if (cluster === undefined) {
    return { origin, findings: [...findings, withoutCluster(resource)], environment: [] };
  }
  const environment = environmentOf(agent, cluster);
  const known = { origin, ...(uid === undefined ? {} : { uid }), findings, environment };
  if (isUndecided(agent)) return known;
  const { spec: clusterSpec = {} } = readSpec(languageCluster, cluster);
  return {
    ...known,
    objects: (installation) => agentObjects({ ...viewOf(world), agent, cluster, clusterSpec, installation }),
  };
}

function toolOf(tool: Resource, world: World): Member {
  const origin = originOf(tool);
  const { spec, findings } = readSpec(languageTool, tool);
  if (clusterOf(tool.metadata.namespace ?? "", world) === undefined) {
    return { origin, findings: [...findings, withoutCluster(tool)], environment: [] };
  }
  if (spec === undefined) return { origin, findings, environment: [] };
  return {
    origin,
    findings,
    environment: [],
    objects: (installation) => toolObjects({ ...viewOf(world), tool, spec, installation }),
  };
}

function clusterOf(namespace: string, world: World): Resource | undefined {
  return world.resources.find(
    ({ apiVersion, kind, metadata }) =>
      apiVersion === version && kind === languageCluster.kind && metadata.name === namespace,
  );
}

function withoutCluster(resource: Resource) {
  const { namespace = "" } = resource.metadata;
  const text = `is ${namespace}, for which there is no LanguageCluster: the operator waits for one before it deploys anything.`;
  return fieldFinding(resource, "metadata.namespace", "ClusterNotFound", "dropped", text);
}

/** Telemetry is the operator's to say, so its variables are not among these. */
function environmentOf(agent: Agent, cluster: Resource): readonly MemberVariable[] {
  const operators = agentVariables({ agent, cluster, installation: {} });
  return memberVariables(joinVariables(operators, agent.settings.deployment));
}
