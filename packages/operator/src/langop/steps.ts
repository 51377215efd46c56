import type { ObjectReference, StepResult } from "@gatewright/dialects";
import { ApiError, errorText, ForeignObjectError } from "@gatewright/reconcile";
import type { WriteFailure } from "./object-writer.ts";

type Step = StepResult["step"];

/** The steps of a LanguageCluster's reconcile, in their order (langop.md §3.1). */
const order: readonly Step[] = [
  "Namespace",
  "RBAC",
  "NetworkPolicy",
  "Gateway",
  "GatewayIngress",
  "OIDC",
  "Capacity",
];

/** Names of what belongs to sign-in, whatever its kind (langop.md §3.1). */
const signIn: ReadonlySet<string> = new Set(["auth", "auth-dex-config", "auth-client-secret"]);

/** Which step an object belongs to, and so which condition its failure shows in. */
export function stepOf({ kind, name }: Pick<ObjectReference, "kind" | "name">): Step {
  if (signIn.has(name)) return "OIDC";
  switch (kind) {
    case "Namespace":
      return "Namespace";
    case "Role":
    case "RoleBinding":
      return name === "agents" ? "RBAC" : "Gateway";
    case "NetworkPolicy":
    case "CiliumNetworkPolicy":
      return "NetworkPolicy";
    case "Ingress":
    case "HTTPRoute":
      return "GatewayIngress";
    case "ResourceQuota":
      return "Capacity";
    default:
      return "Gateway";
  }
}

/** The results of all steps; of several failures of one step the first is told. */
export function stepResults(
  failures: readonly WriteFailure[],
  more: readonly StepResult[] = [],
): StepResult[] {
  return order.map((step) => {
    const said = more.find((result) => result.step === step && result.error !== undefined);
    if (said !== undefined) return said;
    const failure = failures.find(({ object }) => stepOf(object) === step);
    return failure === undefined ? { step } : { step, error: failureText(failure) };
  });
}

/** What went wrong with an object, for people. */
export function failureText({ object, error }: WriteFailure): string {
  const name = object.namespace === undefined ? object.name : `${object.namespace}/${object.name}`;
  if (error instanceof ForeignObjectError || error instanceof ApiError) return error.message;
  return `${object.kind} ${name} could not be written: ${errorText(error)}`;
}
