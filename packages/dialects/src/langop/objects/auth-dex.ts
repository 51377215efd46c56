import { createHash } from "node:crypto";
import {
  deployment as deploymentOf,
  ingress as ingressOf,
  type KubernetesObject,
  service as serviceOf,
} from "@gatewright/kubernetes";
import type { Installation } from "../../installation.ts";
import type { Resource } from "../../resource.ts";
import type { LanguageClusterSpec } from "../kinds/language-cluster.ts";
import {
  type AuthConfigInput,
  authConfig,
  dexClientSecretVariable,
  dexTelemetryPort,
} from "./auth-config.ts";
import { dexPort } from "./auth-issuer.ts";
import { authMetadata } from "./auth-metadata.ts";
import { dexConfigSecret } from "./auth-secret.ts";
import { authSelector, owned } from "./label.ts";
import { restrictedContainer } from "./member-pod.ts";
import { type Piece, together } from "./piece.ts";
import { hashAnnotation, secretsHashAnnotation } from "./pod-metadata.ts";
import { tlsOf } from "./tls.ts";

/** Where Dex finds its configuration. */
const configFolder = "/etc/dex";

const dexImage = "ghcr.io/dexidp/dex:v2.41.1";

export interface AuthDexInput extends AuthConfigInput {
  readonly installation: Installation;
  /** Hash of the Secrets that Dex takes variables from; absent when it is not known. */
  readonly secretsHash?: string | undefined;
}

/** Dex in the namespace of a cluster, and its address for browsers where the cluster has a domain. */
export function authDex(input: AuthDexInput): Piece {
  const { cluster, spec, installation } = input;
  const { text, findings } = authConfig(input);
  const service = serviceOf(authMetadata(cluster, "auth"), {
    selector: authSelector(cluster.metadata.name),
    ports: [{ name: "http", port: dexPort, targetPort: dexPort }],
  });
  return together([
    { objects: [dexDeployment(input, text), service], findings },
    dexIngress(cluster, spec, installation),
  ]);
}

/** One pod: its storage is its memory. Dex reads its file and its variables once, so a change replaces the pod. */
function dexDeployment(
  { cluster, spec, issuer, secretsHash }: AuthDexInput,
  config: string,
): KubernetesObject {
  const { clientSecret } = issuer;
  const selector = authSelector(cluster.metadata.name);
  const hash = createHash("sha256").update(config).digest("hex").slice(0, 16);
  const healthy = (path: string): object => ({ httpGet: { path, port: dexTelemetryPort } });
  return deploymentOf(authMetadata(cluster, "auth"), {
    replicas: 1,
    selector,
    template: {
      metadata: {
        labels: owned(selector),
        annotations: {
          [hashAnnotation]: hash,
          ...(secretsHash === undefined ? {} : { [secretsHashAnnotation]: secretsHash }),
        },
      },
      spec: {
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 1001,
          runAsGroup: 1001,
          seccompProfile: { type: "RuntimeDefault" },
        },
        containers: [
          {
            name: "dex",
            image: spec.auth?.oidc?.dex?.image || dexImage,
            // Not the image's entry point, which would take the file for a template and write the outcome to disk.
            command: ["dex", "serve"],
            args: [`${configFolder}/${dexConfigSecret.key}`],
            ports: [
              { name: "http", containerPort: dexPort, protocol: "TCP" },
              { name: "telemetry", containerPort: dexTelemetryPort, protocol: "TCP" },
            ],
            env: [
              // A password with a dollar sign stays what it is.
              { name: "DEX_EXPAND_ENV", value: "false" },
              { name: dexClientSecretVariable, valueFrom: { secretKeyRef: { ...clientSecret } } },
            ],
            // Limits too: a quota on limits admits no pod without.
            resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "500m", memory: "256Mi" } },
            livenessProbe: { ...healthy("/healthz/live"), periodSeconds: 10, timeoutSeconds: 5 },
            readinessProbe: { ...healthy("/healthz/ready"), periodSeconds: 5, timeoutSeconds: 5 },
            startupProbe: {
              ...healthy("/healthz/live"),
              periodSeconds: 1,
              timeoutSeconds: 1,
              failureThreshold: 60,
            },
            securityContext: restrictedContainer,
            volumeMounts: [{ name: "config", mountPath: configFolder, readOnly: true }],
          },
        ],
        volumes: [{ name: "config", secret: { secretName: dexConfigSecret.name } }],
      },
    },
  });
}

function dexIngress(cluster: Resource, spec: LanguageClusterSpec, installation: Installation): Piece {
  if (!spec.domain) return { objects: [], findings: [] };
  const { name: namespace } = cluster.metadata;
  const of = { subject: "the sign-in page", secret: "auth-tls" };
  const { tls, findings } = tlsOf(cluster, spec, installation, of);
  if (tls.kind === "unknown") {
    const stays = { apiVersion: "networking.k8s.io/v1", kind: "Ingress", namespace, name: "auth" };
    return { objects: [], findings, held: [stays] };
  }
  const annotations = tls.kind === "secret" ? tls.annotations : undefined;
  return {
    objects: [
      ingressOf(authMetadata(cluster, "auth", annotations), {
        className: spec.ingress?.className || installation.ingressClassName,
        host: `auth.${spec.domain}`,
        service: { name: "auth", port: dexPort },
        tlsSecret: tls.kind === "secret" ? tls.secret : undefined,
      }),
    ],
    findings,
  };
}
