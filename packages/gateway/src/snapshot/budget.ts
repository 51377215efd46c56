import type { Settings } from "@gatewright/litellm";
import type { Provider } from "@gatewright/providers";
import { type BudgetWindow, budgetWindow } from "../budget/budget-window.ts";
import type { Price } from "../budget/price.ts";
import type { SpendMeter, SpendTerms } from "../budget/spend-meter.ts";
import type { SpendMeters } from "../budget/spend-meters.ts";
import { type TimeZone, timeZoneNamed, utc } from "../budget/time-zone.ts";

/** Members that say what may be spent; LiteLLM has two spellings of both. */
interface Allowance {
  readonly max_budget?: number | undefined;
  readonly budget_limit?: number | undefined;
  readonly budget_duration?: string | undefined;
  readonly time_period?: string | undefined;
}

/** A key of the document, as much of it as money needs. */
type KeySettings = NonNullable<NonNullable<Settings["gatewright"]>["keys"]>[number];

/** Whose meters a caller has. */
export interface AccountNames {
  /** The key of the document it came with, and the key's SHA-256. */
  readonly key?: { readonly settings: KeySettings; readonly hash: string };
  readonly team?: string | undefined;
  readonly user?: string | undefined;
}

/** Every budget of a document, its meters ready. */
export interface Budgets {
  /** What the whole gateway spends (`litellm_settings.max_budget`). */
  readonly global: SpendMeter | undefined;
  readonly tags: ReadonlyMap<string, SpendMeter>;
  /** The meter of a customer (end user); undefined when nothing limits it. */
  customer(id: string): SpendMeter | undefined;
  /**
   * The meters of a caller, in the order they are checked (litellm.md §4.1): key, then team; a user's own only when
   * the key belongs to no team. A key has one even without a budget, so that its spend can be told.
   */
  callerMeters(names: AccountNames): readonly SpendMeter[];
  /** The meters of a deployment: its own budget and its provider's. Routing leaves out what has crossed one. */
  deploymentMeters(id: string, provider: Provider, parameters: Allowance): readonly SpendMeter[];
  /** What does not work as the document means it. */
  readonly warnings: readonly string[];
}

/** What budgets need to know of a group before one of its deployments is chosen. */
export interface GroupBudget {
  /** All its deployments are free: no budget is checked (litellm.md §4.1). */
  readonly free: boolean;
  /** The dearest price of its deployments, for the estimate; picodollars per token and per request. */
  readonly input: number;
  readonly output: number;
  readonly request: number;
}

/** Prepares the budgets of a document. */
export function budgetsOf(settings: Settings, meters: SpendMeters): Budgets {
  const { litellm_settings: litellm, router_settings: router, gatewright } = settings;
  const warnings: string[] = [];
  const zone = zoneOf(litellm?.timezone, warnings);
  const terms = termsMaker(zone, warnings);
  const ofRows = <Row extends Allowance>(
    subject: "user" | "team" | "end user",
    rows: readonly Row[] | undefined,
    idOf: (row: Row) => string,
  ): ReadonlyMap<string, SpendMeter> =>
    new Map(
      (rows ?? []).flatMap((row) => {
        const id = idOf(row);
        const found = terms(row, false, `${subject} ${id}`);
        return found.limit === undefined ? [] : [[id, meters.meter(subject, id, found)] as const];
      }),
    );
  const teams = ofRows("team", gatewright?.teams, (row) => row.team_id);
  const users = ofRows("user", gatewright?.users, (row) => row.user_id);
  const customers = ofRows("end user", gatewright?.customers, (row) => row.user_id);
  const untracked = litellm?.disable_end_user_cost_tracking === true;
  const ofCustomers = terms(
    { max_budget: untracked ? undefined : litellm?.max_end_user_budget },
    false,
    "max_end_user_budget",
  );
  const providers = router?.provider_budget_config ?? {};
  const global = { ...litellm, max_budget: litellm?.max_budget || undefined };
  const globalTerms = terms(global, false, "litellm_settings.max_budget");
  return {
    global: globalTerms.limit === undefined ? undefined : meters.meter("proxy", "proxy", globalTerms),
    tags: new Map(
      Object.entries(litellm?.tag_budget_config ?? {}).map(([tag, allowance]) => [
        tag,
        meters.meter("tag", tag, terms(allowance, false, `tag ${tag}`)),
      ]),
    ),
    customer: (id) =>
      customers.get(id) ?? (ofCustomers.limit === undefined ? undefined : meters.customer(id, ofCustomers)),
    callerMeters({ key, team, user }) {
      const owner = (team ?? "") === "" ? users.get(user ?? "") : teams.get(team ?? "");
      const own =
        key === undefined
          ? undefined
          : meters.meter(
              "key",
              key.settings.key_alias,
              terms(key.settings, true, `key ${key.settings.key_alias}`),
              key.hash,
            );
      return [own, owner].filter((meter) => meter !== undefined);
    },
    deploymentMeters(id, provider, parameters) {
      const found: SpendMeter[] = [];
      const own = terms(parameters, true, `deployment ${id}`);
      if (own.limit !== undefined) found.push(meters.meter("deployment", id, own));
      const name = [provider.name, ...(provider.aliases ?? [])].find((one) => Object.hasOwn(providers, one));
      const ofProvider =
        name === undefined ? undefined : terms(providers[name] ?? {}, true, `provider ${name}`);
      if (ofProvider?.limit !== undefined) found.push(meters.meter("provider", provider.name, ofProvider));
      return found;
    },
    warnings,
  };
}

/** What is known of a group's prices before a deployment is chosen. */
export function groupBudgetOf(prices: readonly (Price | undefined)[]): GroupBudget {
  const dearest = (of: (price: Price) => number): number =>
    Math.max(0, ...prices.map((price) => (price === undefined ? 0 : of(price))));
  const scale = (price: Price): number => (1 - price.discount) * (1 + price.marginShare);
  return {
    free: prices.length > 0 && prices.every((price) => price?.free === true),
    input: dearest((price) => Math.round(price.rates.input * scale(price))),
    output: dearest((price) => Math.round(price.rates.output * scale(price))),
    request: dearest((price) => Math.round(price.request * scale(price)) + price.marginFixed),
  };
}

type TermsOf = (allowance: Allowance, tripsAtLimit: boolean, whose: string) => SpendTerms;

function termsMaker(zone: TimeZone, warnings: string[]): TermsOf {
  return (allowance, tripsAtLimit, whose) => {
    const limit = allowance.max_budget ?? allowance.budget_limit;
    const duration = allowance.budget_duration ?? allowance.time_period;
    const counts = limit !== undefined && limit >= 0 && Number.isFinite(limit);
    return {
      limit: counts ? limit : undefined,
      window: duration === undefined ? undefined : windowOf(duration, whose, warnings),
      zone,
      tripsAtLimit,
    };
  };
}

/** A budget whose duration cannot be read never starts anew: the safe side, said once. */
function windowOf(duration: string, whose: string, warnings: string[]): BudgetWindow | undefined {
  const window = budgetWindow(duration);
  const text = `${whose}: the budget's duration ${JSON.stringify(duration)} is not one such as 30s, 24h, 30d or 1mo, so what is spent stays spent`;
  if (window === undefined && !warnings.includes(text)) warnings.push(text);
  return window;
}

function zoneOf(name: string | undefined, warnings: string[]): TimeZone {
  if (name === undefined) return utc;
  const zone = timeZoneNamed(name);
  if (zone === undefined)
    warnings.push(
      `litellm_settings.timezone: there is no time zone ${JSON.stringify(name)}; budgets follow UTC`,
    );
  return zone ?? utc;
}
