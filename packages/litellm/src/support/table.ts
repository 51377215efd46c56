import { honoured, ignored, needless, refused, rows, type SupportEntry, type SupportRows } from "./entry.ts";
import { features } from "./feature.ts";
import { generalSettingsSupport } from "./general-settings.ts";
import { litellmSettingsSupport } from "./litellm-settings.ts";
import { modelSupport } from "./model.ts";
import { noBudgets, noLimits, noTools, notes } from "./reason.ts";
import { routerSettingsSupport } from "./router-settings.ts";

const notYet = ignored("settings of one model alone are not honoured yet");

const otherSupport: SupportRows = [
  ["environment_variables", honoured("values for references; they are not exported to the process")],
  ["include", honoured()],
  ["credential_list[].credential_name", honoured()],
  [
    "credential_list[].credential_values",
    honoured("as far as the same parameter is honoured on a deployment"),
  ],
  ["credential_list[].credential_info", notes],
  ["guardrails[]", refused("guards are not run yet")],
  ["policies", refused("guards are not run yet")],
  ["mcp_servers.*", noTools],
  ["callback_settings", needless("it matters only with the integration")],
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
    [honoured(), ["allow_unsupported", "agent_keys", "timeouts.stream_idle_seconds"]],
    [noLimits, ["limits[]"]],
    [
      honoured(),
      ["key", "key_alias", "user_id", "team_id", "tags", "models", "blocked", "expires"].map(
        (field) => `keys[].${field}`,
      ),
    ],
    [honoured(), ["teams[].team_id", "teams[].team_alias", "teams[].models", "teams[].blocked"]],
    [honoured(), ["users[].user_id", "users[].models", "users[].blocked", "customers[].user_id"]],
    [refused("customers are not refused yet"), ["customers[].models", "customers[].blocked"]],
    [
      noLimits,
      ["keys[]", "teams[]", "users[]", "customers[]"].flatMap((block) =>
        ["rpm_limit", "tpm_limit", "max_parallel_requests"].map((field) => `${block}.${field}`),
      ),
    ],
    [
      noBudgets,
      ["keys[]", "teams[]", "users[]", "customers[]"].flatMap((block) =>
        ["max_budget", "budget_duration"].map((field) => `${block}.${field}`),
      ),
    ],
    [needless("it matters only with shared state"), ["redis"]],
    [needless("it is about what is not there yet"), ["explain"]],
    [honoured("clients may use the resource name"), ["models.*.model_name", "models.*.deployments"]],
    [notYet, ["models.*.route", "models.*.cache", "models.*.telemetry"]],
    [ignored("costs are not counted yet"), ["models.*.budget"]],
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
