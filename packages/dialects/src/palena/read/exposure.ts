import { type Found, type Instance, setting } from "./instance.ts";

/** Port of the gateway's container, whatever the Service's is (palena.md §2.2). */
const containerPort = 4000;

/** Ports; how the Service is published is the operator's business. */
export function* readExposure(instance: Instance): Found {
  yield* setting(instance, "exposure", {
    port: containerPort,
    servicePort: instance.spec.service?.port ?? containerPort,
  });
}
