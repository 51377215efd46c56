import { admit, receive } from "./admit.ts";
import { call } from "./call.ts";
import { authenticate } from "./key.ts";
import { route } from "./route.ts";
import type { Next, Stage } from "./stage.ts";

/** The way of a request for a model, in order; `meter` watches over all of it. */
export function stages(meter: Stage): readonly Stage[] {
  return [meter, authenticate, receive, admit, route, call];
}

/** Stages as one function, put together once. */
export function pipeline(steps: readonly Stage[]): Next {
  return steps.reduceRight<Next>(
    (next, stage) => (exchange) => stage(exchange, next),
    () => {},
  );
}
