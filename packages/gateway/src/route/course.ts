import type { ApiError } from "@gatewright/litellm";
import type { CallListener } from "./call-listener.ts";
import { choose, type Selection } from "./candidates.ts";
import { type Choice, choiceOf } from "./choice.ts";
import { judgeFailure, judgeSuccess } from "./cooldown.ts";
import type { Attempt, CourseCall, CourseRequest, CourseServices } from "./course-call.ts";
import { type Failure, specialFailure } from "./failure.ts";
import {
  chainFor,
  type FallbackRules,
  type FallbackTarget,
  specialChain,
  withFallbacks,
} from "./fallback.ts";
import type { Member, RouteDeployment, RouteGroup } from "./group-route.ts";
import { pretendedFailure } from "./pretended-failure.ts";
import { type Refusal, refusalOf } from "./refusal.ts";
import { retriesAllowed, retryWait } from "./retry.ts";
import type { Waiter } from "./waiting-line.ts";

/** `queued`: for a place at a deployment; `taking`: for the ledger's word; `waiting`: before a retry. */
type Phase = "choosing" | "queued" | "taking" | "calling" | "answering" | "waiting" | "over";

const none: readonly never[] = Object.freeze([]);

/**
 * The way of one request: deployment after deployment, tier after tier, group after group, until one answers or nothing
 * is left to try (litellm.md §4.4, §4.5). A request that is served at once costs this one object.
 */
export class Course implements CallListener, Selection, Waiter {
  readonly request: CourseRequest;
  /** The group that is tried, or has served. */
  group: RouteGroup | undefined;
  /** The deployment that is called, or was called last. */
  deployment: RouteDeployment | undefined;
  /** What the fallback in use changes about the request. */
  overrides: FallbackTarget["overrides"] = none;
  /** Calls that repeated a failed one, and groups that stood in for others. */
  retries = 0;
  fallbacks = 0;
  /** Calls that have ended; undefined while nothing failed, unless records are wanted. */
  attempts: Attempt[] | undefined;
  /** What was chosen from, when records are wanted. */
  choices: Choice[] | undefined;

  now = 0;
  beyond = Number.NEGATIVE_INFINITY;
  avoided: readonly RouteDeployment[] = none;
  denied: readonly RouteDeployment[] = none;

  readonly #services: CourseServices;
  readonly #call: CourseCall;
  #phase: Phase = "choosing";
  /** The name the client used. */
  #model = "";
  #member: Member | undefined;
  #calledAt = 0;
  #answeringAt = 0;
  #idleSince: number | undefined;
  #waited = 0;
  #timer: { cancel(): void } | undefined;
  /** Retries in this tier. */
  #retried = 0;
  /** The last failure in this group. */
  #failure: Failure | undefined;
  /** What the client gets in the end: the last error of the group it asked for. */
  #error: ApiError | undefined;
  /** Of the group the client asked for: its rules, and where they led. */
  #rules: FallbackRules | undefined;
  #named: readonly FallbackTarget[] = none;
  /** Fallbacks that are still to be tried, and names that need not be tried any more. */
  #ahead: FallbackTarget[] | undefined;
  #been: string[] | undefined;

  constructor(request: CourseRequest, services: CourseServices, call: CourseCall) {
    this.request = request;
    this.#services = services;
    this.#call = call;
  }

  random(): number {
    return this.#services.random();
  }

