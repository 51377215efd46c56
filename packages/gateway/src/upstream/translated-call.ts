import { type ChatCall, type Fields, type Losses, lossesOf, parameterOf } from "@gatewright/call";
import { type ApiError, apiError } from "@gatewright/litellm";
import { CallRefusal, type Translation } from "@gatewright/providers";
import type { AnswerContext, ClientApi } from "../edge/client-api.ts";
import { operationFacts } from "../edge/operations.ts";
import type { Exchange } from "../exchange.ts";
import type { FallbackTarget } from "../route/fallback.ts";
import type { Deployment } from "../snapshot/snapshot.ts";
import { TranslatedAnswer } from "./translated-answer.ts";
import { translatedEmbedding } from "./translated-embedding.ts";
import type { UpstreamCall } from "./upstream-call.ts";

/**
 * A call whose API is not the upstream's: read into the call form, written in the upstream's wire. What the wire lacks is
 * left out and named in `x-gatewright-dropped`, or the call is refused (litellm.md §3.6, UnsupportedParamsError).
 */
export function translatedCall(
  exchange: Exchange,
  deployment: Deployment,
  overrides: FallbackTarget["overrides"],
  path: string,
): UpstreamCall | ApiError {
  const fields = effectiveFields(exchange, deployment, overrides);
  if (exchange.operation === "embedding") return translatedEmbedding(exchange, deployment, fields, path);
  const { api } = operationFacts[exchange.operation];
  if (api === undefined) throw new Error(`${exchange.operation} cannot be translated`);
  const read = api.read(fields);
  if ("status" in read) return read;
  const call = withDefaults(read, deployment.chatDefaults);
  const losses = lossesOf(call, deployment.chatWire);
  const refusal = refusalOf(exchange, deployment, losses);
  if (refusal !== undefined) return refusal;
  const translation = written(call, exchange, deployment);
  if ("status" in translation) return translation;
  const lost = [...losses.dropped, ...losses.ignored].map(parameterOf);
  exchange.droppedParameters = [...new Set([...lost, ...translation.ignored])];
  const body = bodyOf(translation, deployment);
  return { path, body, form: answerForm(exchange, deployment, api, translation, fields) };
}

/** What the client sent without what is meant for the gateway, and what a fallback puts in its place. */
function effectiveFields(
  { fields, proxyFields }: Exchange,
  { dropped }: Deployment,
  overrides: FallbackTarget["overrides"],
): Fields {
  if (proxyFields.length === 0 && dropped.size === 0 && overrides.length === 0) return fields;
  const effective: Record<string, unknown> = { ...fields };
  for (const field of proxyFields) delete effective[field];
  for (const field of dropped) delete effective[field];
  for (const field of namesIn(fields["additional_drop_params"])) delete effective[field];
  for (const [field, json] of overrides) effective[field] = JSON.parse(json);
  return effective;
}

/** The deployment's own parameters where the client has none of its own. */
function withDefaults(call: ChatCall, defaults: ChatCall | undefined): ChatCall {
  if (defaults === undefined) return call;
  return {
    ...defaults,
    ...call,
    tools: call.tools.length === 0 ? defaults.tools : call.tools,
    options: { ...defaults.options, ...call.options },
    extra: { ...defaults.extra, ...call.extra },
  };
}

function refusalOf(
  { model, fields }: Exchange,
  deployment: Deployment,
  { dropped, refused }: Losses,
): ApiError | undefined {
  const { provider } = deployment;
  const [first] = refused;
  if (first !== undefined) {
    const text = `${provider.name} cannot be given what ${first.path} holds (${first.feature})`;
    return apiError("call_refused", { provider: provider.title, model, text });
  }
  const asked = fields["drop_params"];
  if (dropped.length === 0 || (typeof asked === "boolean" ? asked : deployment.dropsUnsupported))
    return undefined;
  const allowed = namesIn(fields["allowed_openai_params"]);
  const names = [...new Set(dropped.map(parameterOf))];
  const parameters = names.filter((name) => !deployment.allowed.has(name) && !allowed.includes(name));
  if (parameters.length === 0) return undefined;
  return apiError("unsupported_parameters", {
    provider: provider.name,
    model: deployment.upstreamModel,
    parameters,
  });
}

/** A list of names in the request; what is no name is not looked at. */
function namesIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === "string") : [];
}

function written(call: ChatCall, { model }: Exchange, deployment: Deployment): Translation | ApiError {
  const { chatWire, provider, upstreamModel } = deployment;
  try {
    return chatWire.write(call, { model: upstreamModel, dropUnknown: false });
  } catch (error) {
    if (!(error instanceof CallRefusal)) throw error;
    return apiError("call_refused", { provider: provider.title, model, text: error.message });
  }
}

function bodyOf({ body }: Translation, { overrides }: Deployment): Buffer {
  if (overrides.length === 0) return Buffer.from(JSON.stringify(body));
  const own = Object.fromEntries(overrides.map(([field, json]) => [field, JSON.parse(json) as unknown]));
  return Buffer.from(JSON.stringify({ ...body, ...own }));
}

function answerForm(
  exchange: Exchange,
  deployment: Deployment,
  api: ClientApi,
  translation: Translation,
  fields: Fields,
): TranslatedAnswer {
  // Only Responses repeat their request; others are not to keep a long conversation while the answer comes.
  const repeated = exchange.operation === "response" ? fields : { stream_options: fields["stream_options"] };
  const form = new TranslatedAnswer({
    api,
    wire: deployment.chatWire,
    translation,
    promptTokens: exchange.estimate.input,
    context: (upstreamModel): AnswerContext => ({
      model: exchange.fallbacks > 0 ? upstreamModel || deployment.upstreamModel : exchange.model,
      callId: exchange.callId,
      time: Date.now(),
      fields: repeated,
    }),
  });
  exchange.streamFailure = (error) => form.failureFrames(error);
  return form;
}
