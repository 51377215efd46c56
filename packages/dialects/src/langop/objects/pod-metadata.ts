import type { Labels } from "@gatewright/kubernetes";
import type { Finding } from "@gatewright/plan";
import { fieldPath } from "../../field-path.ts";
import type { Resource } from "../../resource.ts";
import type { DeploymentSpec } from "../kinds/deployment-spec.ts";
import { fieldFinding } from "../read/entry.ts";

/** The annotation with the hash of what pods are configured by (langop.md §2.4, §3.2). */
export const hashAnnotation = "langop.io/config-hash";

/** The annotation with the hash of the Secrets that pods read at their start. */
export const secretsHashAnnotation = "gatewright.dev/secrets-hash";

/** Annotations that the operator writes on pods; a user's value would hide what it has delivered. */
const ownAnnotations: readonly string[] = [
  hashAnnotation,
  secretsHashAnnotation,
  "gatewright.dev/delivered",
  "gatewright.dev/reminded",
];

/**
 * Labels and annotations of pods: ours and the user's, without those of the user's that objects depend on (langop.md
 * §3.2 "can break"). `base` is the field of `owner` that `deployment` is.
 */
export function podMetadata(
  owner: Resource,
  deployment: DeploymentSpec | undefined,
  { base, labels }: { readonly base: string; readonly labels: Labels },
  findings: Finding[],
): { readonly labels: Labels; readonly annotations: Labels } {
  const kept = (field: "podLabels" | "podAnnotations", reserved: readonly string[], why: string): Labels =>
    Object.fromEntries(
      Object.entries(deployment?.[field] ?? {}).filter(([key, value]) => {
        if (!reserved.includes(key)) return true;
        if (labels[key] !== value) {
          const path = fieldPath([...base.split("."), field, key]);
          findings.push(fieldFinding(owner, path, "ReservedName", "dropped", `is ignored: ${why}.`));
        }
        return false;
      }),
    );
  return {
    labels: {
      ...labels,
      ...kept(
        "podLabels",
        Object.keys(labels),
        "the Deployment and the Services find the pods by this label",
      ),
    },
    annotations: kept("podAnnotations", ownAnnotations, "the operator records there what it has delivered"),
  };
}
