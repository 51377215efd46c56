import * as z from "zod";
import { mergeAlternatives } from "./merge-alternatives.ts";

/** A schema as a CustomResourceDefinition may hold it (apiextensions.k8s.io/v1, "structural schema"). */
export interface StructuralSchema {
  readonly type?: "object" | "array" | "string" | "integer" | "number" | "boolean";
  readonly description?: string;
  readonly properties?: { readonly [name: string]: StructuralSchema };
  readonly additionalProperties?: StructuralSchema;
  readonly items?: StructuralSchema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Partial<StructuralSchema>[];
  readonly default?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly nullable?: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly "x-kubernetes-preserve-unknown-fields"?: true;
  readonly "x-kubernetes-int-or-string"?: true;
  readonly [keyword: string]: unknown;
}

/** What `z.toJSONSchema` makes, as far as the pass looks at it. */
interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** Keywords that mean in a CRD what they mean in the schema. */
const verbatim: ReadonlySet<string> = new Set([
  "type",
  "description",
  "enum",
  "default",
  "format",
  "pattern",
  "nullable",
  "required",
  "minLength",
  "maxLength",
  "minItems",
  "maxItems",
  "minProperties",
  "maxProperties",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
]);

/** Keywords that the pass reads; the rest is refused, so that nothing a schema says is lost without anybody knowing. */
const structured: ReadonlySet<string> = new Set([
  "$schema",
  "properties",
  "additionalProperties",
  "items",
  "anyOf",
  "oneOf",
]);

/**
 * The structural schema of what people may write: defaults filled in by the API server, rules in CEL as the schema's
 * `x-kubernetes-validations` say. Checks in code and expressions only JavaScript understands are not part of it.
 *
 * @throws Error on a construct that no structural schema can express, with the path of the field
 */
export function structuralSchema(schema: z.ZodType): StructuralSchema {
  const json = z.toJSONSchema(schema, { target: "openapi-3.0", io: "input", reused: "inline" });
  return structural(json as JsonSchema, "");
}

function structural(schema: JsonSchema, path: string): StructuralSchema {
  const unknown = Object.keys(schema).filter(
    (key) => !verbatim.has(key) && !structured.has(key) && !key.startsWith("x-kubernetes-"),
  );
  if (unknown.length > 0) {
    throw new Error(
      `${path === "" ? "the schema" : path}: a CRD cannot express ${unknown.join(", ")}; write the field in another way, or teach packages/dialects/src/crd/structural-schema.ts`,
    );
  }
  const kept = Object.fromEntries(
    Object.entries(schema).filter(([key]) => verbatim.has(key) || key.startsWith("x-kubernetes-")),
  ) as StructuralSchema;
  const alternatives = (schema["anyOf"] ?? schema["oneOf"]) as readonly JsonSchema[] | undefined;
  if (alternatives !== undefined) {
    const forms = alternatives.map((alternative) => structural(alternative, path));
    return mergeAlternatives(forms, kept);
  }
  switch (schema["type"]) {
    case undefined:
      return { ...kept, "x-kubernetes-preserve-unknown-fields": true };
    case "object":
      return structuralObject(schema, kept, path);
    case "array":
      return { ...kept, items: structural((schema["items"] ?? {}) as JsonSchema, `${path}[]`) };
    case "integer":
      return structuralInteger(kept);
    case "number":
      return { ...kept, format: kept.format ?? "double" };
    default:
      return kept;
  }
}

function structuralObject(schema: JsonSchema, kept: StructuralSchema, path: string): StructuralSchema {
  const properties = Object.entries(
    (schema["properties"] ?? {}) as { readonly [name: string]: JsonSchema },
  ).map(([name, property]) => [name, structural(property, path === "" ? name : `${path}.${name}`)] as const);
  const rest = schema["additionalProperties"];
  const values = typeof rest === "object" && rest !== null ? (rest as JsonSchema) : undefined;
  // Properties and typed further ones exclude each other; further ones of any type are kept as they are.
  const open =
    rest === true ||
    kept["x-kubernetes-preserve-unknown-fields"] === true ||
    (values !== undefined && (Object.keys(values).length === 0 || properties.length > 0));
  return {
    ...kept,
    ...(properties.length === 0 ? {} : { properties: Object.fromEntries(properties) }),
    ...(open ? { "x-kubernetes-preserve-unknown-fields": true } : {}),
    ...(open || values === undefined ? {} : { additionalProperties: structural(values, `${path}.*`) }),
  };
}

/** Zod bounds whole numbers by what JavaScript can count, which says nothing about the field. */
function structuralInteger(kept: StructuralSchema): StructuralSchema {
  const { minimum, maximum, format, ...rest } = kept;
  const small = maximum !== undefined && maximum < 2 ** 31;
  return {
    ...rest,
    format: format ?? (small ? "int32" : "int64"),
    ...(minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? {} : { minimum }),
    ...(maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? {} : { maximum }),
  };
}
