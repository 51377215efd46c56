import {
  type CallFailure,
  type EmbeddingAnswer,
  type EmbeddingCall,
  type Fields,
  tokenCount,
  tokenUsage,
} from "@gatewright/call";
import { fieldsIn, listIn } from "../fields-in.ts";
import { CallRefusal, type EmbeddingTranslation, type EmbeddingWire, type Upstream } from "../wire.ts";
import { readBedrockFailure } from "./failure.ts";

const TITAN = /titan-embed-text/;
const TITAN_FIRST = /titan-embed-(?:text-v1|g1-text)/;
const COHERE = /cohere\.embed/;
/** The first of Cohere's that takes a number of dimensions. */
const COHERE_FOURTH = /cohere\.embed-v4/;

export function isEmbeddingModel(model: string): boolean {
  return TITAN.test(model) || COHERE.test(model);
}

/** Embeddings by InvokeModel, in the form of each model's maker. */
export const bedrockEmbeddingWire: EmbeddingWire = {
  write(call, upstream) {
    if (TITAN.test(upstream.model)) return writeTitan(call, upstream);
    if (COHERE.test(upstream.model)) return writeCohere(call, upstream);
    throw new CallRefusal(`${upstream.model} is not known to make embeddings on Amazon Bedrock.`);
  },
  readFailure: readBedrockFailure,
};

/** https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-titan-embed-text.html */
function writeTitan(call: EmbeddingCall, { dropUnknown, model }: Upstream): EmbeddingTranslation {
  const [input, second] = textsOf(call);
  if (input === undefined || second !== undefined) {
    throw new CallRefusal(
      `${model} takes one input in a call, and this call has ${call.input.length}: send one call for each.`,
    );
  }
  const { fields, ignored } = unknownFields(call, dropUnknown);
  const { dimensions, inputType } = call;
  if (inputType !== undefined) ignored.push("input_type");
  const sized = dimensions !== undefined && !TITAN_FIRST.test(model);
  if (dimensions !== undefined && !sized) ignored.push("dimensions");
  return {
    body: { inputText: input, ...(sized ? { dimensions } : {}), ...fields },
    ignored,
    readAnswer: (answer) => readTitan(fieldsIn(answer)),
  };
}

function readTitan(answer: Fields | undefined): EmbeddingAnswer | CallFailure {
  const vector = vectorIn(answer?.["embedding"]);
  if (answer === undefined || vector === undefined) return noEmbedding;
  const count = answer["inputTextTokenCount"];
  return {
    model: "",
    vectors: [vector],
    usage: count === undefined ? undefined : tokenUsage(tokenCount(count), 0),
  };
}

/** https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-embed.html */
function writeCohere(call: EmbeddingCall, { dropUnknown, model }: Upstream): EmbeddingTranslation {
  const texts = textsOf(call);
  const { fields, ignored } = unknownFields(call, dropUnknown);
  const { dimensions, inputType } = call;
  const sized = dimensions !== undefined && COHERE_FOURTH.test(model);
  if (dimensions !== undefined && !sized) ignored.push("dimensions");
  return {
    // Cohere has to know what they are for, and OpenAI's clients do not say: documents is what LiteLLM says for them.
    body: {
      texts,
      input_type: inputType ?? "search_document",
      ...(sized ? { output_dimension: dimensions } : {}),
      ...fields,
    },
    ignored,
    readAnswer: (answer) => readCohere(fieldsIn(answer)),
  };
}

/** The vectors are a list, or lists by type where `embedding_types` were asked for. Tokens are told in a header only. */
function readCohere(answer: Fields | undefined): EmbeddingAnswer | CallFailure {
  const embeddings = answer?.["embeddings"];
  const list = listIn(fieldsIn(embeddings)?.["float"] ?? embeddings);
  const vectors: (readonly number[])[] = [];
  for (const item of list) {
    const vector = vectorIn(item);
    if (vector === undefined) return noEmbedding;
    vectors.push(vector);
  }
  return vectors.length === 0 ? noEmbedding : { model: "", vectors, usage: undefined };
}

const noEmbedding: CallFailure = { status: 500, message: "Bedrock's answer has no embedding" };

function vectorIn(value: unknown): readonly number[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  return value.every((item) => typeof item === "number") ? value : undefined;
}

function textsOf({ input }: EmbeddingCall): readonly string[] {
  return input.map((item) => {
    if (typeof item === "string") return item;
    throw new CallRefusal("Amazon Bedrock makes embeddings of texts, not of tokens.");
  });
}

function unknownFields(
  { extra, user }: EmbeddingCall,
  dropUnknown: boolean,
): { fields: Fields; ignored: string[] } {
  const ignored = user === undefined ? [] : ["user"];
  if (!dropUnknown) return { fields: extra, ignored };
  return { fields: {}, ignored: [...ignored, ...Object.keys(extra)] };
}
