import type { Finding } from "@gatewright/plan";

/** An Event about a resource. */
export interface EventIntent {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly action: string;
  /** At most 1024 characters, the API server's limit. */
  readonly note: string;
}

/** Events for findings that were not there before. */
export declare function eventsOf(
  findings: readonly Finding[],
  previous: readonly Finding[],
): readonly EventIntent[];
