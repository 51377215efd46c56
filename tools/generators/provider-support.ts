import { providers, providersToCome } from "@gatewright/providers";
import type { Generator } from "../generator.ts";

/** The providers of the support table, from the facts of `packages/providers`. */
export const generator: Generator = {
  name: "provider-support",
  outputs: async () => ({
    "packages/litellm/src/generated/providers.ts": `// Made by tools/generators/provider-support.ts from packages/providers. Do not edit.

/** A provider of LiteLLM's, and whether the native engine calls it. */
export interface ProviderRow {
  /** LiteLLM's prefix. */
  readonly name: string;
  readonly title: string;
  /** Further prefixes that mean the same. */
  readonly aliases: readonly string[];
  readonly support: "honoured" | "refused";
  /** Base URL when none is configured. */
  readonly baseUrl?: string;
  /** Environment variables that hold the key. */
  readonly keyVariables: readonly string[];
}

export const providerRows: readonly ProviderRow[] = ${JSON.stringify(rows(), undefined, 2)};
`,
  }),
};

function rows(): readonly object[] {
  return [
    ...providers.map(({ name, title, aliases = [], baseUrl, keyVariables }) => ({
      name,
      title,
      aliases,
      support: "honoured",
      ...(baseUrl === undefined ? {} : { baseUrl }),
      keyVariables,
    })),
    ...providersToCome.map((name) => ({
      name,
      title: name,
      aliases: [],
      support: "refused",
      keyVariables: [],
    })),
  ];
}
