import { deployment as deploymentOf, type Labels, metadata, ownedBy } from "@gatewright/kubernetes";
import { type Engine, type Finding, isJsonObject } from "@gatewright/plan";
import type { Installation } from "../../installation.ts";
import type { Resource } from "../../resource.ts";
import type { DeploymentSpec } from "../kinds/deployment-spec.ts";
import { given } from "./given.ts";
import { userAccount } from "./identity.ts";
import { owned } from "./label.ts";
import type { Piece } from "./piece.ts";
import { hashAnnotation, podMetadata } from "./pod-metadata.ts";
import { replicasOf } from "./scale.ts";
import { type ContainerVariable, joinVariables } from "./variable.ts";
import { joinVolumes, type Mount } from "./volume.ts";

/** Where a LanguageCluster adjusts its gateway. */
const base = "spec.gateway.deployment";

/** What the Deployment of a gateway is made of. */
export interface WorkloadInput {
  /** LanguageCluster or LanguageModel. */
  readonly owner: Resource;
  readonly namespace: string;
  readonly name: string;
  readonly container: "gateway" | "proxy";
  readonly selector: Labels;
  readonly engine: Engine;
  readonly installation: Installation;
  /** `spec.gateway.deployment`; models have none. */
  readonly overrides?: DeploymentSpec | undefined;
  readonly serviceAccount?: string | undefined;
  readonly mounts: readonly Mount[];
  readonly variables: readonly ContainerVariable[];
  readonly configHash: string;
}

/** The Deployment of a gateway (langop.md §3.2; decisions: probes, hash annotations). */
export function gatewayWorkload(input: WorkloadInput): Piece {
  const { owner, namespace, name, selector, engine, overrides, configHash } = input;
  const findings: Finding[] = [];
  const hash = { [hashAnnotation]: configHash };
  // LiteLLM reads its file once, so a change has to replace the pods; the native engine follows its files.
  const template = podTemplate(input, engine === "litellm" ? hash : {}, findings);
  const of = metadata({
    name,
    namespace,
    labels: owned(selector),
    annotations: engine === "native" ? hash : {},
    ownerReferences: ownedBy(owner),
  });
  return { objects: [deploymentOf(of, { replicas: replicasOf(overrides), selector, template })], findings };
}

function podTemplate(input: WorkloadInput, hash: Labels, findings: Finding[]): object {
  const { owner, selector, engine, overrides: own, serviceAccount } = input;
  const { volumes, volumeMounts, findings: ofVolumes } = joinVolumes(owner, input.mounts, own, base);
  const { labels, annotations: theirs } = podMetadata(
    owner,
    own,
    { base, labels: owned(selector) },
    findings,
  );
  const annotations = { ...theirs, ...hash };
  findings.push(...ofVolumes);
  const present = given({
    imagePullSecrets: own?.imagePullSecrets,
    nodeSelector: own?.nodeSelector,
    affinity: own?.affinity,
    tolerations: own?.tolerations,
  });
  return {
    metadata: {
      labels,
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    spec: {
      ...(serviceAccount === undefined ? {} : { serviceAccountName: serviceAccount }),
      automountServiceAccountToken: wantsToken(own),
      // Variables of Services would come before those that only the user should set.
      enableServiceLinks: false,
      securityContext: own?.securityContext ?? podSecurity(engine),
      terminationGracePeriodSeconds: 3630,
      ...present,
      topologySpreadConstraints: own?.topologySpreadConstraints ?? [spreadOverNodes(selector)],
      ...given({ initContainers: own?.initContainers }),
      containers: [gatewayContainer(input, volumeMounts)],
      volumes,
    },
  };
}

/** A pod of the gateway talks to the API server only where the user gave it somebody to be. */
function wantsToken(own: DeploymentSpec | undefined): boolean {
  return (
    userAccount(own) !== undefined ||
    Object.keys(own?.serviceAccountAnnotations ?? {}).length > 0 ||
    (own?.roleRules ?? []).length > 0
  );
}

/** The restricted Pod Security Standard; LiteLLM's image is made to run as root. */
function podSecurity(engine: Engine): object {
  const seccompProfile = { type: "RuntimeDefault" };
  if (engine === "litellm") return { seccompProfile };
  return { runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, seccompProfile };
}

function spreadOverNodes(selector: Labels): object {
  return {
    maxSkew: 1,
    topologyKey: "kubernetes.io/hostname",
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: selector },
  };
}

function gatewayContainer(input: WorkloadInput, volumeMounts: readonly object[]): object {
  const { container, engine, installation, overrides: own } = input;
  const env = joinVariables(input.variables, own);
  // As in a pod: a command without arguments gets none of those that were meant for another command.
  const args = own?.args ?? (own?.command === undefined ? defaultArguments[engine] : undefined);
  return {
    name: container,
    image: engine === "native" ? installation.image : installation.litellmImage,
    ...given({ imagePullPolicy: own?.imagePullPolicy ?? installation.imagePullPolicy }),
    ...given({ command: own?.command, args }),
    ports: [{ name: "http", containerPort: 4000, protocol: "TCP" }],
    ...(env.length === 0 ? {} : { env }),
    ...given({ envFrom: own?.envFrom }),
    resources: gatewayResources(own),
    ...probesOf(engine, own),
    lifecycle: { preStop: { sleep: { seconds: 5 } } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      ...(engine === "native" ? { readOnlyRootFilesystem: true } : {}),
    },
    volumeMounts,
  };
}

const defaultArguments: { readonly [E in Engine]: readonly string[] } = {
  native: [
    "gateway",
    "--config",
    "/etc/langop/models/config.yaml",
    "--secrets",
    "/etc/gatewright/secrets",
    "--port",
    "4000",
    "--drain-seconds",
    "3600",
  ],
  litellm: ["--config", "/etc/langop/models/config.yaml", "--port", "4000"],
};

/** CPU and memory: requests or limits of the user's replace the whole block (langop.md §3.2). */
export function gatewayResources(own: DeploymentSpec | undefined): { readonly [member: string]: unknown } {
  const resources = isJsonObject(own?.resources) ? own.resources : {};
  if (resources["requests"] !== undefined || resources["limits"] !== undefined) return resources;
  return {
    requests: { cpu: "100m", memory: "128Mi" },
    limits: { cpu: "1000m", memory: "512Mi" },
    ...resources,
  };
}

function probesOf(engine: Engine, own: DeploymentSpec | undefined): object {
  const liveness = { httpGet: { path: "/health/liveliness", port: 4000 } };
  const readiness = { httpGet: { path: "/health/readiness", port: 4000 } };
  // Of langop.md §3.2: LiteLLM starts slowly, and its health costs it something.
  const slow = { initialDelaySeconds: 30, periodSeconds: 300, timeoutSeconds: 30 };
  const native = engine === "native";
  return given({
    livenessProbe: own?.livenessProbe ?? {
      ...liveness,
      ...(native ? { periodSeconds: 10, timeoutSeconds: 5 } : slow),
    },
    readinessProbe: own?.readinessProbe ?? {
      ...readiness,
      ...(native ? { periodSeconds: 5, timeoutSeconds: 5 } : slow),
    },
    startupProbe:
      own?.startupProbe ??
      (native ? { ...liveness, periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 60 } : undefined),
  });
}
