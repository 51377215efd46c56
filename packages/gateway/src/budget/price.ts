import { picodollars } from "./dollars.ts";
import type { PriceTable, TablePrice } from "./price-table.ts";

/** Integer picodollars per token, where nothing else is said. */
export interface Rates {
  readonly input: number;
  readonly output: number;
  readonly cachedInput: number;
  readonly cacheWriteInput: number;
  readonly reasoning: number;
  readonly audioInput: number;
  readonly audioOutput: number;
  /** Of an image that is made, and of a second of audio. */
  readonly image: number;
  readonly second: number;
}

/** Service tiers with prices of their own, as requests name them (`service_tier`). */
export type ServiceTier = "priority" | "flex";

/** What a deployment's calls cost, worked out when a snapshot is prepared. */
export interface Price {
  readonly rates: Rates;
  /** Prices of calls with more than `above` prompt tokens, lowest first. */
  readonly longPrompts: readonly { readonly above: number; readonly rates: Rates }[];
  readonly priority: Rates | undefined;
  readonly flex: Rates | undefined;
  /** Picodollars per call. */
  readonly request: number;
  /** Share taken off (`cost_discount_config`), then share and picodollars put on (`cost_margin_config`). */
  readonly discount: number;
  readonly marginShare: number;
  readonly marginFixed: number;
  /** Prompt and answer are both said to cost nothing: budgets are not checked (litellm.md §4.1). */
  readonly free: boolean;
  /** Where it comes from, for explanations: `litellm_params`, `model_info`, or the name found in the price table. */
  readonly source: string;
}

/** Members of `litellm_params` or `model_info`; only prices are read. */
export type PriceFields = { readonly [name: string]: unknown };

/** What a deployment's price is found from. */
export interface PriceQuestion {
  readonly parameters: PriceFields;
  readonly information: PriceFields;
  /** LiteLLM's name of the provider that is called. */
  readonly provider: string;
  /** Model id as the upstream knows it. */
  readonly model: string;
  /** `model_info.base_model`. */
  readonly baseModel: string | undefined;
  /** Undefined when no deployment needs it (`needsTable`). */
  readonly table: PriceTable | undefined;
  readonly adjustment: Adjustment;
  /** Epoch milliseconds: prices of the table that begin later do not count yet. */
  readonly epoch: number;
}

/** Discount and margin of a provider. */
export type Adjustment = Pick<Price, "discount" | "marginShare" | "marginFixed">;

/** LiteLLM's stems of the prices that usage can express. */
const stems: { readonly [name: string]: keyof Rates } = {
  input_cost_per_token: "input",
  output_cost_per_token: "output",
  cache_read_input_token_cost: "cachedInput",
  cache_creation_input_token_cost: "cacheWriteInput",
  output_cost_per_reasoning_token: "reasoning",
  input_cost_per_audio_token: "audioInput",
  output_cost_per_audio_token: "audioOutput",
  output_cost_per_image: "image",
  input_cost_per_second: "second",
};

/**
 * The price of a deployment (litellm.md §4.7): its own in `litellm_params`, then in `model_info`, then that of
 * `base_model`, of provider and model, and of the model's name alone. The table fills in what an own price leaves
 * open only when that lacks the price of prompts or of answers. Undefined when nothing is known: such calls are served
 * and cost nothing.
 */
export function priceOf(question: PriceQuestion): Price | undefined {
  const { parameters, information, table, adjustment } = question;
  const own = { ...ownPrice(information), ...ownPrice(parameters) };
  const found = isWhole(own) ? undefined : fromTable(question, table);
  const members = found === undefined ? own : overlaid(found.price, own);
  if (Object.keys(members).length === 0) return undefined;
  const base = ratesOf(members, "");
  let merged = base;
  const longPrompts = thresholds(members).map((above) => {
    merged = { ...merged, ...ratesOf(members, `>${above}`) };
    return { above, rates: complete(merged) };
  });
  const tier = (name: ServiceTier): Rates | undefined => {
    const rates = ratesOf(members, `_${name}`);
    return Object.keys(rates).length === 0 ? undefined : complete({ ...base, ...rates });
  };
  const request = members["request"] ?? 0;
  return {
    rates: complete(base),
    longPrompts,
    priority: tier("priority"),
    flex: tier("flex"),
    request,
    ...adjustment,
    free: base.input === 0 && base.output === 0 && request === 0 && adjustment.marginFixed === 0,
    source: Object.keys(own).length === 0 ? (found?.name ?? "") : ownSource(parameters),
  };
}

