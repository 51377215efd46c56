/** Money limits of the gateway as a whole. Amounts are US dollars as the user wrote them. */
export interface Budget {
  readonly amount?: number | string;
  /** LiteLLM duration, for example `30d`. */
  readonly duration?: string;
  readonly providers?: {
    readonly [provider: string]: { readonly amount?: number | string; readonly duration?: string };
  };
  /** What an end user may spend when nothing else is set: an amount, or a stored budget by id. */
  readonly customerAmount?: number | string;
  readonly customerBudgetId?: string;
  readonly resetMinimumSeconds?: number;
  readonly resetMaximumSeconds?: number;
  /** Seconds between writes of spend to the database. */
  readonly writeIntervalSeconds?: number;
  /** Prices of one model by resource name (langop `costTracking`), per 1,000 tokens, in `currency`. */
  readonly models?: {
    readonly [resource: string]: {
      readonly currency?: string;
      readonly inputPerThousandTokens?: number;
      readonly outputPerThousandTokens?: number;
    };
  };
}
