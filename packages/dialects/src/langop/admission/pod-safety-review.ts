import { isJsonObject } from "@gatewright/plan";
import type { DeploymentSpec } from "../kinds/deployment-spec.ts";
import { parseQuantity } from "../status/quantity.ts";
import type { Review } from "./review.ts";

/** Settings of a Deployment that take a protection away (langop.md §2.1): allowed, but not without a word. */
export function reviewPodSafety(deployment: DeploymentSpec, review: Review): void {
  const { resources, securityContext, initContainers = [] } = deployment;
  reviewLimits(resources, review.within("resources", "limits"));
  reviewSecurityContext(securityContext, review.within("securityContext"));
  for (const [index, container] of initContainers.entries()) {
    const at = review.within("initContainers", index);
    reviewSecurityContext(container["securityContext"], at.within("securityContext"));
  }
}

function reviewLimits(resources: unknown, review: Review): void {
  const limits = isJsonObject(resources) ? resources["limits"] : undefined;
  if (!isJsonObject(limits)) return;
  for (const name of ["cpu", "memory"]) {
    if (parseQuantity(limits[name])?.nanos !== 0n) continue;
    review.warn(
      [name],
      "LimitZero",
      "is 0, which means no limit. Leave it out to say so, or name an amount.",
    );
  }
}

function reviewSecurityContext(context: unknown, review: Review): void {
  if (!isJsonObject(context)) return;
  const { runAsNonRoot, runAsUser, privileged } = context;
  if (runAsNonRoot === false || runAsUser === 0) {
    const field = runAsNonRoot === false ? "runAsNonRoot" : "runAsUser";
    const text =
      "lets the container run as root; namespaces with a restricted Pod Security Standard refuse it.";
    review.warn([field], "RootAllowed", text);
  }
  if (privileged === true) {
    const text = "gives the container the whole node: whatever the agent does, it can do there.";
    review.warn(["privileged"], "PrivilegedContainer", text);
  }
}
