import { compareFindings, type Engine, type Finding, type Limit, type Part } from "@gatewright/plan";
import { originOf, type Resource } from "../../resource.ts";
import { type AgentAmounts, agentLimitsAnnotation, parseAgentLimit } from "./agent-limit.ts";
import { type Contribution, fieldFinding, joined } from "./entry.ts";

/** The kind of agents. Of its resources only the metadata is looked at here. */
export const agentKind = "LanguageAgent";

const limitsPath = `metadata.annotations[${agentLimitsAnnotation}]`;

/** What decides whether a gateway can tell its agents apart. */
export interface GatewayAgentsInput {
  readonly engine: Engine;
  /** It asks for agent keys. */
  readonly keysAsked: boolean;
}

/**
 * The agents of a shared gateway, and what their annotation `gatewright.dev/limits` holds them to. A gateway knows an
 * agent by the UID its key is signed for (langop.md §3.4), so one without a UID, which only a manifest has, is not listed.
 * A limit that is not in force is a finding on the annotation.
 */
export function readGatewayAgents(agents: readonly Resource[], input: GatewayAgentsInput): Contribution {
  return joined(agents.map((agent) => readAgent(agent, input)));
}

/** Limits of agents that have no shared gateway, where nobody applies them. */
export function limitsWithoutGateway(agents: readonly Resource[]): readonly Finding[] {
  return agents
    .filter((agent) => Object.keys(amountsOf(agent)).length > 0)
    .map((agent) => {
      const text = `is not applied: ${agent.metadata.namespace} is no LanguageCluster, and only the gateway of one knows agents. Create a LanguageCluster of that name.`;
      return lost(agent, "NamespaceNotManaged", text);
    })
    .sort(compareFindings);
}

function readAgent(agent: Resource, input: GatewayAgentsInput): Contribution {
  const { uid: id, name } = agent.metadata;
  const amounts = amountsOf(agent);
  const limited = Object.keys(amounts).length > 0;
  const findings = limited ? [...unreadableWords(agent), ...notInForce(agent, input)] : [];
  if (id === undefined || id === "") return { parts: [], findings };
  const listed: Part = { concern: "identity", origin: originOf(agent), value: { agents: [{ id, name }] } };
  if (!limited) return { parts: [listed], findings };
  const limit: Limit = {
    origin: originOf(agent, limitsPath),
    scope: { kind: "agent", agent: id },
    ...amounts,
  };
  return { parts: [listed, { concern: "limit", value: limit }], findings };
}

function amountsOf(agent: Resource): AgentAmounts {
  return parseAgentLimit(textOf(agent)).amounts;
}

function textOf({ metadata }: Resource): string {
  return metadata.annotations?.[agentLimitsAnnotation] ?? "";
}

function unreadableWords(agent: Resource): readonly Finding[] {
  const { unreadable } = parseAgentLimit(textOf(agent));
  if (unreadable.length === 0) return [];
  const words = unreadable.map((word) => JSON.stringify(word)).join(", ");
  const text = `has words that are no limits, or say one again: ${words}. Until it is corrected the agent may make no more than one request a minute. Write it like requests-per-minute=60, tokens-per-minute=20000, parallel-requests=4.`;
  return [fieldFinding(agent, limitsPath, "LimitUnreadable", "approximated", text)];
}

/** Why the limit of an agent does not hold at this gateway, if it does not. */
function notInForce(agent: Resource, { engine, keysAsked }: GatewayAgentsInput): readonly Finding[] {
  if (engine === "litellm") {
    const text =
      "has no effect: the engine litellm does not know agents. Use the engine native (annotation gatewright.dev/engine on the LanguageCluster).";
    return [lost(agent, "EngineLacksSetting", text)];
  }
  if ((agent.metadata.uid ?? "") === "") {
    const text =
      "is applied by the operator once the agent exists: a gateway knows agents by their UID, which this manifest does not have.";
    return [fieldFinding(agent, limitsPath, "AgentNotCreated", "approximated", text)];
  }
  if (keysAsked) return [];
  const text =
    "is not applied: the gateway does not ask for agent keys, so it cannot tell agents apart. Give it LANGOP_GATEWAY_HMAC_SECRET.";
  return [lost(agent, "AgentKeysNotAsked", text)];
}

function lost(agent: Resource, code: string, text: string): Finding {
  return fieldFinding(agent, limitsPath, code, "dropped", text);
}
