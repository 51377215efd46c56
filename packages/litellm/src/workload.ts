import type { GatewayPlan } from "@gatewright/plan";
import { type Piece, present } from "./piece.ts";

/** Set-up of the process that its document holds (litellm.md §2.4, palena.md §2.3). */
export function renderWorkload(plan: GatewayPlan): Piece {
  const { workload } = plan;
  return {
    litellm_settings: present({ check_provider_endpoint: workload.checkProviderEndpoint }),
    general_settings: present({
      database_connection_pool_limit: workload.databaseConnections,
      store_model_in_db: workload.storeModelsInDatabase,
      background_health_checks: workload.backgroundHealthChecks,
      health_check_interval: workload.healthCheckIntervalSeconds,
      health_check_details: workload.healthCheckDetails,
      health_check_skip_disabled_background_models: workload.healthCheckSkipDisabledModels,
      key_management_system: workload.secretManager,
      key_management_settings: workload.secretManagerSettings,
    }),
  };
}
