import {
  type CallFailure,
  type EmbeddingAnswer,
  type EmbeddingCall,
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
    const { dimensions, inputType, user } = call;
    const { given, ignored } = extraOf(call, dropUnknown);
    return {
      body: {
        ...given,
        model,
        texts,
        // LiteLLM's, where the client does not say what the vectors are for.
        input_type: inputType ?? "search_document",
        embedding_types: ["float"],
        ...(dimensions === undefined ? {} : { output_dimension: dimensions }),
      },
      ignored: user === undefined ? ignored : ["user", ...ignored],
      readAnswer: (answer) => readEmbeddings(fieldsIn(answer)),
    };
  },
  readFailure: readCohereFailure,
};

/** Parameters of Cohere's own; others may be those of a newer version. */
const ownParameters: ReadonlySet<string> = new Set(["truncate", "max_tokens", "priority"]);

function extraOf({ extra }: EmbeddingCall, dropUnknown: boolean): { given: Fields; ignored: string[] } {
  const given: { [name: string]: unknown } = {};
  const ignored: string[] = [];
  for (const name in extra) {
    if (ownParameters.has(name) || !dropUnknown) given[name] = extra[name];
    else ignored.push(name);
  }
  return { given, ignored };
}

function readEmbeddings(answer: Fields | undefined): EmbeddingAnswer | CallFailure {
  const vectors = listIn(fieldsIn(answer?.["embeddings"])?.["float"]);
  if (vectors.length === 0 || !vectors.every(isVector))
    return { status: 500, message: "Cohere's answer has no embeddings" };
  const units = fieldsIn(fieldsIn(answer?.["meta"])?.["billed_units"]);
  const usage = units === undefined ? undefined : tokenUsage(tokenCount(units["input_tokens"]), 0);
  return { model: "", vectors, usage };
}

function isVector(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "number");
}
