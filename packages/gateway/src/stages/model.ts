import { apiError } from "@gatewright/litellm";
import type { Exchange } from "../exchange.ts";
import { modelDenied } from "../snapshot/model-access.ts";
import type { Next } from "./stage.ts";

/** Finds the group that the name means, and whether the caller may use it. */
export function findModel(exchange: Exchange, next: Next): void {
  const { model, caller } = exchange;
  const group = exchange.snapshot.names.group(model);
  if (group === undefined) {
    return exchange.fail(apiError("model_unknown", { model, path: exchange.path }));
  }
  const denied = modelDenied(caller, model, group.name);
  if (denied !== undefined) return exchange.fail(denied);
  exchange.group = group;
  next(exchange);
}
