import { conversationFeatures, type Feature, type Fidelity } from "@gatewright/call";
import { type ChatWire, type Provider, providerNamed } from "@gatewright/providers";
import type { Generator } from "../generator.ts";

/** The reference page of what is translated into what, from the facts of providers and the tables of their wires. */
export const generator: Generator = {
  name: "fidelity-reference",
  outputs: async () => ({ "docs/reference/fidelity.md": page() }),
};

/** A wire of the grid, by a provider and a model that have it. */
interface Column {
  readonly title: string;
  readonly provider: string;
  readonly model: string;
  /** The model for embeddings, where it has any. */
  readonly embedding?: string;
}

const columns: readonly Column[] = [
  { title: "openai", provider: "openai", model: "gpt-4o", embedding: "text-embedding-3-small" },
  { title: "anthropic", provider: "anthropic", model: "claude-sonnet-4-5" },
  { title: "gemini", provider: "gemini", model: "gemini-2.5-pro", embedding: "gemini-embedding-001" },
  {
    title: "bedrock",
    provider: "bedrock",
    model: "anthropic.claude-sonnet-4-5-20250929-v1:0",
    embedding: "cohere.embed-multilingual-v3",
  },
  { title: "cohere", provider: "cohere", model: "command-a-03-2025", embedding: "embed-v4.0" },
  { title: "ollama", provider: "ollama_chat", model: "llama3.2", embedding: "nomic-embed-text" },
];

const rows = [
  { api: "Chat completions", operation: "chat", streams: true },
  { api: "Responses", operation: "response", streams: true },
  { api: "Messages", operation: "message", streams: true },
  { api: "Completions", operation: "completion", streams: true },
  { api: "Embeddings", operation: "embedding", streams: false },
] as const;

/** Client APIs × provider wires, as lines of Markdown. */
export function gridLines(): readonly string[] {
  const reasons = new Set<string>();
  const lines = rows.map(({ api, operation, streams }) => {
    const cells = columns.map((column) => {
      const model = operation === "embedding" ? (column.embedding ?? column.model) : column.model;
      const service = providerOf(column).service(operation, model);
      if (typeof service === "string") return streams ? `${service}, also streamed` : service;
      reasons.add(`${api} over ${column.title}: ${service.refused}.`);
      return "refused";
    });
    return `| ${[api, ...cells].join(" | ")} |`;
  });
  return [
    `| client API | ${columns.map(({ title }) => title).join(" | ")} |`,
    `|---|${columns.map(() => "---|").join("")}`,
    ...lines,
    "",
    ...[...reasons].map((reason) => `Refused: ${reason}`),
  ];
}

function page(): string {
  const wires = columns.map((column) => providerOf(column).chat(column.model));
  return `# What is translated, and what is lost

<!-- Made by tools/generators/fidelity-reference.ts from packages/providers. Do not edit. -->

A client API that the provider speaks itself is passed through, byte for byte but for the model's name. Every other is
read into the call form (\`packages/call\`) and written in the provider's wire. \`npm run grid\` prints this table; the
conformance tests (\`packages/testkit/src/conformance\`) ask every cell of it with the official client of its row.

${gridLines().join("\n")}

\`previous_response_id\`, \`conversation\` and \`background\` of Responses need an upstream that keeps them: they are passed to
OpenAI and Azure, and refused (400) where Responses are translated.

## Features by wire

What a wire does with each feature of a call that is translated into it. **kept**: written as it is. *mapped*: the intent
arrives, in the form that the notes say. *ignored*: a hint that at most changes price or quality, left out. **dropped**: a
parameter the wire does not have, left out with \`drop_params\`, else an UnsupportedParamsError (400). **refused**: a part of
the conversation that cannot be left out (400). What was dropped or ignored stands in \`x-gatewright-dropped\`.

| feature | ${wires.map(({ name }) => name).join(" | ")} |
|---|${wires.map(() => "---|").join("")}
${features(wires)
  .map((feature) => `| \`${feature}\` | ${wires.map((wire) => treatment(wire, feature)).join(" | ")} |`)
  .join("\n")}

### Mapped to

${wires.map((wire) => notes(wire)).join("\n\n")}
`;
}

function providerOf({ provider }: Column): Provider {
  const found = providerNamed(provider);
  if (found === undefined) throw new Error(`there is no provider ${provider}`);
  return found;
}

/** Parameters first, in the order of the first wire's table, then parts of the conversation. */
function features(wires: readonly ChatWire[]): readonly Feature[] {
  const conversation: readonly string[] = conversationFeatures;
  const all = Object.keys(wires[0]?.fidelity ?? {}) as Feature[];
  const parameters = all.filter((feature) => !conversation.includes(feature)).sort();
  return [...parameters, ...conversationFeatures];
}

function treatment({ fidelity }: { readonly fidelity: Fidelity }, feature: Feature): string {
  const found = fidelity[feature];
  if (found.startsWith("mapped: ")) return "*mapped*";
  return found === "ignored" ? "*ignored*" : found === "kept" ? "kept" : `**${found}**`;
}

function notes(wire: ChatWire): string {
  const lines = features([wire]).flatMap((feature) => {
    const found = wire.fidelity[feature];
    return found.startsWith("mapped: ") ? [`- \`${feature}\`: ${found.slice("mapped: ".length)}`] : [];
  });
  return `**${wire.name}**\n\n${lines.length === 0 ? "Nothing." : lines.join("\n")}`;
}
