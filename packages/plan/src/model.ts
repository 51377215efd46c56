import type { SecretReference } from "./credential.ts";
import type { Json, JsonObject } from "./json.ts";
import type { Origin } from "./origin.ts";

/** One deployment of a model: a public name and the upstream that serves it. Equal names form a group. */
export interface Model {
  readonly origin: Origin;
  /** The name clients use; may hold `*`. */
  readonly name: string;
  /** A second name clients may use: the resource's own (langop). Also names the group in per-model settings. */
  readonly resource?: string;
  /** The upstream in LiteLLM's notation: `provider/model`, or a bare model name. */
  readonly model: string;
  /** In the document, or stored through the management API (palena). */
  readonly delivery: "document" | "admin";
  /** Stable deployment id (`model_info.id`); LiteLLM derives one when absent. */
  readonly id?: string;
  /** Forces the wire family whatever the prefix says (`custom_llm_provider`). */
  readonly provider?: string;
  /** Base URL of the upstream (`api_base`). */
  readonly endpoint?: string;
  readonly apiVersion?: string;
  readonly organization?: string;
  /** AWS region. */
  readonly region?: string;
  /** Google Cloud project and location. */
  readonly project?: string;
  readonly location?: string;
  /** A reference; or a literal that is no secret, such as the placeholder for servers that want any key. */
  readonly apiKey?: SecretReference | string;
  /** Name of a shared credential. */
  readonly credential?: string;
  /** Other secret parameters by LiteLLM's parameter name, for example `aws_secret_access_key`. */
  readonly secrets?: { readonly [parameter: string]: SecretReference };
  readonly timeoutSeconds?: number;
  /** Until the first chunk of a stream. */
  readonly streamTimeoutSeconds?: number;
  /** Retries of the provider client (`max_retries`). */
  readonly retries?: number;
  readonly weight?: number;
  /** Lower tiers are tried first. */
  readonly order?: number;
  readonly rate?: ModelRate;
  readonly parallelRequests?: number;
  readonly tags?: readonly string[];
  /** Added to every upstream request. */
  readonly headers?: { readonly [name: string]: string };
  /** Drop parameters the provider does not know (`drop_params`). */
  readonly dropParameters?: boolean;
  /** Translate `/v1/responses` into chat completions for this upstream (`use_chat_completions_api`). */
  readonly chatCompletionsOnly?: boolean;
  /** Values used when the request does not give them. */
  readonly defaults?: ModelDefaults;
  /** Further LiteLLM parameters, verbatim; they win over every field above. */
  readonly parameters?: JsonObject;
  readonly information?: ModelInformation;
}

/** Rates a deployment is sized for: weights in LiteLLM; hard limits are `Limit`s. */
export interface ModelRate {
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
  /** Where the dialect's users find it: beside `litellm_params` (langop) or inside it (palena). */
  readonly placement: "entry" | "parameters";
}

/** Request parameters a deployment fills in. Names as in the OpenAI API, in camel case. */
export interface ModelDefaults {
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly stop?: readonly string[];
  readonly seed?: number;
}

/** What is known about a model (`model_info`). Prices in US dollars. */
export interface ModelInformation {
  readonly mode?: string;
  readonly baseModel?: string;
  readonly tier?: string;
  readonly regionName?: string;
  readonly maxTokens?: number;
  readonly maxInputTokens?: number;
  readonly accessGroups?: readonly string[];
  readonly supportedEnvironments?: readonly string[];
  readonly passThrough?: boolean;
  readonly inputCostPerToken?: number;
  readonly outputCostPerToken?: number;
  readonly inputCostPerPixel?: number;
  readonly inputCostPerSecond?: number;
  readonly cacheReadInputTokenCost?: number;
  readonly cacheCreationInputTokenCost?: number;
  /** Names and values as LiteLLM writes them (`health_check_*`, `disable_background_health_check`). */
  readonly healthCheck?: { readonly [name: string]: Json };
}
