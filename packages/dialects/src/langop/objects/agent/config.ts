import { createHash } from "node:crypto";
import { configMap, metadata, ownedBy } from "@gatewright/kubernetes";
import { writeDocument } from "@gatewright/litellm";
import type { JsonObject } from "@gatewright/plan";
import type { Agent } from "../../read/agent.ts";
import { memberSelector, owned } from "../label.ts";
import type { Piece } from "../piece.ts";
import { gatewayAddress } from "./environment.ts";

/** The ConfigMap of an agent and its one key (langop.md §2.3). */
export function agentConfigName(agent: string): string {
  return `${agent}-agent`;
}

/** `/etc/agent/config.yaml`: keys sorted, empty sections left out (langop.md §2.3). */
export function agentConfigText(agent: Agent): string {
  const { name, namespace, spec, models, tools, persona } = agent;
  const endpoint = gatewayAddress(namespace);
  const config: JsonObject = {
    agent: { name, namespace },
    ...(spec.instructions ? { instructions: spec.instructions } : {}),
    ...section(
      "models",
      models.map(({ name: model, role, priority, provider, model: called }) => [
        model,
        { role, ...(priority === undefined ? {} : { priority }), provider, model: called, endpoint },
      ]),
    ),
    ...(persona === undefined ? {} : { personas: [personaOf(persona)] }),
    ...section(
      "tools",
      tools.map(({ name: tool, endpoint: at, protocol, headers }) => [
        tool,
        { endpoint: at, protocol, ...(headers === undefined ? {} : { headers: { ...headers } }) },
      ]),
    ),
  };
  return writeDocument(config, { indent: 2, keys: "sorted" });
}

/** The annotation of pods that are configured by a text: the first 16 hexadecimal characters of its SHA-256. */
export function agentConfigHash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

export function agentConfig(agent: Agent, text: string): Piece {
  const { name, namespace, resource } = agent;
  const of = metadata({
    name: agentConfigName(name),
    namespace,
    labels: owned(memberSelector("LanguageAgent", name, namespace)),
    ownerReferences: ownedBy(resource),
  });
  return { objects: [configMap(of, { "config.yaml": text })], findings: [] };
}

function section(name: string, entries: readonly (readonly [string, JsonObject])[]): JsonObject {
  return entries.length === 0 ? {} : { [name]: Object.fromEntries(entries) };
}

function personaOf({ name, ...says }: NonNullable<Agent["persona"]>): JsonObject {
  const said = Object.entries(says).flatMap(([member, text]) => (text ? [[member, text] as const] : []));
  return { name, ...Object.fromEntries(said) };
}
