import { FairQueue } from "./fair-queue.ts";
import {
  type Answer,
  type Applicant,
  type Grant,
  type Ledger,
  noTokens,
  type Refusal,
  type UsedTokens,
} from "./ledger.ts";
import type { Limit, QueueSettings } from "./limit.ts";

/** What a limiter needs of the world. */
export interface LimiterServices {
  /** Monotonic milliseconds. */
  now(): number;
  /** A timer, which does not keep the process alive. */
  after(milliseconds: number, run: () => void): { cancel(): void };
  /** In [0, 1). */
  random(): number;
}

/** What the limiter has to tell. */
export interface LimiterEvents {
  /** A request was refused for good. */
  refused(refusal: Refusal): void;
  /** A request has left a queue, whatever became of it. */
  waited(limit: Limit, milliseconds: number): void;
}

/** A request at the limiter, from `apply` to `concluded`. */
export abstract class Application implements Applicant {
  abstract readonly limits: readonly (readonly Limit[])[];
  abstract readonly input: number;
  abstract readonly output: number;
  /** Whose turn it is in a queue: requests of one caller wait for each other. */
  abstract readonly caller: string;
  readonly #limiter: Limiter;
  /** The queue it waits in, since when (-1: it never did) and until when. */
  line: Line | undefined;
  joinedAt = -1;
  deadline = 0;
  timer: { cancel(): void } | undefined;
  /** The ledger is being asked, and the line that waits for its answer. */
  asking = false;
  holds: Line | undefined;
  over = false;

  constructor(limiter: Limiter) {
    this.#limiter = limiter;
  }

  /** Hears the outcome, once, and never after `leave`. */
  abstract concluded(answer: Answer): void;

  answered(answer: Answer): void {
    this.#limiter.answered(this, answer);
  }

  /** The client has gone: the place in the queue is free at once, and what is granted meanwhile is given back. */
  leave(): void {
    this.#limiter.left(this);
  }
}

/** Those who wait for one limit. */
export interface Line {
  readonly limit: Limit;
  readonly queue: FairQueue<Application>;
  readonly settings: QueueSettings;
  /** Why the first one waits. */
  refusal: Refusal;
  timer: { cancel(): void } | undefined;
  /** The first one's question is under way. */
  busy: boolean;
  /** Something was set free meanwhile: ask once more. */
  again: boolean;
}

/** Asking again at a known time, replicas spread over this much, milliseconds: not all of them in one moment. */
const JITTER_MILLISECONDS = 25;

/** The first in a line asks again at least so often: other replicas give back, limits change, Redis comes and goes. */
const LONGEST_WAIT_MILLISECONDS = 1_000;

/**
 * Lets requests through as their limits allow. Over a limit with a queue they wait, bounded in number and time and
 * served fairly (decisions.md, "rate limits"); only the one whose turn it is asks the ledger, so that neither the
 * others nor newcomers are served before it.
 */
export class Limiter {
  readonly ledger: Ledger;
  readonly #services: LimiterServices;
  readonly #events: LimiterEvents;
  /** By limit id, those lines only that somebody stands in. */
  readonly #lines = new Map<string, Line>();

  constructor(ledger: Ledger, services: LimiterServices, events: LimiterEvents) {
    this.ledger = ledger;
    this.#services = services;
    this.#events = events;
  }

  /** `concluded` is called before this returns when nothing has to be waited for. */
  apply(application: Application): void {
    const line = this.#lines.size === 0 ? undefined : this.#lineOf(application);
    if (line === undefined) return this.#ask(application);
    if (!this.#join(application, line.refusal)) this.#refuse(application, line.refusal);
  }

  /** Settles a grant (`Ledger.settle`), and lets those in who wait for what it set free. */
  settle(grant: Grant, used: UsedTokens | undefined): void {
    if (grant.settled) return;
    this.ledger.settle(grant, used);
    if (this.#lines.size === 0) return;
    for (const { meter } of grant.charges) {
      const line = this.#lines.get(meter.owner.id);
      if (line !== undefined) this.#serve(line);
    }
  }

  /** How many wait, by name of the limit. */
  depths(): ReadonlyMap<string, number> {
    const depths = new Map<string, number>();
    for (const { limit, queue } of this.#lines.values()) {
      depths.set(limit.name, (depths.get(limit.name) ?? 0) + queue.length);
    }
    return depths;
  }

  /** For `Application` only. */
  left(application: Application): void {
    if (application.over) return;
    application.over = true;
    const { line } = application;
    if (line === undefined) return;
    this.#leaveLine(application, line, false);
    // The next one may fit where this one did not.
    this.#serve(line);
  }

  /** For `Application` only. */
  answered(application: Application, answer: Answer): void {
    application.asking = false;
    const { line } = application;
    if (application.over) {
      if (answer.kind === "grant") this.settle(answer, noTokens);
    } else if (answer.kind !== "refusal") {
      if (line !== undefined) this.#leaveLine(application, line, true);
      this.#conclude(application, answer);
    } else if (line !== undefined && answer.meter.owner.id === line.limit.id) {
      line.refusal = answer;
      if (!worthWaiting(application.deadline, answer)) this.#refuse(application, answer);
    } else if (!this.#join(application, answer)) {
      this.#refuse(application, answer);
    }
    const { holds } = application;
    if (holds === undefined) return;
    application.holds = undefined;
    holds.busy = false;
    if (holds.again || holds.queue.first() !== application) this.#serve(holds);
    else this.#wakeLater(holds);
  }

  #ask(application: Application): void {
    application.asking = true;
    this.ledger.take(application);
  }

  /** The first line that stands before one of its limits: whoever waits there already goes first. */
  #lineOf({ limits }: Application): Line | undefined {
    for (const list of limits) {
      for (const limit of list) {
        const line = limit.queue === undefined ? undefined : this.#lines.get(limit.id);
        if (line !== undefined && line.queue.length > 0) return line;
      }
    }
    return undefined;
  }

