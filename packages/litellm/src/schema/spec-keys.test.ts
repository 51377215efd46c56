import { describe, expect, it } from "vitest";
import { documentShape, placedShapes } from "./shape.ts";

/** Every key of the tables of litellm.md §2, copied from there, and those that only the dialects write. */
const keys: { readonly [block: string]: string } = {
  "": `model_list litellm_settings router_settings general_settings environment_variables credential_list guardrails
    mcp_servers callback_settings include files_settings finetune_settings assistant_settings search_tools
    vector_store_registry prompts policies gatewright`,
  "model_list[]": "model_name litellm_params model_info rpm tpm",
  "model_list[].litellm_params": `model api_key api_base api_version organization custom_llm_provider azure_ad_token
    tenant_id client_id client_secret vertex_project vertex_location vertex_credentials aws_access_key_id
    aws_secret_access_key aws_session_token aws_region_name aws_role_name aws_session_name aws_profile_name
    aws_bedrock_runtime_endpoint watsonx_region_name region_name litellm_credential_name rpm tpm itpm otpm
    max_parallel_requests weight order timeout stream_timeout max_retries num_retries cooldown_time tags tag_regex
    max_budget budget_duration mock_response mock_timeout mock_delay drop_params additional_drop_params
    allowed_openai_params modify_params configurable_clientside_auth_params extra_headers extra_body headers
    use_in_pass_through use_litellm_proxy merge_reasoning_content_in_choices default_api_key_tpm_limit
    default_api_key_rpm_limit input_cost_per_token output_cost_per_token input_cost_per_second
    cache_read_input_token_cost cache_creation_input_token_cost output_cost_per_reasoning_token max_file_size_mb
    health_check_* auto_router_* complexity_router_* adaptive_router_* rust use_chat_completions_api max_tokens
    temperature top_p frequency_penalty presence_penalty stop seed max_input_tokens
    cache_creation_input_token_cost_above_1hr input_cost_per_token_above_128k_tokens
    output_cost_per_token_above_200k_tokens input_cost_per_token_above_272k_tokens input_cost_per_token_batches
    output_cost_per_token_priority input_cost_per_token_flex input_cost_per_audio_token output_cost_per_image
    input_cost_per_character input_cost_per_query input_cost_per_pixel`,
  "model_list[].model_info": `id mode base_model max_tokens max_input_tokens max_output_tokens supports_* team_id
    team_public_model_name access_groups tier db_model blocked created_by updated_at health_check_timeout
    health_check_model disable_background_health_check health_check_max_tokens supported_environments
    input_cost_per_token output_cost_per_token input_cost_per_pixel input_cost_per_second
    cache_read_input_token_cost cache_creation_input_token_cost health_check_max_tokens_reasoning
    health_check_max_tokens_non_reasoning health_check_reasoning_effort health_check_voice`,
  litellm_settings: `num_retries request_timeout allowed_fails fallbacks context_window_fallbacks
    content_policy_fallbacks default_fallbacks drop_params modify_params callbacks success_callback failure_callback
    service_callbacks cache cache_params enable_redis_auth_cache max_budget budget_duration max_internal_user_budget
    internal_user_budget_duration default_internal_user_params default_team_params default_team_settings
    default_key_generate_params upperbound_key_generate_params key_generation_settings max_end_user_budget
    max_end_user_budget_id tag_budget_config turn_off_message_logging redact_user_api_key_info json_logs set_verbose
    cost_discount_config cost_margin_config priority_reservation public_model_groups disable_end_user_cost_tracking
    disable_end_user_cost_tracking_prometheus_only custom_prometheus_metadata_labels custom_prometheus_tags
    prometheus_metrics_config prometheus_emit_stream_label require_auth_for_metrics_endpoint
    prometheus_initialize_budget_metrics mcp_aliases network_mock store_audit_logs enable_json_schema_validation
    force_ipv4 forward_traceparent_to_llm_provider enable_key_alias_format_validation
    route_all_chat_openai_to_responses disable_hf_tokenizer_download skip_system_message_in_guardrail timezone
    disable_strict_validation use_chat_completions_url_for_anthropic_messages health_check_interval
    check_provider_endpoint audit_log_retention_days cache_kwargs`,
  "litellm_settings.cache_params": `type host port password url namespace ttl default_in_memory_ttl
    default_in_redis_ttl mode supported_call_types redis_startup_nodes sentinel_nodes service_name ssl max_connections
    similarity_threshold s3_* gcs_* qdrant_* s3_bucket_name s3_region_name s3_aws_access_key_id
    s3_aws_secret_access_key qdrant_url qdrant_api_key qdrant_collection_name qdrant_semantic_cache_embedding_model`,
  "litellm_settings.default_internal_user_params": "role max_budget budget_duration models teams user_role",
  "litellm_settings.default_team_params":
    "max_budget budget_duration tpm_limit rpm_limit models team_member_permissions",
  "litellm_settings.upperbound_key_generate_params":
    "max_budget budget_duration duration tpm_limit rpm_limit max_parallel_requests",
  "litellm_settings.tag_budget_config.*": "max_budget budget_duration",
  router_settings: `routing_strategy routing_strategy_args num_retries retry_after timeout stream_timeout max_fallbacks
    fallbacks context_window_fallbacks content_policy_fallbacks default_fallbacks allowed_fails allowed_fails_policy
    cooldown_time disable_cooldowns retry_policy model_group_retry_policy enable_pre_call_checks enable_tag_filtering
    tag_filtering_match_any model_group_alias provider_budget_config optional_pre_call_checks
    deployment_affinity_ttl_seconds default_max_parallel_requests default_litellm_params client_ttl cache_responses
    caching_groups redis_host redis_port redis_password redis_url redis_db ignore_invalid_deployments
    enable_health_check_routing polling_interval default_priority assistants_config search_tools`,
  "router_settings.routing_strategy_args": "ttl lowest_latency_buffer max_latency_list_size",
  "router_settings.allowed_fails_policy": `BadRequestErrorAllowedFails AuthenticationErrorAllowedFails
    TimeoutErrorAllowedFails RateLimitErrorAllowedFails ContentPolicyViolationErrorAllowedFails
    InternalServerErrorAllowedFails`,
  "router_settings.retry_policy": `BadRequestErrorRetries AuthenticationErrorRetries TimeoutErrorRetries
    RateLimitErrorRetries ContentPolicyViolationErrorRetries InternalServerErrorRetries`,
  "router_settings.model_group_retry_policy.*": "TimeoutErrorRetries",
  "router_settings.provider_budget_config.*": "budget_limit max_budget time_period budget_duration",
  "router_settings.default_litellm_params": "api_key timeout temperature",
  general_settings: `master_key database_url database_connection_pool_limit database_connection_pool_timeout
    allow_requests_on_db_unavailable store_model_in_db supported_db_objects disable_spend_logs disable_spend_updates
    disable_error_logs disable_reset_budget store_prompts_in_spend_logs maximum_spend_logs_retention_period
    maximum_spend_logs_retention_interval maximum_spend_logs_cleanup_cron proxy_budget_rescheduler_min_time
    proxy_budget_rescheduler_max_time proxy_batch_write_at use_redis_transaction_buffer user_api_key_cache_ttl
    litellm_key_header_name allowed_ips use_x_forwarded_for allowed_routes public_routes admin_only_routes
    enforced_params enforce_user_param reject_clientside_metadata_tags role_permissions enforce_rbac enable_jwt_auth
    litellm_jwtauth enable_oauth2_auth enable_oauth2_proxy_auth custom_auth custom_key_generate custom_sso
    max_parallel_requests global_max_parallel_requests token_rate_limit_type infer_model_from_keys completion_model
    embedding_model image_generation_model moderation_model background_health_checks health_check_interval
    health_check_details health_check_concurrency enable_health_check_routing health_check_staleness_threshold
    health_check_ignore_transient_errors use_shared_health_check alerting alerting_threshold alerting_args alert_types
    alert_to_webhook_url allow_client_side_credentials forward_client_headers_to_llm_api forward_openai_org_id
    forward_llm_provider_auth_headers pass_through_endpoints user_header_name user_header_mappings
    always_include_stream_usage max_request_size_mb max_response_size_mb key_management_system key_management_settings
    ui_access_mode control_plane_url service_account_settings default_team_disabled disable_master_key_return
    disable_adding_master_key_hash_to_db disable_retry_on_max_parallel_request_limit_error
    disable_responses_id_security mcp_* proxy_config_reload_interval_seconds master_key_required allow_user_auth
    max_budget budget_duration health_check_skip_disabled_background_models oauth2_config_mappings store_audit_logs
    key_generation_settings`,
  "general_settings.litellm_jwtauth": `admin_jwt_scope admin_allowed_routes team_id_jwt_field team_ids_jwt_field
    org_id_jwt_field user_id_jwt_field user_email_jwt_field user_role_jwt_field end_user_id_jwt_field public_key_ttl
    user_roles_jwt_field user_allowed_roles enforce_rbac object_id_jwt_field roles_jwt_field team_alias_jwt_field
    org_alias_jwt_field team_id_default team_allowed_routes user_allowed_email_domain user_id_upsert team_id_upsert
    team_claim_fallback enforce_team_based_model_access enforce_scope_based_access sync_user_role_and_teams
    custom_validate virtual_key_claim_field virtual_key_mapping_cache_ttl oidc_userinfo_enabled oidc_userinfo_endpoint
    oidc_userinfo_cache_ttl scope_mappings role_mappings jwt_litellm_role_map routing_overrides`,
  "general_settings.oauth2_config_mappings.*": "jwt_field litellm_attribute",
  "general_settings.role_permissions[]": "role routes models",
  "general_settings.key_generation_settings.team_key_generation": "allowed_team_member_roles",
  "general_settings.key_generation_settings.personal_key_generation": "allowed_user_roles",
  "general_settings.key_management_settings":
    "hosted_keys store_virtual_keys prefix_for_stored_virtual_keys access_mode primary_secret_name",
  "general_settings.pass_through_endpoints[]": `path target headers forward_headers merge_query_params include_subpath
    cost_per_request auth methods default_query_params`,
  "credential_list[]": "credential_name credential_values credential_info",
  "credential_list[].credential_values": "api_key api_base api_version",
  "credential_list[].credential_info": "description custom_llm_provider",
  "guardrails[]": "guardrail_name guardrail_id guardrail_info policy_template litellm_params",
  "guardrails[].litellm_params": `guardrail mode default_on api_key api_base model
    additional_provider_specific_params unreachable_fallback extra_headers mask_request_content mask_response_content
    violation_message_template skip_system_message* experimental_use_latest_role_message_only output_parse_pii
    presidio_analyzer_api_base presidio_anonymizer_api_base presidio_language presidio_score_thresholds
    pii_entities_config`,
  "mcp_servers.*": `url transport command args env spec_path auth_type authentication_token auth_value client_id
    client_secret scopes authorization_url token_url registration_url oauth2_flow static_headers extra_headers
    allowed_tools disallowed_tools allowed_params alias description mcp_info access_groups allow_all_keys
    available_on_public_internet tool_name_to_display_name tool_name_to_description`,
  "mcp_servers.*.mcp_info.mcp_server_cost_info": "default_cost_per_query tool_name_to_cost_per_query",
  "callback_settings.*": "message_logging",
  gatewright: "requires allow_unsupported agent_keys agents limits models timeouts",
  "gatewright.agents[]": "id name",
  "gatewright.limits[]":
    "name model agent requests_per_minute tokens_per_minute parallel_requests algorithm queue",
  "gatewright.limits[].queue": "size wait_seconds",
  "gatewright.models.*": "model_name deployments route cache telemetry budget",
  "gatewright.models.*.route": "strategy retry fallbacks endpoints health_check regions",
  "gatewright.models.*.route.retry":
    "attempts initial_backoff_seconds max_backoff_seconds backoff_multiplier status_codes",
  "gatewright.models.*.cache": "enabled ttl_seconds max_size_megabytes backend",
  "gatewright.models.*.telemetry": "metrics tracing log_level log_requests log_responses",
  "gatewright.models.*.budget": "currency input_per_thousand_tokens output_per_thousand_tokens",
};

