import { type ApiError, apiError } from "@gatewright/litellm";
import { noControls } from "../controls.ts";
import type { Exchange } from "../exchange.ts";
import { modelDenied } from "../snapshot/model-access.ts";
import type { Next } from "./stage.ts";

/** Finds the group that the name means, and whether the caller may use it and what they name as fallbacks. */
export function findModel(exchange: Exchange, next: Next): void {
  const { model, caller, controls, snapshot } = exchange;
  const group = snapshot.names.group(model);
  if (group === undefined && (controls.disableFallbacks || snapshot.unknownModels.plain.length === 0)) {
    return exchange.fail(apiError("model_unknown", { model, path: exchange.path }));
  }
  const denied =
    modelDenied(caller, model, group?.name ?? model) ??
    (controls === noControls ? undefined : fallbackDenied(exchange));
  if (denied !== undefined) return exchange.fail(denied);
  exchange.group = group;
  next(exchange);
}

function fallbackDenied({ caller, controls, snapshot }: Exchange): ApiError | undefined {
  for (const targets of [
    controls.fallbacks,
    controls.contextWindowFallbacks,
    controls.contentPolicyFallbacks,
  ]) {
    for (const { model } of targets ?? []) {
      const denied = modelDenied(caller, model, snapshot.names.group(model)?.name ?? model);
      if (denied !== undefined) return denied;
    }
  }
  return undefined;
}
