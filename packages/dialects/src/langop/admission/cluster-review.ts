import type { Finding } from "@gatewright/plan";
import { readAnnotations } from "../../annotations.ts";
import type { Resource } from "../../resource.ts";
import { readSpec } from "../../spec.ts";
import type { DeploymentSpec } from "../kinds/deployment-spec.ts";
import { type LanguageClusterSpec, languageCluster } from "../kinds/language-cluster.ts";
import { clusterCapacity } from "../objects/capacity.ts";
import { extraConfigVariable, parseExtraConfig } from "../read/overlay.ts";
import { systemNamespaces } from "../system-namespace.ts";
import { nameText } from "./environment-review.ts";
import { isDnsLabel, isDnsName } from "./kubernetes-name.ts";
import { networkFindings } from "./network-review.ts";
import { type PodFacts, reviewDeployment } from "./pod-review.ts";
import { reviewQuantity } from "./resources-review.ts";
import { type Review, reviewOf } from "./review.ts";

/** Everything that is to say about a LanguageCluster before it is admitted (langop.md §1.1); `blocked` refuses it. */
export function clusterFindings(cluster: Resource): readonly Finding[] {
  const findings: Finding[] = [];
  const review = reviewOf(cluster, findings);
  reviewNamespace(cluster.metadata.name, review);
  reviewAnnotations(cluster, review);
  const { spec, findings: ofSpec } = readSpec(languageCluster, cluster);
  findings.push(...ofSpec, ...readAnnotations(cluster, "native").findings);
  if (spec === undefined) return findings;
  reviewIngress(spec, review.within("spec"));
  reviewAuth(spec, review.within("spec", "auth"));
  for (const field of ["maxCPU", "maxMemory"] as const) {
    const value = spec.capacity?.[field];
    if (value !== undefined) reviewQuantity(value, review.within("spec", "capacity", field));
  }
  const deployment = spec.gateway?.deployment;
  if (deployment !== undefined) {
    const at = review.within("spec", "gateway", "deployment");
    reviewDeployment(deployment, gatewayPod, at);
    reviewExtraConfig(deployment.env, at);
  }
  findings.push(
    ...networkFindings(cluster, spec.networkPolicies, review),
    ...clusterCapacity(cluster, spec).findings,
  );
  return findings;
}

function reviewNamespace(name: string, review: Review): void {
  if (!isDnsLabel(name)) {
    const text =
      'is also the name of the namespace: use at most 63 lower-case letters, digits and "-", with a letter or digit at both ends.';
    review.refuse(["metadata", "name"], "NameInvalid", text);
  }
  if (systemNamespaces.includes(name)) {
    const text = `is a namespace that Kubernetes itself needs; a LanguageCluster would put it under network policies and quotas. Use another name.`;
    review.refuse(["metadata", "name"], "NamespaceProtected", text);
  }
  if (name === "default") {
    const text =
      "takes over the namespace default: its network policies, and its quota if there is one, count for everything there. A namespace of its own is safer.";
    review.warn(["metadata", "name"], "NamespaceShared", text);
  }
}

function reviewAnnotations({ metadata }: Resource, review: Review): void {
  const keys = metadata.annotations?.["gatewright.dev/agent-keys"];
  if (keys === undefined || keys === "required" || keys === "open") return;
  review.warn(
    ["metadata", "annotations", "gatewright.dev/agent-keys"],
    "AnnotationUnknown",
    "is neither required nor open and has no effect.",
  );
}

const gatewayPod: PodFacts = {
  containers: ["gateway"],
  isOwnVolume: (name) =>
    name === "models-config" || name === "gateway-credentials" || name.startsWith("secret-"),
};

/** `gateway.` in front of the domain. */
const hostPrefixLength = 8;

function reviewIngress({ domain = "", ingress, gateway }: LanguageClusterSpec, review: Review): void {
  const enabled = ingress?.enabled ?? gateway?.enabled ?? false;
  if (enabled && domain === "") {
    review.warn(
      ["ingress", "enabled"],
      "DomainMissing",
      "has no effect without spec.domain: the host of the gateway is gateway.<domain>.",
    );
  }
  if (enabled && domain.length > 253 - hostPrefixLength) {
    review.refuse(
      ["domain"],
      "DomainTooLong",
      `must have at most ${253 - hostPrefixLength} characters, because the gateway is published at gateway.<domain>.`,
    );
  }
  const { className = "", tls } = ingress ?? {};
  const names = [
    [className, ["ingress", "className"]],
    [tls?.secretName ?? "", ["ingress", "tls", "secretName"]],
    [tls?.issuerRef?.name ?? "", ["ingress", "tls", "issuerRef", "name"]],
  ] as const;
  for (const [name, path] of names) {
    if (name !== "" && !isDnsName(name)) review.refuse(path, "NameInvalid", nameText);
  }
  if (tls?.mode === "secret" && (tls.secretName ?? "") === "") {
    review.refuse(
      ["ingress", "tls", "secretName"],
      "SecretNameMissing",
      "is required when tls.mode is secret.",
    );
  }
}

function reviewAuth({ auth }: LanguageClusterSpec, review: Review): void {
  if (auth === undefined || !auth.enabled) return;
  const { externalIssuerURL = "", dex, clientSecretRef } = auth.oidc ?? {};
  if (externalIssuerURL === "" && dex === undefined) {
    review.warn(
      ["oidc"],
      "ProviderMissing",
      "names no provider, so nobody can sign in: set externalIssuerURL or dex.",
    );
  }
  if (externalIssuerURL !== "" && !URL.canParse(externalIssuerURL)) {
    review.refuse(["oidc", "externalIssuerURL"], "UrlInvalid", "must be a URL.");
  }
  if (clientSecretRef !== undefined && !isDnsName(clientSecretRef.name)) {
    review.refuse(["oidc", "clientSecretRef", "name"], "NameInvalid", nameText);
  }
}

/** YAML that the gateway could not start with. What comes from a ConfigMap is read when the gateway is made. */
function reviewExtraConfig(env: DeploymentSpec["env"], review: Review): void {
  const index = (env ?? []).findLastIndex(({ name }) => name === extraConfigVariable);
  const text = env?.[index]?.value;
  const problem = text === undefined ? undefined : parseExtraConfig(text);
  if (typeof problem === "string") {
    review.refuse(["env", index, "value"], "ExtraConfigInvalid", `(${extraConfigVariable}) ${problem}.`);
  }
}
