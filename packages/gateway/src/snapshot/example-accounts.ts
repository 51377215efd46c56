import { SpendMeters } from "../budget/spend-meters.ts";
import { budgetsOf } from "./budget.ts";
import type { Accounts } from "./caller.ts";
import { limitsOf } from "./limit.ts";

/** Accounts as tests need them that are about other things: nobody is limited. */
export const exampleAccounts: Accounts = {
  limits: limitsOf({}),
  budgets: budgetsOf({}, new SpendMeters({ now: () => 0, epoch: () => 0 })),
  agentNames: new Map(),
};
