import {
  assemble,
  type Concern,
  concerns,
  type GatewayPlan,
  isJsonObject,
  type Json,
  type JsonObject,
  type Limit,
  type Model,
  type Origin,
  type Part,
} from "@gatewright/plan";
import { describe, expect, it } from "vitest";
import { adminState } from "./admin.ts";
import { checkDocument } from "./check-document.ts";
import { renderDocument } from "./document.ts";

const origin = {
  apiVersion: "langop.io/v1alpha1",
  kind: "LanguageModel",
  namespace: "team",
  name: "claude",
  path: "spec",
} satisfies Origin;
const header = {
  dialect: "test",
  namespace: "team",
  name: "gateway",
  origin: { ...origin, kind: "LanguageCluster" },
  engine: "native",
  layout: { indent: 2, keys: "contract" },
} as const;
const secret = { variable: "KEY", secret: { namespace: "team", name: "s", key: "k" }, fallbackVariable: "S" };

/** The type with every member present, so that a new field of the plan does not compile until it is decided here. */
type Complete<T> = T extends string | number | boolean | null
  ? T
  : JsonObject extends T
    ? T
    : T extends readonly (infer Item)[]
      ? readonly Complete<Item>[]
      : { readonly [K in keyof T]-?: Complete<Exclude<T[K], undefined>> };

const model: Complete<Model> = {
  origin,
  name: "gpt-4",
  resource: "claude",
  model: "openai/gpt-4",
  delivery: "document",
  id: "one",
  provider: "openai",
  endpoint: "https://a.example/v1",
  apiVersion: "2025-01-01",
  organization: "org",
  region: "eu-west-1",
  project: "p",
  location: "europe-west4",
  apiKey: secret,
  credential: "shared",
  secrets: { aws_secret_access_key: { ...secret, variable: "AWS" } },
  timeoutSeconds: 300,
  streamTimeoutSeconds: 30,
  retries: 1,
  weight: 2,
  order: 3,
  rate: { requestsPerMinute: 50, tokensPerMinute: 80000, placement: "entry" },
  parallelRequests: 4,
  tags: ["paid"],
  headers: { "x-a": "b" },
  dropParameters: true,
  chatCompletionsOnly: true,
  defaults: {
    maxTokens: 5,
    temperature: 0.6,
    topP: 0.7,
    frequencyPenalty: 0.8,
    presencePenalty: 0.9,
    stop: ["END"],
    seed: 10,
  },
  parameters: { merge_reasoning_content_in_choices: true },
  information: {
    mode: "chat",
    baseModel: "gpt-4-turbo",
    tier: "paid",
    regionName: "eu",
    maxTokens: 11,
    maxInputTokens: 12,
    accessGroups: ["beta"],
    supportedEnvironments: ["production"],
    passThrough: true,
    inputCostPerToken: 13,
    outputCostPerToken: 14,
    inputCostPerPixel: 15,
    inputCostPerSecond: 16,
    cacheReadInputTokenCost: 17,
    cacheCreationInputTokenCost: 18,
    healthCheck: { health_check_timeout: 19 },
  },
};

const limit: Complete<Limit> = {
  origin,
  scope: { kind: "model", model: "claude" },
  requestsPerMinute: 50,
  tokensPerMinute: 80000,
  parallelRequests: 4,
  requestSizeMegabytes: 5,
  responseSizeMegabytes: 6,
  algorithm: "gcra",
};

