import type { Resource } from "../../resource.ts";
import { generationOf } from "./cluster-status.ts";
import { shortened } from "./degraded.ts";
import type { StatusIntent } from "./intent.ts";

/** What became of a request of an agent to change itself. `pending` is looked at again; everything else is final. */
export interface SelfConfigOutcome {
  readonly kind: "applied" | "denied" | "failed" | "pending";
  /** Reason of the condition Ready. */
  readonly reason: string;
  readonly message: string;
}

const phases = { applied: "Applied", denied: "Denied", failed: "Failed", pending: "Pending" } as const;

/** Instructions and texts of the API server have no bounds. */
const longestMessage = 2_000;

/**
 * Status of a LanguageAgentSelfConfig (langop.md §2.6). `completionTime`, RFC 3339, is when it was decided; it counts for
 * nothing that is pending.
 */
export function selfConfigStatus(
  request: Resource,
  { kind, reason, message: text }: SelfConfigOutcome,
  completionTime: string,
): StatusIntent {
  const message = shortened(text, longestMessage);
  return {
    phase: phases[kind],
    conditions: [{ type: "Ready", status: kind === "applied" ? "True" : "False", reason, message }],
    fields: { ...generationOf(request), message, ...(kind === "pending" ? {} : { completionTime }) },
  };
}
