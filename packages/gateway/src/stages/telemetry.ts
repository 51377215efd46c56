import type { Exchange } from "../exchange.ts";
import type { AccessLog } from "../telemetry/access-log.ts";
import { exchangeCounter } from "../telemetry/count-exchange.ts";
import type { Decisions } from "../telemetry/decision.ts";
import type { Registry } from "../telemetry/registry.ts";
import type { Tracing } from "../telemetry/trace.ts";
import type { Next, Stage } from "./stage.ts";

/** Status written for a client that left before it had its answer (nginx's number; there is no standard one). */
const CLIENT_GONE = 499;

/** Requests under way. */
export interface InFlight {
  count: number;
}

/** What watches over requests beside metrics and the log. */
export interface Watchers {
  readonly tracing?: Tracing;
  readonly decisions?: Decisions;
}

/** Counts and logs every exchange once, when its connection is done with it, and ends the upstream call if it must. */
export function meter(
  registry: Registry,
  accessLog: AccessLog,
  inFlight: InFlight,
  { tracing, decisions }: Watchers = {},
): Stage {
  const count = exchangeCounter(registry);
  return (exchange: Exchange, next: Next): void => {
    inFlight.count++;
    tracing?.start(exchange);
    exchange.response.on("close", () => {
      inFlight.count--;
      const gone = !exchange.response.writableFinished && exchange.failure === undefined;
      exchange.call?.abandon();
      const status = gone ? CLIENT_GONE : exchange.response.statusCode;
      count(exchange, status, gone);
      accessLog.write(exchange, status);
      tracing?.end(exchange, status);
      decisions?.keep(exchange, status);
    });
    next(exchange);
  };
}
