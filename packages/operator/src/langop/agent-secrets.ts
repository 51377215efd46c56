import { createHash } from "node:crypto";
import {
  type Agent,
  agentKey,
  agentKeyObject,
  agentKeySecret,
  gatewayKeySecret,
  runtimeSecretObject,
} from "@gatewright/dialects";
import type { Applier, Client, KubernetesObject } from "@gatewright/reconcile";
import type { ObjectReader } from "../object-reader.ts";
import { secretValues } from "../secret-values.ts";
import { asApplied } from "./langop-stores.ts";

/** Keeps the Secrets of agents: the key by which the gateway knows them, and credentials of their resources. */
export interface AgentSecrets {
  /**
   * Writes what is outdated; a hash of all values, which replaces the agent's pods when it changes. `keyed`: the gateway
   * asks for keys.
   * @throws when a Secret cannot be read or written.
   */
  deliver(agent: Agent, keyed: boolean): Promise<string>;
  /** Keys of the agents whose credentials come from a Secret of the user's. */
  readonly users: (namespace: string, secret: string) => readonly string[];
  forget(key: string): void;
}

export interface AgentSecretsOptions {
  readonly client: Client;
  readonly applier: Applier;
  readonly secrets: ObjectReader<object>;
  /** The metadata of a Secret in the watch. */
  readonly watched: (namespace: string, name: string) => KubernetesObject | undefined;
}

/** A variable of an agent and where its value lies. */
interface Source {
  readonly variable: string;
  readonly secret: string;
  readonly key: string;
}

/** The signing secret is read when it changed, or somebody else touched the agent's own Secret; it is not kept. */
export function createAgentSecrets(options: AgentSecretsOptions): AgentSecrets {
  const { client, applier, secrets, watched } = options;
  const delivered = new Map<
    string,
    { readonly uid: string; readonly source: string; readonly version: string; readonly hash: string }
  >();
  /** By agent: where its credentials come from, and a hash of their values as the Secrets were. */
  const referenced = new Map<
    string,
    { readonly secrets: ReadonlySet<string>; readonly version: string; readonly hash: string }
  >();

  async function deliverKey({ resource, namespace, name }: Agent): Promise<string> {
    const { uid = "" } = resource.metadata;
    const source = secrets.version(namespace, agentKeySecret.name) ?? "absent";
    const standing = watched(namespace, gatewayKeySecret(name).name);
    const key = `${namespace}/${name}`;
    const last = delivered.get(key);
    if (last?.uid === uid && last.source === source && last.version === standing?.metadata.resourceVersion) {
      return last.hash;
    }
    const signing = (await secretValues(client, namespace, agentKeySecret.name))?.get(agentKeySecret.key);
    if (signing === undefined) {
      throw new Error(
        `the Secret ${namespace}/${agentKeySecret.name} has no key ${agentKeySecret.key} to sign the agent's key with. Add it, or delete the Secret: it is made anew then`,
      );
    }
    const value = agentKey(uid, signing);
    const { resourceVersion } = await applier.apply(agentKeyObject(resource, value), asApplied(standing));
    const version = resourceVersion ?? standing?.metadata.resourceVersion ?? "";
    const hash = hashOf(value.reveal());
    delivered.set(key, { uid, source, version, hash });
    return hash;
  }

  /** Pods get these values from the kubelet, which never looks again: only another pod has another value. */
  async function referencedHash({ namespace, name, settings }: Agent): Promise<string> {
    const key = `${namespace}/${name}`;
    const sources = settings.credentials.flatMap(({ name: variable, valueFrom }): readonly Source[] =>
      valueFrom === undefined ? [] : [{ variable, secret: valueFrom.name, key: valueFrom.key ?? variable }],
    );
    if (sources.length === 0) {
      referenced.delete(key);
      return "";
    }
    const names = new Set(sources.map(({ secret }) => secret));
    const versions = [...names].map((secret) => secrets.version(namespace, secret) ?? "absent");
    const version = JSON.stringify([sources, versions]);
    const last = referenced.get(key);
    if (last?.version === version) return last.hash;
    // Known before the values are read, so that a Secret that changes or comes meanwhile finds its agents.
    referenced.set(key, { secrets: names, version: "", hash: "" });
    const values = new Map(
      await Promise.all(
        [...names].map(async (secret) => [secret, await secretValues(client, namespace, secret)] as const),
      ),
    );
    // As JSON, so that no two sets of values can be spelled alike.
    const hash = hashOf(
      JSON.stringify(
        sources.map(({ variable, secret, key: entry }) => [
          variable,
          values.get(secret)?.get(entry)?.reveal() ?? null,
        ]),
      ),
    );
    referenced.set(key, { secrets: names, version, hash });
    return hash;
  }

  return {
    async deliver(agent, keyed) {
      const key = keyed ? await deliverKey(agent) : "";
      const credentials = runtimeSecretObject(agent);
      if (credentials !== undefined) {
        const { namespace = "", name } = credentials.metadata;
        await applier.apply(credentials, asApplied(watched(namespace, name)));
      }
      return hashOf(`${key} ${JSON.stringify(credentials?.["data"] ?? {})}${await referencedHash(agent)}`);
    },
    users: (namespace, secret) =>
      [...referenced].flatMap(([key, { secrets: names }]) =>
        names.has(secret) && key.startsWith(`${namespace}/`) ? [key] : [],
      ),
    forget(key) {
      delivered.delete(key);
      referenced.delete(key);
    },
  };
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
