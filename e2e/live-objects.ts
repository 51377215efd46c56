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
  "resourcequotas",
].join();

/**
 * All objects with the operator's label, and all LanguageClusters and LanguageModels, of all namespaces, without what no
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
  const resources = await get(["languageclusters,languagemodels"]);
  const objects = [...resources, ...(await get([written, "--selector=gatewright.dev/dialect"]))];
  const names = new Map(objects.map(({ kind, metadata }) => [metadata.uid, `${kind} ${metadata.name}`]));
  return objects.map((object) => lasting(object, names));
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

const ours: ReadonlySet<string> = new Set(["LanguageCluster", "LanguageModel"]);

function lasting({ apiVersion, kind, metadata, spec, status, data, ...rest }: Live, names: Names): Live {
  const {
    uid: _u,
    resourceVersion: _r,
    creationTimestamp: _c,
    generation,
    managedFields: _m,
    ...kept
  } = metadata;
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
      ...(kept.ownerReferences === undefined
        ? {}
        : {
            ownerReferences: kept.ownerReferences.map((one: Live) => ({
              ...one,
              uid: `of ${names.get(one.uid)}`,
            })),
          }),
    },
    ...rest,
    ...(data === undefined ? {} : { data: kind === "Secret" ? values(data) : data }),
    // What a person has said stands in the manifest.
    ...(spec === undefined || ours.has(kind) ? {} : { spec: lastingSpec }),
    ...(ours.has(kind) ? { status: timeless(status, generation) } : {}),
  };
}

type Names = ReadonlyMap<string, string>;

/** Values of a Secret as text, but for the one that is made at random. */
function values(data: Live): Live {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => {
      const random = key === "hmac-secret" || key === "LANGOP_GATEWAY_HMAC_SECRET";
      return [key, random ? "random" : Buffer.from(String(value), "base64").toString()];
    }),
  );
}

/** A status without times; the generation it speaks of is told only when it is an old one. */
function timeless({ conditions = [], ...status }: Live = {}, generation: number): Live {
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
