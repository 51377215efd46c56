import {
  type ConditionalPrice,
  findProvider,
  type MatchLogic,
  type ModelInfo,
  type ModelPrice,
} from "@pydantic/genai-prices";
import type { Match, Row, TableData, TablePrice } from "../../packages/gateway/src/budget/price-table.ts";
import type { Generator } from "../generator.ts";

/**
 * genai-prices' providers → LiteLLM's names; those LiteLLM does not know are left out. Of several names the others
 * are aliases of the first.
 */
const providerNames: { readonly [id: string]: readonly [string, ...string[]] } = {
  openai: ["openai", "text-completion-openai"],
  azure: ["azure", "azure_ai", "azure_text"],
  anthropic: ["anthropic"],
  aws: ["bedrock", "bedrock_converse"],
  google: ["gemini", "vertex_ai", "vertex_ai_beta"],
  cohere: ["cohere", "cohere_chat"],
  mistral: ["mistral"],
  groq: ["groq"],
  deepseek: ["deepseek"],
  "x-ai": ["xai"],
  together: ["together_ai"],
  fireworks: ["fireworks_ai"],
  openrouter: ["openrouter"],
  perplexity: ["perplexity"],
  cerebras: ["cerebras"],
  moonshotai: ["moonshot"],
  novita: ["novita"],
  minimax: ["minimax"],
  cloudflare: ["cloudflare"],
  baseten: ["baseten"],
  ovhcloud: ["ovhcloud"],
  voyageai: ["voyage"],
  zai: ["zai"],
};

/** Their prices in dollars per million tokens → our rates. The rest (images, hours, pages, searches) is not in usage. */
const rateNames: { readonly [key: string]: keyof Omit<TablePrice, "request" | "tiers"> } = {
  input_mtok: "input",
  output_mtok: "output",
  cache_read_mtok: "cachedInput",
  cache_write_mtok: "cacheWriteInput",
  output_reasoning_mtok: "reasoning",
  input_audio_mtok: "audioInput",
  output_audio_mtok: "audioOutput",
};

/** List prices of models (design.md: compiled at build time into a slim table). */
export const generator: Generator = {
  name: "prices",
  outputs: async () => ({
    "packages/gateway/src/generated/prices.ts": `// Made by tools/generators/prices.ts from @pydantic/genai-prices (MIT). Do not edit.

/** JSON text of budget/price-table.ts' \`TableData\`; picodollars per token. Parsed only when a price is looked up. */
export const prices = String.raw\`${text(table())}\`;
`,
  }),
};

function table(): TableData {
  const providers: Record<string, Row[]> = {};
  const aliases: Record<string, string> = {};
  const fallbacks: Record<string, string[]> = {};
  for (const [id, [name, ...others]] of Object.entries(providerNames)) {
    const provider = findProvider({ providerId: id });
    if (provider?.id !== id) throw new Error(`genai-prices has no provider ${id} any more`);
    providers[name] = provider.models.flatMap(rowOf);
    for (const other of others) aliases[other] = name;
    const further = (provider.fallback_model_providers ?? []).flatMap((one) => providerNames[one]?.[0] ?? []);
    if (further.length > 0) fallbacks[name] = further;
  }
  return { aliases, fallbacks, providers };
}

/** A row a line, so that a new release of the data shows what it changes. */
function text({ providers, ...rest }: TableData): string {
  const rows = Object.entries(providers).map(
    ([name, models]) =>
      `${JSON.stringify(name)}:[\n${models.map((row) => JSON.stringify(row)).join(",\n")}\n]`,
  );
  const json = `${JSON.stringify(rest).slice(0, -1)},"providers":{\n${rows.join(",\n")}\n}}`;
  if (/`|\$\{/.test(json)) throw new Error("a name in the price data would end the template");
  return json;
}

function rowOf({ match, context_window: context = 0, prices }: ModelInfo): Row[] {
  const [first, ...later] = datedPrices(Array.isArray(prices) ? prices : [{ prices }]);
  return first === undefined ? [] : [[matchOf(match), context, first[1], ...later]];
}

/** Prices by the date they begin. Of prices by the time of day the dearest is taken: a budget is never overdrawn by it. */
function datedPrices(conditional: readonly ConditionalPrice[]): [string, TablePrice][] {
  const dated: [string, TablePrice][] = [];
  for (const { constraint, prices } of conditional) {
    const price = priceOf(prices);
    if (price === undefined) continue;
    const last = dated.at(-1);
    if (constraint?.type !== "time_of_date")
      dated.push([constraint?.type === "start_date" ? constraint.start_date : "", price]);
    else if (last !== undefined && (price.output ?? 0) > (last[1].output ?? 0)) last[1] = price;
  }
  return dated;
}

function priceOf(prices: ModelPrice): TablePrice | undefined {
  const plain: Record<string, number> = {};
  const tiers = new Map<number, Record<string, number>>();
  for (const [key, name] of Object.entries(rateNames)) {
    const value = prices[key];
    if (value === undefined) continue;
    plain[name] = picodollarsPerToken(typeof value === "number" ? value : value.base);
    for (const { start, price } of typeof value === "number" ? [] : value.tiers) {
      const tier = tiers.get(start) ?? {};
      tier[name] = picodollarsPerToken(price);
      tiers.set(start, tier);
    }
  }
  const requests = prices["requests_kcount"];
  if (typeof requests === "number") plain["request"] = Math.round(requests * 1e9);
  if (Object.keys(plain).length === 0) return undefined;
  const sorted = [...tiers].sort(([one], [other]) => one - other);
  return sorted.length === 0 ? plain : { ...plain, tiers: sorted };
}

/** Dollars per million tokens. */
function picodollarsPerToken(dollars: number): number {
  return Math.round(dollars * 1e6);
}

function matchOf(match: MatchLogic): Match {
  if ("or" in match) return match.or.map(matchOf);
  if ("and" in match) return { all: match.and.map(matchOf) };
  if ("equals" in match) return match.equals.toLowerCase();
  if ("starts_with" in match) return { starts: match.starts_with.toLowerCase() };
  if ("ends_with" in match) return { ends: match.ends_with.toLowerCase() };
  return "contains" in match ? { has: match.contains.toLowerCase() } : { like: match.regex };
}
