import * as z from "zod";
import {
  affinity,
  envFrom,
  envVars,
  pullSecrets,
  resourceRequirements,
  tolerations,
  topologySpreadConstraints,
  volumeMounts,
  volumes,
} from "./core.ts";
import { caSecretRef, secretRef } from "./reference.ts";

const stringMap = z.record(z.string(), z.string());

/**
 * `spec.image`. The replaced operator's CRD filled in a repository, so that its own rule "no repository: take the
 * non-root image when runAsNonRoot is on" never applied (palena.md §6.2 B1); here the repository has no default.
 */
const image = z
  .strictObject({
    repository: z
      .string()
      .optional()
      .describe(
        "Image of the LiteLLM engine, without tag. Default: `ghcr.io/berriai/litellm`, or `ghcr.io/berriai/litellm-non_root` with security.runAsNonRoot.",
      ),
    tag: z.string().default("latest").describe("Tag of the image. Pin it."),
    pullPolicy: z
      .enum(["Always", "IfNotPresent", "Never"])
      .default("IfNotPresent")
      .describe("When it is pulled."),
    pullSecrets: pullSecrets.optional().describe("Secrets to pull it with."),
  })
  .describe("The image of the LiteLLM engine; the native engine runs Gatewright's own.");

/** Fields of the spec that shape the gateway's pods. */
export const workloadFields = {
  image: image.optional(),
  replicas: z.int32().min(0).default(1).describe("Number of pods, unless autoscaling is on."),
  autoscaling: z
    .strictObject({
      enabled: z.boolean().describe("Create a HorizontalPodAutoscaler."),
      minReplicas: z.int32().min(1).default(1).describe("Fewest pods."),
      maxReplicas: z.int32().min(1).describe("Most pods."),
      targetCPUUtilization: z.int().min(1).optional().describe("Percent of the requested CPU."),
      targetMemoryUtilization: z.int().min(1).optional().describe("Percent of the requested memory."),
    })
    .optional()
    .describe("Number of pods by load."),
  healthCheck: z
    .strictObject({
      livenessInitialDelay: z.int().min(0).default(15).describe("Seconds before the first liveness probe."),
      readinessInitialDelay: z.int().min(0).default(10).describe("Seconds before the first readiness probe."),
      startupFailureThreshold: z.int().min(1).default(30).describe("Failed startup probes before a restart."),
    })
    .optional()
    .describe("Probes of the pods."),
  resources: resourceRequirements
    .optional()
    .describe("Default: requests of 250m and 512Mi, limits of 2 CPUs and 2Gi."),
  podDisruptionBudget: z
    .strictObject({
      enabled: z.boolean().describe("Create a PodDisruptionBudget."),
      minAvailable: z.int().min(0).optional().describe("Pods that must stay. Default: 1."),
      maxUnavailable: z.int().min(0).optional().describe("Pods that may go; minAvailable wins."),
    })
    .optional()
    .describe("How many pods may go at once."),
  topologySpreadConstraints: topologySpreadConstraints.optional().describe("How pods spread over nodes."),
  extraEnvVars: envVars.optional().describe("Environment variables; one of the same name is replaced."),
  extraEnvFrom: envFrom.optional().describe("Further sources of environment variables."),
  upgrade: z
    .strictObject({
      strategy: z.enum(["rolling", "recreate"]).default("rolling").describe("How pods are replaced."),
      maxUnavailable: z.int().min(0).optional().describe("Pods that may be missing meanwhile."),
      maxSurge: z.int().min(0).optional().describe("Pods that may be too many meanwhile."),
      healthCheckTimeout: z.string().default("300s").describe("How long a new version may take to be ready."),
      autoRollback: z.boolean().optional().describe("Return to the last good version when it is not."),
    })
    .optional()
    .describe("How a new version is rolled out."),
  tls: z
    .strictObject({
      serverCertSecretRef: secretRef
        .optional()
        .describe("Serve HTTPS with this certificate: keys tls.crt, tls.key and optionally ca.crt."),
      trustedCASecretRef: caSecretRef.optional().describe("Authorities to trust when calling providers."),
      clientCertSecretRef: secretRef.optional().describe("Client certificate for calls to providers."),
    })
    .optional()
    .describe("Certificates of the gateway."),
  extraVolumes: volumes.optional().describe("Further volumes of the pods."),
  extraVolumeMounts: volumeMounts.optional().describe("Where they are mounted."),
  serviceAccount: z
    .strictObject({
      annotations: stringMap.optional().describe("Annotations, for example of a workload identity."),
      labels: stringMap.optional().describe("Labels."),
    })
    .optional()
    .describe("Metadata of the ServiceAccount; merged with what is there."),
  deployment: z
    .strictObject({ annotations: stringMap.optional().describe("Annotations of the Deployment itself.") })
    .optional()
    .describe("Metadata of the Deployment."),
  podScheduling: z
    .strictObject({
      nodeSelector: stringMap.optional().describe("Labels a node must have."),
      tolerations: tolerations.optional().describe("Taints the pods tolerate."),
      affinity: affinity.optional().describe("Nodes and pods to be near to."),
    })
    .optional()
    .describe("Where pods run; also those of the migration Job."),
  workload: z
    .strictObject({
      managed: z
        .boolean()
        .default(true)
        .describe("Run the gateway. False: one that somebody else runs is used."),
      endpoint: z.string().optional().describe("URL of the gateway that somebody else runs."),
    })
    .optional()
    .describe("Whether the gateway is run here."),
};
