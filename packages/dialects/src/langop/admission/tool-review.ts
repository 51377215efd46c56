import type { Finding } from "@gatewright/plan";
import type { Resource } from "../../resource.ts";
import { readSpec } from "../../spec.ts";
import { type LanguageToolSpec, languageTool } from "../kinds/language-tool.ts";
import type { AdmissionWorld } from "./admit.ts";
import { reviewImage } from "./image-review.ts";
import { reviewMembership, reviewServiceName, reviewTakenName } from "./member-review.ts";
import { egressFindings, networkFindings } from "./network-review.ts";
import { type PodFacts, reviewDeployment } from "./pod-review.ts";
import { reviewPodSafety } from "./pod-safety-review.ts";
import { type Review, reviewOf } from "./review.ts";

const toolPod: PodFacts = { containers: ["tool"], isOwnVolume: (name) => name === "tmp" };

/** Everything that is to say about a LanguageTool before it is admitted (langop.md §2.6; decisions). */
export function toolFindings(
  tool: Resource,
  world: AdmissionWorld,
  old: Resource | undefined,
): readonly Finding[] {
  const { spec, findings: ofSpec } = readSpec(languageTool, tool);
  const findings: Finding[] = [...ofSpec];
  const review = reviewOf(tool, findings);
  reviewMembership(tool, world, "the tool is not deployed", review);
  if (spec === undefined) return findings;
  // Of a sidecar too: it can become a service by one word.
  reviewServiceName(tool, review);
  if (spec.deploymentMode === "sidecar") reviewSidecar(spec, review.within("spec"));
  else {
    reviewTakenName(tool, world, old, review);
    reviewReplicas(spec, review.within("spec"));
  }
  reviewImage(spec.image, review.within("spec", "image"));
  if (spec.deployment !== undefined) {
    const at = review.within("spec", "deployment");
    reviewDeployment(spec.deployment, toolPod, at);
    reviewPodSafety(spec.deployment, at);
  }
  findings.push(
    ...networkFindings(tool, spec.networkPolicies, review),
    ...egressFindings(tool, spec.egress, review),
  );
  return findings;
}

function reviewReplicas({ replicas, deployment }: LanguageToolSpec, review: Review): void {
  if (replicas === undefined || deployment === undefined) return;
  const other = deployment.autoscaling === undefined ? "replicas" : "autoscaling";
  if (deployment[other] === undefined) return;
  review.warn(["replicas"], "ReplicasIgnored", `has no effect beside deployment.${other}.`);
}

/** What of `deployment` a single container can have. */
const ofContainers: ReadonlySet<string> = new Set([
  "imagePullPolicy",
  "env",
  "envFrom",
  "resources",
  "volumeMounts",
  "volumes",
  "livenessProbe",
  "readinessProbe",
  "startupProbe",
  "command",
  "args",
]);

/** A sidecar is a container in the pods of agents: it has no pods, no Service and no network rules of its own. */
function reviewSidecar(spec: LanguageToolSpec, review: Review): void {
  const { replicas, networkPolicies, egress, deployment = {} } = spec;
  const warn = (path: readonly string[], value: unknown): void => {
    if (value === undefined) return;
    const text = "has no effect on a sidecar, which is one container in each pod of its agents.";
    review.warn(path, "SidecarIgnores", text);
  };
  for (const [field, value] of Object.entries({ replicas, networkPolicies, egress })) warn([field], value);
  for (const [field, value] of Object.entries(deployment)) {
    if (!ofContainers.has(field)) warn(["deployment", field], value);
  }
}
