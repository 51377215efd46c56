import type { Document, Settings } from "@gatewright/litellm";
import type { Provider } from "@gatewright/providers";
import { adjustmentOf, needsTable, type Price, type PriceFields, priceOf } from "../budget/price.ts";
import { type FoundModel, loadPriceTable, type PriceTable } from "../budget/price-table.ts";

/** A deployment as far as its price depends on it. */
export interface PricedEntry {
  /** `litellm_params`, router defaults merged in. */
  readonly parameters: PriceFields & { readonly max_input_tokens?: number | undefined };
  readonly information:
    | (PriceFields & {
        readonly base_model?: string | undefined;
        readonly max_input_tokens?: number | undefined;
      })
    | undefined;
  readonly provider: Provider;
  /** Model id as the upstream knows it. */
  readonly model: string;
}

/** What is known of a deployment's money, and of how much it takes. */
export interface EntryPrice {
  /** Undefined: calls are served and cost nothing. */
  readonly price: Price | undefined;
  /** Longest prompt, tokens: as configured, else the context window of the price table. */
  readonly maxInputTokens: number | undefined;
}

/** Finds the price of each deployment of a document. `epoch`: milliseconds, for prices that begin at a date. */
export function pricer(
  settings: Settings,
  table: PriceTable | undefined,
  epoch: number,
): (entry: PricedEntry) => EntryPrice {
  const { cost_discount_config: discounts, cost_margin_config: margins } = settings.litellm_settings ?? {};
  return ({ parameters, information = {}, provider, model }) => ({
    price: priceOf({
      parameters,
      information,
      provider: provider.name,
      model,
      baseModel: information.base_model,
      table,
      adjustment: adjustmentOf(provider.name, discounts, margins),
      epoch,
    }),
    maxInputTokens:
      parameters.max_input_tokens ??
      information.max_input_tokens ??
      tableEntry(table, provider, model, information.base_model)?.contextWindow,
  });
}

/**
 * The price table when a document needs it, else undefined: when one of its deployments does not say what it costs,
 * or calls are checked against context windows. Loading takes some 3 ms, once.
 */
export async function priceTableFor(
  document: Document,
  storedModels: readonly unknown[] = [],
): Promise<PriceTable | undefined> {
  const own = document["model_list"];
  const models: readonly unknown[] = [...(Array.isArray(own) ? own : []), ...storedModels];
  const priced = models.every(
    (model) => !needsTable(blockOf(model, "litellm_params"), blockOf(model, "model_info")),
  );
  const checked = blockOf(document, "router_settings")["enable_pre_call_checks"];
  return priced && checked !== true ? undefined : loadPriceTable();
}

function tableEntry(
  table: PriceTable | undefined,
  provider: Provider,
  model: string,
  baseModel: string | undefined,
): FoundModel | undefined {
  if (table === undefined) return undefined;
  return baseModel === undefined
    ? (table.find(provider.name, model) ?? table.bare(model))
    : table.named(baseModel, provider.name);
}

const nothing: PriceFields = {};

function blockOf(value: unknown, name: string): PriceFields {
  const block = typeof value === "object" && value !== null ? (value as PriceFields)[name] : undefined;
  return typeof block === "object" && block !== null ? (block as PriceFields) : nothing;
}
