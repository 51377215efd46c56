import { priceMembers } from "../schema/price.ts";
import { honoured, ignored, needless, refused, rows, type SupportRows } from "./entry.ts";
import {
  alwaysFitted,
  inMemory,
  noHealthProbe,
  noLimits,
  noPassThrough,
  noTeams,
  notes,
  otherProvider,
  uncounted,
} from "./reason.ts";

/** Prices of what can be counted: tokens of all kinds, images made, seconds heard, and the call itself. */
const countedPrices = Object.keys(priceMembers).filter(
  (name) =>
    /_cost_per_(token|reasoning_token|audio_token|request|query)$|^cache_(read|creation)_input_token_cost$/.test(
      name,
    ) ||
    /^(output_cost_per_image|input_cost_per_second)$/.test(name) ||
    /_(above_(128|200|272)k_tokens|priority|flex)$/.test(name),
);

const asWeight = honoured("a weight of simple shuffle");
const filledIn = honoured("filled in where the request has no value of its own");

/** Rows of parameters, wherever a deployment gets them from. */
function parameters(block: string): SupportRows {
  return rows(block, [
    [
      honoured(),
      [
        "api_key",
        "api_base",
        "base_url",
        "api_version",
        "organization",
        "custom_llm_provider",
        "azure_ad_token",
        "litellm_credential_name",
        "weight",
        "timeout",
        "stream_timeout",
        "mock_response",
        "mock_timeout",
        "mock_delay",
        "mock_tool_calls",
        "drop_params",
        "additional_drop_params",
        "allowed_openai_params",
        "use_chat_completions_api",
        "extra_headers",
        "extra_body",
        "headers",
      ],
    ],
    [asWeight, ["rpm", "tpm"]],
    [
      honoured(),
      [
        "order",
        "region_name",
        "max_parallel_requests",
        "num_retries",
        "cooldown_time",
        "tags",
        "max_input_tokens",
      ],
    ],
    [ignored("patterns that could take long to match are left out", { approximated: true }), ["tag_regex"]],
    [
      filledIn,
      [
        "temperature",
        "top_p",
        "n",
        "stop",
        "max_tokens",
        "max_completion_tokens",
        "presence_penalty",
        "frequency_penalty",
        "logit_bias",
        "logprobs",
        "top_logprobs",
        "seed",
        "user",
        "response_format",
        "reasoning_effort",
        "service_tier",
        "parallel_tool_calls",
        "verbosity",
        "tools",
        "tool_choice",
        "dimensions",
        "encoding_format",
        "top_k",
        "thinking",
        "modalities",
        "prediction",
        "metadata",
        "store",
      ],
    ],
    [alwaysFitted, ["modify_params"]],
    [
      honoured(),
      [
        "tenant_id",
        "client_id",
        "client_secret",
        "azure_scope",
        "vertex_project",
        "vertex_location",
        "vertex_credentials",
        "aws_access_key_id",
        "aws_secret_access_key",
        "aws_session_token",
        "aws_region_name",
        "aws_role_name",
        "aws_session_name",
        "aws_profile_name",
        "aws_web_identity_token",
        "aws_sts_endpoint",
        "aws_external_id",
        "aws_bedrock_runtime_endpoint",
      ],
    ],
    [
      ignored("Azure is not called as a user; a service principal or a token will do"),
      ["azure_username", "azure_password"],
    ],
    [otherProvider, ["watsonx_region_name"]],
    [noLimits, ["itpm", "otpm", "max_file_size_mb"]],
    [needless("retries are the router's, and are not multiplied by the client's"), ["max_retries"]],
    [inMemory, ["max_budget", "budget_duration"]],
    [noTeams, ["default_api_key_tpm_limit", "default_api_key_rpm_limit"]],
    [
      ignored("a client that sends connection fields is always refused"),
      ["configurable_clientside_auth_params"],
    ],
    [noPassThrough, ["use_in_pass_through"]],
    [ignored("write the model as litellm_proxy/<model> instead"), ["use_litellm_proxy"]],
    [ignored("answers are passed on as they are"), ["merge_reasoning_content_in_choices"]],
    [needless("it chooses a part of LiteLLM"), ["rust"]],
    [honoured(), countedPrices],
    [uncounted, Object.keys(priceMembers).filter((name) => !countedPrices.includes(name))],
    [noHealthProbe, ["health_check_*"]],
    [
      ignored("such models are routers of LiteLLM's own"),
      ["auto_router_*", "complexity_router_*", "adaptive_router_*"],
    ],
  ]);
}

const served = [
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
];

/** Support of `model_list` and of the parameters deployments share. */
export const modelSupport: SupportRows = [
  ...rows("model_list[]", [
    [honoured(), ["model_name"]],
    [asWeight, ["rpm", "tpm"]],
  ]),
  ...rows("model_list[].litellm_params", [[honoured("see the providers page"), ["model"]]]),
  ...parameters("model_list[].litellm_params"),
  ...parameters("router_settings.default_litellm_params"),
  ...rows("model_list[].model_info", [
    [honoured(), ["id"]],
    [
      ignored("models of this kind have no route yet", {
        cases: [{ values: served, entry: honoured() }],
      }),
      ["mode"],
    ],
    [
      notes,
      [
        "max_tokens",
        "max_output_tokens",
        "supports_function_calling",
        "supports_parallel_function_calling",
        "supports_tool_choice",
        "supports_vision",
        "supports_pdf_input",
        "supports_audio_input",
        "supports_audio_output",
        "supports_prompt_caching",
        "supports_response_schema",
        "supports_system_messages",
        "supports_reasoning",
        "supports_web_search",
        "supports_*",
        "tier",
        "db_model",
        "created_by",
        "created_at",
        "updated_by",
        "updated_at",
      ],
    ],
    [refused("the deployment is marked as not to be used"), ["blocked"]],
    [refused("the deployment belongs to one team, and there are no teams yet"), ["team_id"]],
    [noTeams, ["team_public_model_name", "access_groups"]],
    [ignored("the environment a gateway runs in is not known to it"), ["supported_environments"]],
    [honoured(), ["base_model", "max_input_tokens", "disable_background_health_check", ...countedPrices]],
    [uncounted, Object.keys(priceMembers).filter((name) => !countedPrices.includes(name))],
    [
      needless("checks are free looks at the upstream, never a completion"),
      [
        "health_check_timeout",
        "health_check_model",
        "health_check_max_tokens",
        "health_check_max_tokens_reasoning",
        "health_check_max_tokens_non_reasoning",
        "health_check_reasoning_effort",
        "health_check_voice",
        "health_check_*",
      ],
    ],
  ]),
];
