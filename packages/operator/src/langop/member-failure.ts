import type { AgentStatusInput } from "@gatewright/dialects";
import { ApiError } from "@gatewright/reconcile";
import type { WriteFailure } from "./object-writer.ts";
import { failureText } from "./steps.ts";

/** What could not be written for a member of a cluster, in words that its owner can act on. */
export function memberFailures(failures: readonly WriteFailure[]): AgentStatusInput["failures"] {
  return failures.map((failure) => ({
    object: failure.object,
    text: `${failureText(failure)}${hintOf(failure)}`,
  }));
}

/** The API server lets nobody grant what he may not do himself, and its own message does not say what to do. */
function hintOf({ object, error }: WriteFailure): string {
  const isRight = object.kind === "Role" || object.kind === "RoleBinding";
  if (!isRight || !ApiError.is(error, "Forbidden")) return "";
  return " The operator cannot grant rights that it does not have: give them to its own ServiceAccount, or set spec.deployment.serviceAccountName to an account that has them.";
}
