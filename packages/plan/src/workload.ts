import type { SecretReference } from "./credential.ts";

/** How the gateway process is set up, as far as its document says so. */
export interface Workload {
  readonly databaseConnections?: number;
  readonly storeModelsInDatabase?: boolean;
  /** `background_health_checks` and its companions. */
  readonly backgroundHealthChecks?: boolean;
  readonly healthCheckIntervalSeconds?: number;
  readonly healthCheckDetails?: boolean;
  readonly healthCheckSkipDisabledModels?: boolean;
  /** `check_provider_endpoint`. */
  readonly checkProviderEndpoint?: boolean;
  /** LiteLLM's `key_management_system` and its settings. */
  readonly secretManager?: string;
  readonly secretManagerSettings?: { readonly [key: string]: string | boolean | readonly string[] };
  /** Environment variables of the gateway that come from Secrets, beside those that models and keys refer to. */
  readonly secretVariables?: readonly SecretReference[];
}
