import { type ApiError, apiError, type Settings, upstreamError } from "@gatewright/litellm";
import { type RouteShare, routesOf } from "../snapshot/route.ts";
import { Course } from "./course.ts";
import type { CourseServices, RouteControls } from "./course-call.ts";
import { DeploymentStates } from "./deployment-state.ts";
import type { Failure } from "./failure.ts";
import type { RouteDeployment, RouteGroup } from "./group-route.ts";

/* For tests: providers that answer as told, on a clock that only the test moves. */

/** How a provider answers a call: well, or not at all. Milliseconds; status 200 unless given. */
export interface Reply {
  readonly status?: number;
  readonly kind?: Failure["kind"];
  readonly milliseconds?: number;
  readonly firstByte?: number;
  readonly retryAfter?: number;
  readonly tokens?: number;
  readonly text?: string;
}

/** One deployment of the simulated document. */
export interface Simulated
  extends Partial<Omit<RouteDeployment, "state">>,
    Partial<Omit<RouteShare, "deployment">> {
  readonly id: string;
  /** Name of its group. */
  readonly group: string;
  /** What the n-th call to it gets; absent: a good answer after 100 ms. */
  readonly reply?: (call: number, now: number) => Reply;
  /** Calls its own limit lets through. */
  readonly allowance?: number;
}

/** What became of one request. */
export interface Outcome {
  /** Ids of the deployments called, in order, and when. */
  readonly calls: string[];
  readonly times: number[];
  readonly course: Course;
  /** How often it ended; anything but 1 in the end is a defect. */
  ends: number;
  served: boolean;
  /** What the answer took, tokens. */
  usage: { readonly input: number; readonly output: number } | undefined;
  /** The client has left. */
  left: boolean;
  error: ApiError | undefined;
}

export interface Request {
  readonly model?: string;
  readonly stream?: boolean;
  readonly controls?: Partial<RouteControls>;
  readonly tags?: readonly string[];
  readonly userAgent?: string;
  readonly input?: number;
  readonly region?: string;
  readonly spent?: boolean;
}

const noControls: RouteControls = {
  retries: undefined,
  fallbacks: undefined,
  contextWindowFallbacks: undefined,
  contentPolicyFallbacks: undefined,
  disableFallbacks: false,
  testing: undefined,
  explain: false,
};

export class Simulation {
  time = 0;
  readonly states = new DeploymentStates();
  readonly groups = new Map<string, RouteGroup>();
  readonly warnings: readonly string[];
  /** Calls each deployment got. */
  readonly called = new Map<string, number>();
  readonly services: CourseServices;
  readonly #routes: ReturnType<typeof routesOf>;
  readonly #simulated: ReadonlyMap<string, Simulated>;
  readonly #events: { readonly at: number; readonly run: () => void; gone: boolean }[] = [];

  constructor(settings: Settings, deployments: readonly Simulated[], seed = 1) {
    const random = seeded(seed);
    this.services = {
      now: () => this.time,
      after: (milliseconds, run) => this.#after(milliseconds, run),
      random,
    };
    this.#simulated = new Map(deployments.map((one) => [one.id, one]));
    const routes = routesOf(settings);
    this.#routes = routes;
    this.warnings = routes.warnings;
    for (const [name, members] of Map.groupBy(deployments, ({ group }) => group)) {
      const shares = members.map((one) => shareOf(one, this.states));
      const ownLimits = new Map(
        members.flatMap((one) => (one.allowance === undefined ? [] : [[one.id, [one.allowance]] as const])),
      );
      this.groups.set(name, { name, unusable: [], route: routes.group(name, shares), limits: [], ownLimits });
    }
  }

