import { numberOf } from "../kinds/amount.ts";
import { type Found, type Instance, setting } from "./instance.ts";
import { present } from "./present.ts";

/** Budgets of the gateway, of providers and of end users (palena.md §2.3). */
export function* readBudget(instance: Instance): Found {
  const { generalSettings: general = {}, routerSettings, defaultCustomerBudget: customer } = instance.spec;
  const providers = Object.entries(routerSettings?.providerBudgetConfig ?? {}).map(
    ([provider, { budgetLimit, timePeriod }]) => [
      provider,
      // Written as text, as the dialect does; LiteLLM reads both.
      present({ amount: budgetLimit === undefined ? undefined : String(budgetLimit), duration: timePeriod }),
    ],
  );
  yield* setting(instance, "budget", {
    amount: optionalNumber(general.maxBudget),
    duration: general.budgetDuration,
    providers: Object.fromEntries(providers),
    customerAmount: optionalNumber(customer?.maxBudget),
    customerBudgetId: customer?.budgetId,
    resetMinimumSeconds: general.budgetReschedulerMinTime,
    resetMaximumSeconds: general.budgetReschedulerMaxTime,
    writeIntervalSeconds: positive(general.proxyBatchWriteAt),
  });
}

function optionalNumber(value: string | number | undefined): number | undefined {
  return value === undefined ? undefined : numberOf(value);
}

/** Zero is the dialect's way of saying "default" here. */
function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}
