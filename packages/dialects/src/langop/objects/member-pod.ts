import type { Labels } from "@gatewright/kubernetes";
import { type Finding, isJsonObject } from "@gatewright/plan";
import type { Installation } from "../../installation.ts";
import type { Resource } from "../../resource.ts";
import type { DeploymentSpec } from "../kinds/deployment-spec.ts";
import { given } from "./given.ts";
import { podMetadata } from "./pod-metadata.ts";
import { type ContainerVariable, joinVariables } from "./variable.ts";
import { joinVolumes, type Mount } from "./volume.ts";

/** What the pods of an agent or a tool are made of. */
export interface MemberPodInput {
  readonly owner: Resource;
  readonly selector: Labels;
  /** Labels beside the selector. */
  readonly labels?: Labels;
  readonly annotations?: Labels;
  /** `spec.deployment`, that of a runtime included. */
  readonly deployment: DeploymentSpec;
  readonly serviceAccount?: string | undefined;
  /** Whether the pods talk to the API server. */
  readonly token: boolean;
  readonly container: Omit<MemberContainerInput, "deployment" | "volumeMounts">;
  readonly mounts: readonly Mount[];
  /** Before the user's init containers. */
  readonly first?: readonly object[];
  /** Containers that run beside, as long as the pod does. */
  readonly sidecars?: readonly object[];
  /** Volumes of the sidecars. */
  readonly volumes?: readonly object[];
  readonly restartPolicy?: "OnFailure" | "Never";
}

/** The template of pods, in the restricted Pod Security Standard unless the user says otherwise (langop.md §2.4). */
export function memberPod(input: MemberPodInput, findings: Finding[]): object {
  const { owner, deployment: own, selector, container, sidecars = [] } = input;
  const base = "spec.deployment";
  const joined = joinVolumes(owner, input.mounts, own, base);
  findings.push(...joined.findings);
  const metadata = podMetadata(owner, own, { base, labels: { ...selector, ...input.labels } }, findings);
  const annotations = { ...metadata.annotations, ...input.annotations };
  const initContainers = [
    ...(input.first ?? []),
    ...(own.initContainers ?? []).map(withVariables(container.variables)),
  ];
  return {
    metadata: {
      labels: metadata.labels,
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    spec: {
      ...given({ serviceAccountName: input.serviceAccount }),
      automountServiceAccountToken: input.token,
      enableServiceLinks: false,
      ...given({ restartPolicy: input.restartPolicy }),
      securityContext: own.securityContext ?? {
        runAsNonRoot: true,
        runAsUser: 1000,
        fsGroup: 101,
        seccompProfile: { type: "RuntimeDefault" },
      },
      ...given({
        imagePullSecrets: own.imagePullSecrets,
        nodeSelector: own.nodeSelector,
        affinity: own.affinity,
        tolerations: own.tolerations,
        topologySpreadConstraints: own.topologySpreadConstraints,
      }),
      ...(initContainers.length === 0 ? {} : { initContainers }),
      containers: [
        memberContainer({ ...container, deployment: own, volumeMounts: joined.volumeMounts }),
        ...sidecars,
      ],
      volumes: [...joined.volumes, ...(input.volumes ?? [])],
    },
  };
}

export interface MemberContainerInput {
  readonly name: string;
  readonly image: string;
  readonly ports: readonly object[];
  /** Ours; the user's win. */
  readonly variables: readonly ContainerVariable[];
  /** CPU and memory when the user sets neither requests nor limits. */
  readonly resources: object;
  readonly deployment: DeploymentSpec;
  readonly volumeMounts: readonly object[];
}

/** A container of an agent or a tool. */
export function memberContainer(input: MemberContainerInput): object {
  const { name, image, ports, deployment: own, volumeMounts } = input;
  const env = joinVariables(input.variables, own);
  return {
    name,
    image,
    ...given({ imagePullPolicy: own.imagePullPolicy, command: own.command, args: own.args }),
    ...(ports.length === 0 ? {} : { ports }),
    ...(env.length === 0 ? {} : { env }),
    ...given({ envFrom: own.envFrom }),
    resources: resourcesOf(own, input.resources),
    ...given({
      livenessProbe: own.livenessProbe,
      readinessProbe: own.readinessProbe,
      startupProbe: own.startupProbe,
    }),
    securityContext: restrictedContainer,
    volumeMounts,
  };
}

/** What the restricted Pod Security Standard asks of containers, and a root file system that nobody writes to. */
export const restrictedContainer = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
} as const;

/** The folder for temporary files, in memory: the root file system is read-only (langop.md §2.4). */
export const temporaryMount: Mount = {
  name: "tmp",
  path: "/tmp",
  source: { emptyDir: { medium: "Memory" } },
  writable: true,
};

/** CPU and memory: requests or limits of the user's replace the whole block, as for gateways (langop.md §3.2). */
export function resourcesOf(own: DeploymentSpec | undefined, otherwise: object): object {
  const resources = isJsonObject(own?.resources) ? own.resources : {};
  if (resources["requests"] !== undefined || resources["limits"] !== undefined) return resources;
  return { ...otherwise, ...resources };
}

/** A user's init container with our variables in front of its own (langop.md §2.2). */
function withVariables(variables: readonly ContainerVariable[]): (container: object) => object {
  return (container) => {
    const { env: theirs } = container as { readonly env?: unknown };
    const own = Array.isArray(theirs) ? (theirs as ContainerVariable[]) : [];
    const names = new Set(own.map(({ name }) => name));
    const env = [...variables.filter(({ name }) => !names.has(name)), ...own];
    return env.length === 0 ? container : { ...container, env };
  };
}

/** Whether a cluster's images are pulled from somewhere is the installation's to say only for its own image. */
export function ownContainer(
  { image, imagePullPolicy }: Installation,
  of: {
    readonly name: string;
    readonly args: readonly string[];
    readonly volumeMounts: readonly object[];
  },
): object {
  return {
    name: of.name,
    image,
    ...given({ imagePullPolicy }),
    args: of.args,
    resources: { requests: { cpu: "10m", memory: "64Mi" }, limits: { cpu: "500m", memory: "128Mi" } },
    securityContext: restrictedContainer,
    volumeMounts: of.volumeMounts,
  };
}
