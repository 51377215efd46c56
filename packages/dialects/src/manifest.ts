import type { Secret } from "@gatewright/litellm";
import { isJsonObject, type Json, type JsonObject, type Origin } from "@gatewright/plan";
import { fieldPath } from "./field-path.ts";
import { type GoYamlDocument, readGoYaml } from "./go-yaml.ts";
import { readMetadata } from "./metadata.ts";
import { originOf, type Resource } from "./resource.ts";
import { groupOf } from "./scope.ts";
import { readSecretValues } from "./secret-manifest.ts";

/** One object of a manifest file. */
export interface Manifest {
  readonly resource: Resource;
  /** As given to `readManifests`. */
  readonly file: string;
  /** The line, from 1, of a field (an `Origin.path`), or of the nearest field around it that is written out. */
  readonly line: (path?: string) => number;
  /** What a Secret holds, apart from the resource, which never has it. */
  readonly secret?: { readonly values: { readonly [key: string]: Secret } };
}

/** Something in a manifest file that keeps an object from being read. */
export interface ManifestProblem {
  /** `error`: the object is left out. `warning`: nothing the user meant for Gatewright is lost. */
  readonly severity: "error" | "warning";
  readonly code: string;
  readonly file: string;
  readonly line: number;
  /** Field within the object; empty for the object or file as a whole. */
  readonly path: string;
  readonly text: string;
}

/** All that a set of manifest files says. */
export interface Manifests {
  readonly manifests: readonly Manifest[];
  readonly problems: readonly ManifestProblem[];
}

/** One document, or one item of a `kind: List`, before anything is known about it. */
interface Candidate {
  readonly value: Json;
  readonly document: GoYamlDocument;
  readonly file: string;
  /** Path of the object in its document: empty, or `items[2]`. */
  readonly base: string;
}

/**
 * Reads Kubernetes manifests, YAML or JSON, several documents a file, as `kubectl apply` would take them.
 *
 * What cannot be read is a problem with file, line and path, and is left out; the rest is read all the same. Namespaced
 * objects without a namespace are put in `defaultNamespace` (default `default`). Never throws.
 */
export function readManifests(
  files: readonly { readonly path: string; readonly text: string }[],
  options: { readonly defaultNamespace?: string } = {},
): Manifests {
  const problems: ManifestProblem[] = [];
  const manifests = new Map<string, Manifest>();
  for (const file of files) {
    for (const document of readGoYaml(file.text, "manifest")) {
      for (const problem of document.problems) {
        problems.push({
          severity: "error",
          code: "InvalidYaml",
          file: file.path,
          line: problem.line,
          path: "",
          text: `This is not valid YAML: ${problem.text}`,
        });
      }
      if (document.value === undefined) continue;
      for (const candidate of expandLists({ value: document.value, document, file: file.path, base: "" })) {
        const manifest = readManifest(candidate, options.defaultNamespace ?? "default", problems);
        if (manifest !== undefined) addOnce(manifest, manifests, problems);
      }
    }
  }
  return { manifests: [...manifests.values()], problems };
}

/**
 * The file and line a finding speaks about.
 * Absent when its resource does not come from these manifests.
 */
export function placeOf(
  origin: Origin,
  manifests: readonly Manifest[],
): { readonly file: string; readonly line: number } | undefined {
  const manifest = manifests.find((candidate) => identity(originOf(candidate.resource)) === identity(origin));
  return manifest === undefined ? undefined : { file: manifest.file, line: manifest.line(origin.path) };
}

function expandLists(candidate: Candidate): readonly Candidate[] {
  const { value } = candidate;
  const isList =
    isJsonObject(value) &&
    typeof value["kind"] === "string" &&
    value["kind"].endsWith("List") &&
    Array.isArray(value["items"]);
  if (!isList) return [candidate];
  return (value["items"] as readonly Json[]).flatMap((item, index) =>
    expandLists({ ...candidate, value: item, base: `${prefix(candidate.base)}items[${index}]` }),
  );
}

