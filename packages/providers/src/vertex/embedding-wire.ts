import {
  type CallFailure,
  type EmbeddingAnswer,
  type EmbeddingCall,
  type Fields,
  tokenCount,
  tokenUsage,
} from "@gatewright/call";
import { fieldsIn, listIn } from "../fields-in.ts";
import { embeddingInput, vectorIn } from "../gemini/embedding-input.ts";
import { readGeminiFailure } from "../gemini/failure.ts";
import type { EmbeddingTranslation, EmbeddingWire, Upstream } from "../wire.ts";

/** Embeddings of Vertex AI, by predict: an instance for each text. */
export const vertexEmbeddingWire: EmbeddingWire = { write, readFailure: readGeminiFailure };

function write(call: EmbeddingCall, { dropUnknown }: Upstream): EmbeddingTranslation {
  const { extra, ignored, taskType, texts } = embeddingInput(call, dropUnknown);
  const { title, ...more } = extra;
  const instance: Fields = {
    ...(taskType === undefined ? {} : { task_type: taskType }),
    ...(title === undefined ? {} : { title }),
  };
  const parameters: Fields = {
    ...(call.dimensions === undefined ? {} : { outputDimensionality: call.dimensions }),
    ...more,
  };
  return {
    body: {
      instances: texts.map((content) => ({ content, ...instance })),
      ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
    },
    ignored,
    readAnswer,
  };
}

function readAnswer(value: unknown): EmbeddingAnswer | CallFailure {
  const vectors: (readonly number[])[] = [];
  let tokens: number | undefined;
  for (const item of listIn(fieldsIn(value)?.["predictions"])) {
    const embeddings = fieldsIn(fieldsIn(item)?.["embeddings"]);
    const vector = vectorIn(embeddings?.["values"]);
    if (vector === undefined) return noEmbedding;
    vectors.push(vector);
    const count = fieldsIn(embeddings?.["statistics"])?.["token_count"];
    if (count !== undefined) tokens = (tokens ?? 0) + tokenCount(count);
  }
  if (vectors.length === 0) return noEmbedding;
  return { model: "", vectors, usage: tokens === undefined ? undefined : tokenUsage(tokens, 0) };
}

const noEmbedding: CallFailure = { status: 500, message: "Vertex AI's answer has no embedding" };
