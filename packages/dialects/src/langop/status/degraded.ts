import { compareFindings, type Effect, type Finding } from "@gatewright/plan";
import type { ConditionIntent } from "./intent.ts";

const shown = 5;
const longestText = 400;
const severity: Readonly<Record<Effect, number>> = { blocked: 0, dropped: 1, approximated: 2 };

/**
 * What does not work as it was written: condition Degraded with the first findings, worst first, and the number of the
 * others; its reason is the worst one's code. None without findings. A status is read in full by every watcher, so the
 * text is bounded however many models are wrong.
 */
export function degraded(findings: readonly Finding[]): readonly ConditionIntent[] {
  const ordered = [...findings].sort(
    (a, b) => severity[a.effect] - severity[b.effect] || compareFindings(a, b),
  );
  const [worst] = ordered;
  if (worst === undefined) return [];
  const texts = ordered.slice(0, shown).map(({ text }) => shortened(text, longestText));
  const rest = ordered.length - texts.length;
  const more = rest === 0 ? [] : [`And ${rest} more.`];
  return [{ type: "Degraded", status: "True", reason: worst.code, message: [...texts, ...more].join(" ") }];
}

/** The text itself, or its beginning with a mark; never half a character. */
export function shortened(text: string, longest: number): string {
  if (text.length <= longest) return text;
  return `${text.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/u, "")}…`;
}
