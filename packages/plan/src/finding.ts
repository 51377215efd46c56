import { compareText } from "./json.ts";
import { compareOrigins, type Origin } from "./origin.ts";

/**
 * What became of something the user wrote.
 * - `dropped`: it has no effect.
 * - `approximated`: it has an effect, but not exactly the one that was written.
 * - `blocked`: the entity it belongs to (or the gateway, when the origin is the gateway) is not served because of it.
 */
export type Effect = "dropped" | "approximated" | "blocked";

/** Loss that is reported: the same value reaches status conditions, events, the command line and the console. */
export interface Finding {
  /** A stable CamelCase word, usable as a condition reason, for example `SecretKeyMissing`. */
  readonly code: string;
  readonly effect: Effect;
  readonly origin: Origin;
  /** What is wrong, why it matters and what to do, in a sentence or two; no secret values. */
  readonly text: string;
}

/** The one order findings are listed in. */
export function compareFindings(a: Finding, b: Finding): number {
  return compareOrigins(a.origin, b.origin) || compareText(a.code, b.code) || compareText(a.text, b.text);
}
