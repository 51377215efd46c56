import { performance } from "node:perf_hooks";
import type { Usage } from "@gatewright/call";
import { type ApiError, apiError } from "@gatewright/litellm";
import type { Operation } from "@gatewright/providers";
import { billOf, costOf } from "../budget/cost.ts";
import { dollars } from "../budget/dollars.ts";
import type { Price, ServiceTier } from "../budget/price.ts";
import type { SpendMeter } from "../budget/spend-meter.ts";
import { estimatedUsage, tokensOfLength, tokensOfStream } from "../budget/token-estimate.ts";
import { usageOfText } from "../budget/usage.ts";
import { operationFacts } from "../edge/operations.ts";
import type { Exchange } from "../exchange.ts";
import type { Budgets, GroupBudget } from "../snapshot/budget.ts";
import type { CostParts } from "../upstream/answer-headers.ts";
import type { Next } from "./stage.ts";

/** What budgets look at in an exchange, and write to it. */
export interface BudgetedExchange {
  readonly caller: { readonly spend: readonly SpendMeter[]; readonly tags: readonly string[] };
  readonly customer: string;
  readonly controls: { readonly tags: readonly string[] };
  readonly fields: { readonly [field: string]: unknown };
  readonly estimate: { readonly input: number; readonly output: number };
  readonly group: { readonly budget: GroupBudget } | undefined;
  readonly snapshot: { readonly budgets: Budgets };
  /** Who served it. */
  readonly deployment: PricedDeployment | undefined;
  /** What the answer used; undefined when there was none to count. */
  readonly usage: Usage | undefined;
  /** The answer came from the cache, and cost nothing. */
  readonly cacheHit: boolean;
  /** Picodollars; set by `addSpend`, 0 until then. */
  cost: number;
  /** The meters its cost goes to, beside the deployment's; set by `checkBudgets`. */
  spendMeters: readonly SpendMeter[];
  /** Service tier the request asked for; an answer of another tier is charged as asked. Set by `checkBudgets`. */
  serviceTier: ServiceTier | undefined;
  /** Picodollars set aside on each of them, and on those of `reservedDeployment`. */
  reserved: number;
  reservedDeployment: PricedDeployment | undefined;
}

/** What budgets need of a deployment. */
export interface PricedDeployment {
  readonly price?: Price | undefined;
  /** Its own budget and its provider's. */
  readonly spend: readonly SpendMeter[];
}

const noMeters: readonly SpendMeter[] = [];

/** Refuses those who have spent what they may. */
export function budget(exchange: Exchange, next: Next): void {
  const refusal = checkBudgets(exchange, performance.now());
  if (refusal !== undefined) return exchange.fail(refusal);
  next(exchange);
}

/**
 * Refuses a request whose caller, tags, customer or gateway have spent what they may (litellm.md §4.1), and sets the
 * estimated cost aside on all of them, so that requests at the same time cannot together spend far more than is left.
 * The estimate of the request itself need not fit. Models that are free are never refused. `now` is monotonic.
 */
export function checkBudgets(exchange: BudgetedExchange, now: number): ApiError | undefined {
  const meters = metersOf(exchange);
  const budget = exchange.group?.budget;
  if (budget?.free !== true) {
    for (const meter of meters) if (meter.crossed(now)) return budgetExceeded(meter);
  }
  const { input, output } = exchange.estimate;
  const amount =
    budget === undefined ? 0 : Math.ceil(input * budget.input + output * budget.output + budget.request);
  for (const meter of meters) meter.reserve(amount);
  exchange.spendMeters = meters;
  exchange.reserved = amount;
  const tier = exchange.fields["service_tier"];
  if (tier === "priority" || tier === "flex") exchange.serviceTier = tier;
  return undefined;
}

/**
 * Sets the estimated cost aside on the budgets of the deployment that is about to be called, instead of on those of
 * the one that was tried before. Routing has left out deployments whose budgets are crossed.
 */
export function reserveDeployment(
  exchange: BudgetedExchange,
  deployment: PricedDeployment,
  now: number,
): void {
  const before = exchange.reservedDeployment;
  if (before === deployment) return;
  if (before !== undefined) for (const meter of before.spend) meter.settle(exchange.reserved, 0, now);
  for (const meter of deployment.spend) meter.reserve(exchange.reserved);
  exchange.reservedDeployment = deployment;
}

