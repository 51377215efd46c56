import { type Finding, type Origin, originText } from "@gatewright/plan";
import type { Contribution } from "./entry.ts";
import type { Variable } from "./environment.ts";

/** The variable that holds the administrator's key; without it the gateway is open (langop.md §3.4). */
export const masterKeyVariable = "LITELLM_MASTER_KEY";

/** The administrator's key by reference. One that is set, but cannot be had, blocks the gateway: it must not be open. */
export function readKey(origin: Origin, variable: Variable | undefined): Contribution {
  if (variable === undefined || (variable.kind === "text" && variable.text === "")) {
    return { parts: [], findings: [] };
  }
  if (variable.kind === "unreadable") return { parts: [], findings: [unreadable(origin, variable)] };
  const master = {
    variable: masterKeyVariable,
    ...(variable.kind === "secret" ? { secret: variable.secret } : {}),
  };
  return { parts: [{ concern: "key", origin, value: { master } }], findings: [] };
}

function unreadable(origin: Origin, variable: Extract<Variable, { kind: "unreadable" }>): Finding {
  return {
    code: "MasterKeyUnreadable",
    effect: "blocked",
    origin,
    text: `${originText(origin)} ${variable.path} ${variable.why}, so the gateway would run without its key ${masterKeyVariable} and be open to everybody. It is not served until the key can be read.`,
  };
}
