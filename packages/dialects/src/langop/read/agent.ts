import { compareText, type Finding } from "@gatewright/plan";
import { originOf, type Resource } from "../../resource.ts";
import { readSpec } from "../../spec.ts";
import { type LanguageAgentSpec, languageAgent } from "../kinds/language-agent.ts";
import { languageAgentRuntime } from "../kinds/language-agent-runtime.ts";
import { type LanguagePersonaSpec, languagePersona } from "../kinds/language-persona.ts";
import { type AgentModel, readAgentModels } from "./agent-model.ts";
import { type AgentSettings, agentSettings } from "./agent-runtime.ts";
import { type AgentTool, readAgentTools } from "./agent-tool.ts";
import { fieldFinding } from "./entry.ts";

/** What an agent refers to, as far as it is there: members of its namespace, and runtimes. */
export interface AgentSurroundings {
  readonly models: readonly Resource[];
  readonly tools: readonly Resource[];
  readonly personas: readonly Resource[];
  readonly runtimes: readonly Resource[];
}

/** Something an agent names and that is not there, or cannot be read. */
export interface MissingReference {
  readonly kind: "LanguageModel" | "LanguageTool" | "LanguagePersona" | "LanguageAgentRuntime";
  readonly name: string;
}

/** An agent with everything it refers to (langop.md §2.1–2.3). */
export interface AgentReading {
  readonly resource: Resource;
  /** Absent exactly when a finding on the agent is `InvalidField`. */
  readonly agent?: Agent;
  readonly findings: readonly Finding[];
}

export interface Agent {
  readonly resource: Resource;
  readonly name: string;
  readonly namespace: string;
  readonly spec: LanguageAgentSpec;
  readonly settings: AgentSettings;
  /** In the order the agent lists them. */
  readonly models: readonly AgentModel[];
  readonly tools: readonly AgentTool[];
  readonly persona?: LanguagePersonaSpec & { readonly name: string };
  /** Sorted by kind and name. */
  readonly missing: readonly MissingReference[];
}

/** Without its models or its runtime nobody can say what an agent should be, so that it stays as it is. */
export function isUndecided({ missing }: Agent): boolean {
  return missing.some(({ kind }) => kind === "LanguageModel" || kind === "LanguageAgentRuntime");
}

/** Reads an agent. Pure: what it refers to is looked up among what is given. */
export function readAgent(resource: Resource, around: AgentSurroundings): AgentReading {
  const { spec, findings: ofSpec } = readSpec(languageAgent, resource);
  if (spec === undefined) return { resource, findings: ofSpec };
  const { name, namespace = "" } = resource.metadata;
  const findings: Finding[] = [...ofSpec];
  const missing: MissingReference[] = [];
  const lack: Lack = (kind, of, path, why) => {
    missing.push({ kind, name: of });
    findings.push(fieldFinding(resource, path, "ReferenceMissing", "dropped", why));
  };
  const runtime = readRuntime(spec, around, lack);
  const persona = readPersona(spec, around, lack);
  const models = readAgentModels(resource, spec, around.models, lack, findings);
  const tools = readAgentTools(resource, spec, around.tools, lack, findings);
  findings.push(...withoutEffect(resource, spec));
  const settings = agentSettings(spec, runtime);
  // A runtime that is missing is told as such: it may well have an image.
  const mayComeByRuntime = missing.some(({ kind }) => kind === "LanguageAgentRuntime");
  if (settings.image === undefined && !mayComeByRuntime) {
    findings.push({
      code: "ImageMissing",
      effect: "blocked",
      origin: originOf(resource),
      text: `LanguageAgent ${namespace}/${name} has no image, and no runtime that gives it one, so nothing is deployed. Set spec.image or spec.runtime.`,
    });
  }
  return {
    resource,
    agent: {
      resource,
      name,
      namespace,
      spec,
      settings,
      models,
      tools,
      ...(persona === undefined ? {} : { persona }),
      missing: missing.sort((a, b) => compareText(a.kind, b.kind) || compareText(a.name, b.name)),
    },
    findings,
  };
}

/** Reports something that is missing: `why` goes on after the field. */
export type Lack = (kind: MissingReference["kind"], name: string, path: string, why: string) => void;

function readRuntime({ runtime: name = "" }: LanguageAgentSpec, { runtimes }: AgentSurroundings, lack: Lack) {
  if (name === "") return undefined;
  const runtime = runtimes.find(({ metadata }) => metadata.name === name);
  const { spec } = runtime === undefined ? {} : readSpec(languageAgentRuntime, runtime);
  if (spec === undefined) {
    const text =
      runtime === undefined
        ? `names LanguageAgentRuntime ${name}, which does not exist.`
        : `names LanguageAgentRuntime ${name}, whose fields cannot be read.`;
    lack("LanguageAgentRuntime", name, "spec.runtime", text);
  }
  return spec;
}

function readPersona(
  { persona: name = "" }: LanguageAgentSpec,
  { personas }: AgentSurroundings,
  lack: Lack,
): Agent["persona"] {
  if (name === "") return undefined;
  const persona = personas.find(({ metadata }) => metadata.name === name);
  const { spec } = persona === undefined ? {} : readSpec(languagePersona, persona);
  if (spec !== undefined) return { ...spec, name };
  const text =
    persona === undefined
      ? `names LanguagePersona ${name}, which does not exist.`
      : `names LanguagePersona ${name}, whose fields cannot be read.`;
  lack("LanguagePersona", name, "spec.persona", text);
  return undefined;
}

/** Fields that are accepted for old manifests and do nothing here. */
function withoutEffect(resource: Resource, spec: LanguageAgentSpec): readonly Finding[] {
  const findings: Finding[] = [];
  for (const field of ["serviceMonitor", "rules"] as const) {
    if (spec.monitoring?.[field] === undefined) continue;
    const text =
      "has no effect: this version writes no objects of monitoring.coreos.com. Write a PodMonitor for the pods of the agent.";
    findings.push(
      fieldFinding(resource, `spec.monitoring.${field}`, "MonitoringNotWritten", "dropped", text),
    );
  }
  if (spec.repository !== undefined) {
    const text =
      "is not cloned: this version fetches no repositories. Clone it in an init container (spec.deployment.initContainers), which sees the workspace too.";
    findings.push(fieldFinding(resource, "spec.repository", "RepositoryNotCloned", "dropped", text));
  }
  return findings;
}
