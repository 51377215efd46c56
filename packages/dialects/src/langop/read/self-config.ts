import { canonicalText, isJsonObject, type Json, type JsonObject } from "@gatewright/plan";
import type { Resource } from "../../resource.ts";
import { readSpec } from "../../spec.ts";
import { languageAgent } from "../kinds/language-agent.ts";
import { addedMembers, type LanguageAgentSelfConfigSpec } from "../kinds/language-agent-self-config.ts";

/** Fields of a request by the action that an agent has to allow for them (langop.md §2.6). */
export const selfConfigActions = {
  addTools: "tools",
  removeTools: "tools",
  addModels: "models",
  removeModels: "models",
  addEnvVars: "envVars",
  updateInstructions: "instructions",
  addRoleRules: "roleRules",
} as const;

type Change = keyof typeof selfConfigActions;

/** The fields by which a request asks for something. Empty lists and texts ask for nothing. */
export function requestedChanges(spec: LanguageAgentSelfConfigSpec): readonly Change[] {
  return (Object.keys(selfConfigActions) as Change[]).filter((field) => (spec[field]?.length ?? 0) > 0);
}

/** Names that a request wants away and there at once: nobody can say which is meant. */
export function contradictions(spec: LanguageAgentSelfConfigSpec): readonly {
  readonly field: "removeTools" | "removeModels";
  readonly index: number;
  readonly name: string;
}[] {
  const { tools, models } = addedMembers(spec);
  const pairs = [
    ["removeTools", spec.removeTools ?? [], tools],
    ["removeModels", spec.removeModels ?? [], models],
  ] as const;
  return pairs.flatMap(([field, removed, added]) => {
    const names = new Set(added.map(({ name }) => name));
    return removed.flatMap((name, index) => (names.has(name) ? [{ field, index, name }] : []));
  });
}

/** What becomes of a request: all of it, or nothing. */
export type SelfConfigDecision =
  | {
      readonly kind: "denied" | "failed";
      /** Reason of the condition. */
      readonly reason: string;
      readonly message: string;
    }
  | {
      readonly kind: "allowed";
      /** JSON merge patch of the agent's `spec`, lists whole; empty when everything is so already. */
      readonly patch: JsonObject;
      /** Without any value: what is in a variable is nobody's business. */
      readonly message: string;
    };

/**
 * Decides about a request of an agent to change itself (langop.md §2.6). `agent` is the resource as it stands, and the
 * patch is right for this state of it alone: lists are replaced whole.
 */
export function decideSelfConfig(request: LanguageAgentSelfConfigSpec, agent: Resource): SelfConfigDecision {
  const { instanceRef } = request;
  const { spec } = readSpec(languageAgent, agent);
  if (spec === undefined) {
    const message = `The spec of LanguageAgent ${instanceRef} cannot be read, so nobody can say what it allows.`;
    return { kind: "failed", reason: "AgentUnreadable", message };
  }
  const { enabled, allowedActions = [] } = spec.selfConfigure ?? {};
  if (enabled !== true) {
    const message = `LanguageAgent ${instanceRef} may not change itself: selfConfigure.enabled is not true.`;
    return { kind: "denied", reason: "SelfConfigureDisabled", message };
  }
  const actions = new Set(requestedChanges(request).map((field) => selfConfigActions[field]));
  const denied = [...actions].filter((action) => !allowedActions.includes(action));
  if (denied.length > 0) {
    const message = `LanguageAgent ${instanceRef} may not change its ${denied.join(", ")}: selfConfigure.allowedActions does not have that. Nothing was changed.`;
    return { kind: "denied", reason: "ActionNotAllowed", message };
  }
  const [contradiction] = contradictions(request);
  if (contradiction !== undefined) {
    const message = `It wants ${contradiction.name} both added and removed. Nothing was changed.`;
    return { kind: "failed", reason: "ChangeAmbiguous", message };
  }
  return { kind: "allowed", ...changeOf(request, agent) };
}

