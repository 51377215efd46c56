import { canonicalText, type Finding } from "@gatewright/plan";
import type { Resource } from "../../resource.ts";
import { readSpec } from "../../spec.ts";
import { languageAgent } from "../kinds/language-agent.ts";
import {
  addedMembers,
  type LanguageAgentSelfConfigSpec,
  languageAgentSelfConfig,
} from "../kinds/language-agent-self-config.ts";
import { agentAccount } from "../objects/agent/identity.ts";
import { userAccount } from "../objects/identity.ts";
import { contradictions, requestedChanges, selfConfigActions } from "../read/self-config.ts";
import type { AdmissionWorld } from "./admit.ts";
import { isVariableName } from "./kubernetes-name.ts";
import { reviewModels, reviewTools } from "./reference-review.ts";
import { type Review, reviewOf } from "./review.ts";
import { reviewRoleRules } from "./role-review.ts";

/**
 * Everything that is to say about a LanguageAgentSelfConfig before it is admitted (langop.md §2.6). `requester` is the name
 * of the user who asks; without one nothing is admitted.
 */
export function selfConfigFindings(
  request: Resource,
  world: AdmissionWorld,
  old: Resource | undefined,
  requester: string | undefined,
): readonly Finding[] {
  const { spec, findings: ofSpec } = readSpec(languageAgentSelfConfig, request);
  const findings: Finding[] = [...ofSpec];
  if (spec === undefined) return findings;
  const review = reviewOf(request, findings, ["spec"]);
  reviewRequester(request, spec, world, requester, review);
  const changes = requestedChanges(spec);
  if (changes.length === 0) {
    const text = `asks for no change: set one of ${Object.keys(selfConfigActions).join(", ")}.`;
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

const accountPrefix = "system:serviceaccount:";

/**
 * An agent may only change itself. Its Role cannot say so: RBAC sees no `instanceRef`. People and other programs may ask
 * for any agent. The accounts of agents are known by their names, and by the agents of the namespace that name one.
 */
function reviewRequester(
  { metadata: { namespace = "" } }: Resource,
  { instanceRef }: LanguageAgentSelfConfigSpec,
  world: AdmissionWorld,
  requester: string | undefined,
  review: Review,
): void {
  if (requester === undefined) {
    const text = "cannot be admitted: the review does not say who asks.";
    review.refuse(["instanceRef"], "RequesterUnknown", text);
    return;
  }
  if (!requester.startsWith(accountPrefix)) return;
  const [home = "", account = ""] = requester.slice(accountPrefix.length).split(":");
  const own = agentAccount("");
  const agents = account.startsWith(own)
    ? [account.slice(own.length)]
    : world.agents(home).flatMap((agent) => (accountOf(agent) === account ? [agent.metadata.name] : []));
  if (agents.length === 0 || (home === namespace && agents.includes(instanceRef))) return;
  const text = `names another agent than ${agents.join(", ")} of ${home}, which asks: an agent may only change itself.`;
  review.refuse(["instanceRef"], "AnotherAgent", text);
}

function accountOf(agent: Resource): string | undefined {
  return userAccount(readSpec(languageAgent, agent).spec?.deployment);
}

/** What the agent allows at present; it is decided when the change is made. */
function reviewAgent(
  { metadata: { namespace = "" } }: Resource,
  { instanceRef }: LanguageAgentSelfConfigSpec,
  changes: ReturnType<typeof requestedChanges>,
  world: AdmissionWorld,
  review: Review,
): void {
  const agent = world.agents(namespace).find(({ metadata }) => metadata.name === instanceRef);
  const { spec } = agent === undefined ? {} : readSpec(languageAgent, agent);
  if (spec === undefined) return;
  const { enabled, allowedActions = [] } = spec.selfConfigure ?? {};
  const denied = changes.filter(
    (field) => enabled !== true || !allowedActions.includes(selfConfigActions[field]),
  );
  for (const field of denied) {
    const text = `will be denied as things are: selfConfigure of the agent ${instanceRef} does not allow ${selfConfigActions[field]}.`;
    review.warn([field], "ChangeDenied", text);
  }
}

function reviewContradictions(spec: LanguageAgentSelfConfigSpec, review: Review): void {
  for (const { field, index, name } of contradictions(spec)) {
    const text = `names ${name}, which is to be added too. Remove one of them.`;
    review.refuse([field, index], "ChangeAmbiguous", text);
  }
}

function reviewVariables({ addEnvVars = [] }: LanguageAgentSelfConfigSpec, review: Review): void {
  for (const [index, { name }] of addEnvVars.entries()) {
    if (isVariableName(name)) continue;
    const text = "is no name of a variable: use printable ASCII characters other than =.";
    review.refuse([index, "name"], "VariableNameInvalid", text);
  }
}
