import type { SpendMeter } from "../budget/spend-meter.ts";
import type { Limit } from "../limit/limit.ts";
import type { Budgets } from "./budget.ts";
import type { Limits } from "./limit.ts";

/** Who makes a request. One object for each, made when a snapshot is prepared or a key is first seen. */
export interface Caller {
  /** `master` is the administrator, `key` the holder of a key of the document; `anonymous` everybody, where no key is needed. */
  readonly kind: "master" | "agent" | "key" | "anonymous";
  /** The user, as logs name them: an agent's UID (langop.md §3.4), the key's `user_id`, else empty. */
  readonly user: string;
  /** An agent's name in metrics; `other` where the document does not list it, empty for callers that are none. */
  readonly agentName: string;
  readonly team: string;
  readonly teamAlias: string;
  /** SHA-256 of the key, hexadecimal; empty for callers that are not told apart by theirs. */
  readonly keyHash: string;
  readonly keyAlias: string;
  /** Tags that all requests of the key have. */
  readonly tags: readonly string[];
  /** Whose lists of models a model must be in. */
  readonly access: readonly ModelAccess[];
  /** The key is good until a time only. */
  readonly ends: boolean;
  /** Of the key, then of its user and team. */
  readonly limits: readonly Limit[];
  /** Budgets, in the order they are checked. */
  readonly spend: readonly SpendMeter[];
  /** What every answer tells about the key: lines of its head. */
  readonly headerLines: string;
}

/** What callers are made with, beside who they are. */
export interface Accounts {
  readonly limits: Limits;
  readonly budgets: Budgets;
  /** Names of agents by their id. */
  readonly agentNames: ReadonlyMap<string, string>;
}

/** The models that one of a caller's accounts may use. */
export interface ModelAccess {
  readonly subject: "key" | "team" | "user";
  /** Names, and patterns with a `*`. */
  readonly models: readonly string[];
}

const nobody: Omit<Caller, "kind"> = {
  user: "",
  agentName: "",
  team: "",
  teamAlias: "",
  keyHash: "",
  keyAlias: "",
  tags: [],
  access: [],
  ends: false,
  limits: [],
  spend: [],
  headerLines: "",
};

export const anonymous: Caller = { ...nobody, kind: "anonymous" };
export const master: Caller = { ...nobody, kind: "master" };

/** What agents are called that the document does not list: a label for each of them would be one without bound. */
const unlistedAgent = "other";

/** The agent with this UID. */
export function agent(id: string, { limits, budgets, agentNames }: Accounts): Caller {
  return {
    ...nobody,
    kind: "agent",
    user: id,
    agentName: agentNames.get(id) ?? unlistedAgent,
    limits: limits.ofAgent(id),
    spend: budgets.callerMeters({ user: id }),
  };
}
