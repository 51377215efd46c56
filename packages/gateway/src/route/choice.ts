import { explain, type FilterName, type Selection } from "./candidates.ts";
import type { Member, RouteGroup } from "./group-route.ts";

/** One choice of a deployment, for decision records. */
export interface Choice {
  readonly group: string;
  readonly strategy: string;
  /** Id of the deployment; undefined when none could be called. */
  readonly chosen: string | undefined;
  readonly rejected: readonly { readonly id: string; readonly filter: FilterName; readonly reason: string }[];
  /** Those that could be called. `score`: lower is better; undefined where chance decides by weight. */
  readonly candidates: readonly {
    readonly id: string;
    readonly weight: number;
    readonly score: number | undefined;
  }[];
}

/** Must be asked before the chosen deployment's place is taken. */
export function choiceOf(group: RouteGroup, selection: Selection, chosen: Member | undefined): Choice {
  const { strategy } = group.route;
  const { rejected, left } = explain(group.route, selection);
  return {
    group: group.name,
    strategy: strategy.name,
    chosen: chosen?.deployment.id,
    rejected: rejected.map(({ member, filter, reason }) => ({ id: member.deployment.id, filter, reason })),
    candidates: left.map((member) => ({
      id: member.deployment.id,
      weight: member.weight,
      score: strategy.score?.(member, selection),
    })),
  };
}
