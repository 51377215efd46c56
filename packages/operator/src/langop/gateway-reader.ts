import {
  blockers,
  type Gateway,
  langop,
  languageCluster,
  type Resource,
  type World,
} from "@gatewright/dialects";
import { type Delivered, documentOf } from "@gatewright/litellm";
import { compareFindings, type Engine, type Finding } from "@gatewright/plan";
import type { ObjectReader } from "../object-reader.ts";

/** A gateway as its resources declare it: everything that follows from them without looking at what stands. */
export interface ReadGateway {
  readonly gateway: Gateway;
  readonly document: Delivered;
  /** All there is to say about the gateway and its models, each once. */
  readonly findings: readonly Finding[];
  /** Why it must not be served; empty: it may. */
  readonly blocked: readonly Finding[];
  /** Secrets and ConfigMaps it depends on, `namespace/name`. */
  readonly secrets: readonly string[];
  readonly configMaps: readonly string[];
}

export interface GatewayReader {
  /**
   * Reads the gateway of a resource out of a world of resources, and loads what it takes to know: keys of Secrets and
   * data of ConfigMaps. Equal inputs are read once. `agentKeys` unset: as they were last decided; for who asks only
   * about models, of which it makes no difference.
   */
  read(origin: Resource, resources: readonly Resource[], agentKeys?: boolean): Promise<ReadGateway>;
  /** Keys of gateways that depend on an object, as `read` found out. */
  dependents(kind: "Secret" | "ConfigMap", name: string): readonly string[];
  forget(origin: string): void;
}

export interface GatewayReaderOptions {
  readonly engine: Engine;
  readonly secrets: ObjectReader<readonly string[]>;
  readonly configMaps: ObjectReader<{ readonly [key: string]: string }>;
}

/** Loads that may become outdated while they happen; more than this many in a row mean that something is wrong. */
const mostRounds = 10;

export function createGatewayReader({ engine, secrets, configMaps }: GatewayReaderOptions): GatewayReader {
  /** By origin. */
  const memo = new Map<string, { readonly version: string; readonly value: ReadGateway }>();
  const decided = new Map<string, boolean>();
  /** Models and their cluster are worked on at the same time and ask for the same. */
  const running = new Map<string, { readonly inputs: string; readonly value: Promise<ReadGateway> }>();

  function versionOf(value: ReadGateway): string {
    return [
      ...value.secrets.map((name) => `${name}=${versionAt(secrets, name)}`),
      ...value.configMaps.map((name) => `${name}=${versionAt(configMaps, name)}`),
    ].join();
  }

  /** One pure reading; what is not known yet is asked for in `missing`. */
  function attempt(
    origin: Resource,
    resources: readonly Resource[],
    agentKeys: boolean,
  ): { readonly value: ReadGateway; readonly missing: readonly (() => Promise<void>)[] } {
    const asked = { secrets: new Set<string>(), configMaps: new Set<string>() };
    const missing: (() => Promise<void>)[] = [];
    const world: World = {
      resources: [...resources],
      secretKeys(namespace, name) {
        const first = !asked.secrets.has(`${namespace}/${name}`);
        asked.secrets.add(`${namespace}/${name}`);
        const known = secrets.known(namespace, name);
        if (known !== "stale") return known;
        if (first) missing.push(() => secrets.load(namespace, name));
        return "unknown";
      },
      configMap(namespace, name) {
        const first = !asked.configMaps.has(`${namespace}/${name}`);
        asked.configMaps.add(`${namespace}/${name}`);
        const known = configMaps.known(namespace, name);
        if (known === "stale" && first) missing.push(() => configMaps.load(namespace, name));
        return typeof known === "string" ? undefined : known;
      },
    };
    // Of fifty models without a cluster, each is the origin of a gateway: not all of them are read for each.
    const only = (resource: Resource): boolean => keyOfOrigin(resource) === keyOfOrigin(origin);
    const reading = langop.read(world, { engine, agentKeys: () => agentKeys, only });
    const [gateway] = reading.gateways;
    if (gateway === undefined)
      throw new Error(`no gateway was read for ${origin.kind} ${origin.metadata.name}`);
    const document = documentOf(gateway.plan);
    const findings = once([...reading.findings, ...gateway.findings, ...document.findings]);
    const value: ReadGateway = {
      gateway,
      document,
      findings,
      blocked: blockers(gateway, document.findings),
      secrets: [...asked.secrets].sort(),
      configMaps: [...asked.configMaps].sort(),
    };
    return { value, missing };
  }

  /** Attempts until nothing is missing any more, or what is remembered will do. */
  async function untilComplete(
    key: string,
    inputs: string,
    next: () => ReturnType<typeof attempt>,
  ): Promise<ReadGateway> {
    for (let round = 0; round < mostRounds; round += 1) {
      const remembered = memo.get(key);
      if (remembered !== undefined && remembered.version === `${inputs} ${versionOf(remembered.value)}`) {
        return remembered.value;
      }
      const { value, missing } = next();
      // Remembered even when incomplete, so that a Secret that arrives meanwhile finds its dependents.
      memo.set(key, { version: missing.length > 0 ? "" : `${inputs} ${versionOf(value)}`, value });
      if (missing.length === 0) return value;
      await Promise.all(missing.map((load) => load()));
    }
    throw new Error(`the Secrets and ConfigMaps of ${key} change faster than they can be read`);
  }

  return {
    async read(origin, resources, asked) {
      const key = keyOfOrigin(origin);
      if (asked !== undefined) decided.set(key, asked);
      const agentKeys = decided.get(key) ?? true;
      const inputs = `${agentKeys} ${resources.map(versionOfResource).join()}`;
      const same = running.get(key);
      if (same?.inputs === inputs) return same.value;
      const value = untilComplete(key, inputs, () => attempt(origin, resources, agentKeys));
      const own = { inputs, value };
      running.set(key, own);
      try {
        return await value;
      } finally {
        if (running.get(key) === own) running.delete(key);
      }
    },
    dependents(kind, name) {
      return [...memo].flatMap(([origin, { value }]) =>
        (kind === "Secret" ? value.secrets : value.configMaps).includes(name) ? [origin] : [],
      );
    },
    forget(origin) {
      memo.delete(origin);
      decided.delete(origin);
    },
  };
}

/** `name` of a LanguageCluster, `namespace/name` of a LanguageModel: the keys of their controllers. */
export function keyOfOrigin({ kind, metadata }: Resource): string {
  return kind === languageCluster.kind ? metadata.name : `${metadata.namespace ?? ""}/${metadata.name}`;
}

/** What a reader can see of a resource; its status, which changes more often, is not part of it. */
function versionOfResource({ kind, metadata }: Resource): string {
  const { namespace = "", name, uid = "", generation = 0, labels, annotations } = metadata;
  return `${kind} ${namespace}/${name} ${uid} ${generation} ${JSON.stringify([labels, annotations])}`;
}

function versionAt(reader: ObjectReader<object>, place: string): string {
  const [namespace = "", name = ""] = place.split("/");
  return reader.version(namespace, name) ?? "absent";
}

function once(findings: readonly Finding[]): readonly Finding[] {
  const found = new Map(findings.map((finding) => [JSON.stringify(finding), finding]));
  return [...found.values()].sort(compareFindings);
}
