import type { GroupRoute, Member, RouteDeployment } from "./group-route.ts";
import { byPreparedWeight } from "./strategy.ts";
import { patternsMatch, tagsMatch } from "./tags.ts";

/** What a request asks of the deployment that is to serve it. */
export interface SelectionRequest {
  readonly stream: boolean;
  /** Of the body, its metadata, the header and the key. */
  readonly tags: readonly string[];
  /** The header as it came; "" when there was none. */
  readonly userAgent: string;
  /** Tokens. */
  readonly estimate: { readonly input: number; readonly output: number };
  /** `allowed_model_region`: where the request may be served; undefined: anywhere. */
  readonly region?: string | undefined;
}

/** One choice of a deployment: the request, the moment, and what has been tried. */
export interface Selection {
  readonly request: SelectionRequest;
  readonly now: number;
  random(): number;
  /** Tiers up to this order have failed. */
  readonly beyond: number;
  /** Have failed this request: called again only when there is no other. */
  readonly avoided: readonly RouteDeployment[];
  /** Limits of their own are used up. */
  readonly denied: readonly RouteDeployment[];
}

/** The steps that leave deployments out, in their order (litellm.md §4.5). */
export type FilterName =
  | "health"
  | "cooldown"
  | "budget"
  | "context_window"
  | "region"
  | "tags"
  | "limits"
  | "usage"
  | "order"
  | "parallel_requests";

interface Filter {
  readonly name: FilterName;
  /** The members that stay: the very list it got when all of them do. */
  keep(members: readonly Member[], selection: Selection, route: GroupRoute): readonly Member[];
  /** Why a member did not stay. */
  reason(member: Member, selection: Selection): string;
}

const filters: readonly Filter[] = [
  {
    name: "health",
    keep: (members) => {
      const healthy = where(members, ({ deployment }) => deployment.state.healthy);
      // Checks that find everything broken are rather broken themselves: requests will tell.
      return healthy.length === 0 ? members : healthy;
    },
    reason: () => "its health checks fail",
  },
  {
    name: "cooldown",
    keep: (members, { now }) => where(members, ({ deployment }) => deployment.state.restsUntil <= now),
    reason: ({ deployment }, { now }) =>
      `it rests for ${seconds(deployment.state.restsUntil - now)} s after failures`,
  },
  {
    name: "budget",
    keep: (members, { now }) => where(members, (member) => withinBudget(member, now)),
    reason: () => "its budget is used up",
  },
  {
    name: "context_window",
    keep: (members, { request }, { preCallChecks }) =>
      preCallChecks
        ? where(
            members,
            ({ deployment }) => request.estimate.input <= (deployment.maxInputTokens ?? Infinity),
          )
        : members,
    reason: ({ deployment }, { request }) =>
      `it takes ${deployment.maxInputTokens} tokens of prompt, and this has about ${request.estimate.input}`,
  },
  {
    name: "region",
    // Not only with `enable_pre_call_checks`: where data may go is a promise, not an optimisation.
    keep: (members, { request: { region } }) =>
      region !== undefined ? where(members, (member) => isIn(region, member.region)) : members,
    reason: ({ region }, { request }) =>
      `it is ${region === undefined ? "in no known region" : `in ${region}`}, not in ${request.region}`,
  },
  {
    name: "tags",
    keep: (members, { request }, { tags }) =>
      tags === undefined ? members : tagged(members, request, tags.matchAny),
    reason: ({ deployment }, { request }) =>
      `its tags are [${deployment.tags.join(", ")}], the request's [${request.tags.join(", ")}]`,
  },
  {
    name: "limits",
    keep: (members, { denied }) =>
      denied.length === 0 ? members : where(members, ({ deployment }) => !denied.includes(deployment)),
    reason: () => "its own limits are used up",
  },
  {
    name: "usage",
    keep: (members, selection, { strategy }) =>
      strategy.fits === undefined
        ? members
        : where(members, (member) => strategy.fits?.(member, selection) === true),
    reason: () => "its rpm or tpm of this minute is used up",
  },
  {
    name: "order",
    keep: (members, { beyond }) => lowestTier(members, beyond),
    reason: ({ order }, { beyond }) =>
      order <= beyond ? "its tier has failed" : "a lower tier has deployments that can be called",
  },
  {
    name: "parallel_requests",
    keep: (members) => where(members, hasRoom),
    reason: ({ parallelLimit }) => `it has its ${parallelLimit} requests under way`,
  },
];

