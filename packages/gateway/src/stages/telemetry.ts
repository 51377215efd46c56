import type { Exchange } from "../exchange.ts";
import type { AccessLog } from "../telemetry/access-log.ts";
import { exchangeCounter } from "../telemetry/count-exchange.ts";
import type { Decisions } from "../telemetry/decisions.ts";
import type { Registry } from "../telemetry/registry.ts";
import type { Tracing } from "../telemetry/trace.ts";
import { addSpend, usageOfExchange } from "./budget.ts";
import type { LimitStage } from "./limit.ts";
import type { Stage } from "./stage.ts";

/** Status written for a client that left before it had its answer (nginx's number; there is no standard one). */
const CLIENT_GONE = 499;

/** Requests under way. */
export interface InFlight {
  count: number;
}

/** What is told of every request, and what has to be given back. */
export interface MeterServices {
  readonly registry: Registry;
  readonly accessLog: AccessLog;
  readonly inFlight: InFlight;
  readonly tracing: Tracing;
  readonly decisions: Decisions;
  readonly limits: Pick<LimitStage<Exchange>, "settleLimits">;
  /** Monotonic milliseconds. */
  now(): number;
  crashed(error: unknown): void;
}

/**
 * Ends every exchange once, when its connection is done with it: whatever is under way for it, its limits, its budgets;
 * then it is counted, logged, traced and remembered.
 */
export function meter(services: MeterServices): Stage {
  const { accessLog, decisions, inFlight, limits, tracing } = services;
  const count = exchangeCounter(services.registry);
  const end = (exchange: Exchange): void => {
    const { failure, response } = exchange;
    const gone = !response.writableFinished && failure === undefined;
    exchange.call?.abandon();
    exchange.course?.abandoned();
    exchange.recorder?.abandon();
    exchange.usage ??= usageOfExchange(exchange);
    limits.settleLimits(exchange);
    addSpend(exchange, services.now());
    const status = gone ? CLIENT_GONE : response.statusCode;
    count(exchange, status, gone);
    accessLog.write(exchange, status);
    tracing.end(exchange, status);
    decisions.keep(exchange, status);
  };
  return (exchange, next) => {
    inFlight.count++;
    tracing.start(exchange);
    exchange.response.on("close", () => {
      inFlight.count--;
      // An exception in an event would end the process, and with it all other requests.
      try {
        end(exchange);
      } catch (error) {
        services.crashed(error);
      }
    });
    next(exchange);
  };
}