/** A member of the spec as it should be, `null` for none, and what that changes. Absent: it is so already. */
type Edit = { readonly patch: JsonObject; readonly said: readonly string[] } | undefined;

function changeOf(
  request: LanguageAgentSelfConfigSpec,
  { spec = {}, metadata: { name } }: Resource,
): { readonly patch: JsonObject; readonly message: string } {
  const ofDeployment = [variables(request, spec), roleRules(request, spec)].filter(isEdit);
  const deployment = Object.assign({}, ...ofDeployment.map(({ patch }) => patch));
  const edits = [tools(request, spec), models(request, spec), instructions(request, spec)].filter(isEdit);
  const said = [...edits, ...ofDeployment].flatMap((edit) => edit.said);
  return {
    patch: {
      ...Object.assign({}, ...edits.map(({ patch }) => patch)),
      ...(ofDeployment.length === 0 ? {} : { deployment }),
    },
    message:
      said.length === 0
        ? `LanguageAgent ${name} was so already; nothing was changed.`
        : `LanguageAgent ${name} was changed: ${said.join("; ")}.`,
  };
}

function isEdit(edit: Edit): edit is NonNullable<Edit> {
  return edit !== undefined;
}

function tools(request: LanguageAgentSelfConfigSpec, spec: JsonObject): Edit {
  const named = new Set((request.addTools ?? []).filter((tool) => typeof tool === "string"));
  const before = entriesOf(spec["tools"]);
  const removed = new Set(request.removeTools);
  let after: typeof before = before.filter((tool) => !removed.has(nameOf(tool)));
  for (const tool of firstOfEach(addedMembers(request).tools, ({ name }) => name)) {
    const standing = after.find(({ name }) => name === tool.name);
    // A name alone says nothing about the rest of an entry, but that it is to be on.
    const wanted = standing !== undefined && named.has(tool.name) ? { ...standing, enabled: true } : tool;
    after = placed(after, wanted as JsonObject, ({ name }) => name === tool.name);
  }
  return edited("tools", before, after, "tool", nameOf);
}

/** The lists of all generations: an entry is replaced where it stands, and a new one comes into `models`. */
function models(request: LanguageAgentSelfConfigSpec, spec: JsonObject): Edit {
  const added = addedMembers(request).models;
  if (added.length === 0 && (request.removeModels ?? []).length === 0) return undefined;
  const named = new Set((request.addModels ?? []).filter((model) => typeof model === "string"));
  const removed = new Set(request.removeModels);
  const kept = (entry: JsonObject): boolean => !removed.has(nameOf(entry));
  const before = { models: entriesOf(spec["models"]), modelRefs: entriesOf(spec["modelRefs"]) };
  let after: typeof before = {
    models: before.models.filter(kept),
    modelRefs: before.modelRefs.filter(kept),
  };
  const { modelRef } = spec;
  const one = typeof modelRef === "string" ? modelRef : isJsonObject(modelRef) ? nameOf(modelRef) : undefined;
  let single = one !== undefined && removed.has(one) ? undefined : one;
  for (const model of firstOfEach(added, modelIdentity)) {
    const same = (entry: JsonObject): boolean => modelIdentity(entry) === modelIdentity(model);
    const all = [...after.models, ...after.modelRefs];
    if (named.has(model.name) && (single === model.name || all.some(({ name }) => name === model.name)))
      continue;
    if (single === model.name && model.model === undefined) single = undefined;
    const list = !after.models.some(same) && after.modelRefs.some(same) ? "modelRefs" : "models";
    after = { ...after, [list]: placed(after[list], model as JsonObject, same) };
  }
  const edits = [
    edited("models", before.models, after.models, "model", modelIdentity),
    edited("modelRefs", before.modelRefs, after.modelRefs, "model", modelIdentity),
    // One that became an entry of a list is told as that.
    single === one
      ? undefined
      : {
          patch: { modelRef: null },
          said: one !== undefined && removed.has(one) ? [`model ${one} removed`] : [],
        },
  ].filter(isEdit);
  if (edits.length === 0) return undefined;
  return {
    patch: Object.assign({}, ...edits.map(({ patch }) => patch)),
    said: edits.flatMap(({ said }) => said),
  };
}