  /** Begins. `model`: the name the client used; `group`: what serves it. */
  start(model: string, group: RouteGroup): void {
    this.#model = model;
    this.#rules = group.route.fallbacks;
    const { testing } = this.request.controls;
    if (testing === undefined) return this.#enter(group);
    this.group = group;
    this.now = this.#services.now();
    const failure = pretendedFailure(testing, model);
    this.#note(failure);
    if (testing === "rate-limit" && this.#retry(group, undefined, failure)) return;
    this.#fallBack(group.route.fallbacks, failure);
  }

  /**
   * Begins with a name that nothing serves: `default_fallbacks` stand in for it (litellm.md §4.4). `error`: what the client
   * gets if none of them does.
   */
  standIn(model: string, rules: FallbackRules, error: ApiError): void {
    this.#model = model;
    this.#rules = rules;
    const failure = refused(error);
    this.#note(failure);
    this.#fallBack(rules, failure);
  }

  /** The first byte of the answer goes to the client. */
  answering(): void {
    if (this.#phase !== "calling") return;
    this.#phase = "answering";
    this.#answeringAt = this.#services.now();
  }

  /** The call has ended well; `request.usage` says what it took, where the upstream said so. */
  succeeded(): void {
    const { group, request } = this;
    const now = this.#services.now();
    const { input, output } = request.usage ?? request.estimate;
    const firstByte = this.#phase === "answering" ? this.#answeringAt - this.#calledAt : undefined;
    const deployment = this.#ended(now, input + output);
    if (deployment === undefined || group === undefined) return;
    const { cooldown, strategy } = group.route;
    const { state } = deployment;
    judgeSuccess(cooldown, state, now);
    state.measured(
      now,
      now - this.#calledAt,
      output,
      request.stream ? firstByte : undefined,
      strategy.memory,
    );
    if (this.attempts !== undefined || request.controls.explain)
      this.#record(now, group, deployment, undefined);
    this.#phase = "over";
    state.freed();
  }

  /** The call has failed. */
  failed(failure: Failure): void {
    const { group } = this;
    const member = this.#member;
    const answering = this.#phase === "answering";
    const now = this.#services.now();
    const deployment = this.#ended(now, 0);
    if (deployment === undefined || group === undefined || member === undefined) return;
    const { cooldown, members, strategy } = group.route;
    if (failure.kind === "timeout") deployment.state.timedOut(now, strategy.memory);
    judgeFailure(cooldown, deployment, failure, members.length > 1, now);
    this.#record(now, group, deployment, failure);
    this.#phase = answering ? "over" : "choosing";
    deployment.state.freed();
    if (this.#isOver()) return;
    this.now = now;
    this.#note(failure);
    if (this.request.spent === true) return this.#giveUp(failure);
    const special = specialFailure(failure) !== undefined;
    const hasOwnChain =
      !this.request.controls.disableFallbacks &&
      specialChain(group.route.fallbacks, this.request.controls, failure).length > 0;
    if (!hasOwnChain && this.#retry(group, member, failure)) return;
    if (!special && this.#nextTier(group, member.order)) return;
    this.#fallBack(group.route.fallbacks, failure);
  }

  /** The client has left, or the call was given up for another reason that says nothing about the deployment. */
  abandoned(): void {
    const phase = this.#phase;
    if (phase === "over") return;
    this.#phase = "over";
    this.#timer?.cancel();
    if (phase === "queued") this.group?.route.line.leave(this);
    if (phase !== "taking" && phase !== "calling" && phase !== "answering") return;
    const state = this.#member?.deployment.state;
    if (state === undefined) return;
    state.inFlight--;
    state.freed();
  }

  /** A place may be free: takes it, stays in the line, or hears that there is nothing to wait for any more. */
  resume(): boolean {
    const { group } = this;
    if (group === undefined || this.#phase !== "queued") return false;
    this.now = this.#services.now();
    const member = choose(group.route, this);
    if (member !== undefined) {
      this.#leaveLine(group);
      this.#seat(group, member);
      return true;
    }
    const refusal = refusalOf(group, this.#model, this);
    if (refusal.filter === "parallel_requests") return false;
    this.#leaveLine(group);
    this.#turnAway(group, refusal);
    return false;
  }

  #enter(group: RouteGroup): void {
    this.group = group;
    this.beyond = Number.NEGATIVE_INFINITY;
    this.avoided = none;
    this.denied = none;
    this.#retried = 0;
    this.#failure = undefined;
    this.#proceed(group);
  }

  #proceed(group: RouteGroup): void {
    this.#phase = "choosing";
    this.now = this.#services.now();
    const member = choose(group.route, this);
    if (member !== undefined) return this.#seat(group, member);
    const refusal = refusalOf(group, this.#model, this);
    this.#recordChoice(group, undefined);
    const { line } = group.route;
    if (refusal.filter !== "parallel_requests" || !line.join(this)) return this.#turnAway(group, refusal);
    this.#phase = "queued";
    this.#idleSince ??= this.now;
    this.#timer = this.#services.after(line.waitMilliseconds, () => {
      this.#leaveLine(group);
      this.now = this.#services.now();
      this.#turnAway(group, refusalOf(group, this.#model, this));
    });
  }

  #leaveLine(group: RouteGroup): void {
    this.#timer?.cancel();
    group.route.line.leave(this);
    this.#phase = "choosing";
  }

  /** Takes the place at once, so that nobody gets it while the ledger is asked. */
  #seat(group: RouteGroup, member: Member): void {
    if (this.attempts !== undefined || this.request.controls.explain) this.#recordChoice(group, member);
    const { deployment } = member;
    this.#member = member;
    this.deployment = deployment;
    deployment.state.inFlight++;
    if (!this.#isLimited(group, deployment)) return this.#begin(group, deployment, this.now);
    this.#phase = "taking";
    this.#call.take(deployment, (granted) => {
      if (this.#phase !== "taking" || this.#member !== member) return;
      if (granted) return this.#begin(group, deployment, this.#services.now());
      this.denied = [...this.denied, deployment];
      this.#phase = "choosing";
      deployment.state.inFlight--;
      deployment.state.freed();
      if (!this.#isOver()) this.#proceed(group);
    });
  }

  /** Those of the group that the client asked for were taken before the course began. */
  #isLimited(group: RouteGroup, deployment: RouteDeployment): boolean {
    return group.ownLimits.has(deployment.id) || (this.fallbacks > 0 && group.limits.length > 0);
  }

  #begin(group: RouteGroup, deployment: RouteDeployment, now: number): void {
    const { estimate } = this.request;
    this.#phase = "calling";
    this.#calledAt = now;
    this.#waited = this.#idleSince === undefined ? 0 : now - this.#idleSince;
    this.#idleSince = undefined;
    deployment.state.began(now, estimate.input + estimate.output);
    this.#call.call(this, deployment, group);
  }

  /** Gives back what the call held; undefined when there is none under way: its end was reported before. */
  #ended(now: number, tokens: number): RouteDeployment | undefined {
    if (this.#phase !== "calling" && this.#phase !== "answering") return undefined;
    const deployment = this.#member?.deployment;
    const { estimate } = this.request;
    deployment?.state.settle(this.#calledAt, now, estimate.input + estimate.output, tokens);
    if (deployment !== undefined) deployment.state.inFlight--;
    return deployment;
  }

  /** Tries again where the rules allow it and somebody can be called in time. `member`: who failed. */
  #retry(group: RouteGroup, member: Member | undefined, failure: Failure): boolean {
    const { members, retry } = group.route;
    const { status } = failure;
    const asked = { request: this.request.controls.retries, deployment: member?.deployment.retries };
    if (this.#retried >= retriesAllowed(retry, failure, asked, members.length > 1)) return false;
    if (member !== undefined) this.avoided = [...this.avoided, member.deployment];
    const next = choose(group.route, this);
    const fresh = next !== undefined && !this.avoided.includes(next.deployment);
    // Another key may be right; the same one will not be right the next time.
    if (!fresh && (status === 401 || status === 403)) return false;
    const wait = fresh ? 0 : retryWait(retry, failure, this.#retried, this.#services.random());
    if (next === undefined && soonest(members, this.beyond) > this.now + wait) return false;
    this.#retried++;
    this.retries++;
    if (fresh) {
      this.#seat(group, next);
    } else {
      this.#phase = "waiting";
      this.#idleSince = this.now;
      this.#timer = this.#services.after(wait, () => this.#proceed(group));
    }
    return true;
  }

  /** Goes on with the tiers after `order`, each with retries of its own; false when there are none. */
  #nextTier(group: RouteGroup, order: number): boolean {
    const { members } = group.route;
    const last = members[members.length - 1];
    if (last === undefined || last.order <= order) return false;
    this.beyond = order;
    this.avoided = none;
    this.denied = none;
    this.#retried = 0;
    this.#proceed(group);
    return true;
  }

  #turnAway(group: RouteGroup, refusal: Refusal): void {
    const crowded = refusal.rejections.find(({ filter }) => filter === "parallel_requests");
    if (crowded !== undefined && this.#nextTier(group, crowded.member.order)) return;
    // What an upstream has said says more than that nobody is left to ask.
    const failure = this.#failure ?? refused(refusal.error);
    this.#note(failure);
    this.#fallBack(group.route.fallbacks, failure);
  }

  #fallBack(rules: FallbackRules, failure: Failure): void {
    const { controls, snapshot } = this.request;
    const chain = controls.disableFallbacks ? none : chainFor(rules, controls, failure);
    if (this.#been === undefined) {
      this.#been = [this.#model, this.group?.name ?? this.#model];
      this.#named = chain;
    }
    this.#ahead = [...chain, ...(this.#ahead ?? none)];
    while (this.fallbacks < (this.#rules?.most ?? 0)) {
      const target = this.#ahead.shift();
      if (target === undefined) break;
      if (this.#been.includes(target.model)) continue;
      this.#been.push(target.model);
      const group = snapshot.names.group(target.model);
      // Aliases lead to groups that may have been tried under their own name.
      if (group === undefined || (group.name !== target.model && this.#been.includes(group.name))) continue;
      this.#been.push(group.name);
      this.fallbacks++;
      this.overrides = target.overrides;
      return this.#enter(group);
    }
    this.#giveUp(failure);
  }

  #giveUp(failure: Failure): void {
    const { controls } = this.request;
    this.#phase = "over";
    const configured = !controls.disableFallbacks && this.#rules?.configured === true;
    this.#call.fail(withFallbacks(this.#error ?? failure.error, this.#model, this.#named, configured));
  }

  #note(failure: Failure): void {
    this.#failure = failure;
    if (this.fallbacks === 0) this.#error = failure.error;
  }

  #record(now: number, group: RouteGroup, deployment: RouteDeployment, failure: Failure | undefined): void {
    this.attempts ??= [];
    this.attempts.push({
      group,
      deployment,
      startedAt: this.#calledAt,
      endedAt: now,
      waitMilliseconds: this.#waited,
      ...(failure === undefined ? {} : { failure }),
    });
  }

  #recordChoice(group: RouteGroup, chosen: Member | undefined): void {
    this.choices ??= [];
    this.choices.push(choiceOf(group, this, chosen));
  }

  #isOver(): boolean {
    return this.#phase === "over";
  }
}

function refused(error: ApiError): Failure {
  return { error, status: error.status, kind: "refused", retryAfterMilliseconds: undefined };
}

/** When the first member that may still be called has rested. */
function soonest(members: readonly Member[], beyond: number): number {
  let first = Number.POSITIVE_INFINITY;
  for (const { deployment, order } of members)
    if (order > beyond) first = Math.min(first, deployment.state.restsUntil);
  return first;
}
