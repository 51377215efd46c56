import {
  documentShape,
  type MapShape,
  memberPath,
  type Shape,
} from "../../packages/litellm/src/schema/shape.ts";
import { supportOf } from "../../packages/litellm/src/support/table.ts";
import type { Generator } from "../generator.ts";

/** The reference page of the document: every key, from the schema and the support table. */
export const generator: Generator = {
  name: "configuration-reference",
  outputs: async () => ({ "docs/reference/configuration.md": page() }),
};

const introduction = `# Configuration

<!-- Made by tools/generators/configuration-reference.ts. Do not edit. -->

The document is LiteLLM's \`config.yaml\` and one further key, \`gatewright\`, which LiteLLM ignores. It is YAML 1.1: \`yes\`,
\`on\`, \`no\` and \`off\` are booleans, \`010\` is eight, \`1:30\` is ninety (quote what is meant as a text), \`<<\` merges maps,
anchors work. Dates stay texts, so \`api_version: 2024-06-01\` needs no quotes. A key that is given twice is an error.

- Numbers and booleans may be written as texts (\`"600"\`, \`"on"\`). A key without a value is as if it were absent.
- \`os.environ/NAME\` stands for a value from \`environment_variables\`, else from the environment, else from the file \`NAME\`
  in the secrets folder. A reference without a value is as if the key were absent.
- \`include: [file, …]\` lays files over this one: lists are appended, maps merged, everything else replaced. Their paths
  start from the folder of the file that includes them.
- Unknown keys are kept and reported, with the key that may be meant. Further \`litellm_params\` are request parameters.

The column *native* says what Gatewright's own engine does: **yes** it does what the contract says; *no* it has no effect
(and that is reported where something is lost); **refused** it protects something the engine does not have yet, so that
the gateway is not served unless \`gatewright.allow_unsupported\` names the setting. With the engine litellm everything is
LiteLLM's.
`;

/** Blocks with the keys of `litellm_params`, which has a section. */
const likeParameters: ReadonlySet<string> = new Set(["default_litellm_params", "credential_values"]);

interface Section {
  readonly path: string;
  readonly shape: MapShape;
}

function page(): string {
  return [introduction, ...sections(documentShape(), "").map(sectionText)].join("\n");
}

/** Blocks in the document's order, each before the blocks in it. */
function sections(shape: Shape, path: string): Section[] {
  switch (shape.kind) {
    case "leaf":
      return [];
    case "list":
      return sections(shape.item, `${path}[]`);
    case "entries":
      return sections(shape.value, `${path}.*`);
    case "map":
      return [
        { path, shape },
        ...[...shape.members]
          .filter(([key]) => !likeParameters.has(key))
          .flatMap(([key, member]) => sections(member, memberPath(path, key))),
      ];
  }
}

function sectionText({ path, shape }: Section): string {
  const title = path === "" ? "Top level" : `\`${path}\``;
  const patterns = Object.entries(shape.facts.patterns ?? {}).map(([key, description]) =>
    row(key, "any", "", memberPath(path, key), description),
  );
  const lines = [...shape.members].map(([key, member]) => memberRow(memberPath(path, key), key, member));
  return [
    `## ${title}\n`,
    `${escaped(shape.facts.description)}.\n`,
    "| key | type | default | native | meaning |",
    "|---|---|---|---|---|",
    ...lines,
    ...patterns,
    "",
  ].join("\n");
}

function memberRow(path: string, key: string, shape: Shape): string {
  if (shape.kind !== "leaf") {
    const alias = likeParameters.has(key) ? "; its keys are those of `model_list[].litellm_params`" : "";
    return row(key, containerType(shape), "", path, `${descriptionOf(shape)}${alias}`);
  }
  const { facts } = shape;
  const values =
    facts.values === undefined ? "" : `: ${facts.values.map((value) => `\`${value}\``).join(", ")}`;
  const required = facts.required === true ? "required" : "";
  const standard = facts.default === undefined ? required : `\`${JSON.stringify(facts.default)}\``;
  return row(key, `${facts.type}${values}`, standard, path, facts.description);
}

function row(key: string, type: string, standard: string, path: string, description: string): string {
  const entry = supportOf(path) ?? supportOf(`${path}[]`) ?? supportOf(`${path}.*`);
  const words = { honoured: "**yes**", ignored: "no", refused: "**refused**" };
  const support = entry === undefined ? "see its keys" : words[entry.support];
  const cases = (entry?.cases ?? [])
    .filter(({ values }) => !(values instanceof RegExp))
    .map(
      ({ values, entry: other }) =>
        `${[...(values as readonly string[])].map((value) => `\`${value}\``).join(", ")} ${words[other.support]}`,
    );
  const notes = [...cases, ...(entry?.note ? [entry.note] : [])].join("; ");
  return `| \`${key}\` | ${escaped(type)} | ${escaped(standard)} | ${escaped(notes === "" ? support : `${support}: ${notes}`)} | ${escaped(description)} |`;
}

function containerType(shape: Shape): string {
  if (shape.kind === "list") return "list of maps";
  return shape.kind === "entries" ? "map of maps" : "map";
}

function descriptionOf(shape: Shape): string {
  switch (shape.kind) {
    case "list":
      return descriptionOf(shape.item);
    case "entries":
      return descriptionOf(shape.value);
    default:
      return shape.facts.description;
  }
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|");
}
