import { cacheSupport } from "./cache.ts";
import { honoured, ignored, refused, rows, type SupportEntry, type SupportRows } from "./entry.ts";
import { features } from "./feature.ts";
import { generalSettingsSupport } from "./general-settings.ts";
import { litellmSettingsSupport } from "./litellm-settings.ts";
import { modelSupport } from "./model.ts";
import { inMemory, noLimits, noTools, notes } from "./reason.ts";
import { routerSettingsSupport } from "./router-settings.ts";

const accounts = ["keys[]", "teams[]", "users[]", "customers[]"];

const accountFields = [
  ...["key", "key_alias", "user_id", "team_id", "tags", "models", "blocked", "expires"].map(
    (field) => `keys[].${field}`,
  ),
  ...["team_id", "team_alias", "models", "blocked"].map((field) => `teams[].${field}`),
  ...["user_id", "models", "blocked"].map((field) => `users[].${field}`),
  ...["user_id", "allowed_model_region"].map((field) => `customers[].${field}`),
  ...accounts.flatMap((block) =>
    ["rpm_limit", "tpm_limit", "max_parallel_requests"].map((field) => `${block}.${field}`),
  ),
];

const limitFields = [
  "name",
  "model",
  "deployment",
  "agent",
  "requests_per_minute",
  "tokens_per_minute",
  "input_tokens_per_minute",
  "output_tokens_per_minute",
  "parallel_requests",
  "algorithm",
  "burst",
  "queue",
].map((field) => `limits[].${field}`);

const otherSupport: SupportRows = [
  ["environment_variables", honoured("values for references; they are not exported to the process")],
  ["include", honoured()],
  ...cacheSupport,
  ["credential_list[].credential_name", honoured()],
  [
    "credential_list[].credential_values",
    honoured("as far as the same parameter is honoured on a deployment"),
  ],
  ["credential_list[].credential_info", notes],
  ["guardrails[]", refused("guards are not run yet")],
  ["policies", refused("guards are not run yet")],
  ["mcp_servers.*", noTools],
  ["callback_settings", honoured("`otel.message_logging`: off unless it is true")],
  ["files_settings", ignored("files are not served yet")],
  ["finetune_settings", ignored("fine-tuning is not served yet")],
  ["assistant_settings", ignored("assistants are not served yet")],
  ["search_tools", ignored("searches are not served yet")],
  ["vector_store_registry", ignored("vector stores are not served yet")],
  ["prompts", ignored("stored prompts are not served yet")],
  ...rows("gatewright", [
    [
      refused("the gateway does not have this feature; use a newer one", {
        cases: [{ values: features, entry: honoured() }],
      }),
      ["requires"],
    ],
    [honoured(), ["allow_unsupported", "agent_keys", "agents[].id", "agents[].name"]],
    [honoured(), ["timeouts.stream_idle_seconds"]],
    [honoured(), ["redis", "explain", ...accountFields, ...limitFields]],
    [noLimits, ["limits[].request_size_megabytes", "limits[].response_size_megabytes"]],
    [refused("customers are not refused yet"), ["customers[].models", "customers[].blocked"]],
    [inMemory, accounts.flatMap((block) => [`${block}.max_budget`, `${block}.budget_duration`])],
    [honoured("clients may use the resource name"), ["models.*.model_name", "models.*.deployments"]],
    [
      honoured(),
      [
        "models.*.route",
        "models.*.cache.enabled",
        "models.*.cache.ttl_seconds",
        "models.*.cache.max_size_megabytes",
        "models.*.telemetry.metrics",
        "models.*.telemetry.tracing",
        "models.*.telemetry.log_level",
        "models.*.telemetry.log_requests",
      ],
    ],
    [
      ignored("answers are kept in memory or in Redis", {
        cases: [{ values: ["memory", "redis"], entry: honoured() }],
      }),
      ["models.*.cache.backend"],
    ],
    [ignored("answers are never logged, only their size and tokens"), ["models.*.telemetry.log_responses"]],
    [ignored("money is counted in US dollars; these prices are in another currency"), ["models.*.budget"]],
  ]),
];

/** Every row, in the order of the blocks. */
export const supportRows: SupportRows = [
  ...modelSupport,
  ...litellmSettingsSupport,
  ...routerSettingsSupport,
  ...generalSettingsSupport,
  ...otherSupport,
];

let table: ReadonlyMap<string, SupportEntry> | undefined;

/** The row of exactly this schema path. */
export function supportRow(path: string): SupportEntry | undefined {
  table ??= new Map(supportRows);
  return table.get(path);
}

/** The row that speaks for a schema path: its own, else that of the nearest block around it. */
export function supportOf(path: string): SupportEntry | undefined {
  for (let place = path; place !== ""; place = around(place)) {
    const row = supportRow(place);
    if (row !== undefined) return row;
  }
  return undefined;
}

/** `a[].b` → `a[]` → `a`. */
function around(path: string): string {
  if (path.endsWith("[]")) return path.slice(0, -2);
  return path.slice(0, Math.max(path.lastIndexOf("."), 0));
}
