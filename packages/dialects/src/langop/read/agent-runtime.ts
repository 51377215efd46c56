import type { AgentCredential, AgentPort } from "../kinds/agent-port.ts";
import { defaultPorts } from "../kinds/agent-port.ts";
import type { DeploymentSpec } from "../kinds/deployment-spec.ts";
import type { LanguageAgentSpec } from "../kinds/language-agent.ts";
import type { LanguageAgentRuntimeSpec } from "../kinds/language-agent-runtime.ts";

/** What an agent's pods are made of: its own fields over those of its runtime (langop.md §2.6). */
export interface AgentSettings {
  /** Absent: nothing can be deployed. */
  readonly image?: string;
  readonly ports: readonly AgentPort[];
  readonly deployment: DeploymentSpec;
  readonly credentials: readonly AgentCredential[];
  /** Whether people sign in at the agent, where its cluster asks for it. */
  readonly signIn: boolean;
}

/**
 * An agent over its runtime: single values and ports of the runtime count where the agent has none, lists of the runtime
 * come first, maps are put together, and credentials of one name are the agent's.
 */
export function agentSettings(
  agent: LanguageAgentSpec,
  runtime: LanguageAgentRuntimeSpec | undefined,
): AgentSettings {
  const image = agent.image || runtime?.image;
  const own = new Set((agent.credentials ?? []).map(({ name }) => name));
  return {
    ...(image ? { image } : {}),
    ports: nonEmpty(agent.ports) ?? nonEmpty(runtime?.ports) ?? defaultPorts,
    deployment: overlaid(runtime?.deployment ?? {}, agent.deployment ?? {}),
    credentials: [
      ...(runtime?.credentials ?? []).filter(({ name }) => !own.has(name)),
      ...(agent.credentials ?? []),
    ],
    signIn: runtime?.auth?.enabled ?? true,
  };
}

function nonEmpty<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}

/** Lists that are one value: half of a command is none. */
const wholeLists: ReadonlySet<string> = new Set(["command", "args"]);
/** Maps of independent entries; others, resources or a probe, are one value. */
const openMaps: ReadonlySet<string> = new Set([
  "nodeSelector",
  "podAnnotations",
  "podLabels",
  "serviceAnnotations",
  "serviceAccountAnnotations",
]);

function overlaid(below: DeploymentSpec, above: DeploymentSpec): DeploymentSpec {
  const merged: Record<string, unknown> = { ...below };
  for (const [field, value] of Object.entries(above)) {
    const other = merged[field];
    if (value === undefined) continue;
    if (Array.isArray(value) && Array.isArray(other) && !wholeLists.has(field)) {
      merged[field] = [...other, ...value];
    } else if (openMaps.has(field)) {
      merged[field] = { ...(other as object | undefined), ...(value as object) };
    } else merged[field] = value;
  }
  return merged as DeploymentSpec;
}
