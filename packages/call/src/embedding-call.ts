import type { Fields } from "./json.ts";
import type { Usage } from "./usage.ts";

/** A wish for embeddings, in no API's form. */
export interface EmbeddingCall {
  readonly kind: "embedding";
  /** Texts, or texts as OpenAI's tokens. */
  readonly input: readonly (string | readonly number[])[];
  readonly dimensions?: number;
  /** How the client wants the vectors written. */
  readonly encoding: "float" | "base64";
  readonly user?: string;
  /** What they are for, in Cohere's words (`search_query`, …); LiteLLM's `input_type`. */
  readonly inputType?: string;
  readonly extra: Fields;
}

export interface EmbeddingAnswer {
  readonly model: string;
  /** In the order of the input. */
  readonly vectors: readonly (readonly number[])[];
  readonly usage: Usage | undefined;
}
