import type { Finding } from "@gatewright/plan";
import type { Resource } from "../../resource.ts";
import { readSpec } from "../../spec.ts";
import { type LanguageAgentSpec, languageAgent } from "../kinds/language-agent.ts";
import { readAgent } from "../read/agent.ts";
import { agentLimitsAnnotation, parseAgentLimit } from "../read/agent-limit.ts";
import type { AdmissionWorld } from "./admit.ts";
import { reviewCredentials } from "./credential-review.ts";
import { reviewExecution } from "./execution-review.ts";
import { reviewImage } from "./image-review.ts";
import { reviewMembership, reviewServiceName, reviewTakenName } from "./member-review.ts";
import { networkFindings } from "./network-review.ts";
import { type PodFacts, reviewDeployment } from "./pod-review.ts";
import { reviewPodSafety } from "./pod-safety-review.ts";
import { reviewPorts } from "./port-review.ts";
import { reviewModels, reviewTools } from "./reference-review.ts";
import { type Review, reviewOf } from "./review.ts";
import { reviewWorkspace } from "./workspace-review.ts";

/** What a review has to know of an agent's pods (langop.md §2.4). */
export const agentPod: PodFacts = {
  containers: ["agent", "workspace-seed"],
  isOwnVolume: (name) => name === "tmp" || name === "agent-config" || name === "workspace",
};

/** Everything that is to say about a LanguageAgent before it is admitted (langop.md §2.1; decisions). */
export function agentFindings(
  agent: Resource,
  world: AdmissionWorld,
  old: Resource | undefined,
): readonly Finding[] {
  const findings: Finding[] = [];
  const review = reviewOf(agent, findings);
  reviewServiceName(agent, review);
  reviewTakenName(agent, world, old, review);
  reviewMembership(agent, world, "the agent is not deployed", review);
  reviewLimits(agent, review);
  const { spec, findings: ofSpec } = readSpec(languageAgent, agent);
  findings.push(...ofSpec);
  if (spec === undefined) return findings;
  reviewScheduledName(agent.metadata.name, spec, review);
  reviewSource(spec, world, review.within("spec"));
  reviewReferences(spec, review.within("spec"));
  const standing = old === undefined ? undefined : readSpec(languageAgent, old).spec?.workspace;
  reviewWorkspace(spec.workspace, standing, review.within("spec", "workspace"));
  reviewPorts(spec.ports ?? [], review.within("spec", "ports"));
  reviewCredentials(spec.credentials ?? [], review.within("spec", "credentials"));
  reviewExecution(spec, review.within("spec"));
  reviewSelfConfigure(spec, review.within("spec", "selfConfigure"));
  if (spec.deployment !== undefined) {
    const at = review.within("spec", "deployment");
    reviewDeployment(spec.deployment, { ...agentPod, moreVolumes: spec.runtime !== undefined }, at);
    reviewPodSafety(spec.deployment, at);
  }
  findings.push(...networkFindings(agent, spec.networkPolicies, review), ...readerFindings(agent, world));
  return findings;
}

/** A CronJob appends eleven characters to its name for each of its Jobs. */
const longestScheduledName = 52;

function reviewScheduledName(name: string, { execution }: LanguageAgentSpec, review: Review): void {
  if (execution?.mode !== "task" || execution.schedule === undefined) return;
  if (name.length <= longestScheduledName) return;
  const text = `is too long for the CronJob of its schedule, which gets a name of its own: that of a CronJob has at most ${longestScheduledName} characters.`;
  review.warn(["metadata", "name"], "NameShortened", text);
}

/**
 * Where the agent's image comes from. A runtime that is not there is told and not refused, as the replaced operator did:
 * one apply may create both, and kubectl sends a folder in the order of its file names.
 */
function reviewSource({ image, runtime }: LanguageAgentSpec, world: AdmissionWorld, review: Review): void {
  if (image !== undefined) reviewImage(image, review.within("image"));
  if (image === undefined && runtime === undefined) {
    const text =
      "is not set, and neither is spec.runtime: nothing is deployed until the agent has one of them.";
    review.warn(["image"], "ImageMissing", text);
  }
  if (runtime === undefined || world.runtimeExists(runtime) !== false) return;
  const text = `names LanguageAgentRuntime ${runtime}, which does not exist. The agent waits for it.`;
  review.warn(["runtime"], "RuntimeNotFound", text);
}

function reviewReferences(
  { models = [], modelRefs = [], modelRef, tools }: LanguageAgentSpec,
  review: Review,
): void {
  const one = typeof modelRef === "string" ? { name: modelRef } : modelRef;
  reviewModels([
    ...models.map((model, index) => ({ model, at: review.within("models", index) })),
    ...modelRefs.map((model, index) => ({ model, at: review.within("modelRefs", index) })),
    ...(one === undefined ? [] : [{ model: one, at: review.within("modelRef") }]),
  ]);
  reviewTools(tools ?? [], review.within("tools"));
}

function reviewSelfConfigure({ selfConfigure }: LanguageAgentSpec, review: Review): void {
  if (selfConfigure === undefined) return;
  const { enabled, allowedActions = [] } = selfConfigure;
  if (!enabled && allowedActions.length > 0) {
    const text = "has no effect while selfConfigure.enabled is false: the agent may change nothing.";
    review.warn(["allowedActions"], "SelfConfigureDisabled", text);
  }
  if (enabled && allowedActions.length === 0) {
    const text = "is empty, so the agent may change nothing.";
    review.warn(["allowedActions"], "SelfConfigureEmpty", text);
  }
}

function reviewLimits({ metadata }: Resource, review: Review): void {
  const text = metadata.annotations?.[agentLimitsAnnotation];
  for (const word of text === undefined ? [] : parseAgentLimit(text).unreadable) {
    review.warn(
      ["metadata", "annotations", agentLimitsAnnotation],
      "LimitUnreadable",
      `has "${word}", which is no limit, so the agent has one request a minute until that is corrected: write requests-per-minute=60, tokens-per-minute=20000 or parallel-requests=4, each once.`,
    );
  }
}

/** Findings about what may still come, or that are told above in other words. */
const toldElsewhere: ReadonlySet<string> = new Set([
  "ReferenceMissing",
  "ImageMissing",
  "ToolRepeated",
  "HeadersIgnored",
]);

/** What the reader of the dialect says about this one agent: the very findings that its status would show. */
function readerFindings(agent: Resource, world: AdmissionWorld): readonly Finding[] {
  const models = world.models(agent.metadata.namespace ?? "");
  const { findings } = readAgent(agent, { models, tools: [], personas: [], runtimes: [] });
  return findings.filter(({ code }) => !toldElsewhere.has(code));
}
