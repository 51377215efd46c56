import {
  type CallFailure,
  type EmbeddingAnswer,
  type EmbeddingCall,
  tokenCount,
  tokenUsage,
} from "@gatewright/call";
import { fieldsIn, listIn, textIn } from "../fields-in.ts";
import { CallRefusal, type EmbeddingTranslation, type EmbeddingWire, type Upstream } from "../wire.ts";
import { failureInAnswer, readOllamaFailure } from "./failure.ts";
import { ownParameters } from "./own-parameters.ts";

/** Embeddings of /api/embed: all texts in one request. */
export const ollamaEmbeddingWire: EmbeddingWire = { write, readFailure: readOllamaFailure };

/** Throws a `CallRefusal` for tokens: Ollama reads texts. */
function write(call: EmbeddingCall, { dropUnknown, model }: Upstream): EmbeddingTranslation {
  const { dimensions, extra, inputType, user } = call;
  const input = call.input.map((item) => {
    if (typeof item === "string") return item;
    throw new CallRefusal("Ollama makes embeddings of texts, not of tokens");
  });
  const { body, ignored, options } = ownParameters(extra, dropUnknown);
  return {
    body: {
      model,
      input,
      ...(dimensions === undefined ? {} : { dimensions }),
      ...(Object.keys(options).length === 0 ? {} : { options }),
      ...body,
    },
    ignored: [
      ...(user === undefined ? [] : ["user"]),
      ...(inputType === undefined ? [] : ["input_type"]),
      ...ignored,
    ],
    readAnswer,
  };
}

function readAnswer(value: unknown): EmbeddingAnswer | CallFailure {
  const answer = fieldsIn(value) ?? {};
  if (answer["error"] !== undefined) return failureInAnswer(answer);
  const vectors = listIn(answer["embeddings"]);
  if (vectors.length === 0 || !vectors.every(isVector)) {
    return { status: 500, message: "Ollama's answer has no embedding" };
  }
  const tokens = answer["prompt_eval_count"];
  return {
    model: textIn(answer["model"]) ?? "",
    vectors,
    usage: tokens === undefined ? undefined : tokenUsage(tokenCount(tokens), 0),
  };
}

function isVector(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "number");
}
