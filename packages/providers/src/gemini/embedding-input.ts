import type { EmbeddingCall, Fields } from "@gatewright/call";
import { listIn } from "../fields-in.ts";
import { CallRefusal } from "../wire.ts";
import { camelCase } from "./own-parameters.ts";

/** Google's task types, for Cohere's words for the same (LiteLLM's `input_type`). Google's own names are taken, too. */
const taskTypes: { readonly [inputType: string]: string } = {
  search_query: "RETRIEVAL_QUERY",
  search_document: "RETRIEVAL_DOCUMENT",
  classification: "CLASSIFICATION",
  clustering: "CLUSTERING",
};

/** What Google's two ways to make embeddings are given. */
export interface EmbeddingInput {
  readonly texts: readonly string[];
  readonly taskType: string | undefined;
  /** Further parameters of Google's own, in its spelling. */
  readonly extra: Fields;
  /** Names of parameters that are left out. */
  readonly ignored: readonly string[];
}

/** Throws a `CallRefusal` for tokens: Google reads texts. */
export function embeddingInput(call: EmbeddingCall, dropUnknown: boolean): EmbeddingInput {
  const texts = call.input.map((item) => {
    if (typeof item === "string") return item;
    throw new CallRefusal("Google makes embeddings of texts, not of tokens.");
  });
  const { taskType = taskTypeOf(call.inputType), ...extra } = Object.fromEntries(
    Object.entries(call.extra).map(([name, value]) => [camelCase(name), value]),
  );
  return {
    texts,
    taskType: typeof taskType === "string" ? taskType : undefined,
    extra: dropUnknown ? {} : extra,
    ignored: [...(call.user === undefined ? [] : ["user"]), ...(dropUnknown ? Object.keys(extra) : [])],
  };
}

function taskTypeOf(inputType: string | undefined): string | undefined {
  return inputType === undefined ? undefined : (taskTypes[inputType] ?? inputType);
}

/** A vector in an answer; undefined for anything else. */
export function vectorIn(value: unknown): readonly number[] | undefined {
  const list = listIn(value);
  return list.length > 0 && list.every((item) => typeof item === "number")
    ? (list as readonly number[])
    : undefined;
}
