import type { Fields } from "./json.ts";
import type { CacheMark, Part } from "./part.ts";
import type { WireName } from "./wire-name.ts";

/**
 * A message. Results of tools are parts of `user` messages, one message for each that a client sent; a wire whose
 * roles have to alternate joins neighbours when it writes.
 */
export interface Message {
  readonly role: "system" | "developer" | "user" | "assistant";
  readonly parts: readonly Part[];
  /** OpenAI's `name` of a participant. */
  readonly name?: string;
}

export interface FunctionTool {
  readonly kind: "function";
  readonly name: string;
  readonly description?: string;
  /** JSON schema of the arguments; absent: none are taken. */
  readonly parameters?: Fields;
  /** The arguments are to follow the schema exactly. */
  readonly strict?: boolean;
  readonly cache?: CacheMark;
}

/** A tool of one API that the provider runs itself (web search, code execution, …), or one of a form of its own. */
export interface OtherTool {
  readonly kind: "other";
  readonly wire: WireName;
  readonly value: Fields;
}

export type Tool = FunctionTool | OtherTool;

/** Whether the model calls tools: as it likes, never, some tool, or one of those named. */
export type ToolChoice =
  | { readonly kind: "auto" | "none" | "required" }
  | { readonly kind: "tool"; readonly name: string }
  | { readonly kind: "allowed"; readonly required: boolean; readonly names: readonly string[] };

/** The form of the answer's text: any JSON object, or JSON that follows a schema. */
export type AnswerFormat =
  | { readonly kind: "json" }
  | {
      readonly kind: "schema";
      readonly name: string;
      readonly description?: string;
      readonly schema: Fields;
      readonly strict?: boolean;
    };

/** How much a model is to think. What an API does not say is absent. */
export interface Reasoning {
  /** False: not at all. */
  readonly enabled: boolean;
  /** OpenAI's scale: `minimal`, `low`, `medium`, `high`, `xhigh`. */
  readonly effort?: string;
  /** Tokens that may be spent on it. */
  readonly budgetTokens?: number;
  /** Responses: form of the summary that is to be shown (`auto`, `concise`, `detailed`). */
  readonly summary?: string;
}

/**
 * Parameters that most APIs share or that only need another name, under OpenAI's names and in OpenAI's shapes.
 * `max_tokens` stands for `max_completion_tokens` and `max_output_tokens` as well.
 */
export interface ChatOptions {
  readonly max_tokens?: number;
  readonly temperature?: number;
  readonly top_p?: number;
  /** Not OpenAI's, but most others have it. */
  readonly top_k?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
  readonly n?: number;
  readonly frequency_penalty?: number;
  readonly presence_penalty?: number;
  readonly logit_bias?: Fields;
  readonly logprobs?: boolean;
  readonly top_logprobs?: number;
  readonly parallel_tool_calls?: boolean;
  readonly user?: string;
  readonly metadata?: Fields;
  readonly service_tier?: string;
  readonly store?: boolean;
  readonly verbosity?: string;
  readonly modalities?: readonly string[];
  readonly audio?: Fields;
  readonly prediction?: Fields;
  readonly web_search_options?: Fields;
  readonly prompt_cache_key?: string;
  readonly prompt_cache_retention?: string;
  readonly safety_identifier?: string;
}

/** A chat, in no API's form. Read from what a client sent, written in the wire of an upstream. */
export interface ChatCall {
  readonly kind: "chat";
  /** The API it was read from. */
  readonly from: WireName;
  readonly stream: boolean;
  readonly messages: readonly Message[];
  readonly tools: readonly Tool[];
  readonly toolChoice?: ToolChoice;
  readonly format?: AnswerFormat;
  readonly reasoning?: Reasoning;
  readonly options: ChatOptions;
  /** Parameters of the client that the call form does not know. Which wires take them, each says for itself. */
  readonly extra: Fields;
}
