import * as z from "zod";
import type { Kind } from "../../kind.ts";
import { adminUi, configSync } from "./admin.ts";
import { caching } from "./cache.ts";
import { database, redis } from "./database.ts";
import { gatewayHttpRoute, ingress, route, service } from "./exposure.ts";
import { defaultCustomerBudget, generalSettings, litellmSettings } from "./general.ts";
import { oauth2Auth, rbac, scim, sso } from "./identity.ts";
import { jwtAuth } from "./jwt.ts";
import { masterKey, saltKey } from "./key.ts";
import { security } from "./network.ts";
import { fallbacks, passThroughEndpoints, routerSettings } from "./route.ts";
import { secretManager } from "./secret-manager.ts";
import { instanceStatus } from "./status.ts";
import { callbacks, logging, observability } from "./telemetry.ts";
import { workloadFields } from "./workload.ts";

const endpointNeedsUnmanaged = "workload.endpoint is only for workload.managed: false";
const unmanagedNeedsKey = "workload.managed: false needs masterKey.secretRef";

/** `spec` of a LiteLLMInstance: the fields of all versions up to 0.26 (palena.md §1.1). */
export const instanceSpec = z
  .strictObject({
    ...workloadFields,
    masterKey,
    saltKey: saltKey.optional(),
    database,
    redis: redis.optional(),
    generalSettings: generalSettings.optional(),
    routerSettings: routerSettings.optional(),
    litellmSettings: litellmSettings.optional(),
    fallbacks: fallbacks.optional(),
    configSync: configSync.optional(),
    service: service.optional(),
    ingress: ingress.optional(),
    route: route.optional(),
    gatewayHTTPRoute: gatewayHttpRoute.optional(),
    security: security.optional(),
    callbacks: callbacks.optional(),
    observability: observability.optional(),
    sso: sso.optional(),
    scim: scim.optional(),
    jwtAuth: jwtAuth.optional(),
    oauth2Auth: oauth2Auth.optional(),
    caching: caching.optional(),
    passThroughEndpoints: passThroughEndpoints.optional(),
    defaultCustomerBudget: defaultCustomerBudget.optional(),
    secretManager: secretManager.optional(),
    rbac: rbac.optional(),
    logging: logging.optional(),
    adminUI: adminUi.optional(),
  })
  .check((context) => {
    const { workload, masterKey: key } = context.value;
    const managed = workload?.managed ?? true;
    if (managed && workload?.endpoint !== undefined) {
      context.issues.push({
        code: "custom",
        path: ["workload", "endpoint"],
        message: endpointNeedsUnmanaged,
        input: workload.endpoint,
      });
    }
    if (!managed && key.secretRef === undefined) {
      context.issues.push({
        code: "custom",
        path: ["masterKey", "secretRef"],
        message: unmanagedNeedsKey,
        input: undefined,
      });
    }
  })
  .meta({
    description: "A gateway: its pods, its settings and where it is reached.",
    "x-kubernetes-validations": [
      {
        rule: "!has(self.workload) || !has(self.workload.endpoint) || self.workload.managed == false",
        message: endpointNeedsUnmanaged,
      },
      {
        rule: "!has(self.workload) || self.workload.managed != false || has(self.masterKey.secretRef)",
        message: unmanagedNeedsKey,
      },
    ],
  });

export type InstanceSpec = z.output<typeof instanceSpec>;

/** The kind LiteLLMInstance: one resource is one gateway. */
export const liteLlmInstance: Kind<typeof instanceSpec, typeof instanceStatus> = {
  group: "litellm.palena.ai",
  version: "v1alpha1",
  kind: "LiteLLMInstance",
  plural: "litellminstances",
  shortNames: ["li"],
  scope: "Namespaced",
  printerColumns: [
    { name: "Ready", type: "string", path: '.status.conditions[?(@.type=="Ready")].status' },
    { name: "Endpoint", type: "string", path: ".status.endpoint" },
    { name: "Version", type: "string", path: ".status.version" },
    { name: "Age", type: "date", path: ".metadata.creationTimestamp" },
  ],
  spec: instanceSpec,
  specRequired: true,
  status: instanceStatus,
};
