import type { Finding } from "@gatewright/plan";
import type { Resource } from "../../resource.ts";
import type { LanguageClusterSpec } from "../kinds/language-cluster.ts";
import type { LanguageModelSpec } from "../kinds/language-model.ts";
import { egressRulesOf, type NetworkRule, networkRulesOf } from "../kinds/network-rule.ts";
import { agentNetwork, readRules } from "../objects/network.ts";
import type { NetworkView } from "../objects/peer.ts";
import { isDnsLabel } from "./kubernetes-name.ts";
import type { Review } from "./review.ts";

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

/** Network rules of a cluster: what their translation would lose, and Services that cannot be. */
export function networkFindings(
  cluster: Resource,
  spec: LanguageClusterSpec,
  review: Review,
): readonly Finding[] {
  const { ingress, egress } = networkRulesOf(spec.networkPolicies);
  reviewServices([...ingress, ...egress], review.within("spec", "networkPolicies"));
  const { findings } = agentNetwork(cluster, spec, viewOf(cluster.metadata.name));
  return findings.map(refusingTheInvalid);
}

/** Rules of a model's own gateway. */
export function egressFindings(model: Resource, spec: LanguageModelSpec, review: Review): readonly Finding[] {
  const rules = egressRulesOf(spec.egress);
  reviewServices(rules, review.within("spec", "egress"));
  const paths = rules.map((_, index) => `spec.egress[${index}]`);
  const { findings } = readRules(model, rules, "to", paths, viewOf(model.metadata.namespace ?? ""));
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
