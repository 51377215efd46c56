import { createHash } from "node:crypto";
import {
  cronJob,
  deployment as deploymentOf,
  horizontalPodAutoscaler,
  isLabelValue,
  job,
  type KubernetesObject,
  type Labels,
  metadata,
  ownedBy,
  podDisruptionBudget,
  type RunSettings,
} from "@gatewright/kubernetes";
import { canonicalText, type Finding } from "@gatewright/plan";
import type { Resource } from "../../../resource.ts";
import type { Agent } from "../../read/agent.ts";
import { fieldFinding } from "../../read/entry.ts";
import { userAccount } from "../identity.ts";
import { memberSelector, owned } from "../label.ts";
import { memberContainer, memberPod, temporaryMount } from "../member-pod.ts";
import type { Piece } from "../piece.ts";
import { hashAnnotation, secretsHashAnnotation } from "../pod-metadata.ts";
import { replicasOf } from "../scale.ts";
import { agentConfigName } from "./config.ts";
import { agentVariables } from "./environment.ts";
import { agentAccount } from "./identity.ts";
import type { AgentObjectsInput } from "./input.ts";
import type { Workspace } from "./storage.ts";

/** The generation of the agent's spec that its workload was written for. */
export const generationAnnotation = "gatewright.dev/agent-generation";

/** What the pods of an agent have beside their own container. */
export interface AgentCompany {
  readonly workspace: Workspace;
  /** Value of the annotation `langop.io/config-hash`. */
  readonly configHash: string;
  /** The container where people sign in. */
  readonly signIn?: object;
}

/** How an agent runs (langop.md §2.1 execution, §2.4). */
export type AgentForm = "Deployment" | "CronJob" | "Job";

export function formOf({ spec: { execution } }: Agent): AgentForm {
  if (execution?.mode !== "task") return "Deployment";
  return execution.schedule === undefined ? "Job" : "CronJob";
}

/** The workload of an agent: a Deployment for a service, a CronJob or a Job for a task. */
export function agentWorkload(input: AgentObjectsInput, company: AgentCompany): Piece {
  const { agent } = input;
  const findings: Finding[] = [];
  const template = podTemplate(input, company, findings);
  switch (formOf(agent)) {
    case "Deployment":
      return { objects: service(agent, template), findings };
    case "CronJob":
      return { objects: [scheduled(agent, template, findings)], findings };
    case "Job":
      return { objects: once(input, template), findings };
  }
}

function service(agent: Agent, template: object): readonly KubernetesObject[] {
  const { resource, settings, spec } = agent;
  const selector = selectorOf(agent);
  const { deployment } = settings;
  const { autoscaling } = deployment;
  const replicas = spec.execution?.suspend === true ? 0 : replicasOf(deployment);
  const scaled = replicas === 0 ? undefined : autoscaling;
  const { workspace } = spec;
  return [
    deploymentOf(metadataOf(agent, generationOf(resource)), {
      replicas,
      selector,
      template,
      oneAtATime: workspace.enabled && workspace.accessMode === "ReadWriteOnce",
    }),
    ...((scaled?.minReplicas ?? replicas ?? 1) > 1 ? [podDisruptionBudget(metadataOf(agent), selector)] : []),
    ...(scaled === undefined
      ? []
      : [horizontalPodAutoscaler(metadataOf(agent), { deployment: agent.name, ...scaled })]),
  ];
}

/** A schedule's Jobs are named after it and a time: the API server takes no longer name. */
const longestCronJobName = 52;

function scheduled(agent: Agent, template: object, findings: Finding[]): KubernetesObject {
  const { name, resource, spec } = agent;
  const { schedule = "", timezone, concurrencyPolicy, suspend } = spec.execution ?? {};
  const short = shortName(name, longestCronJobName);
  if (short !== name) {
    const text = `is too long for a CronJob, whose name is ${short} instead.`;
    findings.push(fieldFinding(resource, "metadata.name", "NameShortened", "approximated", text));
  }
  return cronJob(
    { ...metadataOf(agent, generationOf(resource)), name: short },
    {
      ...runSettings(agent, template),
      schedule,
      timeZone: timezone,
      concurrencyPolicy: concurrencyPolicy ?? "Forbid",
      suspend: suspend === true,
      jobMetadata: { labels: owned(selectorOf(agent)) },
    },
  );
}

/**
 * A Job for what the agent is now; another one when its pods would be made otherwise, as a Deployment would replace them.
 * One that has run is not made again when it is gone.
 */
function once(input: AgentObjectsInput, template: object): readonly KubernetesObject[] {
  const { agent, ranAs } = input;
  const name = jobName(agent.name, template);
  if (agent.spec.execution?.suspend === true || ranAs === name) return [];
  return [job({ ...metadataOf(agent, generationOf(agent.resource)), name }, runSettings(agent, template))];
}