/** Whether the price table has to be loaded for a deployment: it says not what prompts and answers cost. */
export function needsTable(parameters: PriceFields, information: PriceFields): boolean {
  return !isWhole({ ...ownPrice(information), ...ownPrice(parameters) });
}

/** Discount and margin of a provider from `litellm_settings` (litellm.md §2.2); `global` is everybody's margin. */
export function adjustmentOf(
  provider: string,
  discounts: { readonly [provider: string]: unknown } | undefined,
  margins: { readonly [provider: string]: unknown } | undefined,
): Adjustment {
  const margin = margins?.[provider] ?? margins?.["global"];
  const parts =
    typeof margin === "object" && margin !== null ? (margin as PriceFields) : { percentage: margin };
  return {
    discount: Math.min(1, share(discounts?.[provider])),
    marginShare: share(parts["percentage"]),
    marginFixed: picodollars(share(parts["fixed_amount"])),
  };
}

function share(value: unknown): number {
  const number = typeof value === "string" ? Number(value) : value;
  return typeof number === "number" && number > 0 && Number.isFinite(number) ? number : 0;
}

/**
 * Prices by member: `input`, `input>200000`, `input_priority`, `request`; picodollars. One flat map, so that an own
 * price lies over the table's member by member.
 */
type Members = Readonly<Record<string, number>>;

function ownPrice(fields: PriceFields): Members {
  const members: Record<string, number> = {};
  for (const name in fields) {
    const value = fields[name];
    const member = typeof value === "number" ? memberOf(name) : undefined;
    if (member !== undefined) members[member] = picodollars(value as number);
  }
  return members;
}

function memberOf(name: string): string | undefined {
  if (name === "input_cost_per_request" || name === "input_cost_per_query") return "request";
  const plain = stems[name];
  if (plain !== undefined) return plain;
  const variant = /^(.+?)_(?:above_(\d+)k_tokens|(priority|flex))$/.exec(name);
  const rate = variant === null ? undefined : stems[variant[1] ?? ""];
  if (variant === null || rate === undefined) return undefined;
  const [, , thousands, tier] = variant;
  return thousands === undefined ? `${rate}_${tier}` : `${rate}>${Number(thousands) * 1000}`;
}

function isWhole(members: Members): boolean {
  return (
    (members["input"] !== undefined && members["output"] !== undefined) || members["request"] !== undefined
  );
}

function ownSource(parameters: PriceFields): string {
  return Object.keys(ownPrice(parameters)).length > 0 ? "litellm_params" : "model_info";
}

function fromTable(
  { provider, model, baseModel, epoch }: PriceQuestion,
  table: PriceTable | undefined,
): { readonly name: string; readonly price: Members } | undefined {
  const found =
    (baseModel === undefined ? undefined : table?.named(baseModel, provider)) ??
    table?.find(provider, model) ??
    table?.bare(model);
  if (found === undefined) return undefined;
  return { name: found.name, price: tableMembers(found.priceAt(epoch)) };
}

function tableMembers({ tiers, ...plain }: TablePrice): Members {
  const members: Record<string, number> = { ...plain };
  for (const [above, rates] of tiers ?? [])
    for (const [name, value] of Object.entries(rates)) members[`${name}>${above}`] = value;
  return members;
}

/** A plain price of one's own also replaces what the table has for long prompts. */
function overlaid(table: Members, own: Members): Members {
  const kept = Object.entries(table).filter(([name]) => own[name.split(/[>_]/)[0] ?? name] === undefined);
  return { ...Object.fromEntries(kept), ...own };
}

function thresholds(members: Members): number[] {
  const found = Object.keys(members).flatMap((name) => {
    const above = Number(name.split(">")[1]);
    return above > 0 ? [above] : [];
  });
  return [...new Set(found)].sort((a, b) => a - b);
}

function ratesOf(members: Members, suffix: string): Partial<Rates> {
  const rates: Partial<Record<keyof Rates, number>> = {};
  for (const rate of Object.values(stems)) {
    const value = members[`${rate}${suffix}`];
    if (value !== undefined) rates[rate] = value;
  }
  return rates;
}

/** Tokens without a price of their own cost what prompts or answers cost: never too little. */
function complete({ input = 0, output = 0, ...rest }: Partial<Rates>): Rates {
  return {
    input,
    output,
    cachedInput: input,
    cacheWriteInput: input,
    reasoning: output,
    audioInput: input,
    audioOutput: output,
    image: 0,
    second: 0,
    ...rest,
  };
}