/** Of a LanguageModel that stands for a catalogue an agent may use several models. */
function modelIdentity({ name, model }: { readonly [member: string]: unknown }): string {
  const named = nameOf({ name });
  return typeof model === "string" ? `${named}/${model}` : named;
}

function nameOf({ name }: { readonly [member: string]: unknown }): string {
  return typeof name === "string" ? name : "";
}

function instructions({ updateInstructions = "" }: LanguageAgentSelfConfigSpec, spec: JsonObject): Edit {
  if (updateInstructions === "" || spec["instructions"] === updateInstructions) return undefined;
  return { patch: { instructions: updateInstructions }, said: ["instructions replaced"] };
}

/** The user's own variables, which win over the operator's (langop.md §2.2). */
function variables({ addEnvVars = [] }: LanguageAgentSelfConfigSpec, spec: JsonObject): Edit {
  const before = entriesOf(deploymentOf(spec)["env"]);
  let after = before;
  for (const variable of addEnvVars) {
    after = placed(after, variable as JsonObject, ({ name }) => name === variable.name);
  }
  return edited("env", before, after, "variable", nameOf);
}

function roleRules({ addRoleRules = [] }: LanguageAgentSelfConfigSpec, spec: JsonObject): Edit {
  const before = entriesOf(deploymentOf(spec)["roleRules"]);
  const known = new Set(before.map(canonicalText));
  const fresh = firstOfEach(addRoleRules as readonly JsonObject[], canonicalText).filter(
    (rule) => !known.has(canonicalText(rule)),
  );
  if (fresh.length === 0) return undefined;
  const said = `${fresh.length} ${fresh.length === 1 ? "role rule" : "role rules"} added`;
  return { patch: { roleRules: [...before, ...fresh] }, said: [said] };
}

function deploymentOf({ deployment }: JsonObject): JsonObject {
  return isJsonObject(deployment) ? deployment : {};
}

function entriesOf(list: Json | undefined): readonly JsonObject[] {
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}

/** As readers of lists see it: the first one of a name is used. */
function firstOfEach<T>(list: readonly T[], identity: (entry: T) => string): readonly T[] {
  const seen = new Set<string>();
  return list.filter((entry) => {
    const known = seen.has(identity(entry));
    seen.add(identity(entry));
    return !known;
  });
}

/** The entry in the place of the first one that it replaces, else at the end. */
function placed(
  list: readonly JsonObject[],
  entry: JsonObject,
  replaces: (other: JsonObject) => boolean,
): readonly JsonObject[] {
  const index = list.findIndex(replaces);
  if (index < 0) return [...list, entry];
  return list.flatMap((other, at) => (at === index ? [entry] : replaces(other) ? [] : [other]));
}

/** Names that are told one by one. */
const mostNames = 10;

function edited(
  member: string,
  before: readonly JsonObject[],
  after: readonly JsonObject[],
  noun: string,
  identity: (entry: JsonObject) => string,
): Edit {
  if (canonicalText(before) === canonicalText(after)) return undefined;
  const old = new Map(before.map((entry) => [identity(entry), canonicalText(entry)]));
  const left = new Set(after.map(identity));
  const groups = [
    ["added", after.map(identity).filter((name) => !old.has(name))],
    ["removed", [...old.keys()].filter((name) => !left.has(name))],
    [
      "replaced",
      after
        .filter((entry) => old.has(identity(entry)) && old.get(identity(entry)) !== canonicalText(entry))
        .map(identity),
    ],
  ] as const;
  const said = groups.flatMap(([verb, names]) => {
    if (names.length === 0) return [];
    const shown = names.slice(0, mostNames).join(", ");
    const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : "";
    return [`${noun}${names.length === 1 ? "" : "s"} ${shown}${more} ${verb}`];
  });
  return { patch: { [member]: after }, said };
}
