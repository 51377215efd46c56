import type { Settings } from "@gatewright/litellm";
import { healthTargets } from "../route/health-check.ts";
import { type DeploymentContext, prepareDeployment } from "./deployment.ts";
import { type Candidate, type GroupContext, groupOf } from "./groups.ts";
import type { ModelEntry } from "./model-entry.ts";
import { Names, type Wildcard } from "./names.ts";
import type { Deployment, Group, Snapshot } from "./snapshot.ts";

/** The models of a document, ready to be found by the names clients use. One that cannot be served excludes itself. */
export function modelsOf(
  settings: Settings,
  entries: readonly ModelEntry[],
  deployments: DeploymentContext,
  context: GroupContext,
): Pick<Snapshot, "names" | "deployments" | "healthTargets" | "unusable"> {
  const { candidates, unusable, templates } = prepareEntries(entries, deployments);
  const groups = groupsByName(candidates, unusable, context);
  const wildcards = wildcardsOf(templates, deployments, context);
  return {
    names: namesOf(settings, entries, groups, candidates, wildcards, context),
    deployments: candidates.map(({ candidate }) => candidate.deployment),
    healthTargets: healthTargets(
      groups.values(),
      new Set(
        candidates.flatMap(({ entry, candidate }) =>
          entry.information?.disable_background_health_check === true ? [candidate.deployment.id] : [],
        ),
      ),
    ),
    unusable,
  };
}

interface PreparedEntry {
  readonly entry: ModelEntry;
  readonly candidate: Candidate;
}

/** An entry with a `*` in its name, and the deployment that stands for all it may become. */
interface Template {
  readonly entry: ModelEntry;
  readonly deployment: Deployment;
}

interface PreparedEntries {
  readonly candidates: readonly PreparedEntry[];
  readonly templates: readonly Template[];
  readonly unusable: readonly { readonly model: string; readonly reason: string }[];
}

function prepareEntries(entries: readonly ModelEntry[], context: DeploymentContext): PreparedEntries {
  const candidates: PreparedEntry[] = [];
  const templates: Template[] = [];
  const unusable: { model: string; reason: string }[] = [];
  for (const entry of entries) {
    const prepared = prepareDeployment(entry, entry.parameters.model, context);
    if ("reason" in prepared) {
      unusable.push({ model: entry.modelName, reason: prepared.reason });
      continue;
    }
    candidates.push({ entry, candidate: { deployment: prepared.deployment, ...entry.share } });
    if (entry.modelName.includes("*")) templates.push({ entry, deployment: prepared.deployment });
  }
  return { candidates, templates, unusable };
}

function groupsByName(
  candidates: readonly PreparedEntry[],
  unusable: PreparedEntries["unusable"],
  groups: GroupContext,
): Map<string, Group> {
  const names = new Set([
    ...candidates.map(({ entry }) => entry.modelName),
    ...unusable.map(({ model }) => model),
  ]);
  return new Map(
    [...names].map((name) => [
      name,
      groupOf(
        name,
        candidates.filter(({ entry }) => entry.modelName === name).map(({ candidate }) => candidate),
        unusable.filter(({ model }) => model === name).map(({ reason }) => reason),
        groups,
      ),
    ]),
  );
}

function namesOf(
  settings: Settings,
  entries: readonly ModelEntry[],
  groups: ReadonlyMap<string, Group>,
  candidates: readonly PreparedEntry[],
  wildcards: readonly Wildcard[],
  context: GroupContext,
): Names {
  const plain = [...groups].filter(([name]) => !name.includes("*"));
  const targets = new Names({ exact: plain, wildcards, own: [], listed: [] });
  const aliases = Object.entries(settings.router_settings?.model_group_alias ?? {}).flatMap(
    ([alias, target]) => {
      const { model, hidden } = typeof target === "string" ? { model: target, hidden: false } : target;
      const known = targets.group(model);
      return known === undefined ? [] : [{ alias, group: known, hidden: hidden === true }];
    },
  );
  const chosen = (keep: (prepared: PreparedEntry) => boolean): Candidate[] =>
    candidates.filter(keep).map(({ candidate }) => candidate);
  const resources = Object.entries(settings.gatewright?.models ?? {}).map(
    ([resource, { deployments: ids, model_name: name }]) => {
      const members = chosen(
        ({ candidate, entry }) => ids?.includes(candidate.deployment.id) ?? entry.modelName === name,
      );
      const reasons = groups.get(name ?? resource)?.unusable ?? [];
      return [resource, groupOf(resource, members, reasons, context)] as const;
    },
  );
  const own = chosen(({ entry }) => !entry.modelName.includes("*")).map(
    ({ deployment }) => deployment.litellmModel,
  );
  return new Names({
    exact: [
      ...plain,
      ...aliases.map(({ alias, group }) => [alias, group] as const),
      ...resources.filter(([, group]) => group.deployments.length + group.unusable.length > 0),
    ],
    wildcards,
    own: [...new Set(own)].map(
      (model) =>
        [
          model,
          groupOf(
            model,
            chosen(({ candidate }) => candidate.deployment.litellmModel === model),
            [],
            context,
          ),
        ] as const,
    ),
    listed: [
      ...new Set([
        ...entries
          .map((entry) => entry.modelName)
          .filter((name) => (groups.get(name)?.deployments.length ?? 0) > 0),
        ...aliases.filter(({ hidden }) => !hidden).map(({ alias }) => alias),
      ]),
    ],
  });
}

/** One wildcard per pattern; a name that matches gets deployments of its own, made when it is first asked for. */
function wildcardsOf(
  templates: readonly Template[],
  deployments: DeploymentContext,
  context: GroupContext,
): readonly Wildcard[] {
  const patterns = [...new Set(templates.map(({ entry }) => entry.modelName))];
  return patterns.map((pattern) => ({
    pattern,
    concrete(name, matched) {
      const members: Candidate[] = [];
      const reasons: string[] = [];
      for (const { entry, deployment } of templates) {
        if (entry.modelName !== pattern) continue;
        const prepared = prepareDeployment(
          entry,
          entry.parameters.model.replace("*", () => matched),
          deployments,
          deployment,
        );
        if ("reason" in prepared) reasons.push(prepared.reason);
        else members.push({ deployment: prepared.deployment, ...entry.share });
      }
      return groupOf(name, members, reasons, context, pattern);
    },
  }));
}
