import type { ApiError } from "@gatewright/litellm";
import type { SelectionRequest } from "./candidates.ts";
import type { Course } from "./course.ts";
import type { Failure } from "./failure.ts";
import type { AskedFallbacks } from "./fallback.ts";
import type { RouteDeployment, RouteGroup } from "./group-route.ts";
import type { Testing } from "./pretended-failure.ts";

/** The part of a client's controls that routing obeys. */
export interface RouteControls extends AskedFallbacks {
  /** Instead of every other number of retries. */
  readonly retries: number | undefined;
  readonly disableFallbacks: boolean;
  readonly testing: Testing | undefined;
  /** Records are wanted. */
  readonly explain: boolean;
}

/** The request that is to be served. */
export interface CourseRequest extends SelectionRequest {
  readonly snapshot: { readonly names: { group(name: string): RouteGroup | undefined } };
  readonly controls: RouteControls;
  /** It cannot be sent again. */
  readonly spent?: boolean;
  /** Tokens as the upstream counted them, once it has; else the estimate stands. */
  readonly usage?: { readonly input: number; readonly output: number } | undefined;
}

export interface CourseServices {
  /** Monotonic milliseconds. */
  now(): number;
  after(milliseconds: number, run: () => void): { cancel(): void };
  /** In [0, 1). */
  random(): number;
}

/** What a course has done for it. */
export interface CourseCall {
  /**
   * Calls the deployment, with `course.overrides` in the body, and tells the course how that goes: it is the call's
   * `CallListener`, and may be told of the end from within. After `answering` nothing is tried again, and how a failure
   * reaches the client is the caller's affair.
   */
  call(course: Course, deployment: RouteDeployment, group: RouteGroup): void;
  /** Asks for a deployment's own limits in the group. `done(false)`: it is left out. Only for deployments that have some. */
  take(deployment: RouteDeployment, done: (granted: boolean) => void): void;
  /** Nothing is left to try. */
  fail(error: ApiError): void;
}

/** One call that has ended, for logs and decision records. Times are monotonic milliseconds. */
export interface Attempt {
  readonly group: RouteGroup;
  readonly deployment: RouteDeployment;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Absent when it went well. */
  readonly failure?: Failure;
  /** How long was waited before it. */
  readonly waitMilliseconds: number;
}
