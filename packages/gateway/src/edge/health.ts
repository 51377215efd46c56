import { healthBody } from "@gatewright/litellm";
import type { Snapshot } from "../snapshot/snapshot.ts";

/**
 * `GET /health` from what has been seen of each deployment, by calls and checks: no upstream is called for it, so it costs nothing
 * (decisions.md; LiteLLM calls every model).
 */
export function healthReport(snapshot: Snapshot): ReturnType<typeof healthBody> {
  const endpoints = snapshot.deployments.map(({ litellmModel, apiBase, id, metrics, state }) => ({
    model: litellmModel,
    api_base: apiBase,
    model_id: id,
    ...(state.checkedHealthy === false
      ? { error: "its health checks fail" }
      : metrics.lastError === undefined
        ? {}
        : { error: metrics.lastError }),
  }));
  return healthBody(
    endpoints.filter((endpoint) => !("error" in endpoint)),
    [
      ...endpoints.filter((endpoint) => "error" in endpoint),
      ...snapshot.unusable.map(({ model, reason }) => ({ model, error: reason })),
    ],
  );
}
