import { honoured, ignored, needless, refused, rows, type SupportRows } from "./entry.ts";
import { noAlerts, noDatabase, noIdentity, noLimits, noTeams, noTools } from "./reason.ts";

/** Support of `general_settings`. */
export const generalSettingsSupport: SupportRows = rows("general_settings", [
  [
    honoured(),
    ["master_key", "litellm_key_header_name", "max_request_size_mb", "completion_model", "embedding_model"],
  ],
  [
    honoured(
      "the gateway is refused when the document names no master key and LITELLM_MASTER_KEY is not set",
    ),
    ["master_key_required"],
  ],
  [
    refused("this restriction is not there yet"),
    ["allowed_ips", "allowed_routes", "admin_only_routes", "enforced_params", "enforce_user_param"],
  ],
  [
    noIdentity,
    [
      "enable_jwt_auth",
      "enable_oauth2_auth",
      "enable_oauth2_proxy_auth",
      "custom_auth",
      "enforce_rbac",
      "role_permissions",
    ],
  ],
  [needless("it matters only with allowed_ips"), ["use_x_forwarded_for"]],
  [
    needless("it matters only with the switch that turns it on"),
    ["litellm_jwtauth", "oauth2_config_mappings"],
  ],
  [ignored("every route but the health checks needs the key"), ["public_routes"]],
  [needless("there are no service accounts yet"), ["service_account_settings"]],
  [needless("nobody signs in yet"), ["custom_sso", "allow_user_auth", "ui_access_mode"]],
  [
    noTeams,
    ["custom_key_generate", "key_generation_settings", "default_team_disabled", "user_api_key_cache_ttl"],
  ],
  [
    needless("the master key is never shown or stored"),
    ["disable_master_key_return", "disable_adding_master_key_hash_to_db"],
  ],
  [noDatabase, ["database_url", "store_model_in_db"]],
  [
    needless("there is no database yet"),
    [
      "database_connection_pool_limit",
      "database_connection_pool_timeout",
      "database_connection_timeout",
      "allow_requests_on_db_unavailable",
      "supported_db_objects",
      "disable_spend_logs",
      "disable_spend_updates",
      "disable_error_logs",
      "disable_reset_budget",
      "maximum_spend_logs_retention_period",
      "maximum_spend_logs_retention_interval",
      "maximum_spend_logs_cleanup_cron",
      "proxy_budget_rescheduler_min_time",
      "proxy_budget_rescheduler_max_time",
      "proxy_batch_write_at",
      "proxy_config_reload_interval_seconds",
      "use_redis_transaction_buffer",
    ],
  ],
  [ignored("messages are never kept"), ["store_prompts_in_spend_logs"]],
  [ignored("changes are not recorded yet"), ["store_audit_logs"]],
  [
    honoured(),
    ["global_max_parallel_requests", "max_parallel_requests", "token_rate_limit_type", "user_header_name"],
  ],
  [noLimits, ["max_response_size_mb"]],
  [
    needless("requests that a limit refuses are never tried again"),
    ["disable_retry_on_max_parallel_request_limit_error"],
  ],
  [
    needless("LiteLLM reads it in litellm_settings, and so does this engine"),
    ["max_budget", "budget_duration"],
  ],
  [refused("clients may name tags"), ["reject_clientside_metadata_tags"]],
  [ignored("a client that sends connection fields is always refused"), ["allow_client_side_credentials"]],
  [
    ignored("only the headers each provider needs go upstream, and never the client's credentials"),
    ["forward_client_headers_to_llm_api", "forward_openai_org_id", "forward_llm_provider_auth_headers"],
  ],
  [ignored("only user_header_name is read"), ["user_header_mappings"]],
  [ignored("usage is sent to clients that ask for it"), ["always_include_stream_usage"]],
  [ignored("models are served that the document lists"), ["infer_model_from_keys"]],
  [ignored("this route is not served yet"), ["image_generation_model", "moderation_model"]],
  [
    needless("an answer's id is the provider's own, and answers are not fetched by it yet"),
    ["disable_responses_id_security"],
  ],
  [
    ignored("checks are free looks at the upstream, never a completion", { approximated: true }),
    ["background_health_checks"],
  ],
  [honoured(), ["health_check_interval", "enable_health_check_routing"]],
  [
    needless("it matters only with background_health_checks"),
    [
      "health_check_details",
      "health_check_concurrency",
      "health_check_skip_disabled_background_models",
      "health_check_staleness_threshold",
      "health_check_ignore_transient_errors",
      "use_shared_health_check",
    ],
  ],
  [noAlerts, ["alerting", "alert_to_webhook_url"]],
  [needless("it matters only with alerting"), ["alerting_threshold", "alerting_args", "alert_types"]],
  [ignored("secrets are looked up in the environment and in the secrets folder"), ["key_management_system"]],
  [needless("it matters only with key_management_system"), ["key_management_settings"]],
  [ignored("there is no control plane of LiteLLM's kind"), ["control_plane_url"]],
  [
    honoured("without `auth` an endpoint is open to everybody; limits do not count its requests"),
    ["pass_through_endpoints[]"],
  ],
  [noTools, ["mcp_*"]],
]);
