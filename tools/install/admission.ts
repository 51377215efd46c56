import type { ValidatingWebhookConfiguration } from "kubernetes-types/admissionregistration/v1.js";
import type { Manifest } from "./manifest.ts";
import { labels, operatorNamespace } from "./names.ts";

/** Who asks the operator before a langop resource is stored. The operator writes the authority of its certificate in. */
export function admissionManifest(): Manifest {
  const object = {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: "gatewright-langop", labels: { ...labels } },
    webhooks: [webhook("languagecluster", "Cluster"), webhook("languagemodel", "Namespaced")],
  } satisfies ValidatingWebhookConfiguration;
  return {
    remark:
      "Until the operator runs, and while it does not, the resources below cannot be created and their specs cannot be changed; everything that runs goes on.",
    object,
  };
}

function webhook(kind: string, scope: "Cluster" | "Namespaced") {
  return {
    name: `v${kind}.kb.io`,
    admissionReviewVersions: ["v1"],
    clientConfig: {
      service: {
        name: "gatewright-webhook",
        namespace: operatorNamespace,
        path: `/validate-langop-io-v1alpha1-${kind}`,
        port: 443,
      },
    },
    rules: [
      {
        apiGroups: ["langop.io"],
        apiVersions: ["v1alpha1"],
        operations: ["CREATE", "UPDATE"],
        resources: [`${kind}s`],
        scope,
      },
    ],
    // Finalizers, labels and annotations are nobody's mistake: a resource that was stored before these rules must not
    // be kept from being deleted, nor from being adopted.
    matchConditions: [
      {
        name: "spec-changes",
        expression:
          "request.operation == 'CREATE' || (!has(object.metadata.deletionTimestamp) && (has(object.spec) != has(oldObject.spec) || (has(object.spec) && object.spec != oldObject.spec)))",
      },
    ],
    failurePolicy: "Fail",
    matchPolicy: "Equivalent",
    sideEffects: "None",
    timeoutSeconds: 10,
  };
}
