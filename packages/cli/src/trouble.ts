import { type Finding, originText } from "@gatewright/plan";
import type { Surroundings } from "./surroundings.ts";

/** Something to tell the user about what they wrote: a problem of the input, or a finding. */
export interface Trouble {
  /** `error`: nothing is done because of it. `warning`: the rest is done without it. `note`: nothing is lost. */
  readonly level: "error" | "warning" | "note";
  /** A stable CamelCase word where there is one. */
  readonly code?: string;
  readonly effect?: Finding["effect"];
  /** As the user named it. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  readonly column?: number;
  /** The object, where several lie in one file: `LanguageModel team-a/claude`. */
  readonly object?: string;
  /** The field: `spec.timeout`. */
  readonly path?: string;
  readonly text: string;
}

/** Where in the user's files an origin lies; `undefined` when it is in none of them. */
export type Locate = (
  origin: Finding["origin"],
) => { readonly file: string; readonly line?: number } | undefined;

/** A finding as the command line tells it. */
export function findingTrouble(finding: Finding, locate: Locate): Trouble {
  const { path, ...resource } = finding.origin;
  return {
    level: "warning",
    code: finding.code,
    effect: finding.effect,
    ...locate(finding.origin),
    object: originText(resource),
    ...(path === undefined ? {} : { path }),
    text: finding.text,
  };
}

/** `examples/langop/models.yaml:12 spec.timeout: it cannot be read …`: one trouble as one line. */
export function troubleText(trouble: Trouble): string {
  const place = [trouble.file, trouble.line, trouble.column].filter((part) => part !== undefined).join(":");
  // Most texts name their object and field already.
  const more = [trouble.object, trouble.path].filter(
    (part) => part !== undefined && !trouble.text.includes(part),
  );
  const where = [place, ...more].filter((part) => part !== "").join(" ");
  return where === "" ? trouble.text : `${where}: ${trouble.text}`;
}

/** The levels of the gateway's own log lines, which come out beside these. */
const logLevels = { note: 30, warning: 40, error: 50 } as const;

/**
 * Lists troubles on standard error in the given order: text for a person, otherwise one JSON object a line with
 * `level`, `msg` and the members of the trouble.
 */
export function report(surroundings: Surroundings, troubles: readonly Trouble[]): void {
  for (const trouble of troubles) {
    const { level, text: _, ...members } = trouble;
    const line = surroundings.interactive
      ? `${level}: ${troubleText(trouble)}`
      : JSON.stringify({
          level: logLevels[level],
          msg: troubleText(trouble),
          ...members,
        });
    surroundings.errors(`${line}\n`);
  }
}

/** Tells one thing that went wrong and has no place in a file. */
export function complain(surroundings: Surroundings, text: string): void {
  report(surroundings, [{ level: "error", text }]);
}
