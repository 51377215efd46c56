import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { KubernetesAccess } from "@gatewright/testkit";
import { expect } from "vitest";
import { stringify } from "yaml";
import type { Live } from "./langop.ts";

/** Everything that the operator of `langop.io` may write, by the words of kubectl. */
const written = [
  ...["namespaces", "roles", "rolebindings", "networkpolicies", "configmaps", "secrets", "deployments"],
  ...["services", "serviceaccounts", "ingresses", "horizontalpodautoscalers", "poddisruptionbudgets"],
  ...["resourcequotas", "persistentvolumeclaims", "jobs", "cronjobs"],
].join();

/** The kinds of `langop.io`, by the words of kubectl. */
const declared = [
  ...["languageclusters", "languagemodels", "languageagents", "languagetools", "languagepersonas"],
  ...["languageagentruntimes", "languageagentselfconfigs"],
].join();

/**
 * All objects with the operator's label, and all resources of `langop.io`, of all namespaces, without what no
 * two runs have in common. An owner is named by what it is, so that a dangling reference shows.
 */
export async function liveObjects(kubernetes: KubernetesAccess): Promise<readonly Live[]> {
  const get = async (args: readonly string[]): Promise<readonly Live[]> => {
    const { code, stdout, stderr } = await kubernetes.kubectl([
      "get",
      ...args,
      "--all-namespaces",
      "-o=json",
    ]);
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout).items;
  };
  const resources = await get([declared]);
  const objects = [...resources, ...(await get([written, "--selector=gatewright.dev/dialect"]))];
  const names = new Map(
    objects.map(({ kind, metadata }) => [metadata.uid, `of ${kind} ${metadata.name}`] as const),
  );
  const jobs = objects.filter(({ kind }) => kind === "Job").map(({ metadata }) => String(metadata.name));
  const withAgents = new Set(objects.filter(({ kind }) => kind === "LanguageAgent").map(placeOf));
  return objects.map((object) => {
    const kept = withoutIdentities(lasting(object), names);
    return withAgents.has(placeOf(object)) ? withoutAgentHashes(kept, jobs) : kept;
  });
}

const identity = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Every UID is named by what it is of; signatures of agents' keys and hashes of what is random are left out. */
function withoutIdentities(object: Live, names: ReadonlyMap<string, string>): Live {
  const text = JSON.stringify(object)
    .replaceAll(identity, (uid) => names.get(uid) ?? uid)
    .replaceAll(/(sk-langop-of LanguageAgent [^.]+)\.[\w-]+/g, "$1.signature")
    .replaceAll(/("gatewright\.dev\/secrets-hash":")[0-9a-f]+/g, "$1hash");
  return JSON.parse(text);
}

/**
 * A document that lists agents by their UIDs is another one each time, and so are its digest, the hash of it on the gateway,
 * and the Job that is named after its pods.
 */
function withoutAgentHashes(object: Live, jobs: readonly string[]): Live {
  const text = jobs
    .reduce(
      (said, name) => said.replaceAll(name, name.replace(/[0-9a-f]{8}$/, "hash")),
      JSON.stringify(object),
    )
    .replaceAll(/sha256:[0-9a-f]{64}/g, "sha256:digest");
  const kept: Live = JSON.parse(text);
  const hash = "langop.io/config-hash";
  if (kept.kind === "Deployment" && kept.metadata.annotations[hash]) kept.metadata.annotations[hash] = "hash";
  return kept;
}

/** Where an object belongs: its namespace, or for what has none the one of its name. */
export function placeOf({ metadata }: Live): string {
  return metadata.namespace ?? metadata.name;
}

/** What an object is called. */
export function titleOf({ kind, metadata }: Live): string {
  return [kind, metadata.namespace, metadata.name].filter(Boolean).join(" ");
}

/** Annotations that kubectl and the controllers of Kubernetes write. */
const others = /^(kubectl|deployment)\.kubernetes\.io\//;

function lasting({ apiVersion, kind, metadata, spec, status, data, ...rest }: Live): Live {
  const {
    uid: _u,
    resourceVersion: _r,
    creationTimestamp: _c,
    generation,
    managedFields: _m,
    ...kept
  } = metadata;
  const ours = apiVersion.startsWith("langop.io/");
  const annotations = Object.entries(kept.annotations ?? {}).filter(([name]) => !others.test(name));
  const { clusterIP: _i, clusterIPs: _is, ...lastingSpec } = spec ?? {};
  if (kind === "Service") {
    lastingSpec.ports = spec.ports.map(({ nodePort: _n, ...port }: Live) => port);
  }
  return {
    apiVersion,
    kind,
    metadata: {
      ...kept,
      annotations: Object.fromEntries(annotations),
    },
    ...rest,
    ...(data === undefined ? {} : { data: kind === "Secret" ? values(data) : data }),
    // What a person has said stands in the manifest.
    ...(spec === undefined || ours ? {} : { spec: lastingSpec }),
    ...(ours && status !== undefined ? { status: timeless(status, generation) } : {}),
  };
}

/** Keys of Secrets that are made at random. */
const random: ReadonlySet<string> = new Set([
  "hmac-secret",
  "LANGOP_GATEWAY_HMAC_SECRET",
  "client-secret",
  "cookie-secret",
]);

/** Values of a Secret as text, but for those that are made at random. */
function values(data: Live): Live {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => {
      return [key, random.has(key) ? "random" : Buffer.from(String(value), "base64").toString()];
    }),
  );
}

/** A status without times; the generation it speaks of is told only when it is an old one. */
function timeless({ conditions = [], lastRunTime: _t, ...status }: Live = {}, generation: number): Live {
  const current = ({ observedGeneration, ...of }: Live): Live =>
    observedGeneration === generation ? of : { ...of, observedGeneration };
  return {
    ...current(status),
    // In order of their types: which of them came first is nobody's concern.
    conditions: conditions
      .map(({ lastTransitionTime: _, ...condition }: Live) => current(condition))
      .sort((a: Live, b: Live) => (a.type < b.type ? -1 : 1)),
  };
}

/** Objects as YAML, sorted by kind and name. */
export function yamlOf(objects: readonly Live[]): string {
  const sorted = [...objects].sort((a, b) => (titleOf(a) < titleOf(b) ? -1 : 1));
  return sorted
    .map((object) => `--- # ${titleOf(object)}\n${stringify(object, { lineWidth: 0, sortMapEntries: true })}`)
    .join("");
}

/** Compares with `e2e/goldens/<name>`; `UPDATE_GOLDENS=1` writes it instead. */
export async function expectGolden(name: string, text: string): Promise<void> {
  const path = fileURLToPath(new URL(`goldens/${name}`, import.meta.url));
  if (process.env["UPDATE_GOLDENS"] === "1") {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    return;
  }
  expect(text, `differs from e2e/goldens/${name}; UPDATE_GOLDENS=1 writes it anew`).toBe(
    await readFile(path, "utf8"),
  );
}
