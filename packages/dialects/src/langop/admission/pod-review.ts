import { isLabelKey, isLabelValue } from "@gatewright/kubernetes";
import type { DeploymentSpec } from "../kinds/deployment-spec.ts";
import { nameText, reviewEnvironment } from "./environment-review.ts";
import { isDnsLabel, isDnsName } from "./kubernetes-name.ts";
import { reviewResources } from "./resources-review.ts";
import type { Review } from "./review.ts";
import { reviewRoleRules } from "./role-review.ts";

type Verbatim = { readonly [member: string]: unknown };

/** Bytes that the annotations of one object may have together. */
const mostAnnotationBytes = 256 * 1024;

/** What a review has to know of the pods that a Deployment's overrides are for. */
export interface PodFacts {
  /** Names of the containers that the operator writes. */
  readonly containers: readonly string[];
  /** Volumes that the operator adds, which the user's mounts may name too. */
  readonly isOwnVolume: (name: string) => boolean;
  /** Volumes may come from another resource: from the runtime of an agent, or from the agents of a runtime. */
  readonly moreVolumes?: boolean;
}

/**
 * The overrides of a Deployment (langop.md §1.3). The API server checks them when the Deployment is written, but then
 * what runs is already without its next version: what can be told now is told now, with the user's own path.
 */
export function reviewDeployment(deployment: DeploymentSpec, pod: PodFacts, review: Review): void {
  reviewEnvironment(deployment, review);
  reviewResources(deployment.resources, review.within("resources"));
  reviewLabels(deployment.podLabels, review.within("podLabels"));
  reviewLabels(deployment.nodeSelector, review.within("nodeSelector"));
  for (const field of ["podAnnotations", "serviceAnnotations", "serviceAccountAnnotations"] as const) {
    reviewAnnotations(deployment[field], review.within(field));
  }
  const { serviceAccountName = "", autoscaling } = deployment;
  if (serviceAccountName !== "" && !isDnsName(serviceAccountName)) {
    review.refuse(["serviceAccountName"], "NameInvalid", nameText);
  }
  if (autoscaling !== undefined && (autoscaling.minReplicas ?? 1) > autoscaling.maxReplicas) {
    review.refuse(["autoscaling", "minReplicas"], "AutoscalingInvalid", "must not be more than maxReplicas.");
  }
  reviewVolumes(deployment, pod, review);
  reviewInitContainers(deployment.initContainers ?? [], pod, review.within("initContainers"));
  reviewRoleRules(deployment.roleRules ?? [], review.within("roleRules"));
  for (const field of ["livenessProbe", "readinessProbe", "startupProbe"] as const) {
    const probe = deployment[field];
    if (probe !== undefined) reviewProbe(probe, review.within(field));
  }
  reviewPlacement(deployment, review);
}

function reviewLabels(labels: { readonly [key: string]: string } | undefined, review: Review): void {
  for (const [key, value] of Object.entries(labels ?? {})) {
    if (!isLabelKey(key)) review.refuse([key], "LabelInvalid", "is no label key.");
    if (!isLabelValue(value)) {
      const text =
        'has no label value: use at most 63 letters, digits, "-", "_" and ".", with a letter or digit at both ends.';
      review.refuse([key], "LabelInvalid", text);
    }
  }
}

function reviewAnnotations(
  annotations: { readonly [key: string]: string } | undefined,
  review: Review,
): void {
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
    // Keys of annotations may have capitals where those of labels may not: in front of the slash.
    if (!isLabelKey(key.toLowerCase())) review.refuse([key], "AnnotationInvalid", "is no annotation key.");
  }
  if (bytes > mostAnnotationBytes) {
    review.refuse([], "AnnotationsTooLarge", `must have at most ${mostAnnotationBytes} bytes together.`);
  }
}