  /** Waits for the refusing limit, if that has a queue with room in it and waiting may help. */
  #join(application: Application, refusal: Refusal): boolean {
    const limit = refusal.meter.owner;
    const settings = limit.queue;
    if (settings === undefined) return false;
    const now = this.#services.now();
    // Moving from one queue to another gives no further time.
    const deadline = application.line === undefined ? now + settings.waitMilliseconds : application.deadline;
    if (!worthWaiting(deadline, refusal)) return false;
    const line = this.#lines.get(limit.id) ?? {
      limit,
      queue: new FairQueue<Application>(settings.size),
      settings,
      refusal,
      timer: undefined,
      busy: false,
      again: false,
    };
    if (line.queue.full) return false;
    if (application.line === undefined) {
      application.joinedAt = now;
      application.deadline = deadline;
      application.timer = this.#services.after(deadline - now, () => this.#expire(application));
    } else {
      this.#leaveQueue(application, application.line, true);
    }
    application.line = line;
    line.refusal = refusal;
    line.queue.add(application.caller, application);
    this.#lines.set(limit.id, line);
    if (line.queue.length === 1) this.#wakeLater(line);
    return true;
  }

  /** Asks for one after the other, until one has to go on waiting or the line is empty. */
  #serve(line: Line): void {
    if (line.busy) {
      line.again = true;
      return;
    }
    line.busy = true;
    for (;;) {
      line.again = false;
      const next = line.queue.first();
      if (next === undefined) break;
      this.#ask(next);
      if (next.asking) {
        // Redis: the answer comes later, and with it the rest.
        next.holds = line;
        return;
      }
      if (line.queue.first() === next && !line.again) break;
    }
    line.busy = false;
    this.#wakeLater(line);
  }

  #wakeLater(line: Line): void {
    line.timer?.cancel();
    line.timer = undefined;
    if (line.queue.length === 0) {
      this.#lines.delete(line.limit.id);
      return;
    }
    const untilReset = (line.refusal.againAt ?? Number.POSITIVE_INFINITY) - this.#services.now();
    const wait = Math.max(0, Math.min(untilReset, LONGEST_WAIT_MILLISECONDS));
    const jitter = this.#services.random() * JITTER_MILLISECONDS;
    line.timer = this.#services.after(wait + jitter, () => this.#serve(line));
  }

  #expire(application: Application): void {
    const { line } = application;
    if (application.over || line === undefined) return;
    this.#refuse(application, line.refusal);
    this.#serve(line);
  }

  #refuse(application: Application, refusal: Refusal): void {
    if (application.line !== undefined) this.#leaveLine(application, application.line, true);
    this.#events.refused(refusal);
    this.#conclude(application, refusal);
  }

  #conclude(application: Application, answer: Answer): void {
    application.over = true;
    application.concluded(answer);
  }

  #leaveLine(application: Application, line: Line, served: boolean): void {
    application.timer?.cancel();
    this.#leaveQueue(application, line, served);
    application.line = undefined;
    this.#events.waited(line.limit, this.#services.now() - application.joinedAt);
  }

  #leaveQueue(application: Application, line: Line, served: boolean): void {
    if (served) line.queue.served(application.caller, application);
    else line.queue.remove(application.caller, application);
  }
}

/** Requests come back with time only: there is no use in waiting for one that comes back too late. */
function worthWaiting(deadline: number, { meter, againAt = 0 }: Refusal): boolean {
  return meter.unit !== "requests" || againAt <= deadline;
}
