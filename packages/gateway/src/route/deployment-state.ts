import type { PolicyClass } from "./failure.ts";
import { Measurements, type Memory } from "./measurements.ts";
import type { WaitingLine } from "./waiting-line.ts";

const MINUTE = 60_000;

/** What a timeout counts as among latencies, milliseconds (litellm.md §4.5). */
const TIMEOUT_LATENCY = 1_000_000;

/** What happened to a deployment in the current minute. */
export interface MinuteCounts {
  /** Answers, and failures that say something about the deployment rather than about the request. */
  successes: number;
  failures: number;
  readonly failuresByClass: { [C in PolicyClass]?: number };
  /** Calls begun, and their tokens: estimated until they end, then counted. */
  requests: number;
  tokens: number;
}

/**
 * What the gateway has learnt about a deployment. It outlives snapshots: a reload neither wakes a deployment that rests
 * nor forgets the calls under way. All times are monotonic milliseconds.
 */
export class DeploymentState {
  /** Calls under way, among them those that wait for the ledger's word. */
  inFlight = 0;
  /** Until when it is not called because of its failures. */
  restsUntil = 0;
  /** False while active checks keep it from being called. */
  healthy = true;
  /** What the last active check found, for `/health`; undefined before the first. */
  checkedHealthy: boolean | undefined;
  /** Calls, or active checks, that failed or succeeded in a row; thresholds count these. */
  failuresInRow = 0;
  successesInRow = 0;
  checksFailedInRow = 0;
  checksPassedInRow = 0;
  /** Milliseconds per token of answer, and to the first byte of a stream. */
  readonly latency = new Measurements();
  readonly firstByte = new Measurements();
  /** Lines of requests that wait until a call to it ends. */
  readonly lines = new Set<WaitingLine>();
  readonly #minute: MinuteCounts = { successes: 0, failures: 0, failuresByClass: {}, requests: 0, tokens: 0 };
  #minuteStart = 0;

  /** The counts of the minute `now` is in: always ask anew. */
  minute(now: number): MinuteCounts {
    if (now - this.#minuteStart >= MINUTE) {
      this.#minuteStart = Math.floor(now / MINUTE) * MINUTE;
      const minute = this.#minute;
      minute.successes = minute.failures = minute.requests = minute.tokens = 0;
      for (const name in minute.failuresByClass) delete minute.failuresByClass[name as PolicyClass];
    }
    return this.#minute;
  }

  /** When the current minute is over. */
  minuteEnds(now: number): number {
    this.minute(now);
    return this.#minuteStart + MINUTE;
  }

  /** A call begins; `tokens` are estimated. */
  began(now: number, tokens: number): void {
    const minute = this.minute(now);
    minute.requests++;
    minute.tokens += tokens;
  }

  /** Puts what a call really used in the place of what `began` took it for. */
  settle(startedAt: number, now: number, estimate: number, tokens: number): void {
    const minute = this.minute(now);
    // What was estimated in an earlier minute went with it.
    minute.tokens = Math.max(0, minute.tokens + tokens - (startedAt >= this.#minuteStart ? estimate : 0));
  }

  succeeded(now: number): void {
    this.minute(now).successes++;
    this.successesInRow++;
  }

  /** `firstByte`: until the first byte of a stream; undefined for other answers. */
  measured(
    now: number,
    milliseconds: number,
    outputTokens: number,
    firstByte: number | undefined,
    memory: Memory,
  ): void {
    this.latency.add(milliseconds / Math.max(1, outputTokens), now, memory);
    if (firstByte !== undefined) this.firstByte.add(firstByte, now, memory);
  }

  timedOut(now: number, memory: Memory): void {
    this.latency.add(TIMEOUT_LATENCY, now, memory);
    this.firstByte.add(TIMEOUT_LATENCY, now, memory);
  }

  /** A place is free again: whoever waits for one has first call on it. */
  freed(): void {
    if (this.lines.size === 0) return;
    for (const line of [...this.lines]) line.wake();
  }
}

/** The states of all deployments, by id. */
export class DeploymentStates {
  readonly #states = new Map<string, DeploymentState>();

  /** The state of a deployment, new when it has none yet. */
  of(id: string): DeploymentState {
    let state = this.#states.get(id);
    if (state === undefined) {
      state = new DeploymentState();
      this.#states.set(id, state);
    }
    return state;
  }

  /** Forgets the deployments that a reload has removed. Calls under way keep the state they have. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.#states.keys()) if (!ids.has(id)) this.#states.delete(id);
  }
}
