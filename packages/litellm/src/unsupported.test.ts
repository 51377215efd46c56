import type { JsonObject } from "@gatewright/plan";
import { describe, expect, it } from "vitest";
import { type UnsupportedOptions, unsupported } from "./unsupported.ts";

const origin = { apiVersion: "file", kind: "File", name: "config.yaml" };

/** `path code effect` of each finding. */
function judged(document: JsonObject, options: Omit<UnsupportedOptions, "origin"> = {}): readonly string[] {
  return unsupported(document, { origin, ...options })
    .map(({ origin: { path }, code, effect, text }) => `${path ?? settingNamed(text)} ${code} ${effect}`)
    .sort();
}

/** What concerns the whole gateway has the gateway as its origin; the setting stands in the text. */
function settingNamed(text: string): string | undefined {
  return /because of ([\w.[\]]+)|served: ([\w.]+) is set/
    .exec(text)
    ?.slice(1)
    .find((name) => name !== undefined);
}

function model(parameters: JsonObject, information?: JsonObject): JsonObject {
  return {
    model_name: "a",
    litellm_params: { model: "openai/a", ...parameters },
    ...(information === undefined ? {} : { model_info: information }),
  };
}

const documents: readonly {
  readonly why: string;
  readonly document: JsonObject;
  readonly options?: Omit<UnsupportedOptions, "origin">;
  readonly want: readonly string[];
}[] = [
  { why: "an empty document asks for nothing", document: {}, want: [] },
  {
    why: "what the dialects write for every gateway is no loss",
    document: {
      model_list: [
        model({
          api_key: "os.environ/K",
          api_base: "http://a/v1",
          custom_llm_provider: "openai",
          use_chat_completions_api: true,
          timeout: 300,
          temperature: 0.5,
        }),
      ],
      litellm_settings: {
        drop_params: true,
        use_chat_completions_url_for_anthropic_messages: true,
        disable_strict_validation: true,
        allowed_fails: 3,
        enable_json_schema_validation: false,
        health_check_interval: 0,
        request_timeout: 600,
        callbacks: ["otel", "prometheus"],
        json_logs: true,
      },
      general_settings: { background_health_checks: false, master_key: "os.environ/M" },
    },
    want: [],
  },
  {
    why: "credentials of the clouds and what is said of parameters a provider lacks is no loss",
    document: {
      model_list: [
        model({
          model: "azure/a",
          tenant_id: "t",
          client_id: "c",
          client_secret: "os.environ/S",
          azure_scope: "s",
        }),
        model({
          model: "bedrock/a",
          aws_region_name: "eu-west-1",
          aws_role_name: "r",
          aws_session_name: "s",
          aws_web_identity_token: "os.environ/W",
          aws_sts_endpoint: "https://sts",
          aws_external_id: "x",
        }),
        model({
          model: "bedrock/b",
          aws_access_key_id: "os.environ/I",
          aws_secret_access_key: "os.environ/K",
        }),
        model({ model: "bedrock/c", aws_profile_name: "p", aws_bedrock_runtime_endpoint: "https://bedrock" }),
        model({
          model: "vertex_ai/a",
          vertex_project: "p",
          vertex_location: "l",
          vertex_credentials: "os.environ/V",
        }),
        model({ drop_params: false, additional_drop_params: ["seed"], allowed_openai_params: ["n"] }),
      ],
      litellm_settings: { enable_azure_ad_token_refresh: true },
    },
    want: [],
  },
  {
    why: "what asks for the default, for nothing or for no more than what happens is no loss",
    document: {
      litellm_settings: { cache: "off", num_retries: null, max_budget: 0, callbacks: [], fallbacks: [] },
      router_settings: { routing_strategy: "simple-shuffle", cooldown_time: "5", retry_policy: {} },
      general_settings: { enable_jwt_auth: false, allowed_ips: [], custom_auth: "", enforce_rbac: "no" },
      guardrails: [],
    },
    want: [],
  },
  {
    why: "what is routed, limited, kept and counted is no loss",
    document: {
      model_list: [model({ order: 1, tags: ["a"], rpm: 3, max_budget: 1, input_cost_per_token: 1e-6 })],
      litellm_settings: {
        max_budget: 10,
        cache: true,
        cache_params: { type: "redis", host: "r" },
        num_retries: 2,
        callbacks: ["otel"],
      },
      router_settings: {
        routing_strategy: "least-busy",
        fallbacks: [{ a: ["b"] }],
        optional_pre_call_checks: ["enforce_model_rate_limits"],
      },
      general_settings: { global_max_parallel_requests: 5 },
      gatewright: {
        limits: [{ name: "a", requests_per_minute: 3 }],
        keys: [{ key: "os.environ/A", key_alias: "a", rpm_limit: 1 }],
        models: {
          claude: { model_name: "a", deployments: ["x"], cache: { enabled: true, backend: "memory" } },
        },
      },
    },
    want: [],
  },
  {
    why: "limits and comforts that are not there yet are told",
    document: {
      model_list: [model({ output_cost_per_second: 1 })],
      litellm_settings: { cache: true, cache_params: { type: "s3", s3_bucket_name: "b" } },
      router_settings: {
        routing_strategy: "best-first",
        optional_pre_call_checks: ["session_affinity"],
        caching_groups: [["a", "b"]],
      },
      general_settings: { max_response_size_mb: 5, database_url: "os.environ/D" },
      gatewright: {
        limits: [{ name: "a", request_size_megabytes: 3 }],
        models: { claude: { model_name: "a", cache: { enabled: true, backend: "memcached" } } },
      },
      mcp_servers: { github: { url: "http://g" } },
    },
    want: [
      "gatewright.limits[0].request_size_megabytes SettingIgnored dropped",
      "gatewright.models.claude.cache.backend SettingIgnored dropped",
      "general_settings.database_url SettingIgnored dropped",
      "general_settings.max_response_size_mb SettingIgnored dropped",
      "litellm_settings.cache_params.type SettingIgnored dropped",
      "mcp_servers.github SettingIgnored dropped",
      "model_list[0].litellm_params.output_cost_per_second SettingIgnored dropped",
      "router_settings.caching_groups SettingIgnored dropped",
      "router_settings.optional_pre_call_checks SettingIgnored dropped",
      "router_settings.routing_strategy SettingIgnored approximated",
    ],
  },
  {
    why: "features the gateway has are nothing to refuse it for",
    document: { gatewright: { requires: ["agent-limits"] } },
    want: [],
  },
  {
    why: "protective settings that are not there yet refuse the gateway",
    document: {
      guardrails: [{ guardrail_name: "pii", litellm_params: { guardrail: "presidio", mode: "pre_call" } }],
      policies: [{ name: "p" }],
      litellm_settings: { success_callback: ["my_module.check"] },
      general_settings: {
        allowed_ips: ["10.0.0.1"],
        custom_auth: "os.environ/AUTH",
        enforced_params: ["user"],
        enforce_user_param: "true",
        enable_jwt_auth: true,
        admin_only_routes: ["/x"],
        allowed_routes: ["/y"],
        role_permissions: [{ role: "a" }],
      },
      gatewright: { requires: ["time-travel"] },
    },
    want: [
      "gatewright.requires SettingRefused blocked",
      "general_settings.admin_only_routes SettingRefused blocked",
      "general_settings.allowed_ips SettingRefused blocked",
      "general_settings.allowed_routes SettingRefused blocked",
      "general_settings.custom_auth SettingRefused blocked",
      "general_settings.enable_jwt_auth SettingRefused blocked",
      "general_settings.enforce_user_param SettingRefused blocked",
      "general_settings.enforced_params SettingRefused blocked",
      "general_settings.role_permissions SettingRefused blocked",
      "guardrails[0] SettingRefused blocked",
      "litellm_settings.success_callback SettingRefused blocked",
      "policies SettingRefused blocked",
    ],
  },
  {
    why: "callbacks that watch are missed, those that may enforce refuse the gateway",
    document: { litellm_settings: { callbacks: ["langfuse", "dynamic_rate_limiter_v3", "prometheus"] } },
    want: [
      "litellm_settings.callbacks SettingIgnored dropped",
      "litellm_settings.callbacks SettingRefused blocked",
    ],
  },
  {
    why: "a provider that is not called excludes its deployment only",
    document: {
      model_list: [
        model({}),
        model({ model: "replicate/llama" }),
        model({ model: "opnai/gpt" }),
        model({ model: "replicate/x", custom_llm_provider: "openai" }),
        model({ model: "gpt-4o" }),
        model({ model: "x", litellm_credential_name: "c" }),
      ],
      credential_list: [{ credential_name: "c", credential_values: { custom_llm_provider: "sagemaker" } }],
    },
    want: [
      "model_list[1] ProviderNotServed blocked",
      "model_list[2] ProviderUnknown blocked",
      "model_list[5] ProviderNotServed blocked",
    ],
  },
  {
    why: "a deployment that is blocked or belongs to a team is left out",
    document: {
      model_list: [model({}, { blocked: true }), model({}, { team_id: "t" }), model({}, { tier: "free" })],
    },
    want: ["model_list[0] DeploymentRefused blocked", "model_list[1] DeploymentRefused blocked"],
  },
  {
    why: "what several deployments lose is told once",
    document: { model_list: [model({ itpm: 1, tag_regex: ["a"] }), model({ itpm: 2, top_a: 1 })] },
    want: [
      "model_list[0].litellm_params.itpm SettingIgnored dropped",
      "model_list[0].litellm_params.tag_regex SettingIgnored approximated",
    ],
  },
  {
    why: "a model that needs another route than the served ones",
    document: { model_list: [model({}, { mode: "image_generation" }), model({}, { mode: "realtime" })] },
    want: ["model_list[1].model_info.mode SettingIgnored dropped"],
  },
  {
    why: "a gateway that must have a key is not served open",
    document: { general_settings: { master_key_required: true } },
    want: ["general_settings.master_key_required MasterKeyMissing blocked"],
  },
  {
    why: "a key from the environment is one",
    document: { general_settings: { master_key_required: true } },
    options: { hasVariable: (name) => name === "LITELLM_MASTER_KEY" },
    want: [],
  },
];

