import {
  type CallFailure,
  type EmbeddingAnswer,
  type Fields,
  tokenCount,
  tokenUsage,
} from "@gatewright/call";
import { fieldsIn, listIn } from "../fields-in.ts";
import { CallRefusal, type EmbeddingWire } from "../wire.ts";
import { readCohereFailure } from "./failure.ts";

/** Cohere's v2 embed: https://docs.cohere.com/reference/embed */
export const cohereEmbeddingWire: EmbeddingWire = {
  write(call, { dropUnknown, model }) {
    const texts = call.input.map((item) => {
      if (typeof item === "string") return item;
      throw new CallRefusal("Cohere makes embeddings of texts, not of tokens.");
    });
    const { dimensions, extra, inputType, user } = call;
    return {
      body: {
        ...(dropUnknown ? {} : extra),
        model,
        texts,
        // LiteLLM's, where the client does not say what the vectors are for.
        input_type: inputType ?? "search_document",
        embedding_types: ["float"],
        ...(dimensions === undefined ? {} : { output_dimension: dimensions }),
      },
      ignored: [...(user === undefined ? [] : ["user"]), ...(dropUnknown ? Object.keys(extra) : [])],
      readAnswer: (answer) => readEmbeddings(fieldsIn(answer)),
    };
  },
  readFailure: readCohereFailure,
};

function readEmbeddings(answer: Fields | undefined): EmbeddingAnswer | CallFailure {
  const vectors = listIn(fieldsIn(answer?.["embeddings"])?.["float"]);
  if (vectors.length === 0 || !vectors.every(isVector))
    return { status: 500, message: "Cohere's answer has no embeddings" };
  const units = fieldsIn(fieldsIn(answer?.["meta"])?.["billed_units"]);
  const usage = units === undefined ? undefined : tokenUsage(tokenCount(units["input_tokens"]), 0);
  return { model: "", vectors, usage };
}

function isVector(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === "number");
}
