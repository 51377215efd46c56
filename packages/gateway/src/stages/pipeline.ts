import { apiError } from "@gatewright/litellm";
import { admit, receive } from "./admit.ts";
import { authenticate } from "./key.ts";
import { findModel } from "./model.ts";
import { route } from "./route.ts";
import type { Next, Stage } from "./stage.ts";

/** The way of a request for a model, in order; `meter` watches over all of it. */
export function stages(meter: Stage): readonly Stage[] {
  return [meter, authenticate, receive, admit, findModel, route];
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
