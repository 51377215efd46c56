import { type ApiError, apiError } from "@gatewright/litellm";
import type { Exchange } from "../exchange.ts";
import { type Grant, type Ledger, noTokens, type UsedTokens } from "../limit/ledger.ts";
import { Course } from "../route/course.ts";
import type { CourseCall, CourseServices } from "../route/course-call.ts";
import type { Failure } from "../route/failure.ts";
import type { Deployment, Group } from "../snapshot/snapshot.ts";
import type { CallMaker } from "../upstream/upstream-call.ts";
import { reserveDeployment, usageOfExchange } from "./budget.ts";
import { call } from "./call.ts";
import { usedTokens } from "./limit.ts";
import type { Stage } from "./stage.ts";

/** What routing needs of the gateway. */
export interface RouteServices extends CourseServices {
  /** For the limits of single deployments. */
  readonly ledger: Ledger;
  /** A defect: the request is answered with 500. */
  crashed(error: unknown): void;
}

/** The last stage: sends the request on its way through deployments, until one has answered or nothing is left. */
export function route(services: RouteServices): Stage {
  return (exchange) => new RoutedCall(exchange, services).start();
}

/** What a course and its calls are to each other, for one exchange. */
class RoutedCall implements CourseCall, CallMaker {
  readonly #exchange: Exchange;
  readonly #services: RouteServices;
  readonly #course: Course;
  /** What the deployment under way took of its own limits. */
  #grant: Grant | undefined;
  #answering = false;

  constructor(exchange: Exchange, services: RouteServices) {
    this.#exchange = exchange;
    this.#services = services;
    this.#course = new Course(exchange, services, this);
    exchange.course = this.#course;
  }

  start(): void {
    const { group, model, path, snapshot, trace } = this.#exchange;
    trace?.routed();
    if (group !== undefined) return this.#course.start(model, group);
    this.#course.standIn(model, snapshot.unknownModels, apiError("model_unknown", { model, path }));
  }

  /** Runs from timers, from other requests' ends and from answers of Redis, where nothing else catches an exception. */
  call(course: Course, deployment: Deployment, group: Group): void {
    const exchange = this.#exchange;
    this.#answering = false;
    try {
      exchange.deployment = deployment;
      exchange.servingGroup = group;
      reserveDeployment(exchange, deployment, this.#services.now());
      call(exchange, deployment, course.overrides, this);
    } catch (error) {
      this.crashed(error);
    }
  }

  crashed(error: unknown): void {
    this.#services.crashed(error);
    this.#exchange.fail(apiError("internal", {}));
  }

  take(deployment: Deployment, done: (granted: boolean) => void): void {
    // A group of the snapshot, like all that a course is given.
    const group = this.#course.group as Group | undefined;
    const shared = this.#course.fallbacks > 0 ? group?.limits : undefined;
    const { input, output } = this.#exchange.estimate;
    this.#services.ledger.take({
      limits: [group?.ownLimits.get(deployment.id) ?? [], shared ?? []],
      input,
      output,
      answered: (answer) => {
        const granted = answer.kind === "grant" ? answer : undefined;
        if (granted !== undefined && this.#exchange.over) {
          return this.#services.ledger.settle(granted, noTokens);
        }
        this.#grant = granted;
        done(granted !== undefined);
      },
    });
  }

  fail(error: ApiError): void {
    this.#exchange.fail(error);
  }

  answering(): void {
    this.#answering = true;
    this.#course.answering();
  }

  succeeded(): void {
    const exchange = this.#exchange;
    exchange.usage ??= usageOfExchange(exchange);
    this.#settle(usedTokens(exchange));
    this.#course.succeeded();
    exchange.recorder?.end();
  }

  failed(failure: Failure): void {
    this.#settle(this.#answering ? usedTokens(this.#exchange) : noTokens);
    this.#course.failed(failure);
    // The course tries nothing else once the client has seen a part, so this is the answer's end.
    if (this.#answering) this.#exchange.fail(failure.error);
  }

  abandoned(): void {
    this.#settle(usedTokens(this.#exchange));
    this.#course.abandoned();
  }

  #settle(used: UsedTokens | undefined): void {
    if (this.#grant === undefined) return;
    this.#services.ledger.settle(this.#grant, used);
    this.#grant = undefined;
  }
}
