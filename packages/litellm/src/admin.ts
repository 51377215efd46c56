import type { GatewayPlan, JsonObject, Model } from "@gatewright/plan";
import { informationOf, parametersOf } from "./model.ts";

/** What a gateway stores through the management API instead of its document. */
export interface AdminState {
  /** Bodies of `POST /model/new`, in the plan's order. */
  readonly models: readonly AdminModel[];
}

/** The body of `POST /model/new` (litellm.md §3.4, Models). Secrets are `os.environ/NAME`, resolved by the sender. */
export interface AdminModel {
  readonly model_name: string;
  readonly litellm_params: JsonObject;
  readonly model_info: JsonObject;
}

/** The management API's share of a plan: the models that are delivered there (palena.md §3). */
export function adminState(plan: GatewayPlan): AdminState {
  return { models: plan.model.filter((model) => model.delivery === "admin").map(bodyOf) };
}

function bodyOf(model: Model): AdminModel {
  return {
    model_name: model.name,
    litellm_params: parametersOf(model),
    model_info: informationOf(model) ?? {},
  };
}
