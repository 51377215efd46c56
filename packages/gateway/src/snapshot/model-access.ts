import { type ApiError, apiError } from "@gatewright/litellm";
import type { Caller } from "./caller.ts";
import { matchedPart } from "./names.ts";

/** Words for every model of the gateway (litellm.md §4.1). */
const everything: ReadonlySet<string> = new Set(["*", "all-proxy-models", "all-team-models"]);

/**
 * Why a caller may not use a model; undefined when they may (litellm.md §3.6, §4.1). A list may have the name they use
 * (`model`) or that of the group it stands for. An account without a list may use all.
 */
export function modelDenied({ access }: Caller, model: string, group: string): ApiError | undefined {
  for (const { subject, models } of access) {
    if (!models.some((allowed) => allows(allowed, model) || allows(allowed, group)))
      return apiError("model_denied", { subject, model, allowed: models });
  }
  return undefined;
}

function allows(allowed: string, model: string): boolean {
  if (allowed === model || everything.has(allowed)) return true;
  return allowed.includes("*") && matchedPart(allowed, model) !== undefined;
}