const placed = [...placedShapes(documentShape())];
const known = new Set(placed.map(({ path }) => path));

describe("the document's schema", () => {
  it.each(Object.entries(keys))("has every key of the contract in %j", (block, names) => {
    const wanted = names.split(/\s+/).map((name) => (block === "" ? name : `${block}.${name}`));
    expect(wanted.filter((path) => !known.has(path))).toEqual([]);
  });

  it("describes every block and leaf", () => {
    const silent = placed.filter(({ shape }) => {
      return (shape.kind === "leaf" || shape.kind === "map") && shape.facts.description.length < 2;
    });
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  it("lists the default among the values", () => {
    const odd = placed.filter(({ shape }) => {
      if (shape.kind !== "leaf") return false;
      const { default: standard, values } = shape.facts;
      return typeof standard === "string" && values !== undefined && !values.includes(standard);
    });
    expect(odd.map(({ path }) => path)).toEqual([]);
  });

  it("keeps every key that sounds like a secret as one", () => {
    const open = placed.filter(({ path, shape }) => {
      const name = path.slice(path.lastIndexOf(".") + 1);
      return (
        shape.kind === "leaf" &&
        ["text", "any", "map of texts"].includes(shape.facts.type) &&
        /(?:^|_)(?:api_key|master_key|password|secret|token|credentials|access_key_id|secret_access_key|database_url|redis_url)$/.test(
          name,
        )
      );
    });
    expect(open.map(({ path }) => path)).toEqual([]);
  });
});
