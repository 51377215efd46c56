import { providers, providersToCome } from "@gatewright/providers";
import type { Generator } from "../generator.ts";

/** The reference page of providers, from their facts. */
export const generator: Generator = {
  name: "provider-reference",
  outputs: async () => ({ "docs/reference/providers.md": page() }),
};

function page(): string {
  const rows = providers.map(
    ({ name, aliases = [], baseUrl, baseUrlVariables, keyVariables, keyRequired }) => {
      const prefixes = [name, ...aliases].map((prefix) => `\`${prefix}/\``).join(", ");
      const address = baseUrl === undefined ? "must be given" : `\`${baseUrl}\``;
      const key = `${list(keyVariables)}${keyRequired ? "" : " (not needed)"}`;
      return `| ${prefixes} | ${address} | ${list(baseUrlVariables)} | ${key} |`;
    },
  );
  return `# Providers

<!-- Made by tools/generators/provider-reference.ts from packages/providers. Do not edit. -->

The prefix of \`litellm_params.model\`, or \`litellm_params.custom_llm_provider\`, names the provider; a name without a prefix
is OpenAI's. Address and key come from the deployment, else from these environment variables. A key from the environment
is only ever sent to the provider's own address.

| prefix | address | address variable | key variable |
|---|---|---|---|
${rows.join("\n")}

The native engine does not call these yet; a deployment that names one is left out, and a finding says so. The engine
litellm calls them: ${providersToCome.map((name) => `\`${name}\``).join(", ")}.
`;
}

function list(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(" or ");
}
