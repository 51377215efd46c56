import { customResourceDefinition, dialects, type Kind, type StructuralSchema } from "@gatewright/dialects";
import type { Generator } from "../generator.ts";

/** The reference page of resources: every field of every kind, from the schemas that the CRDs are made of. */
export const generator: Generator = {
  name: "kind-reference",
  outputs: async () => ({ "docs/reference/kinds.md": page() }),
};

const introduction = `# Resources

<!-- Made by tools/generators/kind-reference.ts from packages/dialects. Do not edit. -->

Every field of every kind. *Required* is meant within the block a field stands in. Defaults are filled in by the API
server, and outside a cluster by the reader; where none is given here, the meaning says what an absent field does.
The definitions are in \`deploy/crds/\`.
`;

function page(): string {
  return [introduction, ...dialects.flatMap(({ kinds }) => kinds).map(section)].join("\n");
}

function section(kind: Kind): string {
  const { schema } = customResourceDefinition(kind).spec.versions[0];
  const { description, properties = {} } = schema.openAPIV3Schema;
  const names = [
    `\`${kind.group}/${kind.version}\``,
    kind.scope === "Cluster" ? "cluster-scoped" : "namespaced",
    `\`kubectl get ${kind.plural}\`${kind.shortNames.map((name) => ` or \`${name}\``).join("")}`,
  ];
  const rules = (kind.validations ?? []).map(({ message }) => `${message}.\n`);
  return [
    `## ${kind.kind}\n`,
    `${names.join(" · ")}\n`,
    ...(description === undefined ? [] : [`${description}\n`]),
    ...rules,
    "| field | type | default | meaning |",
    "|---|---|---|---|",
    ...rows(properties["spec"] ?? {}, "spec"),
    "",
    "| status | type | | meaning |",
    "|---|---|---|---|",
    ...rows(properties["status"] ?? {}, "status"),
    "",
  ].join("\n");
}

/** A row for each field below a block, each block before what is in it. */
function rows(block: StructuralSchema, path: string): readonly string[] {
  const below = Object.entries(block.properties ?? {}).flatMap(([name, field]) => {
    const at = `${path}.${name}`;
    return [row(at, field, block.required?.includes(name) === true), ...rows(field, at)];
  });
  return [
    ...below,
    ...(block.items === undefined ? [] : rows(block.items, `${path}[]`)),
    ...(block.additionalProperties === undefined ? [] : rows(block.additionalProperties, `${path}.*`)),
  ];
}

function row(path: string, field: StructuralSchema, required: boolean): string {
  const standard =
    field.default === undefined ? (required ? "required" : "") : `\`${JSON.stringify(field.default)}\``;
  const rules = (field["x-kubernetes-validations"] ?? []) as readonly { readonly message: string }[];
  const meaning = [field.description ?? "", ...rules.map(({ message }) => `Rule: ${message}.`)].join(" ");
  return `| \`${path.slice(path.indexOf(".") + 1)}\` | ${escaped(typeOf(field))} | ${escaped(standard)} | ${escaped(meaning)} |`;
}

function typeOf(field: StructuralSchema): string {
  const { type, items, additionalProperties, minimum, maximum } = field;
  if (field["x-kubernetes-int-or-string"]) return "whole number or text";
  if (type === undefined) {
    const forms = [
      ...(field.properties === undefined ? [] : ["map"]),
      ...(items === undefined ? [] : ["list of maps"]),
    ];
    if (forms.length > 0) return forms.join(" or ");
    return field.pattern === undefined ? "any" : "number or text";
  }
  if (field.enum !== undefined) return field.enum.map((value) => `\`${value}\``).join(", ");
  switch (type) {
    case "array":
      return items?.type === "object"
        ? "list of maps"
        : `list of ${items === undefined ? "any" : typeOf(items)}`;
    case "object":
      return additionalProperties === undefined ? "map" : `map of ${typeOf(additionalProperties)}`;
    case "integer":
      return ["whole number", bounds(minimum, maximum)].join("");
    case "number":
      return ["number", bounds(minimum, maximum)].join("");
    case "boolean":
      return "true or false";
    case "string":
      return field.format === "date-time" ? "time" : "text";
  }
}

function bounds(minimum: number | undefined, maximum: number | undefined): string {
  const largest = maximum === 2 ** 31 - 1 ? undefined : maximum;
  if (minimum !== undefined && largest !== undefined) return `, ${minimum} to ${largest}`;
  if (minimum !== undefined) return `, at least ${minimum}`;
  return largest === undefined ? "" : `, at most ${largest}`;
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
