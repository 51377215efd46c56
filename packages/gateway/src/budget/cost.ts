import type { Usage } from "@gatewright/call";
import type { Price, Rates, ServiceTier } from "./price.ts";

/** One line of a bill. */
export interface CostLine {
  readonly what: string;
  readonly tokens: number;
  readonly picodollarsPerToken: number;
  readonly picodollars: number;
}

/** A bill, picodollars: `total` is `original`, less `discount`, plus `margin` (litellm.md §3.7, §4.7). */
export interface Cost {
  readonly lines: readonly CostLine[];
  readonly original: number;
  readonly discount: number;
  readonly margin: number;
  readonly total: number;
}

/**
 * What a call costs, integer picodollars. Prices per token are integers, so the sum is exact; discount and margin are
 * each rounded to the nearest picodollar. The long-prompt price is that of the whole call, as providers bill it.
 */
export function costOf(price: Price, usage: Usage, tier?: ServiceTier): number {
  const rates = ratesFor(price, usage, tier);
  const { cachedInput, cacheWriteInput, audioInput, audioOutput, reasoning } = usage;
  let original = price.request + plainInput(usage) * rates.input + plainOutput(usage) * rates.output;
  // Most calls have none of these.
  if (cachedInput + cacheWriteInput + audioInput !== 0)
    original +=
      cachedInput * rates.cachedInput +
      cacheWriteInput * rates.cacheWriteInput +
      audioInput * rates.audioInput;
  if (reasoning + audioOutput !== 0)
    original += reasoning * rates.reasoning + audioOutput * rates.audioOutput;
  const { images, seconds } = usage;
  if (images + seconds !== 0) original += images * rates.image + seconds * rates.second;
  if (price.discount === 0 && price.marginShare === 0) return original + price.marginFixed;
  return total(price, original);
}

/** The same with the arithmetic shown. */
export function billOf(price: Price, usage: Usage, tier?: ServiceTier): Cost {
  const rates = ratesFor(price, usage, tier);
  const lines = [
    line("input", plainInput(usage), rates.input),
    line("cached input", usage.cachedInput, rates.cachedInput),
    line("cache write", usage.cacheWriteInput, rates.cacheWriteInput),
    line("audio input", usage.audioInput, rates.audioInput),
    line("output", plainOutput(usage), rates.output),
    line("reasoning", usage.reasoning, rates.reasoning),
    line("audio output", usage.audioOutput, rates.audioOutput),
    line("images", usage.images, rates.image),
    line("seconds", usage.seconds, rates.second),
    { what: "request", tokens: 0, picodollarsPerToken: 0, picodollars: price.request },
  ].filter(({ tokens, picodollars }) => tokens > 0 || picodollars > 0);
  const original = lines.reduce((sum, { picodollars }) => sum + picodollars, 0);
  const discount = discountOf(price, original);
  const sum = total(price, original);
  return { lines, original, discount, margin: sum - original + discount, total: sum };
}

function line(what: string, tokens: number, picodollarsPerToken: number): CostLine {
  return { what, tokens, picodollarsPerToken, picodollars: tokens * picodollarsPerToken };
}

function ratesFor(price: Price, usage: Usage, tier: ServiceTier | undefined): Rates {
  const ofTier = tier === undefined ? undefined : price[tier];
  if (ofTier !== undefined) return ofTier;
  let rates = price.rates;
  for (const { above, rates: higher } of price.longPrompts) if (usage.input > above) rates = higher;
  return rates;
}

/** Audio may be cached as well, and is then in both counts. */
function plainInput({ input, cachedInput, cacheWriteInput, audioInput }: Usage): number {
  return Math.max(0, input - cachedInput - cacheWriteInput - audioInput);
}

function plainOutput({ output, reasoning, audioOutput }: Usage): number {
  return Math.max(0, output - reasoning - audioOutput);
}

function discountOf(price: Price, original: number): number {
  return Math.round(original * price.discount);
}

/** Discount first, then margin (litellm.md §4.7). */
function total(price: Price, original: number): number {
  const discounted = original - discountOf(price, original);
  return discounted + Math.round(discounted * price.marginShare) + price.marginFixed;
}
