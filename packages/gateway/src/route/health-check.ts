import type { DeploymentState } from "./deployment-state.ts";

/** How a group's deployments are checked, besides by their answers. Off unless the document asks for it. */
export interface HealthCheckRules {
  readonly intervalMilliseconds: number;
  readonly timeoutMilliseconds: number;
  /** Checks in a row that fail before a deployment is not called, and that succeed before it is called again. */
  readonly unhealthyThreshold: number;
  readonly healthyThreshold: number;
  /** Requests go round unhealthy deployments; else the checks are for `/health` only. */
  readonly routes: boolean;
}

/** A deployment to check. */
export interface HealthTarget<D extends Checked = Checked> {
  readonly deployment: D;
  readonly rules: HealthCheckRules;
}

interface Checked {
  readonly id: string;
  readonly state: DeploymentState;
}

/**
 * Looks whether an upstream can serve. It must not cost money: a list of models, a HEAD of the base URL or a connection
 * will do, a completion will not. `done` is called at most once; `cancel`: the answer is not waited for any more.
 */
export type Ask<D extends Checked = Checked> = (
  deployment: D,
  done: (healthy: boolean) => void,
) => { cancel(): void };

interface HealthServices {
  /** Calls `run` later. */
  after(milliseconds: number, run: () => void): { cancel(): void };
}

/** How many checks are under way at once when nothing else is set (`health_check_concurrency`). */
const USUAL_CONCURRENCY = 4;

/** Active checks, each deployment on its own clock, a few at a time. */
export class HealthChecks<D extends Checked = Checked> {
  readonly #services: HealthServices;
  readonly #ask: Ask<D>;
  readonly #concurrency: number;
  readonly #watched = new Map<string, Watch<D>>();
  readonly #due: Watch<D>[] = [];
  #underWay = 0;

  constructor(services: HealthServices, ask: Ask<D>, concurrency = USUAL_CONCURRENCY) {
    this.#services = services;
    this.#ask = ask;
    this.#concurrency = concurrency;
  }

  /** Checks these deployments and no others from now on; what is known of those that stay is kept. */
  watch(targets: readonly HealthTarget<D>[]): void {
    const wanted = new Map(targets.map((target) => [target.deployment.id, target]));
    for (const [id, watch] of this.#watched) {
      if (!wanted.has(id)) this.#forget(watch);
    }
    for (const [id, target] of wanted) {
      const known = this.#watched.get(id);
      if (known !== undefined) {
        known.target = target;
        if (!target.rules.routes) target.deployment.state.healthy = true;
        continue;
      }
      const watch: Watch<D> = { target, pending: undefined, gone: false };
      this.#watched.set(id, watch);
      this.#queue(watch);
    }
  }

  stop(): void {
    for (const watch of this.#watched.values()) this.#forget(watch);
  }

  #forget(watch: Watch<D>): void {
    watch.gone = true;
    watch.pending?.cancel();
    this.#watched.delete(watch.target.deployment.id);
    // Nobody looks after it any more, so nothing may keep it out.
    watch.target.deployment.state.healthy = true;
    watch.target.deployment.state.checkedHealthy = undefined;
  }

  #queue(watch: Watch<D>): void {
    if (watch.gone) return;
    this.#due.push(watch);
    this.#next();
  }

  #next(): void {
    while (this.#underWay < this.#concurrency) {
      const watch = this.#due.shift();
      if (watch === undefined) return;
      if (!watch.gone) this.#check(watch);
    }
  }

  #check(watch: Watch<D>): void {
    const { deployment, rules } = watch.target;
    let over = false;
    this.#underWay++;
    const end = (healthy: boolean | undefined): void => {
      if (over) return;
      over = true;
      this.#underWay--;
      timer.cancel();
      call?.cancel();
      watch.pending = undefined;
      if (healthy !== undefined && !watch.gone) {
        judgeCheck(watch.target.rules, deployment.state, healthy);
        watch.pending = this.#services.after(watch.target.rules.intervalMilliseconds, () =>
          this.#queue(watch),
        );
      }
      this.#next();
    };
    const timer = this.#services.after(rules.timeoutMilliseconds, () => end(false));
    watch.pending = { cancel: () => end(undefined) };
    let call: { cancel(): void } | undefined;
    const asked = this.#ask(deployment, end);
    if (!over) call = asked;
  }
}

interface Watch<D extends Checked> {
  target: HealthTarget<D>;
  /** The check under way, or the wait for the next one. */
  pending: { cancel(): void } | undefined;
  gone: boolean;
}

/** Counts one check. */
export function judgeCheck(rules: HealthCheckRules, state: DeploymentState, healthy: boolean): void {
  state.checksPassedInRow = healthy ? state.checksPassedInRow + 1 : 0;
  state.checksFailedInRow = healthy ? 0 : state.checksFailedInRow + 1;
  if (state.checksFailedInRow >= rules.unhealthyThreshold) state.checkedHealthy = false;
  else if (state.checksPassedInRow >= rules.healthyThreshold || state.checkedHealthy === undefined) {
    state.checkedHealthy = true;
  }
  if (rules.routes) state.healthy = state.checkedHealthy;
}

/** The deployments of all groups that are to be checked, each once. `left`: ids that are left out. */
export function healthTargets<D extends Checked>(
  groups: Iterable<{
    readonly deployments: readonly D[];
    readonly route: { readonly healthCheck: HealthCheckRules | undefined };
  }>,
  left: ReadonlySet<string>,
): readonly HealthTarget<D>[] {
  const targets = new Map<string, HealthTarget<D>>();
  for (const { deployments, route } of groups) {
    if (route.healthCheck === undefined) continue;
    for (const deployment of deployments) {
      if (left.has(deployment.id) || targets.has(deployment.id)) continue;
      targets.set(deployment.id, { deployment, rules: route.healthCheck });
    }
  }
  return [...targets.values()];
}
