import {
  type CallFailure,
  type EmbeddingAnswer,
  type EmbeddingCall,
  tokenCount,
  tokenUsage,
} from "@gatewright/call";
import { fieldsIn, listIn } from "../fields-in.ts";
import type { EmbeddingTranslation, EmbeddingWire, Upstream } from "../wire.ts";
import { embeddingInput, vectorIn } from "./embedding-input.ts";
import { readGeminiFailure } from "./failure.ts";
import { modelResource } from "./model-resource.ts";

/** Embeddings of AI Studio, by batchEmbedContents: a request in the request for each text. */
export const geminiEmbeddingWire: EmbeddingWire = { write, readFailure: readGeminiFailure };

function write(call: EmbeddingCall, { dropUnknown, model }: Upstream): EmbeddingTranslation {
  const { extra, ignored, taskType, texts } = embeddingInput(call, dropUnknown);
  const { dimensions } = call;
  const more = {
    model: modelResource(model),
    ...(taskType === undefined ? {} : { taskType }),
    ...(dimensions === undefined ? {} : { outputDimensionality: dimensions }),
    ...extra,
  };
  return {
    body: { requests: texts.map((text) => ({ content: { parts: [{ text }] }, ...more })) },
    ignored,
    readAnswer,
  };
}

function readAnswer(value: unknown): EmbeddingAnswer | CallFailure {
  const answer = fieldsIn(value);
  const vectors: (readonly number[])[] = [];
  for (const item of listIn(answer?.["embeddings"])) {
    const vector = vectorIn(fieldsIn(item)?.["values"]);
    if (vector === undefined) return noEmbedding;
    vectors.push(vector);
  }
  if (vectors.length === 0) return noEmbedding;
  // Only the newer models count.
  const tokens = fieldsIn(answer?.["usageMetadata"])?.["promptTokenCount"];
  return { model: "", vectors, usage: tokens === undefined ? undefined : tokenUsage(tokenCount(tokens), 0) };
}

const noEmbedding: CallFailure = { status: 500, message: "Gemini's answer has no embedding" };
