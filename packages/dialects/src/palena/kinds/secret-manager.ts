import * as z from "zod";
import { secretRef } from "./reference.ts";

/** `spec.secretManager`: where the engine itself looks keys up. */
export const secretManager = z
  .strictObject({
    provider: z
      .enum([
        "aws_secret_manager",
        "aws_kms",
        "azure_key_vault",
        "google_secret_manager",
        "google_kms",
        "hashicorp_vault",
      ])
      .describe("The secret manager."),
    credentialsSecretRef: secretRef.optional().describe("Credentials, every key as an environment variable."),
    hostedKeys: z.array(z.string()).optional().describe("Names to look up there. Default: all."),
    storeVirtualKeys: z.boolean().optional().describe("Keep generated keys there as well."),
    prefixForStoredVirtualKeys: z.string().optional().describe("What their names start with."),
    accessMode: z
      .enum(["read_only", "write_only", "read_and_write"])
      .default("read_only")
      .describe("What the gateway may do there."),
    primarySecretName: z.string().optional().describe("One secret that holds all values as JSON."),
    aws: z
      .strictObject({
        region: z.string().min(1).describe("Region."),
        roleARN: z.string().optional().describe("Role to take."),
        sessionName: z.string().optional().describe("Name of the session."),
        webIdentityTokenPath: z.string().optional().describe("File of the workload's token."),
        stsEndpoint: z.string().optional().describe("Address of the token service."),
      })
      .optional()
      .describe("Connection to AWS."),
    azure: z
      .strictObject({
        vaultURI: z.string().min(1).describe("Address of the vault."),
        tenantID: z.string().min(1).describe("Tenant."),
      })
      .optional()
      .describe("Connection to Azure."),
    vault: z
      .strictObject({
        address: z.string().min(1).describe("Address of the vault."),
        namespace: z.string().optional().describe("Namespace in the vault."),
        authMethod: z
          .enum(["approle", "tls", "token"])
          .default("approle")
          .describe("How the gateway logs in."),
        appRoleMountPath: z.string().optional().describe("Mount of the approle method."),
        mountName: z.string().optional().describe("Mount of the secrets."),
        pathPrefix: z.string().optional().describe("Path of the secrets below the mount."),
        refreshInterval: z.int().optional().describe("Seconds that a value is kept."),
      })
      .optional()
      .describe("Connection to HashiCorp Vault."),
  })
  .describe("An external secret manager.");
