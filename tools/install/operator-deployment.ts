import type { Deployment } from "kubernetes-types/apps/v1.js";
import type { Namespace, Service } from "kubernetes-types/core/v1.js";
import type { PodDisruptionBudget } from "kubernetes-types/policy/v1.js";
import { webhookServiceName } from "./admission.ts";
import type { Manifest } from "./manifest.ts";
import { image, labels, operatorNamespace, ports, serviceAccountName } from "./names.ts";
import type { Watched } from "./operator-access.ts";

const selector = {
  "app.kubernetes.io/name": "gatewright",
  "app.kubernetes.io/component": "operator",
} as const;

/** The operator's namespace, in which only pods of the restricted profile run. */
export function operatorNamespaceManifest(): Manifest {
  const profile = (mode: string) => ({
    [`pod-security.kubernetes.io/${mode}`]: "restricted",
    [`pod-security.kubernetes.io/${mode}-version`]: "latest",
  });
  const object = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name: operatorNamespace,
      labels: { ...labels, ...profile("enforce"), ...profile("audit"), ...profile("warn") },
    },
  } satisfies Namespace;
  return { object };
}

/** The operator's Deployment and what belongs to it. */
export function operatorWorkload(watched: Watched): readonly Manifest[] {
  const admits = watched.kind === "cluster";
  return [
    deployment(watched, admits),
    disruptionBudget(),
    ...(admits ? [service(webhookServiceName, "webhook", 443)] : []),
    service("gatewright-metrics", "metrics", ports.metrics),
  ];
}

function deployment(watched: Watched, admits: boolean): Manifest {
  const object = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: metadata("gatewright-operator"),
    spec: {
      replicas: 2,
      selector: { matchLabels: { ...selector } },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: {
        metadata: { labels: { ...labels, ...selector } },
        spec: {
          serviceAccountName,
          automountServiceAccountToken: true,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 30,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 65532,
            runAsGroup: 65532,
            seccompProfile: { type: "RuntimeDefault" },
          },
          nodeSelector: { "kubernetes.io/os": "linux" },
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: "kubernetes.io/hostname",
              whenUnsatisfiable: "ScheduleAnyway",
              labelSelector: { matchLabels: { ...selector } },
            },
          ],
          containers: [
            {
              name: "operator",
              image,
              args: [
                "operator",
                "--leader-elect",
                `--health-probe-bind-address=:${ports.health}`,
                `--metrics-bind-address=:${ports.metrics}`,
                ...(admits ? [`--webhook-port=${ports.webhook}`] : ["--disable-webhooks"]),
                ...(watched.kind === "namespaces" ? [`--watch-namespaces=${watched.names.join(",")}`] : []),
              ],
              env: [
                { name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
                { name: "GATEWRIGHT_IMAGE", value: image },
                { name: "NODE_OPTIONS", value: "--max-semi-space-size=4" },
              ],
              ports: (["metrics", "health", ...(admits ? (["webhook"] as const) : [])] as const).map(
                (name) => ({
                  name,
                  containerPort: ports[name],
                }),
              ),
              startupProbe: { ...probe("/healthz"), periodSeconds: 1, failureThreshold: 60 },
              livenessProbe: { ...probe("/healthz"), periodSeconds: 10, timeoutSeconds: 5 },
              readinessProbe: { ...probe("/readyz"), periodSeconds: 5, timeoutSeconds: 5 },
              lifecycle: { preStop: { sleep: { seconds: 5 } } },
              resources: {
                requests: { cpu: "50m", memory: "128Mi" },
                limits: { memory: "512Mi" },
              },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ["ALL"] },
              },
            },
          ],
        },
      },
    },
  } satisfies Deployment;
  const container = ["spec", "template", "spec", "containers", 0] as const;
  return {
    object,
    remarks: [
      [
        ["spec", "replicas"],
        "One acts, the one with the Lease; the other is warm, and answers admission requests too.",
      ],
      [[...container, "env", 1], "Native gateways run this very image: change both together."],
      [
        [...container, "env", 2],
        "A third less memory among many clusters, for a little more work: what is new is soon looked through again.",
      ],
      [
        [...container, "lifecycle"],
        "Admission requests that are on their way still find somebody who answers.",
      ],
      [
        [...container, "resources", "limits"],
        "No limit for the processor: an operator that is throttled loses its Lease.",
      ],
    ],
  };
}

function probe(path: string) {
  return { httpGet: { path, port: "health" } };
}

function disruptionBudget(): Manifest {
  const object = {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: metadata("gatewright-operator"),
    spec: { maxUnavailable: 1, selector: { matchLabels: { ...selector } } },
  } satisfies PodDisruptionBudget;
  return { object };
}

function service(name: string, port: keyof typeof ports, servicePort: number): Manifest {
  const object = {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadata(name),
    spec: {
      selector: { ...selector },
      ports: [{ name: port, port: servicePort, targetPort: port }],
    },
  } satisfies Service;
  return { object };
}

function metadata(name: string) {
  return {
    name,
    namespace: operatorNamespace,
    labels: { ...labels, "app.kubernetes.io/component": "operator" },
  };
}
