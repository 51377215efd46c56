import type { Finding } from "@gatewright/plan";
import type { Resource } from "../../resource.ts";
import type { LanguageClusterSpec } from "../kinds/language-cluster.ts";
import type { LanguageModelSpec } from "../kinds/language-model.ts";
import { egressRulesOf, type NetworkRule, networkRulesOf } from "../kinds/network-rule.ts";
import { readRules, rulePaths } from "../objects/network.ts";
import type { NetworkView } from "../objects/peer.ts";
import { isDnsLabel } from "./kubernetes-name.ts";
import type { Review } from "./review.ts";

type Policies = LanguageClusterSpec["networkPolicies"];

/** Losses of the translation that come from a value that can never be meant; the others are told and admitted. */
const neverMeant: ReadonlySet<string> = new Set([
  "CidrInvalid",
  "GroupInvalid",
  "SelectorInvalid",
  "DnsInvalid",
]);

/** Names are looked up while the operator runs, not while somebody waits for an answer. */
function viewOf(namespace: string): NetworkView {
  return { namespace, cilium: true, addresses: () => undefined };
}

/** `spec.networkPolicies` of a resource: what their translation would lose, and Services that cannot be. */
export function networkFindings(resource: Resource, policies: Policies, review: Review): readonly Finding[] {
  const { ingress, egress } = networkRulesOf(policies);
  reviewServices([...ingress, ...egress], review.within("spec", "networkPolicies"));
  // A LanguageCluster is in no namespace; its rules count in the one of its name.
  const view = viewOf(resource.metadata.namespace ?? resource.metadata.name);
  return [
    ...readRules(resource, ingress, "from", rulePaths(policies, "ingress"), view).findings,
    ...readRules(resource, egress, "to", rulePaths(policies, "egress"), view).findings,
  ].map(refusingTheInvalid);
}

/** `spec.egress` of a resource, as the first generation wrote it (langop.md §4.2): a model's own gateway, or a tool. */
export function egressFindings(
  resource: Resource,
  egress: LanguageModelSpec["egress"],
  review: Review,
): readonly Finding[] {
  const rules = egressRulesOf(egress);
  reviewServices(rules, review.within("spec", "egress"));
  const paths = rules.map((_, index) => `spec.egress[${index}]`);
  const { findings } = readRules(resource, rules, "to", paths, viewOf(resource.metadata.namespace ?? ""));
  return findings.map(refusingTheInvalid);
}

function refusingTheInvalid(finding: Finding): Finding {
  return neverMeant.has(finding.code) ? { ...finding, effect: "blocked" } : finding;
}

function reviewServices(rules: readonly NetworkRule[], review: Review): void {
  for (const { peers = [] } of rules) {
    for (const { service } of peers) {
      const namespace = service?.namespace;
      if (namespace === undefined || namespace === "" || isDnsLabel(namespace)) continue;
      const text = `names a Service in the namespace "${namespace}", and no namespace can be called so.`;
      review.refuse([], "ServiceInvalid", text);
    }
  }
}