function reviewVolumes(
  { volumes = [], volumeMounts = [] }: DeploymentSpec,
  { isOwnVolume, moreVolumes = false }: PodFacts,
  review: Review,
): void {
  const names = new Set<unknown>();
  for (const [index, { name }] of volumes.entries()) {
    names.add(name);
    if (typeof name !== "string" || !isDnsLabel(name)) {
      review.refuse(["volumes", index, "name"], "NameInvalid", labelText);
    }
  }
  for (const [index, { name, mountPath }] of volumeMounts.entries()) {
    const at = review.within("volumeMounts", index);
    if (typeof mountPath !== "string" || mountPath === "" || mountPath.includes(":")) {
      at.refuse(["mountPath"], "MountInvalid", "must be a path without a colon.");
    }
    if (typeof name !== "string" || !(names.has(name) || isOwnVolume(name) || moreVolumes)) {
      at.refuse(["name"], "VolumeNotFound", "must be the name of one of the volumes.");
    }
  }
}

const labelText =
  'must be at most 63 lower-case letters, digits and "-", with a letter or digit at both ends.';

function reviewInitContainers(
  containers: readonly Verbatim[],
  { containers: own }: PodFacts,
  review: Review,
): void {
  const names = new Set<unknown>(own);
  for (const [index, { name, image, resources }] of containers.entries()) {
    const at = review.within(index);
    if (typeof name !== "string" || !isDnsLabel(name)) at.refuse(["name"], "NameInvalid", labelText);
    else if (names.has(name)) {
      at.refuse(["name"], "NameRepeated", "is the name of another container of the pod.");
    }
    names.add(name);
    if (typeof image !== "string" || image === "") at.refuse(["image"], "ImageMissing", "is required.");
    reviewResources(resources, at.within("resources"));
  }
}

const handlers: readonly string[] = ["exec", "httpGet", "tcpSocket", "grpc"];

function reviewProbe(probe: Verbatim, review: Review): void {
  const given = handlers.filter((handler) => probe[handler] !== undefined && probe[handler] !== null);
  if (given.length !== 1) {
    review.refuse([], "ProbeInvalid", `must have exactly one of ${handlers.join(", ")}.`);
  }
}

function reviewPlacement(deployment: DeploymentSpec, review: Review): void {
  for (const [index, { name }] of (deployment.imagePullSecrets ?? []).entries()) {
    if (typeof name === "string" && isDnsName(name)) continue;
    review.refuse(["imagePullSecrets", index, "name"], "NameInvalid", nameText);
  }
  for (const [index, { operator = "Equal", value, effect }] of (deployment.tolerations ?? []).entries()) {
    const at = review.within("tolerations", index);
    oneOf(operator, ["Equal", "Exists", ""], at.within("operator"));
    oneOf(effect ?? "", ["", "NoSchedule", "PreferNoSchedule", "NoExecute"], at.within("effect"));
    if (operator === "Exists" && (value ?? "") !== "") {
      at.refuse(["value"], "TolerationInvalid", "must be empty with the operator Exists.");
    }
  }
  for (const [index, spread] of (deployment.topologySpreadConstraints ?? []).entries()) {
    const at = review.within("topologySpreadConstraints", index);
    const { maxSkew, topologyKey, whenUnsatisfiable } = spread;
    if (typeof maxSkew !== "number" || !Number.isInteger(maxSkew) || maxSkew < 1) {
      at.refuse(["maxSkew"], "SpreadInvalid", "must be a whole number of at least 1.");
    }
    if (typeof topologyKey !== "string" || !isLabelKey(topologyKey)) {
      at.refuse(["topologyKey"], "SpreadInvalid", "must be a label key of nodes.");
    }
    oneOf(whenUnsatisfiable, ["DoNotSchedule", "ScheduleAnyway"], at.within("whenUnsatisfiable"));
  }
}

function oneOf(value: unknown, allowed: readonly string[], review: Review): void {
  if (allowed.some((candidate) => candidate === value)) return;
  const names = allowed.filter((candidate) => candidate !== "").join(", ");
  review.refuse([], "ValueInvalid", `must be one of ${names}.`);
}
