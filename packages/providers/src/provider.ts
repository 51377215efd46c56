import type { ChatWire, EmbeddingWire } from "./wire.ts";

/** What clients ask a gateway for, named after OpenAI's and Anthropic's routes. */
export const operations = [
  "chat",
  "completion",
  "embedding",
  "response",
  "message",
  "messageTokens",
  "imageGeneration",
  "imageEdit",
  "imageVariation",
  "speech",
  "transcription",
  "audioTranslation",
  "moderation",
  "rerank",
] as const;

export type Operation = (typeof operations)[number];

/**
 * How a provider wants its key: as a bearer token or in a header of that name. `signed`: every request has an
 * authorization of its own, from the provider's `authorizer`.
 */
export type Authorization = "bearer" | "api-key" | "x-api-key" | "x-goog-api-key" | "signed";

/** Where one operation of one model lives on an upstream. */
export interface Target {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
}

/** What is needed to find an upstream's addresses. */
export interface Place {
  /** Base URL: configured, from the environment, or the provider's own. */
  readonly baseUrl: string;
  /** Model id without the provider prefix. */
  readonly model: string;
  readonly apiVersion: string | undefined;
  /** AWS region. */
  readonly region?: string;
  /** Google Cloud project and location. */
  readonly project?: string;
  readonly location?: string;
}

/** A value that must not be printed. */
export interface SecretText {
  reveal(): string;
}

/** Credentials of `litellm_params` that are more than a key, under their names there. */
export interface CredentialSettings {
  readonly key: SecretText | undefined;
  readonly aws_access_key_id?: SecretText | undefined;
  readonly aws_secret_access_key?: SecretText | undefined;
  readonly aws_session_token?: SecretText | undefined;
  readonly aws_region_name?: string | undefined;
  readonly aws_role_name?: string | undefined;
  readonly aws_session_name?: string | undefined;
  readonly aws_profile_name?: string | undefined;
  readonly aws_web_identity_token?: SecretText | undefined;
  readonly aws_sts_endpoint?: string | undefined;
  readonly aws_external_id?: string | undefined;
  /** Path or content of a service account's file. */
  readonly vertex_credentials?: SecretText | undefined;
  readonly tenant_id?: string | undefined;
  readonly client_id?: string | undefined;
  readonly client_secret?: SecretText | undefined;
  readonly azure_scope?: string | undefined;
  /** `litellm_settings`: without a key, Azure is called as whoever the process is. */
  readonly enable_azure_ad_token_refresh?: boolean | undefined;
  /**
   * The deployment itself names its address: bearer tokens that the process has from its surroundings do not go there
   * (design.md rule 6).
   */
  readonly configuredAddress?: boolean | undefined;
}

/** A request that is to be authorized. */
export interface UnsignedRequest {
  /** Scheme, host and port. */
  readonly origin: string;
  /** Path and query. */
  readonly path: string;
  readonly body: Buffer;
  /** Epoch milliseconds. */
  readonly time: number;
}

/** Makes the authorization of requests to one deployment. Fetches and renews credentials as it needs them. */
export interface Authorizer {
  /**
   * Flat list of header names and values. A promise only when credentials have to be fetched first; it rejects with an
   * error whose message says what is wrong with them, without the secrets.
   */
  authorize(request: UnsignedRequest): readonly string[] | Promise<readonly string[]>;
}

/** How an operation is served: its bytes passed on as they are, through the call form, or not, and why not. */
export type Service = "passed" | "translated" | { readonly refused: string };

/**
 * The facts of one provider: everything that differs between upstreams of one wire family.
 * Support tables and reference pages are generated from these.
 */
export interface Provider {
  /** LiteLLM's prefix, and the value of `custom_llm_provider`. */
  readonly name: string;
  /** As people write it; error texts carry `<title>Exception`. */
  readonly title: string;
  /** Further prefixes that mean the same provider. */
  readonly aliases?: readonly string[];
  /** Base URL when none is configured; absent when it must be given. May hold `{region}` and `{location}`. */
  readonly baseUrl?: string;
  /** Environment variables that hold the base URL, first one set wins. */
  readonly baseUrlVariables: readonly string[];
  /** Environment variables that hold the key when none is configured, first one set wins. */
  readonly keyVariables: readonly string[];
  /** Without a key no call can succeed, so a deployment without one is not served. */
  readonly keyRequired: boolean;
  readonly authorization: Authorization;
  /**
   * For what a static header cannot do. Called once for a deployment; undefined where the key alone is enough. Throws
   * an error when the settings cannot work (half of a key pair, a service account's file that is none).
   */
  readonly authorizer?: (settings: CredentialSettings, place: Place) => Authorizer | undefined;
  /** Environment variables that hold the API version, for providers that have one. */
  readonly apiVersionVariables?: readonly string[];
  readonly apiVersion?: string;
  /** Environment variables for `Place.region`, `.project` and `.location`, first one set wins, and what holds without. */
  readonly regionVariables?: readonly string[];
  readonly projectVariables?: readonly string[];
  readonly locationVariables?: readonly string[];
  readonly defaultLocation?: string;
  /** Headers of every request beside content type and authorization, lower case. */
  readonly headers?: { readonly [name: string]: string };
  /** False: it refuses `stream_options`, and says unasked what its streams used. */
  readonly streamOptions?: false;
  /** Client request headers, lower case, that go upstream: nothing else does. */
  readonly clientHeaders: readonly string[];
  /** The wire of a model's chats. */
  chat(model: string): ChatWire;
  /** That of its embeddings; undefined: it has none, or they are passed. */
  embedding?(model: string): EmbeddingWire | undefined;
  /** How each operation is served for a model of its. */
  service(operation: Operation, model: string): Service;
  /** Address of an operation, of its stream where that has its own. Throws a TypeError when `baseUrl` is no URL. */
  target(operation: Operation, place: Place, stream: boolean): Target;
}
