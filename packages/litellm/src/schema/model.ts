import * as z from "zod";
import { block } from "./block.ts";
import { connectionMembers } from "./connection.ts";
import {
  any,
  dollars,
  duration,
  flag,
  integer,
  list,
  number,
  requiredText,
  seconds,
  text,
  textList,
} from "./leaf.ts";
import { priceMembers } from "./price.ts";
import { requestDefaultMembers } from "./request-defaults.ts";

/** Members of `litellm_params` beside `model`. */
export const parameterMembers = {
  ...connectionMembers,
  litellm_credential_name: text(
    "Take key, base and version from the entry of `credential_list` with this name",
  ),
  rpm: integer(
    "Requests per minute the deployment is sized for: a weight, a limit only where a check says so",
  ),
  tpm: integer("Tokens per minute the deployment is sized for: a weight, a limit only where a check says so"),
  itpm: integer("Prompt tokens per minute the deployment is sized for"),
  otpm: integer("Completion tokens per minute the deployment is sized for"),
  max_parallel_requests: integer("Most requests at once"),
  weight: number("Share of the group's requests; goes before rpm, and rpm before tpm"),
  order: integer("Tier: lower tiers first, higher ones only on failure"),
  timeout: seconds("Longest time for a whole request, else the router's", { default: 6000 }),
  stream_timeout: seconds("Longest time to the first chunk of a stream, else `timeout`"),
  max_retries: integer("Retries of the provider client", { default: 0 }),
  num_retries: integer("Retries of the router, else the router's own"),
  cooldown_time: seconds("How long the deployment rests after failures; 0 never"),
  tags: textList("Tags requests are routed by; `default` serves requests without a match"),
  tag_regex: textList("Patterns on `User-Agent: …` requests are routed by"),
  max_budget: dollars("What may be spent on the deployment per `budget_duration`"),
  budget_duration: duration("After which time `max_budget` starts anew"),
  mock_response: any(
    "Answer this instead of calling upstream: a text, a whole answer, or the name of an error",
  ),
  mock_timeout: flag("Answer with a time-out instead of calling upstream", { default: false }),
  mock_delay: seconds("How long a mock answer takes"),
  mock_tool_calls: list("Tool calls of the mock answer"),
  drop_params: flag("Drop parameters the provider does not know, else `litellm_settings.drop_params`"),
  additional_drop_params: textList("Parameters that never go upstream"),
  allowed_openai_params: textList(
    "OpenAI parameters that go upstream although the provider does not list them",
  ),
  modify_params: flag(
    "Change requests so that the provider takes them, else `litellm_settings.modify_params`",
  ),
  configurable_clientside_auth_params: list(
    "Connection fields clients may send: names, or `{name: pattern}`",
  ),
  use_in_pass_through: flag("Lend the key to pass-through routes", { default: false }),
  use_litellm_proxy: flag("The upstream is another LiteLLM", { default: false }),
  use_chat_completions_api: flag("Call the upstream's chat completions also for `/v1/responses`"),
  merge_reasoning_content_in_choices: flag("Put reasoning into the content, between think tags", {
    default: false,
  }),
  default_api_key_tpm_limit: integer("Tokens per minute a key gets for this model unless it says otherwise"),
  default_api_key_rpm_limit: integer(
    "Requests per minute a key gets for this model unless it says otherwise",
  ),
  max_file_size_mb: number("Largest uploaded file, megabytes"),
  max_input_tokens: integer("Longest prompt, tokens"),
  rust: flag("Use LiteLLM's Rust transport"),
  ...requestDefaultMembers,
  ...priceMembers,
};

/** Keys of `litellm_params` by pattern. */
export const parameterFacts = {
  open: true,
  patterns: {
    "health_check_*": "How the deployment's health is checked",
    "auto_router_*": "Settings of LiteLLM's auto router",
    "complexity_router_*": "Settings of LiteLLM's complexity router",
    "adaptive_router_*": "Settings of LiteLLM's adaptive router",
  },
};