/** Name of the Job of a template; of another template, another name. */
function jobName(agent: string, template: object): string {
  const hash = createHash("sha256").update(canonicalText(template)).digest("hex").slice(0, 8);
  return `${shortName(agent, longestName - 9)}-${hash}`;
}

const longestName = 63;

function shortName(name: string, longest: number): string {
  if (name.length <= longest) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return `${name.slice(0, longest - 9).replace(/-+$/u, "")}-${hash}`;
}

function runSettings({ spec: { execution } }: Agent, template: object): RunSettings {
  return {
    template,
    backoffLimit: execution?.retryLimit,
    activeDeadlineSeconds: execution?.activeDeadlineSeconds,
    ttlSecondsAfterFinished: execution?.ttlSecondsAfterFinished,
  };
}

function podTemplate(input: AgentObjectsInput, company: AgentCompany, findings: Finding[]): object {
  const { agent, secretsHash } = input;
  const { name, resource, settings } = agent;
  const { deployment, image = "" } = settings;
  const variables = agentVariables(input);
  const sidecars = toolContainers(agent);
  const account = userAccount(deployment);
  const group = resource.metadata.labels?.[groupLabel];
  return memberPod(
    {
      owner: resource,
      selector: owned(selectorOf(agent)),
      ...(group === undefined || !isLabelValue(group) ? {} : { labels: { [groupLabel]: group } }),
      annotations: {
        [hashAnnotation]: company.configHash,
        ...(secretsHash === undefined ? {} : { [secretsHashAnnotation]: secretsHash }),
      },
      deployment,
      serviceAccount: account ?? agentAccount(name),
      token: true,
      container: {
        name: "agent",
        image,
        ports: settings.ports.map(({ name: port, port: containerPort, protocol }) => ({
          name: port,
          containerPort,
          protocol,
        })),
        variables,
        resources: agentResources,
      },
      mounts: [
        temporaryMount,
        { name: "agent-config", path: "/etc/agent", source: { configMap: { name: agentConfigName(name) } } },
        ...company.workspace.mounts,
      ],
      first: [...company.workspace.initContainers, ...sidecars.containers],
      sidecars: company.signIn === undefined ? [] : [company.signIn],
      volumes: [...company.workspace.volumes, ...sidecars.volumes],
      ...(formOf(agent) === "Deployment" ? {} : { restartPolicy: "Never" }),
    },
    findings,
  );
}

/** The label by which network rules name groups of pods (langop.md §1.1). */
const groupLabel = "langop.io/group";

/** What an agent may use when it does not say (langop.md §2.1). */
export const agentResources = {
  requests: { cpu: "100m", memory: "256Mi" },
  limits: { cpu: "1000m", memory: "2Gi" },
} as const;

/** What a tool may use when it does not say. */
export const toolResources = {
  requests: { cpu: "100m", memory: "128Mi" },
  limits: { cpu: "1000m", memory: "512Mi" },
} as const;

/**
 * Tools that run in the agent's own pods: containers that start before the agent's and end after it, so that a task can
 * end. Their volumes bear the tool's name in front: two tools may call theirs the same.
 */
function toolContainers({ tools }: Agent): {
  readonly containers: readonly object[];
  readonly volumes: readonly object[];
} {
  const sidecars = tools.flatMap(({ name, sidecar }) =>
    sidecar === undefined ? [] : [{ name, ...sidecar }],
  );
  return {
    containers: sidecars.map(({ name, spec }) => {
      const deployment = spec.deployment ?? {};
      const container = memberContainer({
        name: shortName(`tool-${name.replaceAll(".", "-")}`, longestName),
        image: spec.image,
        ports: [{ containerPort: spec.port, protocol: "TCP" }],
        variables: [],
        resources: toolResources,
        deployment,
        volumeMounts: [
          { name: "tmp", mountPath: "/tmp" },
          ...(deployment.volumeMounts ?? []).map((mount) => ({
            ...mount,
            name: sidecarVolume(name, String(mount["name"])),
          })),
        ],
      });
      return { ...container, restartPolicy: "Always" };
    }),
    volumes: sidecars.flatMap(({ name, spec }) =>
      (spec.deployment?.volumes ?? []).map((volume) => ({
        ...volume,
        name: sidecarVolume(name, String(volume["name"])),
      })),
    ),
  };
}

function sidecarVolume(tool: string, volume: string): string {
  return shortName(`${tool.replaceAll(".", "-")}-${volume}`, longestName);
}

function selectorOf({ name, namespace }: Agent): Labels {
  return memberSelector("LanguageAgent", name, namespace);
}

function generationOf({ metadata: { generation } }: Resource): Labels {
  return generation === undefined ? {} : { [generationAnnotation]: String(generation) };
}

function metadataOf(agent: Agent, annotations: Labels = {}) {
  const { name, namespace, resource } = agent;
  return metadata({
    name,
    namespace,
    labels: owned(selectorOf(agent)),
    annotations,
    ownerReferences: ownedBy(resource),
  });
}
