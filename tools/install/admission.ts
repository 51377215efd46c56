import { webhookConfiguration } from "../../packages/operator/src/webhook/webhook-configuration.ts";
import type { Manifest } from "./manifest.ts";
import { labels, operatorNamespace } from "./names.ts";

/** Name of the Service by which the API server finds the operator; the operator's webhook knows it too. */
export const webhookServiceName = "gatewright-webhook";

interface Webhook {
  readonly clientConfig: { readonly service?: object };
}

/** Who asks the operator before a langop resource is stored. The operator writes the authority of its certificate in. */
export function admissionManifest(): Manifest {
  const place = { kind: "service", namespace: operatorNamespace, name: webhookServiceName } as const;
  const configuration = webhookConfiguration(place, "");
  const webhooks = configuration["webhooks"] as readonly Webhook[];
  return {
    remark:
      "Until the operator runs, and while it does not, the resources below cannot be created and their specs cannot be changed; everything that runs goes on.",
    object: {
      apiVersion: configuration.apiVersion,
      kind: configuration.kind,
      metadata: { name: configuration.metadata.name, labels },
      // Without its certificate's authority: applied again, the file must not take out what the operator wrote.
      webhooks: webhooks.map(({ clientConfig: { service }, ...webhook }) => ({
        ...webhook,
        clientConfig: { service },
      })),
    } as Manifest["object"],
  };
}
