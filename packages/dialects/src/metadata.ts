import { isJsonObject, type Json } from "@gatewright/plan";
import { fieldPath } from "./field-path.ts";
import type { Resource } from "./resource.ts";
import { groupOf, isClusterScoped } from "./scope.ts";

/**
 * Reads the metadata of a manifest, as far as anybody here needs it. Reports what the API server would refuse; absent
 * when there is no name to call the object by.
 */
export function readMetadata(
  value: Json | undefined,
  of: { readonly apiVersion: string; readonly kind: string; readonly defaultNamespace: string },
  report: (code: string, path: string, text: string) => void,
): Resource["metadata"] | undefined {
  const { kind } = of;
  if (!isJsonObject(value)) {
    report("NameMissing", "metadata", `The ${kind} has no metadata.name; every object needs one.`);
    return undefined;
  }
  const { name, namespace, uid, generation } = value;
  if (typeof name !== "string" || name === "") {
    const text =
      name === undefined || name === null || name === ""
        ? `The ${kind} has no metadata.name; every object needs one${value["generateName"] === undefined ? "" : ", since generateName is for objects that are created, not applied"}.`
        : `metadata.name must be text, but is a ${typeof name}: write it in quotes.`;
    report("NameMissing", "metadata.name", text);
    return undefined;
  }
  if (!isValidName(name, of.apiVersion)) {
    report(
      "NameInvalid",
      "metadata.name",
      `"${name}" is no valid name for a ${kind}: use at most 253 lower-case letters, digits, "-" and ".", with a letter or digit at both ends.`,
    );
    return undefined;
  }
  if (namespace !== undefined && namespace !== null && typeof namespace !== "string") {
    report("NamespaceInvalid", "metadata.namespace", "metadata.namespace must be text: write it in quotes.");
    return undefined;
  }
  const labels = readTextMap(value["labels"], "labels", report);
  const annotations = readTextMap(value["annotations"], "annotations", report);
  return {
    name,
    ...(isClusterScoped(of.apiVersion, kind) ? {} : { namespace: namespace || of.defaultNamespace }),
    ...(typeof uid === "string" ? { uid } : {}),
    ...(typeof generation === "number" ? { generation } : {}),
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}

function isValidName(name: string, apiVersion: string): boolean {
  // Roles and their bindings may be called `system:node`.
  if (groupOf(apiVersion) === "rbac.authorization.k8s.io") return true;
  return name.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name);
}

function readTextMap(
  value: Json | undefined,
  field: "labels" | "annotations",
  report: (code: string, path: string, text: string) => void,
): { readonly [key: string]: string } | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) {
    report("NotAMap", `metadata.${field}`, `metadata.${field} is a map of texts.`);
    return undefined;
  }
  const texts: Record<string, string> = {};
  for (const [key, member] of Object.entries(value)) {
    if (typeof member === "string") {
      texts[key] = member;
      continue;
    }
    const path = fieldPath(["metadata", field, key]);
    report("NotText", path, `${path} must be text, but is a ${typeof member}: write it in quotes.`);
  }
  return texts;
}
