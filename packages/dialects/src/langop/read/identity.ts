import {
  type Finding,
  isJsonObject,
  type Json,
  type JsonObject,
  type Origin,
  originText,
} from "@gatewright/plan";
import type { Contribution } from "./entry.ts";
import type { Variable } from "./environment.ts";
import { extraConfigVariable } from "./overlay.ts";

/** The variable with the secret that agent keys are checked with (langop.md §3.4). */
export const hmacVariable = "LANGOP_GATEWAY_HMAC_SECRET";

/** Its name as a protective setting a user may go without. */
const agentKeysSetting = "gatewright.agent_keys";

/**
 * Agent keys go into the document; as long as no gateway checks them, serving would mean serving everybody, so the
 * gateway is blocked unless the user allows to go without, or has set another check in the extra configuration.
 */
export function readAgentKeys(
  origin: Origin,
  variable: Variable | undefined,
  extra: JsonObject | undefined,
  allowUnsupported: readonly string[] = [],
): Contribution {
  const general = extra?.["general_settings"];
  const replaced = isJsonObject(general) && general["custom_auth"] !== undefined;
  const unset = variable === undefined || (variable.kind === "text" && variable.text === "");
  if (unset || replaced) return { parts: [], findings: [] };
  const part = {
    concern: "identity",
    origin,
    value: { agentKeys: { secretVariable: hmacVariable } },
  } as const;
  const finding: Finding = {
    code: "AgentKeysNotChecked",
    effect: "blocked",
    origin,
    text: `${originText(origin)} has ${hmacVariable} set, so clients need agent keys, which this gateway cannot check yet. It is not served, because it would be open; to accept that, add ${agentKeysSetting} to gatewright.allow_unsupported in ${extraConfigVariable}.`,
  };
  return {
    parts: [part],
    findings: [...allowUnsupported, ...allowedBy(extra)].includes(agentKeysSetting) ? [] : [finding],
  };
}

function allowedBy(extra: JsonObject | undefined): readonly Json[] {
  const own = extra?.["gatewright"];
  const allowed = isJsonObject(own) ? own["allow_unsupported"] : undefined;
  return Array.isArray(allowed) ? allowed : [];
}