/** Every field of every concern, each with a value. */
const everything: { readonly [C in Concern]: Complete<GatewayPlan[C]> } = {
  model: [model],
  credential: [
    {
      origin,
      name: "shared",
      apiKey: secret,
      endpoint: "https://b.example",
      apiVersion: "v2",
      parameters: { region: "x" },
      description: "shared key",
    },
  ],
  limit: [
    limit,
    { ...limit, origin: { ...origin, kind: "LanguageCluster", name: "gw" }, scope: { kind: "gateway" } },
    {
      ...limit,
      origin: { ...origin, kind: "LanguageAgent", name: "a" },
      scope: { kind: "agent", agent: "u" },
    },
  ],
  guard: [
    {
      origin,
      name: "pii",
      integration: "presidio",
      modes: ["pre_call"],
      defaultOn: true,
      parameters: { output_parse_pii: true, zeta: 1 },
    },
  ],
  tool: [
    {
      origin,
      name: "a__b",
      url: "http://b.a/mcp",
      transport: "sse",
      allowed: ["get_*"],
      denied: ["*delete*"],
      allowAllKeys: true,
    },
  ],
  overlay: [{ origin, kind: "fill", block: "general_settings", value: { a: 1 } }],
  route: {
    strategy: "least-busy",
    retries: 1,
    retryAfterSeconds: 2,
    timeoutSeconds: 3,
    streamTimeoutSeconds: 4,
    requestTimeoutSeconds: 5,
    allowedFails: 6,
    cooldownSeconds: 7,
    preCallChecks: true,
    optionalPreCallChecks: ["prompt_caching"],
    tagFiltering: true,
    tagMatchAny: true,
    defaultParallelRequests: 8,
    aliases: { fast: "gpt-4" },
    retryPolicy: { TimeoutErrorRetries: 9 },
    groupRetryPolicy: { "gpt-4": { RateLimitErrorRetries: 10 } },
    fallbacks: [
      { when: "error", model: "a", fallbacks: ["b"] },
      { when: "content-policy", model: "c", fallbacks: ["d"] },
      { when: "context-window", model: "e", fallbacks: ["f"] },
    ],
    defaultFallbacks: ["g"],
    maxFallbacks: 11,
    dropParameters: true,
    passThrough: [
      {
        path: "/x",
        target: "https://x.example",
        auth: true,
        forwardHeaders: true,
        includeSubpath: true,
        methods: ["GET"],
        headers: { "x-a": "b" },
        secretHeaders: { authorization: { prefix: "Bearer ", secret } },
        queryParameters: { q: "1" },
      },
    ],
    models: {
      claude: {
        strategy: "weighted",
        retry: {
          attempts: 1,
          initialBackoffSeconds: 2,
          maxBackoffSeconds: 3,
          backoffMultiplier: 4,
          statusCodes: [429],
        },
        fallbacks: [{ model: "gpt-3", conditions: ["timeout"] }],
        endpoints: [{ id: "one", weight: 5, region: "eu", priority: 6 }],
        healthCheck: {
          enabled: true,
          intervalSeconds: 7,
          timeoutSeconds: 8,
          unhealthyThreshold: 9,
          healthyThreshold: 10,
        },
        regions: [{ name: "eu" }],
      },
    },
    switches: { disable_strict_validation: true },
  },
  budget: {
    amount: "100",
    duration: "30d",
    providers: { openai: { amount: 5, duration: "1d" } },
    customerAmount: 6,
    customerBudgetId: "b",
    resetMinimumSeconds: 7,
    resetMaximumSeconds: 8,
    writeIntervalSeconds: 9,
    models: { claude: { currency: "EUR", inputPerThousandTokens: 1, outputPerThousandTokens: 2 } },
  },
  key: {
    master: secret,
    generateMaster: true,
    salt: secret,
    generateSalt: true,
    masterRequired: true,
    customGenerate: "keys.make",
    generation: { personal_key_generation: { allowed_user_roles: ["proxy_admin"] } },
  },
  tenant: { userDefaults: { models: ["a"] }, teamDefaults: { rpm_limit: 1 }, personalKeysDisabled: true },
  cache: {
    enabled: true,
    parameters: { type: "redis" },
    models: { claude: { enabled: true, ttlSeconds: 1, maxSizeMegabytes: 2, backend: "memory" } },
  },
  network: { allowedAddresses: ["10.0.0.0/8"], trustForwardedFor: true },
  exposure: { port: 4000, servicePort: 80 },
  workload: {
    databaseConnections: 1,
    storeModelsInDatabase: true,
    backgroundHealthChecks: true,
    healthCheckIntervalSeconds: 2,
    healthCheckDetails: true,
    healthCheckSkipDisabledModels: true,
    checkProviderEndpoint: true,
    secretManager: "aws_kms",
    secretManagerSettings: { hosted_keys: ["a"] },
  },
  identity: {
    agentKeys: { secretVariable: "HMAC" },
    agents: [{ id: "u", name: "a" }],
    jwt: { admin_jwt_scope: "admin" },
    jwtEnabled: true,
    oauth2Enabled: true,
    oauth2Mappings: { a: { jwt_field: "b" } },
    customSso: "sso.handle",
    allowUserAuth: true,
    enforceRoles: true,
    adminOnlyRoutes: ["/a"],
    allowedRoutes: ["/b"],
    rolePermissions: [{ role: "team" }],
    uiAccessMode: "admin_only",
  },
  telemetry: {
    callbacks: ["otel"],
    outcomeCallbacks: ["langfuse"],
    jsonLogs: true,
    alerting: ["slack"],
    alertTypes: ["budget_alerts"],
    alertingThresholdSeconds: 1,
    alertWebhooks: { budget_alerts: "https://hooks.example" },
    auditLogs: true,
    auditLogRetentionDays: 2,
    withholdMessages: true,
    redactKeyInformation: true,
    spendLogRetention: "7d",
    spendLogCleanupInterval: "1d",
    models: {
      claude: { metrics: true, tracing: true, logLevel: "info", logRequests: true, logResponses: true },
    },
  },
};
const full: GatewayPlan = { ...header, ...everything };