/**
 * The deployment to call next; undefined when none can be (`refusalOf` says why). One that has not failed the request yet goes before the
 * others. Allocates nothing unless something speaks against a deployment.
 */
export function choose(route: GroupRoute, selection: Selection): Member | undefined {
  if (
    route.plain &&
    selection.avoided.length === 0 &&
    selection.denied.length === 0 &&
    selection.request.region === undefined &&
    selection.beyond === Number.NEGATIVE_INFINITY
  ) {
    // The chances among the rest are the same whether one is left out before or after a throw that is then repeated.
    const member = byPreparedWeight(route.first, route.firstSums, selection.random());
    if (member !== undefined && isOpen(member, selection.now)) return member;
  }
  let left = route.members;
  for (const filter of filters) {
    left = filter.keep(left, selection, route);
    if (left.length === 0) return undefined;
  }
  if (selection.avoided.length > 0) {
    const others = where(left, ({ deployment }) => !selection.avoided.includes(deployment));
    if (others.length > 0) left = others;
  }
  return route.strategy.pick(left, selection);
}

/** A deployment that was left out, and why. */
export interface Rejection {
  readonly member: Member;
  readonly filter: FilterName;
  readonly reason: string;
}

/** What `choose` found, for refusals and decision records: those left out, in the order they were, and the rest. */
export function explain(
  route: GroupRoute,
  selection: Selection,
): { readonly rejected: readonly Rejection[]; readonly left: readonly Member[] } {
  const rejected: Rejection[] = [];
  let left = route.members;
  for (const filter of filters) {
    const kept = left.length === 0 ? left : filter.keep(left, selection, route);
    if (kept !== left) {
      for (const member of left) {
        if (!kept.includes(member))
          rejected.push({ member, filter: filter.name, reason: filter.reason(member, selection) });
      }
    }
    left = kept;
  }
  return { rejected, left };
}

/** Whether anything of its own speaks against a deployment. */
function isOpen(member: Member, now: number): boolean {
  const { state } = member.deployment;
  return state.healthy && state.restsUntil <= now && withinBudget(member, now) && hasRoom(member);
}

function withinBudget({ deployment: { spend } }: Member, now: number): boolean {
  for (const meter of spend) if (meter.crossed(now)) return false;
  return true;
}

function hasRoom({ deployment, parallelLimit }: Member): boolean {
  return deployment.state.inFlight < parallelLimit;
}

/** `eu` is every region that begins with it, as `eu-west-1` and `europe-west4` do; so is `us`. */
function isIn(allowed: string, region: string | undefined): boolean {
  return region?.toLowerCase().startsWith(allowed.toLowerCase()) ?? false;
}

/**
 * Those that share a tag with the request (`matchAny`), or all of its tags, or whose pattern its client matches; if there
 * are none, and for requests without tags, those tagged `default`. Requests without tags may go anywhere when nothing
 * is tagged `default`.
 */
function tagged(members: readonly Member[], request: SelectionRequest, matchAny: boolean): readonly Member[] {
  const matching = where(
    members,
    ({ deployment }) =>
      tagsMatch(deployment.tags, request.tags, matchAny) ||
      patternsMatch(deployment.tagPatterns, request.userAgent),
  );
  if (matching.length > 0) return matching;
  const standIns = where(members, ({ deployment }) => deployment.tags.includes("default"));
  return standIns.length > 0 || request.tags.length > 0 ? standIns : members;
}

/** Those of the lowest tier beyond the given one. Members are sorted by tier. */
function lowestTier(members: readonly Member[], beyond: number): readonly Member[] {
  let lowest: number | undefined;
  for (const { order } of members) {
    if (order > beyond) {
      lowest = order;
      break;
    }
  }
  return lowest === undefined ? [] : where(members, ({ order }) => order === lowest);
}

/** `filter` that gives the list itself when everything stays: the usual case, which allocates nothing. */
function where(members: readonly Member[], keeps: (member: Member) => boolean): readonly Member[] {
  for (let index = 0; index < members.length; index++) {
    const member = members[index];
    if (member !== undefined && !keeps(member)) {
      return [...members.slice(0, index), ...members.slice(index + 1).filter(keeps)];
    }
  }
  return members;
}

function seconds(milliseconds: number): string {
  return String(Math.ceil(milliseconds / 100) / 10);
}
