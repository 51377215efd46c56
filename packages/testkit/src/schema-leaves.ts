import type { JsonObject } from "@gatewright/plan";
import type * as z from "zod";

interface Definition {
  readonly innerType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly shape?: { readonly [key: string]: z.core.$ZodType };
  readonly options?: readonly z.core.$ZodType[];
}

function fieldsOf(schema: z.core.$ZodType): Definition {
  const definition = schema._zod.def as unknown as Definition;
  return definition.innerType === undefined ? definition : fieldsOf(definition.innerType);
}

/** `retryPolicy.maxAttempts`, `fallbacks[].modelRef`, `aliases[]`: every field that holds a value and no fields. */
export function schemaLeaves(schema: z.core.$ZodType, path = ""): readonly string[] {
  const { element, shape } = fieldsOf(schema);
  if (shape !== undefined) {
    return Object.entries(shape).flatMap(([key, field]) =>
      schemaLeaves(field, path === "" ? key : `${path}.${key}`),
    );
  }
  return element === undefined ? [path] : schemaLeaves(element, `${path}[]`);
}

/** `change` puts other text into a field. */
export type Edit = "remove" | "change";

/** A copy without the field, or with other text in it, in every item of lists on the way; nothing when it is not there. */
export function editedLeaf(spec: JsonObject, leaf: string, edit: Edit): JsonObject | undefined {
  const copy = structuredClone(spec) as Record<string, unknown>;
  const steps = leaf.replaceAll("[]", ".[]").split(".");
  return apply(copy, steps, edit) ? (copy as JsonObject) : undefined;
}

function apply(value: unknown, [step, ...rest]: readonly string[], edit: Edit): boolean {
  if (step === undefined || typeof value !== "object" || value === null) return false;
  if (step === "[]") {
    if (!Array.isArray(value) || value.length === 0) return false;
    if (rest.length === 0) return value.splice(0).length > 0;
    return value.map((item) => apply(item, rest, edit)).some(Boolean);
  }
  const members = value as Record<string, unknown>;
  if (!(step in members)) return false;
  if (rest.length > 0) return apply(members[step], rest, edit);
  if (edit === "change") members[step] = `${String(members[step])}x`;
  else delete members[step];
  return true;
}

/** Paths of the fields without a description. */
export function undescribedFields(schema: z.core.$ZodType, path = ""): readonly string[] {
  const { element, shape, options } = fieldsOf(schema);
  if (options !== undefined) return options.flatMap((option) => undescribedFields(option, path));
  if (element !== undefined) return undescribedFields(element, `${path}[]`);
  return Object.entries(shape ?? {}).flatMap(([key, field]) => {
    const at = path === "" ? key : `${path}.${key}`;
    const described = descriptionOf(field) !== undefined;
    return [...(described ? [] : [at]), ...undescribedFields(field, at)];
  });
}

/** Outer wrappers (`optional`, `default`) do not repeat the description of what they wrap. */
function descriptionOf(schema: z.core.$ZodType): string | undefined {
  const own = (schema as z.ZodType).description;
  const inner = (schema._zod.def as unknown as Definition).innerType;
  return own ?? (inner === undefined ? undefined : descriptionOf(inner));
}
