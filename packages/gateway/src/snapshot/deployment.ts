import { createHash } from "node:crypto";
import type { Secret } from "@gatewright/litellm";
import type { Provider } from "@gatewright/providers";
import type { DeploymentStates } from "../route/deployment-state.ts";
import { tagPatternsOf } from "../route/tags.ts";
import { DeploymentMetrics } from "../telemetry/deployment-metrics.ts";
import type { Registry } from "../telemetry/registry.ts";
import { deploymentHeaders } from "../upstream/answer-headers.ts";
import type { Pools } from "../upstream/pools.ts";
import { type Address, type AddressContext, addressOf } from "./address.ts";
import type { Budgets } from "./budget.ts";
import { chatDefaults, requestDefaults } from "./defaults.ts";
import type { ModelEntry } from "./model-entry.ts";
import type { pricer } from "./price.ts";
import type { Deployment, Mock } from "./snapshot.ts";

/** What preparing a deployment needs beside its entry. */
export interface DeploymentContext extends AddressContext {
  readonly pools: Pools;
  readonly registry: Registry;
  readonly states: DeploymentStates;
  readonly budgets: Budgets;
  readonly priceOf: ReturnType<typeof pricer>;
  /** Seconds, when the entry sets none. */
  readonly timeoutSeconds: number;
  readonly streamTimeoutSeconds: number | undefined;
  /** `litellm_settings.drop_params`. */
  readonly dropsUnsupported: boolean;
}

/** A deployment ready to be called, or why it cannot be. */
export type Prepared = { readonly deployment: Deployment } | { readonly reason: string };

/**
 * Prepares one entry of the model list. `model` is its `litellm_params.model`, wildcards filled in; what a wildcard
 * stands for was chosen by a client, so ids and metrics keep to the entry as written.
 */
export function prepareDeployment(
  entry: ModelEntry,
  model: string,
  context: DeploymentContext,
  template?: Deployment,
): Prepared {
  const mock = mockOf(entry);
  const address = addressOf(entry, model, context, mock !== undefined);
  if ("reason" in address) return address;
  if (entry.flaw !== undefined) return { reason: entry.flaw };
  const { parameters } = entry;
  const id = entry.id ?? deploymentId(entry);
  const timeout = parameters.timeout ?? context.timeoutSeconds;
  const firstByte = parameters.stream_timeout ?? context.streamTimeoutSeconds ?? timeout;
  const headers = requestHeaders(entry, address);
  const region = parameters.region_name;
  const defaults = requestDefaults(parameters);
  const { price, maxInputTokens } = context.priceOf({
    parameters,
    information: entry.information,
    provider: address.provider,
    model: address.upstreamModel,
  });
  return {
    deployment: {
      id,
      modelName: entry.modelName,
      litellmModel: model,
      provider: address.provider,
      upstreamModel: address.upstreamModel,
      upstreamModelJson: JSON.stringify(address.upstreamModel),
      apiBase: address.baseUrl,
      origin: address.origin,
      operations: address.operations,
      chatWire: address.provider.chat(address.upstreamModel),
      embeddingWire: address.provider.embedding?.(address.upstreamModel),
      authorizer: address.authorizer,
      pools: context.pools,
      requestHeaders: [...headers, "accept", "application/json"],
      streamRequestHeaders: [...headers, "accept", "text/event-stream"],
      headerLines: deploymentHeaders({ id, apiBase: address.baseUrl, region }),
      defaults,
      chatDefaults: chatDefaults(defaults.chat),
      overrides: Object.entries(parameters.extra_body ?? {}).map(
        ([field, value]) => [field, JSON.stringify(value)] as const,
      ),
      dropped: new Set(parameters.additional_drop_params ?? []),
      dropsUnsupported: parameters.drop_params ?? context.dropsUnsupported,
      allowed: new Set(parameters.allowed_openai_params ?? []),
      state: context.states.of(id),
      tags: parameters.tags ?? [],
      tagPatterns: tagPatternsOf(parameters.tag_regex ?? []).patterns,
      region,
      requestsPerMinute: entry.share.requestsPerMinute,
      tokensPerMinute: entry.share.tokensPerMinute,
      parallelLimit: parameters.max_parallel_requests,
      maxInputTokens,
      cooldownMilliseconds:
        parameters.cooldown_time === undefined ? undefined : parameters.cooldown_time * 1000,
      retries: parameters.num_retries,
      price,
      tokenPrice: price === undefined ? undefined : price.rates.input + price.rates.output,
      spend: context.budgets.deploymentMeters(id, address.provider, parameters),
      timeouts: { timeoutMilliseconds: timeout * 1000, firstByteMilliseconds: firstByte * 1000 },
      mock,
      metrics:
        template?.metrics ??
        new DeploymentMetrics(context.registry, {
          modelName: entry.modelName,
          litellmModel: entry.parameters.model,
          id,
          apiBase: address.baseUrl,
          provider: address.provider.name,
        }),
    },
  };
}

/** A name for a deployment that has none: the same entry always gets the same one, and no secret goes into it. */
function deploymentId(entry: ModelEntry): string {
  return createHash("sha256").update(JSON.stringify(entry.raw)).digest("hex");
}

function requestHeaders(entry: ModelEntry, address: Address): string[] {
  const headers = new Map<string, string>([
    ["content-type", "application/json"],
    ...Object.entries(address.provider.headers ?? {}),
  ]);
  for (const configured of [entry.parameters.headers, entry.parameters.extra_headers]) {
    for (const [name, value] of Object.entries(configured ?? {}))
      headers.set(name.toLowerCase(), revealed(value));
  }
  const { organization } = entry.parameters;
  if (organization !== undefined) headers.set("openai-organization", organization);
  if (address.key !== undefined && address.authorizer === undefined)
    headers.set(...authorization(address.provider, address.key));
  return [...headers].flat();
}

function authorization(
  provider: Provider,
  key: { readonly secret: Secret; readonly token: boolean },
): [string, string] {
  const value = key.secret.reveal();
  const { authorization: form } = provider;
  return form === "bearer" || form === "signed" || key.token
    ? ["authorization", `Bearer ${value}`]
    : [form, value];
}

function revealed(value: string | Secret): string {
  return typeof value === "string" ? value : value.reveal();
}

function mockOf(entry: ModelEntry): Mock | undefined {
  const {
    mock_response: response,
    mock_delay: delay,
    mock_timeout: timeout,
    mock_tool_calls: toolCalls,
  } = entry.parameters;
  if (response === undefined && timeout !== true && toolCalls === undefined) return undefined;
  return { response, toolCalls, delayMilliseconds: (delay ?? 0) * 1000, timeout: timeout === true };
}
