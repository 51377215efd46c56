import type { GatewayPlan, Json, JsonObject, Model, ModelInformation } from "@gatewright/plan";
import { type Piece, present, presentOrAbsent } from "./piece.ts";
import { referenceTo } from "./reference.ts";
import { snakeCased } from "./snake-case.ts";

/**
 * `model_list[]` (litellm.md §2.1) and, for models with a name of their own beside the public one,
 * `gatewright.models.<resource>`: which public name and which deployments per-model settings are about.
 */
export function renderModels(plan: GatewayPlan): Piece {
  const models = plan.model.filter((model) => model.delivery === "document");
  return { model_list: models.map(entryOf), gatewright: present({ models: resourcesOf(models) }) };
}

/** `model_list[]`: one deployment. */
export function entryOf(model: Model): JsonObject {
  return present({
    model_name: model.name,
    litellm_params: parametersOf(model),
    ...(ratesInside(model) ? {} : ratesOf(model)),
    model_info: informationOf(model),
  });
}

/**
 * `litellm_params`. What users give as further parameters wins over every field. The region a deployment is chosen by
 * and its release to pass-through routes stand here, where LiteLLM reads them, although palena's resources put them
 * under `modelInfo`.
 */
export function parametersOf(model: Model): JsonObject {
  return {
    ...present({
      model: model.model,
      api_key: typeof model.apiKey === "object" ? referenceTo(model.apiKey) : model.apiKey,
      api_base: model.endpoint,
      api_version: model.apiVersion,
      organization: model.organization,
      custom_llm_provider: model.provider,
      ...Object.fromEntries(
        Object.entries(model.secrets ?? {}).map(([parameter, secret]) => [parameter, referenceTo(secret)]),
      ),
      vertex_project: model.project,
      vertex_location: model.location,
      aws_region_name: model.region,
      region_name: model.information?.regionName,
      litellm_credential_name: model.credential,
      ...(ratesInside(model) ? ratesOf(model) : {}),
      max_parallel_requests: model.parallelRequests,
      weight: model.weight,
      order: model.order,
      timeout: model.timeoutSeconds,
      stream_timeout: model.streamTimeoutSeconds,
      max_retries: model.retries,
      tags: model.tags,
      drop_params: model.dropParameters,
      extra_headers: model.headers,
      use_in_pass_through: model.information?.passThrough,
      use_chat_completions_api: model.chatCompletionsOnly,
      max_tokens: model.defaults?.maxTokens,
      temperature: model.defaults?.temperature,
      top_p: model.defaults?.topP,
      frequency_penalty: model.defaults?.frequencyPenalty,
      presence_penalty: model.defaults?.presencePenalty,
      stop: model.defaults?.stop,
      seed: model.defaults?.seed,
    }),
    ...model.parameters,
  };
}

/** The management API has no place for rates beside the parameters. */
function ratesInside(model: Model): boolean {
  return model.delivery === "admin" || model.rate?.placement === "parameters";
}

function ratesOf(model: Model): { readonly [key: string]: Json | undefined } {
  return { rpm: model.rate?.requestsPerMinute, tpm: model.rate?.tokensPerMinute };
}

/** `model_info`, absent when nothing is known. */
export function informationOf(model: Model): JsonObject | undefined {
  const information: ModelInformation = model.information ?? {};
  return presentOrAbsent({
    id: model.id,
    mode: information.mode,
    base_model: information.baseModel,
    tier: information.tier,
    max_tokens: information.maxTokens,
    max_input_tokens: information.maxInputTokens,
    access_groups: information.accessGroups,
    supported_environments: information.supportedEnvironments,
    input_cost_per_token: information.inputCostPerToken,
    output_cost_per_token: information.outputCostPerToken,
    input_cost_per_pixel: information.inputCostPerPixel,
    input_cost_per_second: information.inputCostPerSecond,
    cache_read_input_token_cost: information.cacheReadInputTokenCost,
    cache_creation_input_token_cost: information.cacheCreationInputTokenCost,
    ...information.healthCheck,
  });
}

/**
 * `gatewright.models.<resource>.<concern>`: settings of one model alone, for the models this document serves. A
 * resource that serves nothing has no entry that its settings could belong to.
 */
export function settingsOfModels(
  plan: GatewayPlan,
  concern: "route" | "cache" | "telemetry" | "budget",
  settings: { readonly [resource: string]: object } = {},
): JsonObject {
  const served = new Set(plan.model.map((model) => model.resource));
  const entries = Object.entries(settings)
    .filter(([resource]) => served.has(resource))
    .map(([resource, value]) => [resource, { [concern]: snakeCased(value) }]);
  return entries.length === 0 ? {} : { models: Object.fromEntries(entries) };
}

function resourcesOf(models: readonly Model[]): JsonObject | undefined {
  const resources = new Map<string, { modelName: string; deployments: string[] }>();
  for (const model of models) {
    if (model.resource === undefined) continue;
    const resource = resources.get(model.resource) ?? { modelName: model.name, deployments: [] };
    if (model.id !== undefined) resource.deployments.push(model.id);
    resources.set(model.resource, resource);
  }
  return presentOrAbsent(
    Object.fromEntries(
      [...resources].map(([resource, { modelName, deployments }]) => [
        resource,
        present({ model_name: modelName, deployments: deployments.length === 0 ? undefined : deployments }),
      ]),
    ),
  );
}