describe("unsupported", () => {
  it.each(documents)("$why", ({ document, options, want }) => {
    expect(judged(document, options)).toEqual(want);
  });

  it.each([["general_settings.allowed_ips"], ["allowed_ips"]])(
    "goes without a setting that is accepted as %s, and says so",
    (name) => {
      const document = { general_settings: { allowed_ips: ["10.0.0.1"] } };
      const want = ["general_settings.allowed_ips SettingAccepted dropped"];
      expect(judged(document, { allow: [name] })).toEqual(want);
      expect(judged({ ...document, gatewright: { allow_unsupported: [name] } })).toEqual(want);
    },
  );

  it.each([["guardrails"], ["pii"], ["guardrails[0]"]])(
    "goes without a guard that is accepted as %s",
    (name) => {
      const document = {
        guardrails: [{ guardrail_name: "pii", litellm_params: { guardrail: "presidio", mode: "pre_call" } }],
      };
      expect(judged(document, { allow: [name] })).toEqual(["guardrails[0] SettingAccepted dropped"]);
    },
  );

  it("does not accept whole blocks of settings", () => {
    const document = { general_settings: { allowed_ips: ["10.0.0.1"] } };
    expect(judged(document, { allow: ["general_settings"] })).toEqual([
      "general_settings.allowed_ips SettingRefused blocked",
    ]);
  });

  it("goes without the accepted setting only", () => {
    const document = {
      guardrails: [
        { guardrail_name: "pii", litellm_params: { guardrail: "presidio", mode: "pre_call" } },
        { guardrail_name: "words", litellm_params: { guardrail: "lakera", mode: "pre_call" } },
      ],
    };
    expect(judged(document, { allow: ["pii"] })).toEqual([
      "guardrails[0] SettingAccepted dropped",
      "guardrails[1] SettingRefused blocked",
    ]);
  });

  it("says what is wrong, why and what to do, and no secret", () => {
    const texts = unsupported(
      {
        model_list: [model({ model: "opnai/gpt", client_secret: "hidden" })],
        general_settings: { allowed_ips: ["10.0.0.1"], database_url: "postgres://hidden" },
        router_settings: { redis_url: "redis://hidden", cache_responses: true },
      },
      { origin },
    ).map(({ text }) => text);
    expect(texts).toContain(
      "File config.yaml is not served because of general_settings.allowed_ips: this restriction is not there yet. Remove the setting, use the engine litellm, or accept to go without it by adding general_settings.allowed_ips to gatewright.allow_unsupported (annotation gatewright.dev/allow-unsupported).",
    );
    expect(texts).toContain(
      'model_list[0] (a) of File config.yaml is not served: there is no provider "opnai"; did you mean openai? Models are written provider/model, for example openai/gpt-4o.',
    );
    expect(texts).toContain(
      "router_settings.cache_responses of File config.yaml has no effect in the native engine: answers are kept in memory or in Redis only.",
    );
    expect(texts.join()).not.toContain("hidden");
  });
});
