import * as z from "zod";

/** A Kubernetes object of another API, taken as it is: the API server checks it when the Deployment is written. */
export const verbatim = (description: string) =>
  z
    .record(z.string(), z.unknown())
    .optional()
    .meta({ description, "x-kubernetes-preserve-unknown-fields": true });

const verbatimList = (description: string) =>
  z
    .array(z.record(z.string(), z.unknown()).meta({ "x-kubernetes-preserve-unknown-fields": true }))
    .optional()
    .describe(description);

const keyReference = (of: string) =>
  z.strictObject({
    name: z.string().min(1).describe(`Name of the ${of}.`),
    key: z.string().min(1).describe(`Key inside the ${of}.`),
    optional: z.boolean().optional().describe(`The ${of} or its key may be missing.`),
  });

const environmentVariable = z.strictObject({
  name: z.string().min(1).describe("Name of the variable."),
  value: z.string().optional().describe("Its value, in clear text; secrets belong into valueFrom."),
  valueFrom: z
    .strictObject({
      configMapKeyRef: keyReference("ConfigMap").optional().describe("Value from a key of a ConfigMap."),
      secretKeyRef: keyReference("Secret").optional().describe("Value from a key of a Secret."),
      fieldRef: verbatim("Value from a field of the pod."),
      resourceFieldRef: verbatim("Value from a resource request or limit of a container."),
    })
    .optional()
    .describe("Where the value comes from instead of `value`."),
});

const source = (of: string) =>
  z.strictObject({
    name: z.string().min(1).describe(`Name of the ${of}.`),
    optional: z.boolean().optional().describe(`The ${of} may be missing.`),
  });

const environmentSource = z.strictObject({
  prefix: z.string().optional().describe("Put in front of every name."),
  configMapRef: source("ConfigMap").optional().describe("All keys of a ConfigMap."),
  secretRef: source("Secret").optional().describe("All keys of a Secret."),
});

/** How a Deployment of the dialect can be adjusted; the same block for gateways, agents, tools and runtimes (langop.md §1.3). */
export const deploymentSpec = z.strictObject({
  replicas: z
    .int32()
    .min(0)
    .optional()
    .describe("Number of pods; 1 when unset, and ignored with autoscaling."),
  imagePullPolicy: z
    .enum(["Always", "Never", "IfNotPresent"])
    .optional()
    .describe("When the image is pulled."),
  imagePullSecrets: verbatimList("Secrets for the image registry."),
  env: z
    .array(environmentVariable)
    .optional()
    .describe(
      "Environment variables. On a gateway, LITELLM_MASTER_KEY is the administrator's key and LANGOP_GATEWAY_EXTRA_CONFIG is YAML that is merged over the generated configuration.",
    ),
  envFrom: z
    .array(environmentSource)
    .optional()
    .describe("ConfigMaps and Secrets whose keys become environment variables."),
  resources: verbatim("CPU and memory. Setting requests or limits replaces the whole built-in block."),
  nodeSelector: z
    .record(z.string(), z.string())
    .optional()
    .describe("Labels a node must have to run the pods."),
  affinity: verbatim("Affinity of the pods."),
  tolerations: verbatimList("Taints the pods tolerate."),
  topologySpreadConstraints: verbatimList("How the pods are spread over the cluster."),
  serviceAccountName: z.string().optional().describe("An existing ServiceAccount to run as."),
  serviceAccountAnnotations: z
    .record(z.string(), z.string())
    .optional()
    .describe(
      "Annotations of the generated ServiceAccount, for workload identity; ignored with serviceAccountName.",
    ),
  roleRules: verbatimList(
    "Rules of a Role for the generated ServiceAccount; ignored with serviceAccountName.",
  ),
  securityContext: verbatim("Security context of the pods."),
  volumeMounts: verbatimList("Further volume mounts of the container."),
  volumes: verbatimList("Further volumes of the pods."),
  podAnnotations: z.record(z.string(), z.string()).optional().describe("Further annotations of the pods."),
  podLabels: z.record(z.string(), z.string()).optional().describe("Further labels of the pods."),
  initContainers: verbatimList("Init containers of the pods."),
  livenessProbe: verbatim("Replaces the built-in liveness probe."),
  readinessProbe: verbatim("Replaces the built-in readiness probe."),
  startupProbe: verbatim("Startup probe of the container."),
  command: z.array(z.string()).optional().describe("Replaces the entry point of the image."),
  args: z.array(z.string()).optional().describe("Replaces the arguments of the image."),
  serviceType: z.enum(["ClusterIP", "NodePort", "LoadBalancer"]).optional().describe("Type of the Service."),
  serviceAnnotations: z.record(z.string(), z.string()).optional().describe("Annotations of the Service."),
  autoscaling: z
    .strictObject({
      minReplicas: z.int32().min(1).optional().describe("Fewest pods."),
      maxReplicas: z.int32().min(1).describe("Most pods."),
      metrics: verbatimList("Metrics as in autoscaling/v2; CPU at 80 % when unset."),
    })
    .optional()
    .describe("Scales the number of pods with the load."),
});

export type DeploymentSpec = z.output<typeof deploymentSpec>;
