import { type ApiError, apiError } from "@gatewright/litellm";
import { explain, type FilterName, type Rejection, type Selection } from "./candidates.ts";
import type { RouteGroup } from "./group-route.ts";

/** Why no deployment of a group can be called. */
export interface Refusal {
  /** The step that left nobody; undefined when the group has no deployment at all. */
  readonly filter: FilterName | undefined;
  readonly error: ApiError;
  readonly rejections: readonly Rejection[];
}

/** Seconds to come back after where nothing says better (litellm.md §2.3, `cooldown_time`). */
const USUAL_REST_SECONDS = 5;

/** Says why nothing was chosen (litellm.md §3.6). `model`: the name the client used. */
export function refusalOf(group: RouteGroup, model: string, selection: Selection): Refusal {
  const { rejected } = explain(group.route, selection);
  const filter = rejected[rejected.length - 1]?.filter;
  return { filter, error: errorOf(filter, group, model, selection, rejected), rejections: rejected };
}

function errorOf(
  filter: FilterName | undefined,
  group: RouteGroup,
  model: string,
  selection: Selection,
  rejected: readonly Rejection[],
): ApiError {
  switch (filter) {
    case "tags":
      return apiError("no_deployment_for_tags", { model, tags: selection.request.tags });
    case "budget":
      return apiError("provider_budget_crossed", {
        model,
        provider: titles(rejected.filter((one) => one.filter === "budget")),
      });
    case "limits":
      return apiError("deployment_rate_limited", { model, retryAfterSeconds: 60 });
    case "context_window":
      // The class of an upstream's own refusal, so that clients and fallbacks take it for that.
      return apiError("context_window_exceeded", {
        model,
        tokens: selection.request.estimate.input,
        longest: Math.max(...rejected.map(({ member }) => member.deployment.maxInputTokens ?? 0)),
      });
    default:
      return apiError("no_deployment", {
        model,
        reasons: [
          ...group.unusable,
          ...rejected.map(({ member, reason }) => `${member.deployment.id}: ${reason}`),
        ],
        retryAfterSeconds: retryAfterSeconds(selection, rejected),
        cooling: rejected.filter((one) => one.filter === "cooldown").map((one) => one.member.deployment.id),
      });
  }
}

/** When the first of them can be called again. */
function retryAfterSeconds(selection: Selection, rejected: readonly Rejection[]): number {
  let soonest = Number.POSITIVE_INFINITY;
  for (const { member, filter } of rejected) {
    const { state } = member.deployment;
    if (filter === "cooldown") soonest = Math.min(soonest, state.restsUntil - selection.now);
    if (filter === "usage") soonest = Math.min(soonest, state.minuteEnds(selection.now) - selection.now);
    if (filter === "parallel_requests") soonest = Math.min(soonest, 1000);
  }
  return soonest === Number.POSITIVE_INFINITY ? USUAL_REST_SECONDS : Math.max(1, Math.ceil(soonest / 1000));
}

function titles(rejected: readonly Rejection[]): string {
  return [...new Set(rejected.map(({ member }) => member.deployment.provider.title))].join(", ");
}