  /** Sends a request now. */
  send(request: Request = {}): Outcome {
    const model = request.model ?? "m";
    const outcome: { -readonly [K in keyof Outcome]: Outcome[K] } = {
      calls: [],
      times: [],
      course: undefined as unknown as Course,
      ends: 0,
      served: false,
      usage: undefined,
      left: false,
      error: undefined,
    };
    const course = new Course(
      {
        snapshot: { names: { group: (name) => this.groups.get(name) } },
        stream: request.stream ?? false,
        controls: { ...noControls, ...request.controls },
        spent: request.spent ?? false,
        tags: request.tags ?? [],
        userAgent: request.userAgent ?? "",
        estimate: { input: request.input ?? 10, output: 20 },
        get usage() {
          return outcome.usage;
        },
        ...(request.region === undefined ? {} : { region: request.region }),
      },
      this.services,
      {
        call: (_, deployment) => {
          outcome.calls.push(deployment.id);
          outcome.times.push(this.time);
          this.#answer(outcome, deployment, model);
        },
        take: (deployment, done) =>
          done((this.called.get(deployment.id) ?? 0) < (this.#simulated.get(deployment.id)?.allowance ?? 0)),
        fail: (error) => {
          outcome.ends++;
          outcome.error = error;
        },
      },
    );
    outcome.course = course;
    const group = this.groups.get(model);
    if (group === undefined)
      course.standIn(model, this.#routes.unknown, apiError("model_unknown", { model, path: "/v1/x" }));
    else course.start(model, group);
    return outcome;
  }

  /** The client goes away, if it has not had its answer. */
  leave(outcome: Outcome): void {
    if (outcome.ends > 0) return;
    outcome.left = true;
    outcome.course.abandoned();
  }

  /** Lets the clock run until nothing is left to happen, or for so long. */
  run(milliseconds = Number.POSITIVE_INFINITY): void {
    const until = this.time + milliseconds;
    for (let event = this.#events[0]; event !== undefined && event.at <= until; event = this.#events[0]) {
      this.#events.shift();
      if (event.gone) continue;
      this.time = event.at;
      event.run();
    }
    if (until < Number.POSITIVE_INFINITY) this.time = until;
  }

  /** Sends a request and waits for its end. */
  serve(request: Request = {}): Outcome {
    const outcome = this.send(request);
    while (outcome.ends === 0 && this.#events.length > 0) this.run((this.#events[0]?.at ?? 0) - this.time);
    return outcome;
  }

  state(id: string): ReturnType<DeploymentStates["of"]> {
    return this.states.of(id);
  }

  #answer(outcome: Outcome, deployment: RouteDeployment, model: string): void {
    const call = this.called.get(deployment.id) ?? 0;
    this.called.set(deployment.id, call + 1);
    const reply = this.#simulated.get(deployment.id)?.reply?.(call, this.time) ?? {};
    const milliseconds = reply.milliseconds ?? 100;
    if (reply.firstByte !== undefined) this.#after(reply.firstByte, () => outcome.course.answering());
    const end = (): void => {
      const { course, left } = outcome;
      const well = (reply.status ?? 200) < 300;
      // What fails after the first byte ends there, with the caller.
      if (!left && (well || reply.firstByte !== undefined)) outcome.ends++;
      outcome.served ||= well && !left;
      if (well) {
        outcome.usage = { input: 10, output: reply.tokens ?? 20 };
        course.succeeded();
      } else course.failed(failureOf(reply, model));
    };
    if (milliseconds === 0) end();
    else this.#after(milliseconds, end);
  }

  #after(milliseconds: number, run: () => void): { cancel(): void } {
    const event = { at: this.time + milliseconds, run, gone: false };
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle]?.at ?? 0) <= event.at) low = middle + 1;
      else high = middle;
    }
    this.#events.splice(low, 0, event);
    return {
      cancel: () => {
        event.gone = true;
      },
    };
  }
}

function shareOf(one: Simulated, states: DeploymentStates): RouteShare {
  return {
    deployment: {
      provider: { title: "OpenAI" },
      tags: [],
      tagPatterns: [],
      spend: [],
      ...one,
      state: states.of(one.id),
    },
    weight: one.weight,
    requestsPerMinute: one.requestsPerMinute,
    tokensPerMinute: one.tokensPerMinute,
    order: one.order,
  };
}

export function failureOf(reply: Reply, model = "m"): Failure {
  const status = reply.status ?? 500;
  const error = upstreamError({ status, text: reply.text ?? "as told", provider: "OpenAI", model });
  return {
    error,
    status: error.status,
    kind: reply.kind ?? "upstream",
    retryAfterMilliseconds: reply.retryAfter,
  };
}

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}
