import { operations, type Provider, providers, providersToCome } from "@gatewright/providers";
import type { Generator } from "../generator.ts";

/** The reference page of providers, from their facts. */
export const generator: Generator = {
  name: "provider-reference",
  outputs: async () => ({ "docs/reference/providers.md": page() }),
};

function page(): string {
  return `# Providers

<!-- Made by tools/generators/provider-reference.ts from packages/providers. Do not edit. -->

The prefix of \`litellm_params.model\`, or \`litellm_params.custom_llm_provider\`, names the provider; a name without a prefix
is OpenAI's. Address and key come from the deployment, else from these environment variables. A key from the environment
is only ever sent to the provider's own address.

What stands in the last column goes upstream as the client sent it. Chat completions, completions, Responses and Messages
that do not stand there are translated, where the provider has chats at all ([how well](fidelity.md)); all else is refused.

| prefix | address | address variable | key variable | passed on as it is |
|---|---|---|---|---|
${providers.map(row).join("\n")}

The native engine does not call these yet; a deployment that names one is left out, and a finding says so. The engine
litellm calls them: ${providersToCome.map((name) => `\`${name}\``).join(", ")}.
`;
}

function row(provider: Provider): string {
  const { name, aliases = [], baseUrl, baseUrlVariables, keyVariables, keyRequired } = provider;
  const prefixes = [name, ...aliases].map((prefix) => `\`${prefix}/\``).join(", ");
  const address = baseUrl === undefined ? "must be given" : `\`${baseUrl}\``;
  const key = `${alternatives(keyVariables)}${keyRequired ? "" : " (not needed)"}`;
  return `| ${prefixes} | ${address} | ${alternatives(baseUrlVariables)} | ${key} | ${served(provider)} |`;
}

/** What goes upstream as it came, and embeddings also where they do not: chats are translated for everybody. */
function served(provider: Provider): string {
  const names = operations.flatMap((operation) => {
    const service = provider.service(operation, "model");
    if (service === "passed") return [operation];
    return service === "translated" && operation === "embedding" ? [`${operation} (translated)`] : [];
  });
  return names.join(", ");
}

function alternatives(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(" or ");
}
