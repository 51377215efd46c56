import * as z from "zod";
import type { Kind } from "../../kind.ts";
import { instanceRef, secretKeyRef } from "./reference.ts";
import { credentialStatus } from "./status.ts";

/** `spec` of a LiteLLMCredential (palena.md §1.2). */
export const credentialSpec = z
  .strictObject({
    instanceRef,
    credentialName: z.string().min(1).describe("Name of the credential in the gateway."),
    apiKeySecretRef: secretKeyRef.describe("API key of the provider."),
    apiBase: z.string().optional().describe("Base URL of the provider."),
    apiVersion: z.string().optional().describe("API version, for azure."),
    params: z
      .record(z.string(), z.unknown())
      .meta({ "x-kubernetes-preserve-unknown-fields": true })
      .optional()
      .describe("Further values by LiteLLM's names; api_key, api_base and api_version have no effect here."),
  })
  .meta({ description: "A provider's key and address, shared by several models." });

export type CredentialSpec = z.output<typeof credentialSpec>;

/** The kind LiteLLMCredential. */
export const liteLlmCredential: Kind<typeof credentialSpec, typeof credentialStatus> = {
  group: "litellm.palena.ai",
  version: "v1alpha1",
  kind: "LiteLLMCredential",
  plural: "litellmcredentials",
  shortNames: ["lc"],
  scope: "Namespaced",
  printerColumns: [
    { name: "Credential", type: "string", path: ".spec.credentialName" },
    { name: "Instance", type: "string", path: ".spec.instanceRef.name" },
    { name: "Configured", type: "boolean", path: ".status.configured" },
    { name: "Models", type: "integer", path: ".status.referencedByModels" },
    { name: "Age", type: "date", path: ".metadata.creationTimestamp" },
  ],
  spec: credentialSpec,
  specRequired: true,
  status: credentialStatus,
};
