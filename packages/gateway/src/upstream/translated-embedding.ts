import { type CallFailure, type Fields, isFailure } from "@gatewright/call";
import { type ApiError, apiError } from "@gatewright/litellm";
import { CallRefusal } from "@gatewright/providers";
import { estimatedUsage } from "../budget/token-estimate.ts";
import { usageJson } from "../budget/usage.ts";
import { readEmbeddingCall, writeEmbeddingAnswer } from "../edge/embeddings/embeddings-api.ts";
import type { Exchange } from "../exchange.ts";
import type { Deployment } from "../snapshot/snapshot.ts";
import type { AnswerForm, AnswerStream, WholeAnswer } from "./answer-form.ts";
import type { UpstreamCall } from "./upstream-call.ts";

/** Embeddings in an upstream's own wire. */
export function translatedEmbedding(
  exchange: Exchange,
  deployment: Deployment,
  fields: Fields,
  path: string,
): UpstreamCall | ApiError {
  const { embeddingWire: wire, provider, upstreamModel } = deployment;
  if (wire === undefined) throw new Error(`${provider.name} has no wire for embeddings`);
  const call = readEmbeddingCall(withDefaults(fields, deployment));
  if ("status" in call) return call;
  try {
    const translation = wire.write(call, { model: upstreamModel, dropUnknown: false });
    exchange.droppedParameters = translation.ignored;
    const form: AnswerForm = {
      isGathered: () => true,
      isStream: () => false,
      contentType: () => "application/json",
      readStream: (): AnswerStream => {
        throw new Error("embeddings have no streams");
      },
      readWhole: (body): WholeAnswer | CallFailure | undefined => {
        const json = parsed(body);
        if (json === undefined) return undefined;
        const answer = translation.readAnswer(json);
        if (isFailure(answer)) return answer;
        const model = exchange.fallbacks > 0 ? answer.model || upstreamModel : exchange.model;
        // OpenAI's answers always have a usage, and clients rely on it.
        const usage = answer.usage ?? estimatedUsage(exchange.estimate.input, 0);
        const counted = { ...answer, usage };
        const text = JSON.stringify(writeEmbeddingAnswer(counted, { model, encoding: call.encoding }));
        return { body: Buffer.from(text), usage: usageJson(usage) };
      },
      readFailure: (status, text) => wire.readFailure(status, text),
    };
    return { path, body: Buffer.from(JSON.stringify(translation.body)), form };
  } catch (error) {
    if (!(error instanceof CallRefusal)) throw error;
    return apiError("call_refused", { provider: provider.title, model: exchange.model, text: error.message });
  }
}

function withDefaults(fields: Fields, { defaults, overrides }: Deployment): Fields {
  const own = [...defaults.embedding.filter(([field]) => fields[field] === undefined), ...overrides];
  if (own.length === 0) return fields;
  return {
    ...fields,
    ...Object.fromEntries(own.map(([field, json]) => [field, JSON.parse(json) as unknown])),
  };
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