function readManifest(
  candidate: Candidate,
  defaultNamespace: string,
  problems: ManifestProblem[],
): Manifest | undefined {
  const { document, file, base } = candidate;
  const line = (path = ""): number => document.line(path === "" ? base : prefix(base) + path);
  const found: ManifestProblem[] = [];
  const report = (code: string, path: string, text: string): void => {
    found.push({ severity: "error", code, file, line: line(path), path, text });
  };
  const manifest = parseManifest(candidate.value, defaultNamespace, report);
  problems.push(...found);
  if (manifest === undefined || found.length > 0) return undefined;
  if (groupOf(manifest.resource.apiVersion) === "kustomize.config.k8s.io") {
    problems.push({
      severity: "warning",
      code: "KustomizationSkipped",
      file,
      line: line(),
      path: "",
      text: "A Kustomization is built before it is applied, so it is skipped: run `kubectl kustomize` on the folder and use what it prints.",
    });
    return undefined;
  }
  return { ...manifest, file, line };
}

type Report = (code: string, path: string, text: string) => void;

function parseManifest(
  value: Json,
  defaultNamespace: string,
  report: Report,
): Pick<Manifest, "resource" | "secret"> | undefined {
  if (!isJsonObject(value)) {
    report(
      "NotAnObject",
      "",
      "A manifest is a map with apiVersion, kind and metadata; this document is not a map.",
    );
    return undefined;
  }
  const apiVersion = requiredText(value, "apiVersion", "for example `langop.io/v1alpha1`", report);
  const kind = requiredText(value, "kind", "for example `ConfigMap`", report);
  if (apiVersion === undefined || kind === undefined) return undefined;
  // A Kustomization needs no name, and is not applied as it is.
  const needsName = groupOf(apiVersion) !== "kustomize.config.k8s.io";
  const metadata = needsName
    ? readMetadata(value["metadata"], { apiVersion, kind, defaultNamespace }, report)
    : { name: "" };
  if (metadata === undefined) return undefined;
  if (apiVersion === "v1" && kind === "Secret") {
    return { resource: { apiVersion, kind, metadata }, secret: { values: readSecretValues(value, report) } };
  }
  const { spec, data } = value;
  if (spec !== undefined && spec !== null && !isJsonObject(spec)) {
    report("NotAMap", "spec", `spec of a ${kind} is a map; here it is ${typeText(spec)}.`);
    return undefined;
  }
  return {
    resource: {
      apiVersion,
      kind,
      metadata,
      ...(isJsonObject(spec) ? { spec } : {}),
      ...(apiVersion === "v1" && kind === "ConfigMap" && data !== undefined && data !== null
        ? { data: readTexts(data, "data", report) }
        : {}),
    },
  };
}

function requiredText(value: JsonObject, key: string, example: string, report: Report): string | undefined {
  const text = value[key];
  if (typeof text === "string" && text !== "") return text;
  const what = text === undefined || text === null || text === "" ? "is missing" : `is ${typeText(text)}`;
  report(
    "NotAManifest",
    text === undefined ? "" : key,
    `${key} ${what}; every Kubernetes manifest has one, ${example}.`,
  );
  return undefined;
}

/** The text members of a map such as a ConfigMap's `data`; other members are problems. */
function readTexts(value: Json, path: string, report: Report): { readonly [key: string]: string } {
  if (!isJsonObject(value)) {
    report("NotAMap", path, `${path} is a map of texts; here it is ${typeText(value)}.`);
    return {};
  }
  const texts: Record<string, string> = {};
  for (const [key, member] of Object.entries(value)) {
    if (typeof member === "string") texts[key] = member;
    else {
      const where = fieldPath([path, key]);
      report("NotText", where, `${where} must be text, but is ${typeText(member)}: write it in quotes.`);
    }
  }
  return texts;
}

/** `a number`, `a map`, …: the type of a value as messages name it. */
function typeText(value: Json): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a map" : `a ${typeof value}`;
}

function addOnce(manifest: Manifest, into: Map<string, Manifest>, problems: ManifestProblem[]): void {
  const { resource, file } = manifest;
  const id = identity(originOf(resource));
  const first = into.get(id);
  if (first === undefined) {
    into.set(id, manifest);
    return;
  }
  const name = [resource.metadata.namespace, resource.metadata.name].filter(Boolean).join("/");
  problems.push({
    severity: "error",
    code: "DeclaredTwice",
    file,
    line: manifest.line("metadata.name"),
    path: "metadata.name",
    text: `${resource.kind} ${name} is already declared in ${first.file}:${first.line()}; only one of them can be meant. Remove one, or give it another name or namespace.`,
  });
}

/** Versions of one group are views of the same object. */
function identity(origin: Origin): string {
  return JSON.stringify([groupOf(origin.apiVersion), origin.kind, origin.namespace ?? "", origin.name]);
}

function prefix(base: string): string {
  return base === "" ? "" : `${base}.`;
}