/** `model_list[].litellm_params` (litellm.md §2.1): how one deployment is called. */
const parametersSchema = block(
  "How the deployment is called; keys that are none of these are request parameters of the provider",
  {
    model: requiredText("Upstream model, `provider/model`; the prefix decides the provider"),
    ...parameterMembers,
  },
  parameterFacts,
);

/** `router_settings.default_litellm_params` (litellm.md §2.3): parameters deployments fall back to. */
export const defaultParametersSchema = block(
  "Parameters every deployment has unless it says otherwise",
  parameterMembers,
  parameterFacts,
);

/** `model_list[].model_info` (litellm.md §2.1): what is known about one deployment. */
const informationSchema = block(
  "What is known about the deployment; keys that are none of these are notes",
  {
    id: text("Deployment id in headers and the management API; else derived from the parameters"),
    mode: text("What the model does; the probe of health checks follows it", {
      default: "chat",
      values: [
        "chat",
        "completion",
        "embedding",
        "image_generation",
        "image_edit",
        "audio_transcription",
        "audio_speech",
        "moderation",
        "rerank",
        "responses",
        "realtime",
        "batch",
        "ocr",
        "search",
        "video_generation",
      ],
    }),
    base_model: text("Name the price is looked up by"),
    max_tokens: integer("Longest answer, tokens"),
    max_input_tokens: integer("Longest prompt, tokens"),
    max_output_tokens: integer("Longest answer, tokens"),
    supports_function_calling: flag("The model takes tools"),
    supports_parallel_function_calling: flag("The model calls several tools at once"),
    supports_tool_choice: flag("The model takes `tool_choice`"),
    supports_vision: flag("The model takes images"),
    supports_pdf_input: flag("The model takes PDF files"),
    supports_audio_input: flag("The model takes audio"),
    supports_audio_output: flag("The model speaks"),
    supports_prompt_caching: flag("The provider caches prompts"),
    supports_response_schema: flag("The model takes a JSON schema for its answer"),
    supports_system_messages: flag("The model takes system messages"),
    supports_reasoning: flag("The model reasons"),
    supports_web_search: flag("The model searches the web"),
    team_id: text("Team the model belongs to: nobody else may use it"),
    team_public_model_name: text("Name the team uses"),
    access_groups: textList("Group names usable in the model lists of keys and teams"),
    supported_environments: textList("Deployment environments the model is meant for"),
    tier: text("Tier of the model", { values: ["free", "paid"] }),
    db_model: flag("The model is stored in the database"),
    blocked: flag("The model is not to be used", { default: false }),
    created_by: text("Who made the entry"),
    created_at: text("When the entry was made"),
    updated_by: text("Who changed the entry last"),
    updated_at: text("When the entry was changed last"),
    health_check_timeout: seconds("Longest time of a health check"),
    health_check_model: text("Model the health check of a wildcard calls"),
    health_check_max_tokens: integer("Longest answer of a health check, tokens"),
    health_check_max_tokens_reasoning: integer("The same for reasoning models"),
    health_check_max_tokens_non_reasoning: integer("The same for other models"),
    health_check_reasoning_effort: text("Reasoning effort of a health check"),
    health_check_voice: text("Voice of a health check of speech models"),
    disable_background_health_check: flag("Leave the deployment out of background health checks", {
      default: false,
    }),
    ...priceMembers,
  },
  {
    open: true,
    patterns: {
      "supports_*": "What the model can do",
      "health_check_*": "How the deployment's health is checked",
    },
  },
);

/** `model_list[]` (litellm.md §2.1): one deployment. */
export const modelSchema = block("One deployment of a model", {
  model_name: requiredText("Public name; entries of one name form a load-balanced group; may hold `*`"),
  litellm_params: parametersSchema,
  rpm: integer("As `litellm_params.rpm`"),
  tpm: integer("As `litellm_params.tpm`"),
  model_info: informationSchema.optional(),
});

/** `model_list`: every deployment. */
export const modelListSchema = z.array(modelSchema);
