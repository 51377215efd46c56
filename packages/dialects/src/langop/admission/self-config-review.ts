import { canonicalText, type Finding } from "@gatewright/plan";
import type { Resource } from "../../resource.ts";
import { readSpec } from "../../spec.ts";
import { languageAgent } from "../kinds/language-agent.ts";
import {
  addedMembers,
  type LanguageAgentSelfConfigSpec,
  languageAgentSelfConfig,
} from "../kinds/language-agent-self-config.ts";
import type { AdmissionWorld } from "./admit.ts";
import { isVariableName } from "./kubernetes-name.ts";
import { reviewModels, reviewTools } from "./reference-review.ts";
import { type Review, reviewOf } from "./review.ts";
import { reviewRoleRules } from "./role-review.ts";

/** Fields by the action that an agent has to allow for them (langop.md §2.6). */
const actions = {
  addTools: "tools",
  removeTools: "tools",
  addModels: "models",
  removeModels: "models",
  addEnvVars: "envVars",
  updateInstructions: "instructions",
  addRoleRules: "roleRules",
} as const;

type Change = keyof typeof actions;

/** Everything that is to say about a LanguageAgentSelfConfig before it is admitted (langop.md §2.6). */
export function selfConfigFindings(
  request: Resource,
  world: AdmissionWorld,
  old: Resource | undefined,
): readonly Finding[] {
  const { spec, findings: ofSpec } = readSpec(languageAgentSelfConfig, request);
  const findings: Finding[] = [...ofSpec];
  if (spec === undefined) return findings;
  const review = reviewOf(request, findings, ["spec"]);
  const changes = (Object.keys(actions) as Change[]).filter((field) => isGiven(spec[field]));
  if (changes.length === 0) {
    const text = `asks for no change: set one of ${Object.keys(actions).join(", ")}.`;
    review.refuse([], "NothingToDo", text);
  }
  // Whether it has been decided is in its status, which may change while this is under way.
  if (old !== undefined && canonicalText(request.spec ?? {}) !== canonicalText(old.spec ?? {})) {
    const text = "is carried out once: what has been decided stays as it is. Create another object instead.";
    review.warn([], "CarriedOutOnce", text);
  }
  reviewAgent(request, spec, changes, world, review);
  const { tools, models } = addedMembers(spec);
  reviewTools(tools, review.within("addTools"));
  const added = review.within("addModels");
  reviewModels(models.map((model, index) => ({ model, at: added.within(index) })));
  reviewContradictions(spec, review);
  reviewVariables(spec, review.within("addEnvVars"));
  reviewRoleRules(spec.addRoleRules ?? [], review.within("addRoleRules"));
  return findings;
}

function isGiven(value: LanguageAgentSelfConfigSpec[Change]): boolean {
  return value !== undefined && value.length > 0;
}

/** What the agent allows at present; it is decided when the change is made. */
function reviewAgent(
  { metadata: { namespace = "" } }: Resource,
  { instanceRef }: LanguageAgentSelfConfigSpec,
  changes: readonly Change[],
  world: AdmissionWorld,
  review: Review,
): void {
  const agent = world.agents(namespace).find(({ metadata }) => metadata.name === instanceRef);
  const { spec } = agent === undefined ? {} : readSpec(languageAgent, agent);
  if (spec === undefined) return;
  const { enabled, allowedActions = [] } = spec.selfConfigure ?? {};
  const denied = changes.filter((field) => enabled !== true || !allowedActions.includes(actions[field]));
  for (const field of denied) {
    const text = `will be denied as things are: selfConfigure of the agent ${instanceRef} does not allow ${actions[field]}.`;
    review.warn([field], "ChangeDenied", text);
  }
}

function reviewContradictions(spec: LanguageAgentSelfConfigSpec, review: Review): void {
  const { tools, models } = addedMembers(spec);
  const pairs = [
    ["removeTools", spec.removeTools ?? [], tools],
    ["removeModels", spec.removeModels ?? [], models],
  ] as const;
  for (const [field, removed, added] of pairs) {
    const names = new Set(added.map(({ name }) => name));
    for (const [index, name] of removed.entries()) {
      if (!names.has(name)) continue;
      review.refuse(
        [field, index],
        "ChangeAmbiguous",
        `names ${name}, which is to be added too. Remove one of them.`,
      );
    }
  }
}

function reviewVariables({ addEnvVars = [] }: LanguageAgentSelfConfigSpec, review: Review): void {
  for (const [index, { name }] of addEnvVars.entries()) {
    if (isVariableName(name)) continue;
    const text = "is no name of a variable: use printable ASCII characters other than =.";
    review.refuse([index, "name"], "VariableNameInvalid", text);
  }
}
