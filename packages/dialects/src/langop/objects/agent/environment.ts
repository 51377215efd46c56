import type { Installation } from "../../../installation.ts";
import type { Agent } from "../../read/agent.ts";
import type { ContainerVariable } from "../variable.ts";
import type { AgentObjectsInput } from "./input.ts";
import { gatewayKeySecret, runtimeSecretName } from "./secret.ts";

/** Address of the shared gateway of a namespace, without `/v1` (langop.md §2.2). */
export function gatewayAddress(namespace: string): string {
  return `http://gateway.${namespace}.svc.cluster.local:8000`;
}

type TelemetrySettings = Pick<Installation, "otlpEndpoint" | "otlpSampler">;

/** The variables of an agent's container and of each of its init containers, in their order (langop.md §2.2). */
export function agentVariables({
  agent,
  cluster,
  installation,
}: Pick<AgentObjectsInput, "agent" | "cluster"> & {
  readonly installation: TelemetrySettings;
}): readonly ContainerVariable[] {
  const { name, namespace, resource, spec, models, tools } = agent;
  const servers = tools.map(({ endpoint }) => endpoint);
  const persona = personaText(agent);
  return [
    text("AGENT_NAME", name),
    text("AGENT_NAMESPACE", namespace),
    ...(resource.metadata.uid === undefined ? [] : [text("AGENT_UUID", resource.metadata.uid)]),
    text("AGENT_CLUSTER_NAME", cluster.metadata.name),
    ...(cluster.metadata.uid === undefined ? [] : [text("AGENT_CLUSTER_UUID", cluster.metadata.uid)]),
    ...telemetryVariables(agent, installation),
    ...(spec.instructions ? [text("AGENT_INSTRUCTIONS", spec.instructions)] : []),
    ...(persona === "" ? [] : [text("AGENT_PERSONA", persona)]),
    text("MODEL_ENDPOINT", gatewayAddress(namespace)),
    ...(models.length === 0 ? [] : [text("LLM_MODEL", models.map(({ model }) => model).join(","))]),
    ...(servers.length === 0 ? [] : [text("MCP_SERVERS", servers.join(","))]),
    secret("MODEL_API_KEY", gatewayKeySecret(name)),
    ...oldVariables(agent),
    text("AGENT_EXECUTION_MODE", spec.execution?.mode ?? "service"),
    ...credentialVariables(agent),
  ];
}

/**
 * What agents of the first generation read (langop.md §2.2): addresses of models, which lead to the shared gateway, and
 * a key of OpenAI's, which then was a fixed text and here is the agent's own. Other agents may bring a key of theirs.
 */
function oldVariables({ name, namespace, spec, models }: Agent): readonly ContainerVariable[] {
  if (spec.modelRef === undefined && spec.modelRefs === undefined) return [];
  const addresses = models.map((model) => `http://${model.name}.${namespace}.svc.cluster.local:8000`);
  return [
    ...(addresses.length === 0 ? [] : [text("MODEL_ENDPOINTS", addresses.join(","))]),
    { ...secret("MODEL_API_KEY", gatewayKeySecret(name)), name: "OPENAI_API_KEY" },
  ];
}

function telemetryVariables(
  { name, namespace }: Agent,
  { otlpEndpoint, otlpSampler }: TelemetrySettings,
): readonly ContainerVariable[] {
  if (otlpEndpoint === undefined) return [];
  return [
    text("OTEL_EXPORTER_OTLP_ENDPOINT", otlpEndpoint),
    text("OTEL_SERVICE_NAME", `agent-${name}`),
    text(
      "OTEL_RESOURCE_ATTRIBUTES",
      `service.namespace=${namespace},k8s.namespace.name=${namespace},langop.agent.name=${name}`,
    ),
    ...(otlpSampler === undefined ? [] : [text("OTEL_TRACES_SAMPLER", otlpSampler.name)]),
    ...(otlpSampler?.argument === undefined ? [] : [text("OTEL_TRACES_SAMPLER_ARG", otlpSampler.argument)]),
  ];
}

/** One labelled sentence for each thing a persona says (langop.md §2.2). */
function personaText({ persona }: Agent): string {
  const { tone, personality, expertise } = persona ?? {};
  return Object.entries({ Tone: tone, Personality: personality, Expertise: expertise })
    .flatMap(([label, said]) => (said ? [`${label}: ${said.trim().replace(/[.\s]*$/u, "")}.`] : []))
    .join(" ");
}

/** Credentials, by reference: those given in clear lie in the agent's own Secret. */
function credentialVariables({ name: agent, settings }: Agent): readonly ContainerVariable[] {
  return settings.credentials.map(({ name, valueFrom }) =>
    secret(
      name,
      valueFrom === undefined
        ? { name: runtimeSecretName(agent), key: name }
        : { name: valueFrom.name, key: valueFrom.key ?? name },
    ),
  );
}

function text(name: string, value: string): ContainerVariable {
  // The kubelet replaces $(NAME) and $$ in values; instructions mean what they say.
  return { name, value: value.replaceAll(/\$(?=[$(])/gu, () => "$$") };
}

/** Optional: an agent whose Secret comes later starts without it and is replaced when it is there. */
function secret(name: string, of: { readonly name: string; readonly key: string }): ContainerVariable {
  return { name, valueFrom: { secretKeyRef: { name: of.name, key: of.key, optional: true } } };
}
