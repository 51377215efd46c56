import type { StructuralSchema } from "./structural-schema.ts";

/**
 * One schema for a field that has several forms. Structural schemas give every field one type, so:
 *
 * - forms of one type become that type, their properties together, and `anyOf` what sets them apart;
 * - whole numbers beside text are Kubernetes' int-or-string;
 * - other types beside each other leave the type open. The API server still applies what is said about properties to
 *   maps, about items to lists and about patterns to text, and fills in their defaults; what has yet another type, or
 *   an unknown key, is the reader's to refuse.
 *
 * @param own what the field itself says: its description and extensions
 */
export function mergeAlternatives(
  forms: readonly StructuralSchema[],
  own: StructuralSchema,
): StructuralSchema {
  const types = new Set(forms.map(({ type }) => type));
  const [type] = types;
  if (types.size === 1 && type !== undefined) return { ...ofOneType(type, forms), ...own };
  const pattern = forms.find((form) => form.type === "string")?.pattern;
  const text = pattern === undefined ? {} : { pattern };
  const intOrString = types.size === 2 && types.has("integer") && types.has("string");
  if (intOrString || own["x-kubernetes-int-or-string"] === true) {
    return { ...text, "x-kubernetes-int-or-string": true, ...own };
  }
  const { properties, required } = forms.find((form) => form.type === "object") ?? {};
  const { items } = forms.find((form) => form.type === "array") ?? {};
  return {
    ...text,
    ...(properties === undefined ? {} : { properties }),
    ...(required === undefined ? {} : { required }),
    ...(items === undefined ? {} : { items }),
    "x-kubernetes-preserve-unknown-fields": true,
    ...own,
  };
}

function ofOneType(type: StructuralSchema["type"], forms: readonly StructuralSchema[]): StructuralSchema {
  if (type === "object") return ofObjects(forms);
  const enums = forms.map((form) => form.enum);
  return {
    ...(type === undefined ? {} : { type }),
    ...(enums.every((values) => values !== undefined) ? { enum: [...new Set(enums.flat())] } : {}),
  };
}

/** All properties of all forms; `anyOf` says which must come together, and by which word a form is told. */
function ofObjects(forms: readonly StructuralSchema[]): StructuralSchema {
  const propertiesOf = ({ properties = {} }: StructuralSchema) => properties;
  const requiredOf = ({ required = [] }: StructuralSchema) => required;
  const names = [...new Set(forms.flatMap((form) => Object.keys(propertiesOf(form))))];
  const always = names.filter((name) => forms.every((form) => requiredOf(form).includes(name)));
  const properties: Record<string, StructuralSchema> = {};
  for (const name of names) {
    const having = forms.map((form) => propertiesOf(form)[name]).filter((form) => form !== undefined);
    const [first] = having;
    const same = having.every((form) => JSON.stringify(form) === JSON.stringify(first));
    properties[name] = same && first !== undefined ? first : mergeAlternatives(having, {});
  }
  return {
    type: "object",
    properties,
    ...(always.length === 0 ? {} : { required: always }),
    ...(forms.some((form) => form["x-kubernetes-preserve-unknown-fields"])
      ? { "x-kubernetes-preserve-unknown-fields": true }
      : {}),
    anyOf: forms.map((form) => validationOf(propertiesOf(form), requiredOf(form))),
  };
}

/** What must be true of a value of one form; inside `anyOf` a structural schema may name no types. */
function validationOf(
  properties: { readonly [name: string]: StructuralSchema },
  required: readonly string[],
): Partial<StructuralSchema> {
  const words = Object.entries(properties)
    .filter(([name, form]) => form.enum?.length === 1 && required.includes(name))
    .map(([name, form]): [string, StructuralSchema] => [
      name,
      form.enum === undefined ? {} : { enum: form.enum },
    ]);
  return {
    ...(required.length === 0 ? {} : { required }),
    ...(words.length === 0 ? {} : { properties: Object.fromEntries(words) }),
  };
}
