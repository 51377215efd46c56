import { type Document, type Settings, type Settlement, settle, unsupported } from "@gatewright/litellm";
import { type Loaded, SourceError } from "../source.ts";
import type { Registry } from "../telemetry/registry.ts";
import type { Pools } from "../upstream/pools.ts";
import { type DeploymentContext, prepareDeployment } from "./deployment.ts";
import { type Candidate, groupOf } from "./groups.ts";
import { keysOf } from "./key-check.ts";
import { type ModelEntry, modelEntries } from "./model-entry.ts";
import { Names, type Wildcard } from "./names.ts";
import type { Deployment, Group, Snapshot } from "./snapshot.ts";

/** What snapshots share: it outlives each of them. */
export interface PrepareServices {
  readonly pools: Pools;
  readonly registry: Registry;
}

/** LiteLLM's default for a whole request, seconds (litellm.md §2.2). */
const REQUEST_TIMEOUT_SECONDS = 6000;

/** Longest silence inside a stream when the document sets none, seconds. */
const STREAM_IDLE_SECONDS = 600;

/** Largest request body when the document sets none. */
const BODY_LIMIT_MEGABYTES = 64;

/**
 * Prepares everything a request needs. Throws a `SourceError` when the document cannot be served as a whole: a
 * protective setting the engine does not implement, or a master key that cannot be found. One bad model only
 * excludes itself.
 */
export function prepare(loaded: Loaded, services: PrepareServices): Snapshot {
  const stored = loaded.storedModels ?? [];
  const own = Array.isArray(loaded.document["model_list"]) ? loaded.document["model_list"] : [];
  const document = { ...loaded.document, model_list: [...own, ...stored] };
  const findings = unsupported(document, {
    origin: loaded.origin,
    hasVariable: (name) => loaded.lookup(name) !== undefined,
    ...(loaded.allowUnsupported === undefined ? {} : { allow: loaded.allowUnsupported }),
  }).filter((finding) => finding.effect === "blocked");
  const refused = findings.filter((finding) => finding.origin.path === undefined);
  if (refused.length > 0) throw new SourceError(refused.map((finding) => finding.text));
  const flaws = new Map(findings.map((finding) => [finding.origin.path, finding.text]));
  const { settings, unresolved } = settled(document, loaded);
  const missing = new Map(unresolved.map(({ path, name }) => [path, name]));
  const entries = modelEntries(settings, document, missing, flaws);
  const context = contextOf(settings, loaded, services);
  const { candidates, unusable, templates } = prepareEntries(entries, context);
  const keys = keysOf(settings, loaded, missing);
  const { general_settings: general, gatewright } = settings;
  const groups = groupsByName(candidates, unusable);
  return {
    digest: loaded.digest,
    names: namesOf(settings, entries, groups, candidates, templates, context),
    deployments: candidates.map(({ candidate }) => candidate.deployment),
    unusable,
    warnings: keys.warnings,
    keyCheck: keys.check,
    keyHeader: general?.litellm_key_header_name?.toLowerCase(),
    customerHeader: general?.user_header_name?.toLowerCase(),
    bodyLimit: (general?.max_request_size_mb ?? BODY_LIMIT_MEGABYTES) * 2 ** 20,
    forcedModels: {
      ...(general?.completion_model === undefined
        ? {}
        : { chat: general.completion_model, completion: general.completion_model }),
      ...(general?.embedding_model === undefined ? {} : { embedding: general.embedding_model }),
    },
    streamIdleMilliseconds: (gatewright?.timeouts?.stream_idle_seconds ?? STREAM_IDLE_SECONDS) * 1000,
    healthOpen:
      keys.check === undefined || gatewright?.models !== undefined || gatewright?.agent_keys !== undefined,
  };
}

/** Stored models come from elsewhere than the document, so they may be what no reader has checked. */
function settled(document: Document, loaded: Loaded): Settlement {
  try {
    return settle(document, loaded.lookup);
  } catch (error) {
    throw new SourceError([error instanceof Error ? error.message : String(error)]);
  }
}

function contextOf(settings: Settings, loaded: Loaded, services: PrepareServices): DeploymentContext {
  const { router_settings: router, litellm_settings: litellm } = settings;
  return {
    lookup: loaded.lookup,
    pools: services.pools,
    registry: services.registry,
    timeoutSeconds: router?.timeout ?? litellm?.request_timeout ?? REQUEST_TIMEOUT_SECONDS,
    streamTimeoutSeconds: router?.stream_timeout,
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
      ),
    ]),
  );
}

function namesOf(
  settings: Settings,
  entries: readonly ModelEntry[],
  groups: ReadonlyMap<string, Group>,
  candidates: readonly PreparedEntry[],
  templates: readonly Template[],
  context: DeploymentContext,
): Names {
  const wildcards = wildcardsOf(templates, context);
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
      return [resource, groupOf(resource, members, reasons)] as const;
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
function wildcardsOf(templates: readonly Template[], context: DeploymentContext): Wildcard[] {
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
          context,
          deployment,
        );
        if ("reason" in prepared) reasons.push(prepared.reason);
        else members.push({ deployment: prepared.deployment, ...entry.share });
      }
      return groupOf(name, members, reasons);
    },
  }));
}
