import {
  type Engine,
  type Finding,
  isJsonObject,
  type JsonObject,
  type Origin,
  originText,
} from "@gatewright/plan";
import type { Contribution } from "./entry.ts";
import type { Variable } from "./environment.ts";

/** The variable with the secret that agent keys are checked with (langop.md §3.4). */
export const hmacVariable = "LANGOP_GATEWAY_HMAC_SECRET";

/** What decides whether the callers of a gateway need agent keys. */
export interface AgentKeysInput {
  readonly origin: Origin;
  readonly engine: Engine;
  /** The secret as the gateway's own environment gives it. Set to anything but nothing it asks for agent keys. */
  readonly variable: Variable | undefined;
  /** Agent keys are asked for, wherever their secret comes from. */
  readonly required?: boolean;
  /** The extra configuration; a check of its own replaces this one. */
  readonly extra: JsonObject | undefined;
}

/**
 * Agent keys go into the document, by reference to the variable of their secret: the gateway refuses everybody else,
 * and everybody as long as it cannot find the secret. LiteLLM's image has no such check, which is reported.
 */
export function readAgentKeys({ origin, engine, variable, required, extra }: AgentKeysInput): Contribution {
  const general = extra?.["general_settings"];
  const replaced = isJsonObject(general) && general["custom_auth"] !== undefined;
  const set = variable !== undefined && !(variable.kind === "text" && variable.text === "");
  if (replaced || !(set || required === true)) return { parts: [], findings: [] };
  if (engine === "litellm") return { parts: [], findings: [notChecked(origin)] };
  return {
    parts: [{ concern: "identity", origin, value: { agentKeys: { secretVariable: hmacVariable } } }],
    findings:
      variable?.kind === "unreadable" && variable.later === undefined ? [unreadable(origin, variable)] : [],
  };
}

function notChecked(origin: Origin): Finding {
  return {
    code: "AgentKeysNotChecked",
    effect: "dropped",
    origin,
    text: `${originText(origin)} is to accept agent keys alone, which the engine litellm cannot check: without a master key its gateway is open to everybody who reaches it. Set LITELLM_MASTER_KEY, or use the engine native (annotation gatewright.dev/engine).`,
  };
}

function unreadable(origin: Origin, { path, why }: Extract<Variable, { kind: "unreadable" }>): Finding {
  return {
    code: "AgentKeysUnreadable",
    effect: "dropped",
    origin: { ...origin, path },
    text: `${originText({ ...origin, path })} ${why}, so the gateway has no ${hmacVariable} to check agent keys with and refuses them all until it can be read.`,
  };
}
