import { apiError } from "@gatewright/litellm";
import { operationFacts } from "../edge/operations.ts";
import type { Exchange } from "../exchange.ts";
import { admit, receive } from "./admit.ts";
import { budget } from "./budget.ts";
import { type CacheStageServices, cache } from "./cache.ts";
import { receiveForm } from "./form.ts";
import { authenticate } from "./key.ts";
import type { LimitStage } from "./limit.ts";
import { findModel } from "./model.ts";
import { type RouteServices, route } from "./route.ts";
import type { Next, Stage } from "./stage.ts";
import { type MeterServices, meter } from "./telemetry.ts";

/** What the stages need of the gateway. */
export interface StageServices extends MeterServices, RouteServices {
  readonly limits: LimitStage<Exchange>;
  readonly cache: CacheStageServices<Exchange>;
}

/** The way of a request for a model, in order; `meter` watches over all of it. */
export function stages(services: StageServices): readonly Stage[] {
  return [
    meter(services),
    authenticate,
    (exchange, next) => {
      const { multipart } = operationFacts[exchange.operation];
      (multipart === true ? receiveForm : receive)(exchange, next);
    },
    admit,
    findModel,
    budget,
    (exchange, next) => services.limits.limit(exchange, next),
    cache(services.cache),
    route(services),
  ];
}

/**
 * Stages as one function, put together once. A stage runs from whatever event the one before it waited for, where an
 * exception would end the process, so each is guarded: one request answers 500, and `crashed` hears of the defect.
 */
export function pipeline(steps: readonly Stage[], crashed: (error: unknown) => void): Next {
  return steps.reduceRight<Next>(
    (next, stage) => (exchange) => {
      try {
        stage(exchange, next);
      } catch (error) {
        crashed(error);
        exchange.fail(apiError("internal", {}));
      }
    },
    () => {},
  );
}
