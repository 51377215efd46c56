import type { ModelInformation } from "@gatewright/plan";
import { type Contribution, fieldFinding, type ModelEntry } from "./entry.ts";

/** Prices of one token in US dollars (langop.md §4.2 `costTracking`, which counts in thousands). */
export function readPrices(
  entry: ModelEntry,
): Pick<ModelInformation, "inputCostPerToken" | "outputCostPerToken"> | undefined {
  const prices = entry.spec.costTracking;
  if (prices?.enabled !== true || prices.currency.toUpperCase() !== "USD") return undefined;
  const { inputTokenCost, outputTokenCost } = prices;
  if (inputTokenCost === undefined && outputTokenCost === undefined) return undefined;
  return {
    ...(inputTokenCost === undefined ? {} : { inputCostPerToken: perToken(inputTokenCost) }),
    ...(outputTokenCost === undefined ? {} : { outputCostPerToken: perToken(outputTokenCost) }),
  };
}

/** Prices in other currencies stay with the model, and are reported: money is counted in US dollars. */
export function readBudget(entry: ModelEntry): Contribution {
  const prices = entry.spec.costTracking;
  if (prices?.enabled !== true || prices.currency.toUpperCase() === "USD") return { parts: [], findings: [] };
  const { currency, inputTokenCost, outputTokenCost } = prices;
  const value = {
    currency,
    ...(inputTokenCost === undefined ? {} : { inputPerThousandTokens: inputTokenCost }),
    ...(outputTokenCost === undefined ? {} : { outputPerThousandTokens: outputTokenCost }),
  };
  return {
    parts: [{ concern: "budget", origin: entry.origin, value: { models: { [entry.name]: value } } }],
    findings: [
      fieldFinding(
        entry.resource,
        "spec.costTracking.currency",
        "CurrencyNotCounted",
        "dropped",
        "is not USD. Spend and budgets are counted in US dollars, so these prices are not used for them; give the prices in USD.",
      ),
    ],
  };
}

/** 0.007 / 1000 is 0.000007000000000000001 in binary; prices keep twelve digits. */
function perToken(perThousand: number): number {
  return Number((perThousand / 1000).toPrecision(12));
}
