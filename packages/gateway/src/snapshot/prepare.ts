import {
  type Document,
  type Settings,
  type Settlement,
  settle,
  unsupported,
  withVariables,
} from "@gatewright/litellm";
import type { SpendMeters } from "../budget/spend-meters.ts";
import type { CacheStores } from "../cache/cache-stores.ts";
import type { RedisConnection } from "../redis/redis-connection.ts";
import { redisSettings } from "../redis/redis-settings.ts";
import type { DeploymentStates } from "../route/deployment-state.ts";
import { type Loaded, SourceError } from "../source.ts";
import type { Registry } from "../telemetry/registry.ts";
import type { Pools } from "../upstream/pools.ts";
import { agentNames } from "./agent-names.ts";
import { budgetsOf } from "./budget.ts";
import { cachesOf } from "./cache.ts";
import type { DeploymentContext } from "./deployment.ts";
import { keysOf } from "./key-check.ts";
import { limitsOf } from "./limit.ts";
import { modelEntries } from "./model-entry.ts";
import { modelsOf } from "./models.ts";
import { passThroughsOf } from "./pass-through.ts";
import { pricer, priceTableFor } from "./price.ts";
import { routesOf } from "./route.ts";
import type { Snapshot } from "./snapshot.ts";
import { telemetryOf } from "./telemetry.ts";

/** What snapshots share: it outlives each of them. */
export interface PrepareServices {
  readonly pools: Pools;
  readonly registry: Registry;
  readonly states: DeploymentStates;
  readonly meters: SpendMeters;
  readonly caches: CacheStores;
  readonly redis: RedisConnection;
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
export async function prepare(loaded: Loaded, services: PrepareServices): Promise<Snapshot> {
  const stored = loaded.storedModels ?? [];
  const own = Array.isArray(loaded.document["model_list"]) ? loaded.document["model_list"] : [];
  const document = { ...loaded.document, model_list: [...own, ...stored] };
  const flaws = flawsOf(document, loaded);
  const { settings, unresolved } = settled(document, loaded);
  const missing = new Map(unresolved.map(({ path, name }) => [path, name]));
  const table = await priceTableFor(document);
  const budgets = budgetsOf(settings, services.meters);
  const limits = limitsOf(settings);
  const routes = routesOf(settings);
  const redis = redisSettings(settings, loaded.lookup);
  const caches = cachesOf(settings, {
    stores: services.caches,
    redis: redis.options === undefined ? undefined : services.redis,
  });
  const telemetry = telemetryOf(settings, loaded.lookup);
  const keys = keysOf(settings, loaded, missing, {
    limits,
    budgets,
    agentNames: agentNames(settings.gatewright?.agents),
  });
  const context = contextOf(settings, loaded, services);
  const passed = passThroughsOf(settings.general_settings?.pass_through_endpoints ?? [], {
    lookup: withVariables(loaded.document["environment_variables"], loaded.lookup),
    missing,
    timeoutMilliseconds: context.timeoutSeconds * 1000,
  });
  // Nothing refuses the document any more, and the series of its deployments are about to be made.
  services.registry.select(telemetry.selection);
  const models = modelsOf(
    settings,
    modelEntries(settings, document, missing, flaws),
    { ...context, budgets, priceOf: pricer(settings, table, Date.now()) },
    { routes, limits, caches, models: settings.gatewright?.models ?? {} },
  );
  const { general_settings: general, gatewright } = settings;
  return {
    digest: loaded.digest,
    ...models,
    warnings: [
      ...keys.warnings,
      ...routes.warnings,
      ...budgets.warnings,
      ...caches.warnings,
      ...telemetry.warnings,
      ...passed.warnings,
      ...(redis.problem === undefined ? [] : [redis.problem]),
    ],
    keyCheck: keys.check,
    keyHeader: general?.litellm_key_header_name?.toLowerCase(),
    customerHeader: general?.user_header_name?.toLowerCase(),
    customerRegions: new Map(
      (gatewright?.customers ?? []).flatMap(({ user_id: id, allowed_model_region: region }) =>
        region === undefined || region === "" ? [] : [[id, region] as const],
      ),
    ),
    bodyLimit: (general?.max_request_size_mb ?? BODY_LIMIT_MEGABYTES) * 2 ** 20,
    passThroughs: passed.passThroughs,
    forcedModels: forcedModels(general),
    unknownModels: routes.unknown,
    limits: limits.gateway,
    customerLimits: (id) => limits.ofCustomer(id),
    budgets,
    telemetry,
    redis,
    whenRedisUnavailable: gatewright?.redis?.when_unavailable === "refuse" ? "refuse" : "local",
    replicas: loaded.replicas ?? 1,
    cacheStores: caches.stores,
    streamIdleMilliseconds: (gatewright?.timeouts?.stream_idle_seconds ?? STREAM_IDLE_SECONDS) * 1000,
    healthOpen:
      keys.check === undefined || gatewright?.models !== undefined || gatewright?.agent_keys !== undefined,
  };
}

/** The models that are used whatever a client names (litellm.md §2.4). */
function forcedModels(general: Settings["general_settings"] = {}): Snapshot["forcedModels"] {
  const { completion_model: text, embedding_model: embedding } = general;
  const { image_generation_model: image, moderation_model: moderation } = general;
  return {
    ...(text === undefined
      ? {}
      : { chat: text, completion: text, response: text, message: text, messageTokens: text }),
    ...(embedding === undefined ? {} : { embedding }),
    ...(image === undefined ? {} : { imageGeneration: image }),
    ...(moderation === undefined ? {} : { moderation }),
  };
}

/** Why deployments are not served, by their path. Throws for what keeps the whole document from being served. */
function flawsOf(document: Document, loaded: Loaded): ReadonlyMap<string | undefined, string> {
  const findings = unsupported(document, {
    origin: loaded.origin,
    hasVariable: (name) => loaded.lookup(name) !== undefined,
    ...(loaded.allowUnsupported === undefined ? {} : { allow: loaded.allowUnsupported }),
  }).filter((finding) => finding.effect === "blocked");
  const refused = findings.filter((finding) => finding.origin.path === undefined);
  if (refused.length > 0) throw new SourceError(refused.map((finding) => finding.text));
  return new Map(findings.map((finding) => [finding.origin.path, finding.text]));
}

/** Stored models come from elsewhere than the document, so they may be what no reader has checked. */
function settled(document: Document, loaded: Loaded): Settlement {
  try {
    return settle(document, loaded.lookup);
  } catch (error) {
    throw new SourceError([error instanceof Error ? error.message : String(error)]);
  }
}

function contextOf(
  settings: Settings,
  loaded: Loaded,
  { pools, registry, states }: PrepareServices,
): Omit<DeploymentContext, "budgets" | "priceOf"> {
  const { router_settings: router, litellm_settings: litellm } = settings;
  return {
    lookup: loaded.lookup,
    pools,
    registry,
    states,
    timeoutSeconds: router?.timeout ?? litellm?.request_timeout ?? REQUEST_TIMEOUT_SECONDS,
    streamTimeoutSeconds: router?.stream_timeout,
    dropsUnsupported: litellm?.drop_params === true,
    refreshesTokens: litellm?.enable_azure_ad_token_refresh === true,
  };
}
