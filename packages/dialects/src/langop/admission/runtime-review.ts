import type { Finding } from "@gatewright/plan";
import type { Resource } from "../../resource.ts";
import { readSpec } from "../../spec.ts";
import { languageAgentRuntime } from "../kinds/language-agent-runtime.ts";
import { agentPod } from "./agent-review.ts";
import { reviewCredentials } from "./credential-review.ts";
import { reviewImage } from "./image-review.ts";
import { reviewDeployment } from "./pod-review.ts";
import { reviewPodSafety } from "./pod-safety-review.ts";
import { reviewPorts } from "./port-review.ts";
import { reviewOf } from "./review.ts";

/** Everything that is to say about a LanguageAgentRuntime before it is admitted (langop.md §2.6). */
export function runtimeFindings(runtime: Resource): readonly Finding[] {
  const { spec, findings: ofSpec } = readSpec(languageAgentRuntime, runtime);
  const findings: Finding[] = [...ofSpec];
  if (spec === undefined) return findings;
  const review = reviewOf(runtime, findings, ["spec"]);
  const { image, ports = [], credentials = [], deployment } = spec;
  if (image !== undefined) reviewImage(image, review.within("image"));
  reviewPorts(ports, review.within("ports"));
  reviewCredentials(credentials, review.within("credentials"));
  if (deployment !== undefined) {
    reviewDeployment(deployment, { ...agentPod, moreVolumes: true }, review.within("deployment"));
    reviewPodSafety(deployment, review.within("deployment"));
  }
  return findings;
}
