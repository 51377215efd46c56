import type { Finding } from "@gatewright/plan";
import { readEnvironment } from "./environment.ts";
import { type Found, type Instance, setting } from "./instance.ts";
import { present } from "./present.ts";
import { redisReferences } from "./redis.ts";
import { secretTrouble } from "./secret.ts";

/** What the document says about the process: health checks, database, secret manager (palena.md §2.3). */
export function* readWorkload(instance: Instance): Found {
  const { generalSettings: general = {}, litellmSettings, database, adminUI, secretManager } = instance.spec;
  yield* setting(instance, "workload", {
    databaseConnections: database.connectionPool?.maxConnections,
    storeModelsInDatabase: adminUI?.storeModelInDB,
    backgroundHealthChecks: general.backgroundHealthChecks,
    healthCheckIntervalSeconds: general.healthCheckInterval,
    healthCheckDetails: general.healthCheckDetails,
    healthCheckSkipDisabledModels: general.healthCheckSkipDisabledModels,
    checkProviderEndpoint: litellmSettings?.checkProviderEndpoint,
    secretManager: secretManager?.provider,
    secretManagerSettings:
      secretManager &&
      present({
        hosted_keys: secretManager.hostedKeys,
        store_virtual_keys: secretManager.storeVirtualKeys,
        prefix_for_stored_virtual_keys: secretManager.prefixForStoredVirtualKeys,
        access_mode: secretManager.accessMode,
        primary_secret_name: secretManager.primarySecretName,
      }),
  });
  yield* readRedis(instance);
  const environment = readEnvironment(instance);
  yield* environment.findings;
  yield* setting(instance, "workload", { secretVariables: environment.secrets });
}

function* readRedis(instance: Instance): Found {
  const { url, password } = redisReferences(instance);
  const secret = url ?? password;
  if (secret === undefined) return;
  const trouble: Finding | undefined = secretTrouble(instance, secret, {
    resource: instance.resource,
    path: url === undefined ? "spec.redis.passwordSecretRef" : "spec.redis.connectionSecretRef",
    effect: "dropped",
    consequence: "Replicas share nothing until it is there.",
  });
  if (trouble === undefined) yield* setting(instance, "workload", { secretVariables: [secret] });
  else yield trouble;
}
