import type { Selection } from "./candidates.ts";
import type { Member } from "./group-route.ts";
import type { Memory } from "./measurements.ts";

/** Picks one of the deployments that may be called. */
export interface Strategy {
  readonly name: StrategyName;
  /** Which latencies count (`max_latency_list_size`, `ttl`). */
  readonly memory: Memory;
  /** `members` is never empty. */
  pick(members: readonly Member[], selection: Selection): Member;
  /** What decided, for decision records: lower is better; undefined where chance does. */
  score?(member: Member, selection: Selection): number | undefined;
  /** Whether the member has room for one more request; absent: it always has. */
  fits?(member: Member, selection: Selection): boolean;
}

export const strategyNames = [
  "simple-shuffle",
  "least-busy",
  "latency-based-routing",
  "usage-based-routing",
  "usage-based-routing-v2",
  "cost-based-routing",
  "round-robin",
] as const;

export type StrategyName = (typeof strategyNames)[number];

/** `routing_strategy_args` (litellm.md §2.3). */
export interface StrategyArguments {
  /** Default: 10 latencies, for an hour. */
  readonly memory: Memory;
  /** Deployments within this share above the lowest latency are equal; default 0. */
  readonly lowestLatencyBuffer: number;
}

/** A strategy of litellm.md §4.5, or `round-robin`, which only `gatewright.models.*.route.strategy` can name. */
export function strategyOf(name: StrategyName, options: StrategyArguments): Strategy {
  const { memory } = options;
  switch (name) {
    case "simple-shuffle":
      return { name, memory, pick: (members, selection) => byWeight(members, selection.random()) };
    case "least-busy":
      return lowestOf(name, memory, ({ deployment }) => deployment.state.inFlight);
    case "cost-based-routing":
      // LiteLLM takes an unknown price for an enormous one: such deployments come last.
      return lowestOf(name, memory, ({ deployment }) => deployment.tokenPrice ?? Number.POSITIVE_INFINITY);
    case "usage-based-routing":
    case "usage-based-routing-v2":
      return {
        ...lowestOf(name, memory, ({ deployment }, { now }) => deployment.state.minute(now).tokens),
        fits: fitsUsage,
      };
    case "latency-based-routing":
      return latencyBased(options);
    case "round-robin":
      return roundRobin(memory);
  }
}

/** Each in proportion to its weight, all alike when none has any. `chance` is in [0, 1). */
function byWeight(members: readonly Member[], chance: number): Member {
  let total = 0;
  for (const { weight } of members) total += weight;
  let place = chance * total;
  if (total > 0) {
    for (const member of members) {
      place -= member.weight;
      if (place < 0) return member;
    }
  }
  return at(members, Math.floor(chance * members.length));
}

/** As `byWeight`, with the running sums prepared; undefined when there are none. */
export function byPreparedWeight(
  members: readonly Member[],
  sums: readonly number[],
  chance: number,
): Member | undefined {
  if (members.length <= 1) return members[0];
  const place = chance * (sums[sums.length - 1] ?? 0);
  for (let index = 0; index < sums.length; index++) if (place < (sums[index] ?? 0)) return members[index];
  return members[members.length - 1];
}

function lowestOf(
  name: StrategyName,
  memory: Memory,
  score: (member: Member, selection: Selection) => number,
): Strategy {
  return { name, memory, score, pick: (members, selection) => lowest(members, selection, score) };
}

/** The member with the lowest score; among equals chance decides, so that none of them gets all requests. */
function lowest(
  members: readonly Member[],
  selection: Selection,
  score: (member: Member, selection: Selection) => number,
): Member {
  let best = at(members, 0);
  let bestScore = score(best, selection);
  let equals = 1;
  for (let index = 1; index < members.length; index++) {
    const member = at(members, index);
    const own = score(member, selection);
    if (own > bestScore) continue;
    equals = own < bestScore ? 1 : equals + 1;
    bestScore = own;
    if (equals === 1 || selection.random() * equals < 1) best = member;
  }
  return best;
}

/** Usage-based routing keeps to the rates a deployment is sized for. */
function fitsUsage(member: Member, { now, request }: Selection): boolean {
  const { requests, tokens } = member.deployment.state.minute(now);
  return (
    requests + 1 <= member.requestsPerMinute &&
    tokens + request.estimate.input + request.estimate.output <= member.tokensPerMinute
  );
}

/**
 * By the mean of the last latencies: per token of answer, for streams to the first byte. Who has no measurement yet, or
 * none for `ttl`, is called first.
 */
function latencyBased(options: StrategyArguments): Strategy {
  const { memory, lowestLatencyBuffer } = options;
  const score = ({ deployment: { state } }: Member, { now, request }: Selection): number =>
    (request.stream ? state.firstByte.mean(now, memory) : undefined) ?? state.latency.mean(now, memory) ?? 0;
  const pick = (members: readonly Member[], selection: Selection): Member => {
    let least = Number.POSITIVE_INFINITY;
    for (const member of members) least = Math.min(least, score(member, selection));
    const most = least * (1 + lowestLatencyBuffer);
    let chosen = at(members, 0);
    let equals = 0;
    for (const member of members) {
      if (score(member, selection) > most) continue;
      equals++;
      if (equals === 1 || selection.random() * equals < 1) chosen = member;
    }
    return chosen;
  };
  return { name: "latency-based-routing", memory, pick, score };
}

/**
 * Each in turn, as often as its weight says, as evenly as that goes; who cannot be called is passed over. A member saves its
 * weight every time, and whoever has most pays what all have saved together.
 */
function roundRobin(memory: Memory): Strategy {
  const saved = new Map<Member, number>();
  const pick = (members: readonly Member[]): Member => {
    const weighted = members.some(({ weight }) => weight > 0);
    let richest = at(members, 0);
    let most = Number.NEGATIVE_INFINITY;
    let total = 0;
    for (const member of members) {
      const weight = weighted ? member.weight : 1;
      const own = (saved.get(member) ?? 0) + weight;
      saved.set(member, own);
      total += weight;
      if (own <= most) continue;
      richest = member;
      most = own;
    }
    saved.set(richest, most - total);
    return richest;
  };
  return { name: "round-robin", memory, pick };
}

function at(members: readonly Member[], index: number): Member {
  const member = members[index] ?? members[members.length - 1];
  if (member === undefined) throw new Error("a strategy needs somebody to pick from");
  return member;
}
