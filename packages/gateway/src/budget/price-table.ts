import type { Rates } from "./price.ts";

/** Picodollars per token, and per request; what is not there costs what prompts or answers cost. */
export type TablePrice = Partial<Rates> & {
  readonly request?: number;
  /** Prices of calls with more prompt tokens than the number. */
  readonly tiers?: readonly (readonly [above: number, rates: Partial<Rates>])[];
};

/** Which names a row is for: one name, any of several conditions, or a part of names; lower case, but for patterns. */
export type Match =
  | string
  | readonly Match[]
  | { readonly all: readonly Match[] }
  | { readonly starts: string }
  | { readonly ends: string }
  | { readonly has: string }
  | { readonly like: string };

/** One model: its names, longest prompt in tokens (0 unknown), and its prices with the date each begins. */
export type Row = readonly [
  match: Match,
  context: number,
  price: TablePrice,
  ...later: (readonly [from: string, price: TablePrice])[],
];

/** The table as it is generated (tools/generators/prices.ts): rows by LiteLLM's name of the provider. */
export interface TableData {
  readonly providers: { readonly [provider: string]: readonly Row[] };
  /** Providers that have the rows of another. */
  readonly aliases: { readonly [provider: string]: string };
  /** Where else a provider's models may stand: Azure sells OpenAI's at OpenAI's prices. */
  readonly fallbacks: { readonly [provider: string]: readonly string[] };
}

/** A model of the table. */
export interface FoundModel {
  /** `provider/model` as it was found, for explanations. */
  readonly name: string;
  /** Longest prompt and answer together, tokens; undefined when not known. */
  readonly contextWindow: number | undefined;
  /** The price that holds at a time (epoch milliseconds). */
  priceAt(epoch: number): TablePrice;
}

/** Providers whose models LiteLLM's price map has under their bare names. */
const bareProviders = ["openai", "anthropic", "gemini"];

/** List prices of models, US dollars; from @pydantic/genai-prices, by way of a generated table. */
export class PriceTable {
  readonly #data: TableData;

  constructor(data: TableData) {
    this.#data = data;
  }

  /** The row of a provider's model; provider under LiteLLM's name. */
  find(provider: string, model: string): FoundModel | undefined {
    const own = this.#data.aliases[provider] ?? provider;
    const lower = model.toLowerCase();
    for (const name of [own, ...(this.#data.fallbacks[own] ?? [])]) {
      const row = this.#data.providers[name]?.find(([match]) => matches(match, model, lower));
      if (row !== undefined) return found(`${name}/${model}`, row);
    }
    return undefined;
  }

  /** A full name (`azure/gpt-4o`), else a model of `provider`, else a bare name. */
  named(name: string, provider: string): FoundModel | undefined {
    const slash = name.indexOf("/");
    return (
      (slash < 0 ? undefined : this.find(name.slice(0, slash), name.slice(slash + 1))) ??
      this.find(provider, name) ??
      this.bare(name)
    );
  }

  /**
   * A model by its name alone, written exactly: a server of one's own that serves `deepseek-r1` is not DeepSeek, but
   * `gpt-4o` is always OpenAI's.
   */
  bare(model: string): FoundModel | undefined {
    const lower = model.toLowerCase();
    for (const provider of bareProviders) {
      const row = this.#data.providers[provider]?.find(([match]) => namesExactly(match, lower));
      if (row !== undefined) return found(`${provider}/${model}`, row);
    }
    return undefined;
  }
}

let loaded: Promise<PriceTable> | undefined;

/** Loads the table, once. Only gateways whose deployments need it read it (`needsTable`). */
export function loadPriceTable(): Promise<PriceTable> {
  loaded ??= import("../generated/prices.ts").then(
    ({ prices }) => new PriceTable(JSON.parse(prices) as TableData),
  );
  return loaded;
}

function found(name: string, [, context, first, ...later]: Row): FoundModel {
  return {
    name,
    contextWindow: context === 0 ? undefined : context,
    priceAt: (epoch) => later.findLast(([from]) => Date.parse(from) <= epoch)?.[1] ?? first,
  };
}

/** As genai-prices compares: without regard to case, but for patterns. */
function matches(match: Match, model: string, lower: string): boolean {
  if (typeof match === "string") return lower === match;
  if (isList(match)) return match.some((one) => matches(one, model, lower));
  if ("all" in match) return match.all.every((one) => matches(one, model, lower));
  if ("like" in match) return new RegExp(match.like).test(model);
  if ("starts" in match) return lower.startsWith(match.starts);
  return "ends" in match ? lower.endsWith(match.ends) : lower.includes(match.has);
}

function namesExactly(match: Match, lower: string): boolean {
  return typeof match === "string"
    ? match === lower
    : isList(match) && match.some((one) => namesExactly(one, lower));
}

function isList(match: Match): match is readonly Match[] {
  return Array.isArray(match);
}
