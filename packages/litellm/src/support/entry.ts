import type { Json } from "@gatewright/plan";

/**
 * What the native engine makes of a setting.
 * - `honoured`: it does what the contract says.
 * - `ignored`: it has no effect; that is reported where something is lost.
 * - `refused`: it protects something, and going without it is not ours to decide: the gateway (below `model_list[]`,
 *   the deployment) is not served unless the document allows it.
 */
export type Support = "honoured" | "ignored" | "refused";

/** One row of the support table. */
export interface SupportEntry {
  readonly support: Support;
  /** Why, in half a sentence: it follows a colon in findings and stands alone in the reference page. */
  readonly note: string;
  /** Ignoring it loses nothing, so it is not reported. */
  readonly quiet?: boolean;
  /** It has part of its effect. */
  readonly approximated?: boolean;
  /** Values that ask for what happens anyway; the default, `false` and what is empty always do. */
  readonly harmless?: readonly Json[];
  /** Values, or items of a list, that are judged differently; the first that fits counts. */
  readonly cases?: readonly SupportCase[];
}

/** What a value changes about its setting's row. */
export interface SupportCase {
  readonly values: readonly string[] | RegExp;
  readonly entry: SupportEntry;
}

/** Rows by schema path, for example `model_list[].litellm_params.rpm`. A row for a block speaks for all in it. */
export type SupportRows = readonly (readonly [path: string, entry: SupportEntry])[];

type Options = Omit<SupportEntry, "support" | "note">;

export function honoured(note = "", options: Options = {}): SupportEntry {
  return { support: "honoured", note, ...options };
}

export function ignored(note: string, options: Options = {}): SupportEntry {
  return { support: "ignored", note, ...options };
}

/** Ignored, and nothing is lost by it. */
export function needless(note: string): SupportEntry {
  return { support: "ignored", note, quiet: true };
}

export function refused(note: string, options: Options = {}): SupportEntry {
  return { support: "refused", note, ...options };
}

/** The rows of one block: an entry and the keys it is about, again and again. */
export function rows(
  block: string,
  groups: readonly (readonly [entry: SupportEntry, keys: readonly string[]])[],
): SupportRows {
  return groups.flatMap(([entry, keys]) => keys.map((key) => [`${block}.${key}`, entry] as const));
}
