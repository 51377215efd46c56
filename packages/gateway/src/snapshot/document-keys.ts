import { hash } from "node:crypto";
import { type ApiError, apiError, type Settings } from "@gatewright/litellm";
import { callerHeaders } from "../upstream/answer-headers.ts";
import type { Accounts, Caller, ModelAccess } from "./caller.ts";

type Blocks = NonNullable<Settings["gatewright"]>;
type Key = NonNullable<Blocks["keys"]>[number];

/** Keys of the document, by what a client presents. */
export interface DocumentKeys {
  /** Whose it is, or why it is not let in; undefined when it is none of these. */
  readonly callerOf: (presented: string) => Caller | ApiError | undefined;
  /** Keys without a value, which let nobody in. */
  readonly warnings: readonly string[];
}

interface Holder {
  readonly caller: Caller;
  readonly blocked: ApiError | undefined;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/**
 * The keys that stand in the document (`gatewright.keys`). They are looked up by their SHA-256, which is also what
 * metrics call them, so that neither the table nor the time of a look-up tells one. `missing` are references without a
 * value, by path. `now` is milliseconds since 1970.
 */
export function documentKeys(
  { keys = [], teams = [], users = [] }: Blocks,
  missing: ReadonlyMap<string, string>,
  accounts: Accounts,
  now: () => number = Date.now,
): DocumentKeys {
  const holders = new Map<string, Holder>();
  const warnings: string[] = [];
  const teamOf = new Map(teams.map((team) => [team.team_id, team]));
  const userOf = new Map(users.map((user) => [user.user_id, user]));
  for (const [index, key] of keys.entries()) {
    const value = key.key?.reveal() ?? "";
    if (value === "") {
      const variable = missing.get(`gatewright.keys[${index}].key`);
      const why = variable === undefined ? "has no value" : `is os.environ/${variable}, which is not set`;
      warnings.push(`gatewright.keys[${index}].key (${key.key_alias}) ${why}, so nobody can use it.`);
      continue;
    }
    const team = teamOf.get(key.team_id ?? "");
    const user = userOf.get(key.user_id ?? "");
    const keyHash = hash("sha256", value, "hex");
    holders.set(keyHash, {
      caller: {
        kind: "key",
        user: key.user_id ?? "",
        agentName: "",
        team: key.team_id ?? "",
        teamAlias: team?.team_alias ?? "",
        keyHash,
        keyAlias: key.key_alias,
        tags: key.tags ?? [],
        ends: key.expires !== undefined,
        access: [
          ...accessOf("key", key.models),
          ...accessOf("team", team?.models),
          // A user's list is for their personal keys (litellm.md §4.1).
          ...(key.team_id === undefined ? accessOf("user", user?.models) : []),
        ],
        limits: accounts.limits.ofKey(key, keyHash),
        spend: accounts.budgets.callerMeters({
          key: { settings: key, hash: keyHash },
          team: key.team_id,
          user: key.user_id,
        }),
        headerLines: callerHeaders({
          requestsPerMinute: key.rpm_limit,
          tokensPerMinute: key.tpm_limit,
          maxBudget: key.max_budget,
        }),
      },
      blocked: blockOf(key, team?.blocked === true, user?.blocked === true),
      expires: expiryOf(key, index, warnings),
    });
  }
  return {
    warnings,
    callerOf(presented) {
      const holder = holders.get(hash("sha256", presented, "hex"));
      if (holder === undefined) return undefined;
      if (holder.blocked !== undefined) return holder.blocked;
      if (holder.expires > now()) return holder.caller;
      return apiError("key_expired", { key: presented, expired: new Date(holder.expires) });
    },
  };
}

function accessOf(subject: ModelAccess["subject"], models: readonly string[] | undefined): ModelAccess[] {
  return models === undefined || models.length === 0 ? [] : [{ subject, models }];
}

function blockOf(key: Key, teamBlocked: boolean, userBlocked: boolean): ApiError | undefined {
  if (key.blocked === true || userBlocked) return apiError("key_blocked", {});
  return teamBlocked ? apiError("team_blocked", { team: key.team_id ?? "" }) : undefined;
}

/** A time that cannot be read ends the key: it was meant to end, and nobody knows when. */
function expiryOf(key: Key, index: number, warnings: string[]): number {
  if (key.expires === undefined) return Number.POSITIVE_INFINITY;
  const time = Date.parse(key.expires);
  if (!Number.isNaN(time)) return time;
  warnings.push(
    `gatewright.keys[${index}].expires (${key.key_alias}) is no ISO 8601 time, so the key counts as expired. Write it like 2027-01-31T00:00:00Z.`,
  );
  return 0;
}