/** Fields that say nothing to the gateway process, and why. */
const notInDocument: readonly { readonly path: RegExp; readonly why: string }[] = [
  {
    path: /^(?!limit).*\.origin\.|^limit.*\.origin\.(?!name$)/,
    why: "findings name it; a limit is called by it",
  },
  { path: /\.secret\.(namespace|name|key)$/, why: "whoever runs the gateway provides the value" },
  { path: /\.fallbackVariable$/, why: "whoever runs the gateway looks names up" },
  { path: /\.placement$/, why: "chooses between two places, tested below" },
  { path: /^key\.(salt|generateMaster|generateSalt)\b/, why: "the process and its Secrets" },
  { path: /^exposure\./, why: "ports of the process and its Service" },
  { path: /^overlay\[/, why: "laid over the whole document, see overlay.test.ts" },
];

describe("every field of a plan", () => {
  it.each(concerns.flatMap((concern) => leaves(full[concern] as Json, concern)))(
    "%s is in the document",
    (path) => {
      const change =
        JSON.stringify(renderDocument(without(full, path))) !== JSON.stringify(renderDocument(full));
      const excepted = notInDocument.some((exception) => exception.path.test(path));
      expect(change || excepted, "changes the document, or is listed with a reason").toBe(true);
      expect(change && excepted, "does not both").toBe(false);
    },
  );
});

describe("the document of a full plan", () => {
  it("is one that the schema reads, key by key", () => {
    // `credential_info` repeats the address for people; the schema warns that the engine does not look there.
    const problems = checkDocument(renderDocument(full)).filter(
      ({ path }) => !path.includes("credential_info"),
    );
    expect(problems).toEqual([]);
  });
});

const cases: readonly { name: string; why: string; parts: readonly Part[]; want: JsonObject }[] = [
  {
    name: "nothing",
    why: "empty blocks are left out",
    parts: [],
    want: {},
  },
  {
    name: "langop.md §3.3, the worked example",
    why: "its readers know each key",
    parts: [
      {
        concern: "model",
        value: {
          origin,
          name: "llama3.2",
          resource: "local",
          id: "team/local",
          model: "openai/llama3.2",
          delivery: "document",
          endpoint: "http://ollama:11434/v1",
          provider: "openai",
          chatCompletionsOnly: true,
          apiKey: "sk-local-dummy-key",
          timeoutSeconds: 900,
          rate: { requestsPerMinute: 50, placement: "entry" },
        },
      },
      {
        concern: "route",
        origin,
        value: { dropParameters: true, switches: { allowed_fails: 3, disable_strict_validation: true } },
      },
      { concern: "workload", origin, value: { backgroundHealthChecks: false } },
      {
        concern: "limit",
        value: { origin, scope: { kind: "model", model: "local" }, requestsPerMinute: 50 },
      },
      { concern: "identity", origin, value: { agentKeys: { secretVariable: "HMAC" } } },
    ],
    want: {
      model_list: [
        {
          model_name: "llama3.2",
          litellm_params: {
            model: "openai/llama3.2",
            api_key: "sk-local-dummy-key",
            api_base: "http://ollama:11434/v1",
            custom_llm_provider: "openai",
            timeout: 900,
            use_chat_completions_api: true,
          },
          rpm: 50,
          model_info: { id: "team/local" },
        },
      ],
      litellm_settings: { drop_params: true, allowed_fails: 3, disable_strict_validation: true },
      router_settings: { optional_pre_call_checks: ["enforce_model_rate_limits"] },
      general_settings: { background_health_checks: false },
      gatewright: {
        models: { local: { model_name: "llama3.2", deployments: ["team/local"] } },
        limits: [{ name: "claude", model: "local", requests_per_minute: 50 }],
        agent_keys: { secret: "os.environ/HMAC" },
      },
    },
  },
  {
    name: "parameters of the user",
    why: "they win over every field, in the field's place",
    parts: [
      {
        concern: "model",
        value: {
          origin,
          name: "a",
          model: "openai/a",
          delivery: "document",
          timeoutSeconds: 5,
          parameters: { timeout: 7, extra_body: { x: null } },
        },
      },
    ],
    want: {
      model_list: [
        { model_name: "a", litellm_params: { model: "openai/a", timeout: 7, extra_body: { x: null } } },
      ],
    },
  },
  {
    name: "a credential",
    why: "palena.md §2.3 as decisions.md amends it: values where LiteLLM reads them, the open ones repeated",
    parts: [
      {
        concern: "credential",
        value: {
          origin,
          name: "shared",
          apiKey: { variable: "CREDENTIAL_SHARED_API_KEY" },
          endpoint: "https://a.example",
          apiVersion: "v1",
          parameters: { api_key: "sk-forged", api_base: "https://evil.example", region: "eu" },
        },
      },
    ],
    want: {
      credential_list: [
        {
          credential_name: "shared",
          credential_values: {
            api_key: "os.environ/CREDENTIAL_SHARED_API_KEY",
            api_base: "https://a.example",
            api_version: "v1",
            region: "eu",
          },
          credential_info: { api_base: "https://a.example", api_version: "v1", region: "eu" },
        },
      ],
    },
  },
  {
    name: "fallbacks",
    why: "palena.md §2.3: plain ones in the router, the others in the process-wide settings",
    parts: [
      {
        concern: "route",
        origin,
        value: {
          fallbacks: [
            { when: "error", model: "a", fallbacks: ["b", "c"] },
            { when: "error", model: "d", fallbacks: ["b"] },
            { when: "content-policy", model: "a", fallbacks: ["e"] },
          ],
          defaultFallbacks: ["z"],
          maxFallbacks: 3,
        },
      },
    ],
    want: {
      litellm_settings: { content_policy_fallbacks: [{ a: ["e"] }], default_fallbacks: ["z"] },
      router_settings: { max_fallbacks: 3, fallbacks: [{ a: ["b", "c"] }, { d: ["b"] }] },
    },
  },
  {
    name: "a guard whose parameters name its integration and mode",
    why: "a parameter must not switch a guard off",
    parts: [
      {
        concern: "guard",
        value: {
          origin,
          name: "g",
          integration: "presidio",
          modes: "pre_call",
          defaultOn: true,
          parameters: { guardrail: "none", mode: "logging_only", default_on: false, pii_entities_config: {} },
        },
      },
    ],
    want: {
      guardrails: [
        {
          guardrail_name: "g",
          litellm_params: {
            guardrail: "presidio",
            mode: "pre_call",
            default_on: true,
            pii_entities_config: {},
          },
        },
      ],
    },
  },
  {
    name: "two limits of the whole gateway",
    why: "one key holds one number, so the tighter one binds",
    parts: [
      { concern: "limit", value: { origin, scope: { kind: "gateway" }, parallelRequests: 9 } },
      {
        concern: "limit",
        value: { origin: { ...origin, name: "b" }, scope: { kind: "gateway" }, parallelRequests: 4 },
      },
    ],
    want: { general_settings: { global_max_parallel_requests: 4 } },
  },
  {
    name: "a check that is already listed",
    why: "it must not be listed twice",
    parts: [
      { concern: "route", origin, value: { optionalPreCallChecks: ["enforce_model_rate_limits"] } },
      { concern: "limit", value: { origin, scope: { kind: "model", model: "x" }, tokensPerMinute: 1 } },
    ],
    want: {
      router_settings: { optional_pre_call_checks: ["enforce_model_rate_limits"] },
      gatewright: { limits: [{ name: "claude", model: "x", tokens_per_minute: 1 }] },
    },
  },
  {
    name: "a limit of parallel requests",
    why: "the rate check would not enforce it, so it stays off",
    parts: [
      { concern: "limit", value: { origin, scope: { kind: "model", model: "x" }, parallelRequests: 1 } },
    ],
    want: { gatewright: { limits: [{ name: "claude", model: "x", parallel_requests: 1 }] } },
  },
  {
    name: "agents and a limit of one",
    why: "an older gateway would take it for a limit of all requests, so the document asks for a newer one",
    parts: [
      {
        concern: "limit",
        value: {
          origin: { ...origin, name: "researcher" },
          scope: { kind: "agent", agent: "uid-1" },
          requestsPerMinute: 60,
          parallelRequests: 0,
        },
      },
      { concern: "identity", origin, value: { agents: [{ id: "uid-1", name: "researcher" }] } },
    ],
    want: {
      gatewright: {
        requires: ["agent-limits"],
        limits: [{ name: "researcher", agent: "uid-1", requests_per_minute: 60, parallel_requests: 0 }],
        agents: [{ id: "uid-1", name: "researcher" }],
      },
    },
  },
  {
    name: "agents without limits",
    why: "an older gateway only does not know their names",
    parts: [{ concern: "identity", origin, value: { agents: [{ id: "uid-1", name: "researcher" }] } }],
    want: { gatewright: { agents: [{ id: "uid-1", name: "researcher" }] } },
  },
  {
    name: "the gateway's own budget",
    why: "palena.md §6.2 B11: LiteLLM reads it in litellm_settings only",
    parts: [{ concern: "budget", origin, value: { amount: "100.50", duration: "30d" } }],
    want: {
      litellm_settings: { max_budget: "100.50", budget_duration: "30d" },
      general_settings: { max_budget: "100.50", budget_duration: "30d" },
    },
  },
  {
    name: "settings of a model that is not served",
    why: "an entry without a model would be refused when it is read",
    parts: [{ concern: "cache", origin, value: { models: { gone: { enabled: true } } } }],
    want: {},
  },
];

describe("renderDocument", () => {
  it.each(cases)("$name: $why", ({ parts, want }) => {
    const document = renderDocument(assemble(header, parts).plan);
    expect(document).toEqual(want);
    expect(JSON.stringify(document), "in this order").toBe(JSON.stringify(want));
  });

  it("keeps an empty model list where users expect it, with the rest behind it", () => {
    const plan = {
      ...assemble(header, [{ concern: "key", origin, value: { master: { variable: "K" } } }]).plan,
    };
    const document = renderDocument({ ...plan, layout: { ...plan.layout, emptyModelList: true } });
    expect(Object.entries(document)).toEqual([
      ["model_list", []],
      ["general_settings", { master_key: "os.environ/K" }],
    ]);
  });

  it("hands on what the user accepts to go without", () => {
    const { plan } = assemble({ ...header, allowUnsupported: ["guardrails"] }, []);
    expect(renderDocument(plan)).toEqual({ gatewright: { allow_unsupported: ["guardrails"] } });
  });

  it("is the same for LiteLLM whichever agents there are", () => {
    const model: Part = {
      concern: "limit",
      value: { origin, scope: { kind: "model", model: "x" }, requestsPerMinute: 1 },
    };
    const litellm = (...parts: readonly Part[]): JsonObject =>
      renderDocument(assemble({ ...header, engine: "litellm" }, parts).plan);
    const agents: readonly Part[] = [
      { concern: "limit", value: { origin, scope: { kind: "agent", agent: "u" }, requestsPerMinute: 1 } },
      { concern: "identity", origin, value: { agents: [{ id: "u", name: "a" }] } },
    ];
    expect(litellm(model, ...agents)).toEqual(litellm(model));
    expect(litellm(...agents)).toEqual({});
  });

  it("groups a resource's endpoints under its name", () => {
    const endpoint = (id: string): Part => ({
      concern: "model",
      value: {
        origin: { ...origin, path: id },
        name: "m",
        resource: "r",
        id,
        model: "openai/m",
        delivery: "document",
      },
    });
    expect(renderDocument(assemble(header, [endpoint("b"), endpoint("a")]).plan)["gatewright"]).toEqual({
      models: { r: { model_name: "m", deployments: ["a", "b"] } },
    });
  });
});

describe("adminState", () => {
  it("has the models that are delivered through the API, and the document does not", () => {
    const stored = { ...model, delivery: "admin" as const };
    const plan = { ...full, model: [stored, { ...model, name: "other" }] };
    const { models } = adminState(plan);
    expect(models).toHaveLength(1);
    expect(models[0]).toMatchObject({
      model_name: "gpt-4",
      litellm_params: { model: "openai/gpt-4", api_key: "os.environ/KEY", rpm: 50, tpm: 80000 },
      model_info: { id: "one", mode: "chat", health_check_timeout: 19 },
    });
    expect(renderDocument(plan)["model_list"]).toMatchObject([{ model_name: "other" }]);
  });

  it("always has model_info, which the API wants", () => {
    const { plan } = assemble(header, [
      { concern: "model", value: { origin, name: "a", model: "openai/a", delivery: "admin" } },
    ]);
    expect(adminState(plan)).toEqual({
      models: [{ model_name: "a", litellm_params: { model: "openai/a" }, model_info: {} }],
    });
  });
});

function leaves(value: Json, path: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => leaves(item, `${path}[${index}]`));
  if (!isJsonObject(value)) return [path];
  return Object.entries(value).flatMap(([key, member]) => leaves(member, `${path}.${key}`));
}

/** The plan without one leaf. */
function without(plan: GatewayPlan, path: string): GatewayPlan {
  const copy = JSON.parse(JSON.stringify(plan)) as JsonObject;
  const steps = path.split(/[.[\]]+/).filter((step) => step !== "");
  const parent = steps.slice(0, -1).reduce<Json>((at, step) => (at as JsonObject)[step] as Json, copy);
  if (Array.isArray(parent)) parent.splice(Number(steps.at(-1)), 1);
  else delete (parent as { [key: string]: Json })[steps.at(-1) as string];
  return copy as unknown as GatewayPlan;
}
