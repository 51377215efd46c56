import type { Finding } from "@gatewright/plan";
import { shortened } from "./degraded.ts";
import type { ConditionIntent } from "./intent.ts";

/** An Event about a resource. */
export interface EventIntent {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly action: string;
  /** At most 1024 characters, the API server's limit. */
  readonly note: string;
}

/** The API server refuses longer notes. */
const longestNote = 1024;
/** In one pass: a resource with a hundred typos must not push everybody else's Events out. */
const mostEvents = 10;

/** Warnings for findings that were not there in the pass before; the Degraded condition shows those that stay. */
export function eventsOf(findings: readonly Finding[], previous: readonly Finding[]): readonly EventIntent[] {
  const known = new Set(previous.map(identityOf));
  const fresh = findings.filter((finding) => !known.has(identityOf(finding)));
  return fresh.slice(0, mostEvents).map(({ code, text }) => ({
    type: "Warning",
    reason: code,
    action: "Reconcile",
    note: shortened(text, longestNote),
  }));
}

function identityOf({ code, text }: Finding): string {
  return `${code} ${text}`;
}

/** Types whose True is the trouble. */
const adverse: ReadonlySet<string> = new Set(["Degraded", "GatewayOpen"]);
/** Told finding by finding. */
const toldElsewhere = "Degraded";

/**
 * Events for conditions that turned: a Warning for the worse, with the reason that the condition has, a Normal one when
 * Ready came back. Waiting for pods is part of every start and roll-out, and no event.
 */
export function conditionEvents(
  conditions: readonly ConditionIntent[],
  previous: readonly Pick<ConditionIntent, "type" | "status" | "reason">[],
): readonly EventIntent[] {
  return conditions.flatMap((condition): readonly EventIntent[] => {
    const { type, status, reason, message } = condition;
    const before = previous.find((known) => known.type === type);
    if (type === toldElsewhere || (before?.status === status && before.reason === reason)) return [];
    const event = { reason, action: "Reconcile", note: shortened(message, longestNote) };
    const bad = status === (adverse.has(type) ? "True" : "False");
    if (bad) return reason === "PodsNotReady" || reason === "Pending" ? [] : [{ type: "Warning", ...event }];
    return type === "Ready" && status === "True" ? [{ type: "Normal", ...event }] : [];
  });
}
