import * as z from "zod";
import { block } from "./block.ts";
import { identityMembers } from "./identity.ts";
import {
  any,
  dollars,
  duration,
  flag,
  integer,
  list,
  map,
  number,
  seconds,
  secret,
  text,
  textList,
  textMap,
} from "./leaf.ts";
import { keyGenerationSchema } from "./tenant.ts";

const off = { default: false };
const on = { default: true };

const storage = {
  database_url: secret("PostgreSQL address with its password; also `DATABASE_URL`"),
  database_connection_pool_limit: integer("Connections per worker", { default: 10 }),
  database_connection_pool_timeout: seconds("Longest wait for one", { default: 60 }),
  database_connection_timeout: seconds("Longest wait for one", { default: 60 }),
  allow_requests_on_db_unavailable: flag("Serve although keys cannot be read", off),
  store_model_in_db: flag("Models can be added through the API", off),
  supported_db_objects: textList("What is read from the database, else everything"),
  disable_spend_logs: flag("Keep no record per request", off),
  disable_spend_updates: flag("Count no spend", off),
  disable_error_logs: flag("Keep no record of errors", off),
  disable_reset_budget: flag("Never start budgets anew", off),
  store_prompts_in_spend_logs: flag("Keep messages in the records", off),
  maximum_spend_logs_retention_period: duration("How long records are kept"),
  maximum_spend_logs_retention_interval: duration("How often old records are removed"),
  maximum_spend_logs_cleanup_cron: text("When old records are removed"),
  proxy_budget_rescheduler_min_time: seconds("Least time between looks at budgets", { default: 597 }),
  proxy_budget_rescheduler_max_time: seconds("Longest time between looks at budgets", { default: 605 }),
  proxy_batch_write_at: seconds("Time between writes of spend", { default: 10 }),
  proxy_config_reload_interval_seconds: seconds("Time between reads of stored models", { default: 30 }),
  use_redis_transaction_buffer: flag("Collect writes in Redis", off),
  user_api_key_cache_ttl: seconds("How long keys are remembered", { default: 60 }),
};

const keys = {
  master_key: secret("Key of the administrator; should start `sk-`; also `LITELLM_MASTER_KEY`"),
  master_key_required: flag("Refuse to run open", off),
  litellm_key_header_name: text("A further header that may hold the key"),
  custom_key_generate: text("Dotted path of a function that decides about new keys"),
  key_generation_settings: keyGenerationSchema.optional(),
  disable_master_key_return: flag("Never show the master key", off),
  disable_adding_master_key_hash_to_db: flag("Do not record the master key's hash", off),
};

const limits = {
  max_parallel_requests: integer("Requests at once per key that says nothing"),
  global_max_parallel_requests: integer("Requests at once, all together"),
  disable_retry_on_max_parallel_request_limit_error: flag("No retries over that limit", off),
  token_rate_limit_type: text("Which tokens limits count", {
    default: "total",
    values: ["total", "input", "output"],
  }),
  max_request_size_mb: number("Largest request body, megabytes"),
  max_response_size_mb: number("Largest answer, megabytes"),
  max_budget: dollars("What the whole proxy may spend; LiteLLM reads it in `litellm_settings`"),
  budget_duration: duration("After which time that starts anew"),
};

const requests = {
  allowed_ips: textList("Addresses that may call; else 403"),
  use_x_forwarded_for: flag("Believe `X-Forwarded-For`", off),
  enforced_params: textList("Fields every request must have"),
  enforce_user_param: flag("Every request must have `user`", off),
  reject_clientside_metadata_tags: flag("Refuse tags of clients", off),
  allow_client_side_credentials: flag("Clients may send `api_base` and keys", off),
  forward_client_headers_to_llm_api: flag("Send client headers upstream", off),
  forward_openai_org_id: flag("Send `openai-organization` upstream", off),
  forward_llm_provider_auth_headers: flag("Send the client's provider keys upstream", off),
  user_header_name: text("Header that names the customer"),
  user_header_mappings: list("Headers that name user and customer"),
  always_include_stream_usage: flag("Send usage at the end of every stream", off),
  infer_model_from_keys: flag("Serve every provider whose key is in the environment", off),
  completion_model: text("Model of every chat and completion, whatever the client names"),
  embedding_model: text("Model of every embedding"),
  image_generation_model: text("Model of every image"),
  moderation_model: text("Model of every moderation"),
  disable_responses_id_security: flag("Do not tie response ids to callers", off),
};

const operation = {
  background_health_checks: flag("Call every model regularly", off),
  health_check_interval: seconds("How often", { default: 300 }),
  health_check_details: flag("Details in `/health`", on),
  health_check_concurrency: integer("How many at once"),
  health_check_skip_disabled_background_models: flag("Not those that say so", off),
  enable_health_check_routing: flag("Prefer deployments whose health check succeeded", off),
  health_check_staleness_threshold: seconds("Age at which a result counts no more"),
  health_check_ignore_transient_errors: flag("Time-outs and rate limits are no failures", off),
  use_shared_health_check: flag("Share results through Redis", off),
  alerting: textList("Where alerts go", { values: ["slack", "email", "webhook"] }),
  alerting_threshold: seconds("Time after which a request hangs", { default: 300 }),
  alerting_args: map("Further settings of alerts"),
  alert_types: textList("Which alerts are sent"),
  alert_to_webhook_url: any("Webhooks by type of alert"),
  store_audit_logs: flag("As `litellm_settings.store_audit_logs`", off),
  key_management_system: text("Where secrets are read", {
    values: [
      "aws_secret_manager",
      "aws_kms",
      "google_kms",
      "google_secret_manager",
      "azure_key_vault",
      "hashicorp_vault",
      "cyberark",
      "custom",
    ],
  }),
  key_management_settings: block(
    "How they are read",
    {
      hosted_keys: textList("Names that are read there"),
      store_virtual_keys: flag("Write keys there", off),
      prefix_for_stored_virtual_keys: text("Prefix of their names"),
      access_mode: text("Read, write, or both"),
      primary_secret_name: text("Secret that holds several values"),
    },
    { open: true },
  ).optional(),
  control_plane_url: text("Address of a control plane"),
  default_team_disabled: flag("No keys outside teams", off),
};

/** `general_settings.pass_through_endpoints[]` (litellm.md §2.4, palena.md §2.3). */
const passThrough = z.array(
  block("A path handed to a fixed target", {
    id: text("Id"),
    path: text("Path at the gateway"),
    target: text("Address it is handed to"),
    headers: textMap("Headers added"),
    forward_headers: flag("Send client headers", off),
    merge_query_params: flag("Add the target's own query", off),
    default_query_params: textMap("Query added"),
    include_subpath: flag("Paths below it too", off),
    methods: textList("Only these methods"),
    cost_per_request: dollars("Price of a request"),
    auth: flag("Needs a key", off),
  }),
);

/** `general_settings` (litellm.md §2.4; palena.md §2.3 for keys only it writes). */
export const generalSettingsSchema = block(
  "Settings of the server",
  {
    ...keys,
    ...storage,
    ...limits,
    ...requests,
    ...identityMembers,
    ...operation,
    pass_through_endpoints: passThrough.optional(),
  },
  { patterns: { "mcp_*": "Settings of MCP" } },
);
