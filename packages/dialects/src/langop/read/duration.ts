import type { Finding } from "@gatewright/plan";
import { fieldFinding, type ModelEntry } from "./entry.ts";

const secondsPerUnit: Readonly<Record<string, number>> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  // The other code point that looks like the same letter: keyboards give one, Go's own printing the other.
  μs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

/** Seconds of `90s`, `1.5h` or `500ms`; nothing for a text that is not one number and one unit. */
export function secondsOf(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ns|us|µs|μs|ms|s|m|h)$/u.exec(text.trim());
  const factor = secondsPerUnit[match?.[2] ?? ""];
  if (match?.[1] === undefined || factor === undefined) return undefined;
  // 7 × 1e-9 is 7.000000000000001e-9 in binary; nobody wants to read that in a configuration.
  return Number((Number(match[1]) * factor).toPrecision(12));
}

/** Seconds of a duration field; one that cannot be read is reported and left to the engine. */
export function readSeconds(
  entry: ModelEntry,
  path: string,
  text: string | undefined,
  findings: Finding[],
): number | undefined {
  if (text === undefined || text === "") return undefined;
  const seconds = secondsOf(text);
  if (seconds === undefined) {
    findings.push(
      fieldFinding(
        entry.resource,
        path,
        "DurationUnreadable",
        "dropped",
        "is not a duration such as 500ms, 30s, 5m or 1h, so it is not used.",
      ),
    );
  }
  return seconds;
}

/** The model's timeout in seconds: none for an empty one, and five minutes for one that cannot be read (langop.md §3.3). */
export function readTimeout(entry: ModelEntry, findings: Finding[]): number | undefined {
  if (entry.spec.timeout === "") return undefined;
  const seconds = secondsOf(entry.spec.timeout);
  if (seconds !== undefined) return seconds;
  findings.push(
    fieldFinding(
      entry.resource,
      "spec.timeout",
      "DurationUnreadable",
      "approximated",
      "is not a duration such as 500ms, 30s, 5m or 1h, so 5m is used.",
    ),
  );
  return 300;
}
