import * as z from "zod";
import type { Kind } from "../../kind.ts";
import { matchingText } from "../../matching-text.ts";
import { deploymentSpec } from "./deployment-spec.ts";
import { languageClusterStatus } from "./language-cluster-status.ts";
import { networkPolicies } from "./network-rule.ts";
import { quantity } from "./quantity.ts";

const ingress = z.strictObject({
  enabled: z
    .boolean()
    .optional()
    .describe("Publish the gateway at `gateway.<domain>` through an Ingress; off when unset."),
  className: z.string().optional().describe("Ingress class; the operator's when unset."),
  tls: z
    .strictObject({
      enabled: z.boolean().default(true).describe("Whether hosts are served over TLS."),
      secretName: z
        .string()
        .optional()
        .describe("TLS Secret to use as it is; no certificate is requested then."),
      mode: z
        .enum(["none", "secret"])
        .optional()
        .describe("none: never TLS; secret: the Secret in secretName; unset: the operator's issuer."),
      issuerRef: z
        .strictObject({
          name: z.string().min(1).describe("Name of the cert-manager issuer."),
          kind: z.enum(["Issuer", "ClusterIssuer"]).default("ClusterIssuer").describe("Kind of the issuer."),
          group: z.string().default("cert-manager.io").describe("API group of the issuer."),
        })
        .optional()
        .describe("Issuer of this cluster's certificates instead of the operator's."),
    })
    .optional()
    .describe("TLS of the published hosts."),
  externalScheme: z
    .enum(["http", "https"])
    .optional()
    .describe("Scheme of published URLs, for TLS that ends in front of the Ingress."),
});

const auth = z.strictObject({
  enabled: z.boolean().default(false).describe("Put OpenID Connect in front of the agents' Ingress."),
  oidc: z
    .strictObject({
      externalIssuerURL: z.string().optional().describe("Issuer of an OpenID provider you already have."),
      clientID: z.string().optional().describe("Client id at that provider."),
      clientSecretRef: z
        .strictObject({
          name: z.string().min(1).describe("Name of the Secret."),
          key: z.string().optional().describe("Key inside the Secret."),
          namespace: z.string().optional().describe("Namespace of the Secret; this cluster's when unset."),
        })
        .optional()
        .describe("Secret with the client secret."),
      emailDomain: z.string().optional().describe("Domain users' addresses must have; `*` is any."),
      dex: z
        .strictObject({
          connectors: z
            .array(
              z.strictObject({
                type: z.string().min(1).describe("Dex connector type."),
                id: z.string().min(1).describe("Id of the connector."),
                name: z.string().min(1).describe("Name users see."),
                config: z
                  .record(z.string(), z.string())
                  .optional()
                  .describe("Settings of the connector, as Dex documents them."),
              }),
            )
            .optional()
            .describe("Identity providers behind the embedded Dex."),
          enablePasswordDB: z.boolean().optional().describe("Allow local users."),
          staticPasswords: z
            .array(
              z.strictObject({
                email: z.string().min(1).describe("Address the user signs in with."),
                hash: z.string().min(1).describe("bcrypt hash of the password."),
                username: z.string().optional().describe("Name of the user."),
                userID: z.string().optional().describe("Stable id of the user."),
              }),
            )
            .optional()
            .describe("Local users."),
          image: z.string().optional().describe("Image of Dex."),
        })
        .optional()
        .describe("An embedded Dex instead of an external issuer."),
    })
    .optional()
    .describe("The OpenID provider."),
});

const capacity = z.strictObject({
  maxAgents: z.int32().min(0).optional().describe("Most LanguageAgents in the namespace."),
  maxModels: z.int32().min(0).optional().describe("Most LanguageModels in the namespace."),
  maxTools: z.int32().min(0).optional().describe("Most LanguageTools in the namespace."),
  maxPersonas: z.int32().min(0).optional().describe("Most LanguagePersonas in the namespace."),
  maxCPU: quantity.optional().describe("Sum of CPU limits in the namespace."),
  maxMemory: quantity.optional().describe("Sum of memory limits in the namespace."),
});

/** `spec` of a LanguageCluster (langop.md §1.1). */
export const languageClusterSpec = z
  .strictObject({
    domain: matchingText(
      /^$|^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/,
      "it must be a DNS name in lower case, for example ai.example.com",
    )
      .max(253)
      .optional()
      .describe(
        "Base domain: agents are published at `<agent>.<domain>`, the gateway at `gateway.<domain>`.",
      ),
    ingress: ingress.optional().describe("How the gateway and the agents are published."),
    networkPolicies: networkPolicies.optional().describe("Network rules for all agents of the cluster."),
    gateway: z
      .strictObject({
        enabled: z
          .boolean()
          .optional()
          .describe("Early name of ingress.enabled; accepted for old manifests."),
        deployment: deploymentSpec
          .optional()
          .describe("Adjustments of the gateway's Deployment and Service."),
      })
      .optional()
      .describe("The gateway that serves all LanguageModels of the namespace."),
    capacity: capacity.optional().describe("Limits of the namespace, written as ResourceQuota langop-quota."),
    auth: auth.optional().describe("Sign-in for people who use the agents."),
    adoptExistingNamespace: z
      .boolean()
      .optional()
      .describe("Accepted for old manifests; adopting an existing namespace is automatic."),
  })
  .describe(
    "A namespace of agents with one shared gateway. The name of the object is the name of the namespace.",
  );

export type LanguageClusterSpec = z.output<typeof languageClusterSpec>;

/** The kind LanguageCluster. */
export const languageCluster: Kind<typeof languageClusterSpec, typeof languageClusterStatus> = {
  group: "langop.io",
  version: "v1alpha1",
  kind: "LanguageCluster",
  plural: "languageclusters",
  shortNames: [],
  scope: "Cluster",
  printerColumns: [
    { name: "Phase", type: "string", path: ".status.phase" },
    { name: "Gateway", type: "string", path: ".status.gatewayEndpoint" },
    { name: "GatewayReady", type: "boolean", path: ".status.gatewayReady" },
    { name: "Age", type: "date", path: ".metadata.creationTimestamp" },
  ],
  spec: languageClusterSpec,
  status: languageClusterStatus,
  validations: [
    {
      rule: "self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
      message:
        "metadata.name: the name of a LanguageCluster is the name of its namespace: use at most 63 lower-case letters, digits and -, with a letter or digit at both ends",
    },
  ],
};
