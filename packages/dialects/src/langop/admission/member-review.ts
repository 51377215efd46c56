import { isServiceName } from "@gatewright/kubernetes";
import type { Resource } from "../../resource.ts";
import type { AdmissionWorld } from "./admit.ts";
import type { Review } from "./review.ts";

const kinds = { LanguageAgent: "agents", LanguageTool: "tools" } as const;

/**
 * A member of a namespace that no LanguageCluster stands for (decisions). Not refused, as generation C did: one apply may
 * create both, in whatever order. `what` goes on after "There is no LanguageCluster …, so".
 */
export function reviewMembership(
  { metadata }: Resource,
  world: AdmissionWorld,
  what: string,
  review: Review,
): void {
  const { namespace = "" } = metadata;
  if (world.clusterExists(namespace) !== false) return;
  const text = `is no LanguageCluster, so ${what}. Create a LanguageCluster named ${namespace}.`;
  review.warn(["metadata", "namespace"], "ClusterMissing", text);
}

/** The name of an agent or tool, which its Deployment, its Service and their labels have too (langop.md §2.4). */
export function reviewServiceName(member: Resource, review: Review): void {
  const { name } = member.metadata;
  if (!isServiceName(name)) {
    const text =
      'is also the name of a Service: use at most 63 lower-case letters, digits and "-", with a letter in front and a letter or digit at the end.';
    review.refuse(["metadata", "name"], "NameInvalid", text);
  }
  if (name === "gateway") {
    const text = "is the name of the gateway's own Deployment and Service. Use another name.";
    review.refuse(["metadata", "name"], "NameTaken", text);
  }
  if (name === "auth") {
    const text =
      "is the name of Dex's Deployment and Service in a LanguageCluster where people sign in with it (spec.auth). Another name is safer.";
    review.warn(["metadata", "name"], "NameShared", text);
  }
}

/**
 * Another member whose Deployment and Service have the name of this one. Refused when the second comes; where both are
 * there by now, which two requests at once can bring about, its spec must stay open to a repair.
 */
export function reviewTakenName(
  member: Resource,
  world: AdmissionWorld,
  old: Resource | undefined,
  review: Review,
): void {
  const { name, namespace = "" } = member.metadata;
  for (const [kind, list] of Object.entries(kinds)) {
    const other = kind === member.kind ? undefined : world[list](namespace).find(isCalled(name));
    if (other === undefined || isSidecar(other)) continue;
    const text = `is the name of a ${kind} of this namespace, whose Deployment and Service have it too. Use another name.`;
    review[old === undefined ? "refuse" : "warn"](["metadata", "name"], "NameTaken", text);
  }
  if (world.models(namespace).some(isCalled(name))) {
    const text =
      "is also the name of a LanguageModel: the address that early releases gave that model now leads here.";
    review.warn(["metadata", "name"], "NameShared", text);
  }
}

function isCalled(name: string): (other: Resource) => boolean {
  return ({ metadata }) => metadata.name === name;
}

function isSidecar({ spec }: Resource): boolean {
  return spec?.["deploymentMode"] === "sidecar";
}