/**
 * What an exchange used: what its upstream said, else, when something was answered, the estimate of the prompt and what
 * the bytes sent make of the answer. Undefined when there is nothing to count: no answer, or one from the cache.
 */
export function usageOfExchange(exchange: {
  readonly operation: Operation;
  readonly usageText: string | undefined;
  readonly estimate: { readonly input: number };
  readonly firstByteAt: number;
  readonly stream: boolean;
  readonly sentBytes: number;
  readonly cacheHit: boolean;
}): Usage | undefined {
  const { sentBytes, stream, cacheHit } = exchange;
  if (cacheHit) return undefined;
  const said = usageOfText(exchange.usageText);
  if (said !== undefined || exchange.firstByteAt === 0 || sentBytes === 0) return said;
  const { input } = exchange.estimate;
  // The bytes of sounds, vectors and verdicts are no tokens of an answer.
  if (operationFacts[exchange.operation].writesText !== true) return estimatedUsage(input, 0);
  return estimatedUsage(input, stream ? tokensOfStream(sentBytes) : tokensOfLength(sentBytes));
}

/**
 * What an exchange has cost, picodollars: nothing when its answer came from the cache, has no usage, or its
 * deployment no known price. The same before and after `addSpend`, for headers.
 */
export function costOfExchange(exchange: BudgetedExchange): number {
  const price = exchange.deployment?.price;
  if (price === undefined || exchange.usage === undefined || exchange.cacheHit) return 0;
  return costOf(price, exchange.usage, exchange.serviceTier);
}

/** How a cost differs from the provider's price; undefined where no discount and no margin is configured. */
export function costPartsOf(exchange: BudgetedExchange): CostParts | undefined {
  const { deployment, usage, cacheHit, serviceTier } = exchange;
  const price = deployment?.price;
  if (price === undefined || usage === undefined || cacheHit) return undefined;
  if (price.discount === 0 && price.marginShare === 0 && price.marginFixed === 0) return undefined;
  const { original, discount, margin } = billOf(price, usage, serviceTier);
  return { original, discount, margin, marginPercent: price.marginShare * 100 };
}

/** Replaces what was set aside by what it cost. For `meter`, once, when the request has ended, however it did. */
export function addSpend(exchange: BudgetedExchange, now: number): void {
  const cost = costOfExchange(exchange);
  const { reserved, reservedDeployment, deployment } = exchange;
  exchange.cost = cost;
  for (const meter of exchange.spendMeters) meter.settle(reserved, cost, now);
  if (reservedDeployment !== undefined)
    for (const meter of reservedDeployment.spend)
      meter.settle(reserved, reservedDeployment === deployment ? cost : 0, now);
  if (deployment !== undefined && deployment !== reservedDeployment)
    for (const meter of deployment.spend) meter.add(cost, now);
  exchange.spendMeters = noMeters;
  exchange.reservedDeployment = undefined;
  exchange.reserved = 0;
}

/** In the order of the checks; the caller's own list when nothing comes to it, as for most requests. */
function metersOf({ caller, customer, controls, snapshot }: BudgetedExchange): readonly SpendMeter[] {
  const { budgets } = snapshot;
  const ofCustomer = customer === "" ? undefined : budgets.customer(customer);
  const tagged = budgets.tags.size > 0 && (controls.tags.length > 0 || caller.tags.length > 0);
  if (ofCustomer === undefined && budgets.global === undefined && !tagged) return caller.spend;
  const meters = [...caller.spend];
  if (tagged) addTags(meters, budgets, caller.tags, controls.tags);
  if (ofCustomer !== undefined) meters.push(ofCustomer);
  if (budgets.global !== undefined) meters.push(budgets.global);
  return meters;
}

/** A tag that caller and request both name is charged once. */
function addTags(meters: SpendMeter[], budgets: Budgets, ...lists: readonly (readonly string[])[]): void {
  for (const tags of lists)
    for (const tag of tags) {
      const meter = budgets.tags.get(tag);
      if (meter !== undefined && !meters.includes(meter)) meters.push(meter);
    }
}

/** The error for a budget that is used up. */
export function budgetExceeded({ subject, name, spent, limit = 0 }: SpendMeter): ApiError {
  if (subject === "deployment" || subject === "provider")
    throw new Error(`the budget of the ${subject} ${name} is routing's to check`);
  return apiError("budget_exceeded", {
    subject,
    ...(subject === "proxy" ? {} : { name }),
    cost: dollars(spent),
    budget: limit,
  });
}
