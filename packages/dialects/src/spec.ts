import { nearestName } from "@gatewright/litellm";
import { type Finding, isJsonObject, type Json, type JsonObject, originText } from "@gatewright/plan";
import type * as z from "zod";
import { fieldPath } from "./field-path.ts";
import type { Kind } from "./kind.ts";
import { originOf, type Resource } from "./resource.ts";

/** The spec of one resource as its schema reads it, or why it cannot be read. */
export interface SpecReading<Spec> {
  /** Defaults filled in; absent exactly when one of the findings is `InvalidField`. */
  readonly spec?: Spec;
  readonly findings: readonly Finding[];
}

/**
 * Reads `resource.spec` by the schema of its kind, as an API server would admit it: a `null` counts as absent, and a
 * field the kind does not have is left out, but reported (`UnknownField`, dropped) with a likely correction.
 * Everything else that does not fit is `InvalidField`, blocked, one finding per field; texts never repeat a value.
 */
export function readSpec<Schema extends z.ZodType>(
  kind: Kind<Schema>,
  resource: Resource,
): SpecReading<z.output<Schema>> {
  const findings: Finding[] = [];
  const value = structuredClone(resource.spec ?? {}) as Json;
  for (;;) {
    const result = kind.spec.safeParse(value);
    if (result.success) return { spec: result.data, findings };
    const issues = result.error.issues.flatMap(issuesWithin);
    const removed = issues.flatMap((issue) => removeTolerated(issue, value, resource, kind));
    if (removed.length === 0) {
      const invalid = issues.map((issue) => invalidField(issue, resource));
      return { findings: [...findings, ...invalid] };
    }
    findings.push(...removed.filter((finding) => finding !== "null"));
  }
}

/**
 * The issues of the form of a field that was meant, where a field has several: the one whose type the value has. Else
 * the issue itself, which says only that no form fits.
 */
function issuesWithin(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== "invalid_union") return [issue];
  const meant = issue.errors.find(
    (issues) => !issues.some(({ code, path }) => code === "invalid_type" && path.length === 0),
  );
  return (meant ?? []).length === 0
    ? [issue]
    : (meant ?? []).flatMap((inner) => issuesWithin({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** Takes away what one issue complains about where an API server would: unknown fields and nulls. */
function removeTolerated(
  issue: z.core.$ZodIssue,
  value: Json,
  resource: Resource,
  kind: Kind,
): readonly (Finding | "null")[] {
  if (issue.code === "unrecognized_keys") {
    const parent = valueAt(value, issue.path);
    if (!isJsonObject(parent)) return [];
    return issue.keys.map((key) => {
      delete (parent as Record<string, Json>)[key];
      return unknownField([...issue.path, key], resource, knownFields(kind.spec, issue.path));
    });
  }
  const parent = valueAt(value, issue.path.slice(0, -1));
  const key = issue.path.at(-1);
  if (typeof key !== "string" || !isJsonObject(parent) || parent[key] !== null) return [];
  delete (parent as Record<string, Json>)[key];
  return ["null"];
}

function unknownField(path: readonly PropertyKey[], resource: Resource, known: readonly string[]): Finding {
  const origin = originOf(resource, specPath(path));
  const near = nearestName(String(path.at(-1)), known);
  return {
    code: "UnknownField",
    effect: "dropped",
    origin,
    text: `${originText(origin)} is not a field of ${resource.kind} and has no effect.${near === undefined ? "" : ` Did you mean "${near}"?`}`,
  };
}

function invalidField(issue: z.core.$ZodIssue, resource: Resource): Finding {
  const origin = originOf(resource, specPath(issue.path));
  return {
    code: "InvalidField",
    effect: "blocked",
    origin,
    text: `${originText(origin)} cannot be used: ${whatIsAllowed(issue)}. ${resource.kind} ${resource.metadata.name} is not served until it is corrected.`,
  };
}

const typeNames: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a map",
  record: "a map",
};

function whatIsAllowed(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_value") return `it must be one of ${issue.values.map(String).join(", ")}`;
  if (issue.code === "invalid_key") {
    return `this key is not allowed${issue.issues[0] === undefined ? "" : ` (${issue.issues[0].message})`}`;
  }
  if (issue.code === "invalid_type") {
    return issue.message.endsWith("received undefined")
      ? "it is required"
      : `it must be ${typeNames[issue.expected] ?? issue.expected}`;
  }
  if (issue.code === "too_small") {
    if (issue.origin === "string" || issue.origin === "array") return "it must not be empty";
    return `it must be at least ${issue.minimum}`;
  }
  if (issue.code === "too_big") {
    return issue.origin === "string"
      ? `it must have at most ${issue.maximum} characters`
      : `it must be at most ${issue.maximum}`;
  }
  return issue.message.replace(/\.$/u, "");
}

function specPath(path: readonly PropertyKey[]): string {
  return fieldPath(["spec", ...path.map((step) => (typeof step === "number" ? step : String(step)))]);
}

function valueAt(value: Json, path: readonly PropertyKey[]): Json | undefined {
  return path.reduce<Json | undefined>((at, step) => {
    if (Array.isArray(at) && typeof step === "number") return at[step];
    return isJsonObject(at) ? (at as JsonObject)[String(step)] : undefined;
  }, value);
}

interface SchemaDefinition {
  readonly type: string;
  readonly innerType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly valueType?: z.core.$ZodType;
  readonly shape?: { readonly [key: string]: z.core.$ZodType };
  readonly options?: readonly z.core.$ZodType[];
}

/** The fields a schema has at a path; none where it takes anything. */
function knownFields(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  const definition = schema._zod.def as unknown as SchemaDefinition;
  if (definition.innerType !== undefined) return knownFields(definition.innerType, path);
  if (definition.options !== undefined)
    return definition.options.flatMap((option) => knownFields(option, path));
  const [step, ...rest] = path;
  if (step === undefined) return Object.keys(definition.shape ?? {});
  const next =
    typeof step === "number"
      ? definition.element
      : (definition.valueType ?? definition.shape?.[String(step)]);
  return next === undefined ? [] : knownFields(next, rest);
}
