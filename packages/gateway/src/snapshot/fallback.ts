import type { Settings } from "@gatewright/litellm";
import { conditionsOf, type FallbackRules, type FallbackStep, fallbackTarget } from "../route/fallback.ts";
import type { ResourceRoute } from "./route.ts";

type Chains = NonNullable<NonNullable<Settings["router_settings"]>["fallbacks"]>;

/** Other groups a request may go to when nothing else is set (litellm.md §2.3). */
const USUAL_DEPTH = 5;

/** The fallback chains of a document: of `router_settings`, else of `litellm_settings`, which LiteLLM copies there. */
export class Fallbacks {
  readonly warnings: readonly string[];
  readonly #plain: ReadonlyMap<string, readonly FallbackStep[]>;
  readonly #contextWindow: ReadonlyMap<string, readonly FallbackStep[]>;
  readonly #contentPolicy: ReadonlyMap<string, readonly FallbackStep[]>;
  readonly #resources: ReadonlyMap<ResourceRoute, readonly FallbackStep[]>;
  readonly #most: number;

  constructor(settings: Settings) {
    const { router_settings: router = {}, litellm_settings: litellm = {} } = settings;
    const warnings: string[] = [];
    const standIns = router.default_fallbacks ?? litellm.default_fallbacks;
    this.#plain = chainsOf([
      ...(router.fallbacks ?? litellm.fallbacks ?? []),
      ...(standIns === undefined ? [] : [{ "*": standIns }]),
    ]);
    this.#contextWindow = chainsOf(router.context_window_fallbacks ?? litellm.context_window_fallbacks ?? []);
    this.#contentPolicy = chainsOf(router.content_policy_fallbacks ?? litellm.content_policy_fallbacks ?? []);
    this.#most = Math.max(0, router.max_fallbacks ?? USUAL_DEPTH);
    this.#resources = new Map(
      Object.entries(settings.gatewright?.models ?? {}).flatMap(([name, { route }]) =>
        route?.fallbacks === undefined
          ? []
          : [
              [
                route,
                route.fallbacks.map((step, index) => conditional(step, name, index, warnings)),
              ] as const,
            ],
      ),
    );
    this.warnings = warnings;
  }

  /** The chains of a group: by its name, by its name without the provider, by `*`; a resource's own come first. */
  rules(name: string, resource: ResourceRoute | undefined): FallbackRules {
    const own = resource === undefined ? undefined : this.#resources.get(resource);
    return {
      plain: own ?? chain(this.#plain, name),
      contextWindow: chain(this.#contextWindow, name),
      contentPolicy: chain(this.#contentPolicy, name),
      configured:
        this.#plain.size + this.#contextWindow.size + this.#contentPolicy.size + this.#resources.size > 0,
      most: this.#most,
    };
  }
}

/** A first chain of a name goes before later ones, as in LiteLLM. */
function chainsOf(chains: Chains): ReadonlyMap<string, readonly FallbackStep[]> {
  const found = new Map<string, readonly FallbackStep[]>();
  for (const [name, items] of chains.flatMap((one) => Object.entries(one))) {
    if (found.has(name)) continue;
    const steps = items.flatMap((item) => {
      const target = fallbackTarget(item);
      return target === undefined ? [] : [{ ...target, meant: undefined }];
    });
    if (steps.length > 0) found.set(name, steps);
  }
  return found;
}

function chain(chains: ReadonlyMap<string, readonly FallbackStep[]>, name: string): readonly FallbackStep[] {
  const slash = name.indexOf("/");
  return (
    chains.get(name) ?? (slash < 0 ? undefined : chains.get(name.slice(slash + 1))) ?? chains.get("*") ?? []
  );
}

function conditional(
  step: NonNullable<ResourceRoute["fallbacks"]>[number],
  resource: string,
  index: number,
  warnings: string[],
): FallbackStep {
  if (step.conditions === undefined || step.conditions.length === 0)
    return { model: step.model, overrides: [], meant: undefined };
  const { meant, unknown } = conditionsOf(step.conditions);
  if (unknown.length > 0) {
    warnings.push(
      `gatewright.models.${resource}.route.fallbacks[${index}].conditions: ${unknown.join(", ")} is no kind of failure; ${step.model} does not stand in for it. Known are error, rate_limit, timeout, unavailable, server_error, authentication, context_window, content_policy and statuses.`,
    );
  }
  return { model: step.model, overrides: [], meant };
}
