import { openaiCompatibleChatWire } from "../openai/chat-wire.ts";
import { openaiTarget, withoutSlash } from "../openai/path.ts";
import { openaiClientHeaders } from "../openai/provider.ts";
import { openaiService } from "../openai/service.ts";
import type { Operation, Place, Provider } from "../provider.ts";
import type { Row } from "./row.ts";
import { servers } from "./servers.ts";
import { services } from "./services.ts";

/** What clients of Anthropic's API send beside their key. */
const anthropicHeaders = ["anthropic-beta", "anthropic-version"] as const;

/** Providers that speak OpenAI's wire as it is, or nearly so. */
export const openaiCompatible: readonly Provider[] = [...servers, ...services].map(providerOf);

function providerOf(row: Row): Provider {
  const stem = row.name.toUpperCase();
  const wire = openaiCompatibleChatWire({ ...row.quirks, streamOptions: row.streamOptions ?? true });
  const operations = new Set<Operation>([
    ...(row.chats === false ? [] : ["chat" as const]),
    ...(row.passes ?? []),
  ]);
  return {
    name: row.name,
    title: row.title ?? capitalized(row.name),
    ...(row.aliases === undefined ? {} : { aliases: row.aliases }),
    ...(row.baseUrl === undefined ? {} : { baseUrl: row.baseUrl }),
    baseUrlVariables: row.bases ?? [`${stem}_API_BASE`],
    keyVariables: row.keys ?? [`${stem}_API_KEY`],
    keyRequired: row.keyRequired ?? true,
    authorization: "bearer",
    ...(row.streamOptions === undefined ? {} : { streamOptions: row.streamOptions }),
    clientHeaders: operations.has("message")
      ? [...openaiClientHeaders, ...anthropicHeaders]
      : openaiClientHeaders,
    chat: () => wire,
    service: openaiService(row.name, operations),
    target: (operation, place) => openaiTarget(operation, versioned(place, row.version)),
  };
}

/** LiteLLM's users write the addresses of some servers without the path of their API. */
function versioned(place: Place, version: string | undefined): Place {
  const url = version === undefined ? undefined : new URL(place.baseUrl);
  if (url === undefined || withoutSlash(url.pathname).endsWith("/v1")) return place;
  return { ...place, baseUrl: `${url.origin}${withoutSlash(url.pathname)}${version}${url.search}` };
}

/** LiteLLM's errors name a provider by its prefix with a capital: `Together_aiException`. */
function capitalized(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
