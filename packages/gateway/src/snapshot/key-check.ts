import { timingSafeEqual } from "node:crypto";
import type { ApiError, Settings } from "@gatewright/litellm";
import { type Loaded, SourceError } from "../source.ts";
import { agentKeys } from "./agent-keys.ts";
import { type Accounts, agent, type Caller, master } from "./caller.ts";
import { documentKeys } from "./document-keys.ts";

/**
 * Whose a presented key is, or why it is not let in; undefined when it is nobody's. Takes a time that tells nothing
 * about the right keys.
 */
export type KeyCheck = (presented: string) => Caller | ApiError | undefined;

/** How the keys of a gateway are checked. */
export interface Keys {
  /** Undefined when the gateway is open: the document names no key of any kind. */
  readonly check: KeyCheck | undefined;
  /** What keeps callers out that were meant to come in. */
  readonly warnings: readonly string[];
}

/**
 * The keys that a document and its surroundings know: the master key, agent keys where the document asks for them
 * (langop.md §3.4), and the keys that stand in it. Keys that cannot be checked, for want of a secret or a value, let
 * nobody in; they never leave the gateway open. Throws a `SourceError` for a master key that is named and cannot be
 * had: LiteLLM would open the gateway then. `missing` are the references without a value, by path.
 */
export function keysOf(
  settings: Settings,
  loaded: Loaded,
  missing: ReadonlyMap<string, string>,
  accounts: Accounts,
): Keys {
  const checks: KeyCheck[] = [];
  const warnings: string[] = [];
  const masterKey = masterKeyOf(settings, loaded, missing);
  if (masterKey !== undefined) {
    const isMasterKey = keyComparison(masterKey);
    checks.push((key) => (isMasterKey(key) ? master : undefined));
  }
  const { gatewright = {} } = settings;
  if (gatewright.agent_keys !== undefined) {
    const secret = gatewright.agent_keys.secret?.reveal() ?? "";
    // An empty secret is everybody's: whoever knows an agent's UID could sign it.
    if (secret !== "") checks.push(agentKeys(secret, (id) => agent(id, accounts)));
    else warnings.push(withoutSecret(missing.get("gatewright.agent_keys.secret"), masterKey === undefined));
  }
  if ((gatewright.keys ?? []).length > 0) {
    const own = documentKeys(gatewright, missing, accounts);
    checks.push(own.callerOf);
    warnings.push(...own.warnings);
  }
  const open = checks.length === 0 && warnings.length === 0;
  return { check: open ? undefined : inTurn(checks), warnings };
}

function inTurn(checks: readonly KeyCheck[]): KeyCheck {
  return (key) => {
    for (const check of checks) {
      const found = check(key);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

function withoutSecret(variable: string | undefined, nobody: boolean): string {
  const why = variable === undefined ? "is empty" : `is os.environ/${variable}, which is not set`;
  const who = nobody ? "every request is refused" : "only the master key is accepted";
  return `gatewright.agent_keys.secret ${why}, so no agent key can be checked and ${who}. Give it the secret that agent keys are signed with.`;
}

function masterKeyOf(
  settings: Settings,
  loaded: Loaded,
  missing: ReadonlyMap<string, string>,
): string | undefined {
  const named = missing.get("general_settings.master_key");
  if (named !== undefined) {
    throw new SourceError([
      `general_settings.master_key is os.environ/${named}, which is not set. Without it the gateway would be open to everybody, so it is not served. Set ${named}, or remove master_key to run open on purpose.`,
    ]);
  }
  const key = settings.general_settings?.master_key?.reveal();
  if (key === "") {
    throw new SourceError([
      "general_settings.master_key is empty. An empty key would let everybody in, so it is not served. Give it a value, or remove master_key to run open on purpose.",
    ]);
  }
  return key ?? (environmentKey(settings, loaded) || undefined);
}

/** The document's own `environment_variables` go before the environment (litellm.md §2). */
function environmentKey(settings: Settings, loaded: Loaded): string | undefined {
  const own = settings.environment_variables?.["LITELLM_MASTER_KEY"];
  return (own ?? loaded.lookup("LITELLM_MASTER_KEY"))?.reveal();
}

/** Tells a key from others in a time that depends on its length only (litellm.md §3.1). */
function keyComparison(key: string): (presented: string) => boolean {
  const bytes = Buffer.from(key);
  return (presented) => {
    const other = Buffer.from(presented);
    return other.length === bytes.length && timingSafeEqual(other, bytes);
  };
}
