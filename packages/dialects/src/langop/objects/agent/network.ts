import {
  isAddressRange,
  metadata,
  type NetworkPolicyPeer,
  type NetworkPolicyPort,
  type NetworkPolicyRule,
  networkPolicy,
  ownedBy,
} from "@gatewright/kubernetes";
import type { Finding } from "@gatewright/plan";
import type { Installation } from "../../../installation.ts";
import { networkRulesOf } from "../../kinds/network-rule.ts";
import { fieldFinding } from "../../read/entry.ts";
import { memberSelector, owned } from "../label.ts";
import {
  type NetworkPiece,
  namePolicies,
  nameService,
  networkPiece,
  readRules,
  rulePaths,
} from "../network.ts";
import { type NetworkView, namespaceNamed } from "../peer.ts";
import type { AgentObjectsInput } from "./input.ts";

const tcp = (port: number): NetworkPolicyPort => ({ protocol: "TCP", port });

/** Private address ranges (RFC 1918). */
const privateRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

/**
 * The policy of one agent (langop.md §2.5), beside that of all agents of its cluster (§3.5): policies add up. `signInPort`
 * is where people come in who have to sign in.
 */
export function agentPolicy(input: AgentObjectsInput, signInPort: number | undefined): NetworkPiece {
  const { agent, clusterSpec, installation } = input;
  const { name, namespace, resource, spec, settings } = agent;
  const view: NetworkView = { ...input, namespace, cilium: installation.apis.cilium };
  const { ingress, egress } = networkRulesOf(spec.networkPolicies);
  const into = readRules(resource, ingress, "from", rulePaths(spec.networkPolicies, "ingress"), view);
  const out = readRules(resource, egress, "to", rulePaths(spec.networkPolicies, "egress"), view);
  const selector = memberSelector("LanguageAgent", name, namespace);
  const of = metadata({ name, namespace, labels: owned(selector), ownerReferences: ownedBy(resource) });
  const ports = settings.ports.map(({ port, protocol }) => ({ protocol, port }));
  const grouped = [...ingress, ...networkRulesOf(clusterSpec.networkPolicies).ingress].some(
    ({ peers = [] }) => peers.some(({ group }) => group !== undefined),
  );
  const ranges = readRanges(input);
  const policy = networkPolicy(of, {
    selector,
    ingress: [
      { peers: [{ podSelector: { matchLabels: { "langop.io/component": "trigger" } } }], ports },
      // A rule that names a group says who may come in: then not every agent may (decisions).
      ...(grouped
        ? []
        : [{ peers: [{ podSelector: { matchLabels: { "langop.io/kind": "LanguageAgent" } } }], ports }]),
      ...fromOutside(installation, signInPort === undefined ? ports : [tcp(signInPort)]),
      ...into.rules,
    ],
    egress: [
      { peers: [{ podSelector: {} }] },
      nameService,
      ...telemetry(input),
      ...apiServer(installation, ranges.apiServer),
      ...(ranges.custom.length === 0 ? [] : [{ peers: ranges.custom }]),
      ...out.rules,
    ],
  });
  return networkPiece(
    [policy, ...namePolicies(of, selector, out.hosts)],
    [into, out, { findings: ranges.findings, lookups: [], unresolved: [] }],
  );
}

function fromOutside(
  { ingressControllerNamespaces = [] }: Installation,
  ports: readonly NetworkPolicyPort[],
): readonly NetworkPolicyRule[] {
  // A rule without peers would let everybody in.
  if (ingressControllerNamespaces.length === 0) return [];
  const peers = ingressControllerNamespaces.map((name) => ({ namespaceSelector: namespaceNamed(name) }));
  return [{ peers, ports }];
}

/** The namespace of the collector, when the operator's own telemetry goes to a Service. */
function telemetry({ installation: { otlpEndpoint = "" } }: AgentObjectsInput): readonly NetworkPolicyRule[] {
  const host = URL.parse(otlpEndpoint)?.hostname ?? "";
  const [, namespace] = /^[^.]+\.([^.]+)(?:\.svc(?:\.cluster\.local)?)?$/u.exec(host) ?? [];
  if (namespace === undefined) return [];
  return [{ peers: [{ namespaceSelector: namespaceNamed(namespace) }], ports: [tcp(4317), tcp(4318)] }];
}

/**
 * How agents reach the API server, by network plugin: most see it in the namespaces default or kube-system; Calico and
 * Cilium see addresses of nodes, which are private ones (langop.md §2.5 d).
 */
function apiServer(
  { apis }: Installation,
  ranges: readonly NetworkPolicyPeer[],
): readonly NetworkPolicyRule[] {
  const named = (name: string): NetworkPolicyPeer => ({ namespaceSelector: namespaceNamed(name) });
  const nodes = privateRanges.map((cidr) => ({ ipBlock: { cidr } }));
  const peers = apis.cilium
    ? [named("default"), ...nodes]
    : apis.calico === true
      ? nodes
      : [named("default"), named("kube-system")];
  return [{ peers: [...peers, ...ranges], ports: [tcp(443), tcp(6443)] }];
}

/** IP ranges of the operator's environment; one that is none must not take the whole policy along. */
function readRanges({ agent, installation }: AgentObjectsInput): {
  readonly apiServer: readonly NetworkPolicyPeer[];
  readonly custom: readonly NetworkPolicyPeer[];
  readonly findings: readonly Finding[];
} {
  const findings: Finding[] = [];
  const read = (ranges: readonly string[] | undefined, variable: string): readonly NetworkPolicyPeer[] =>
    (ranges ?? []).flatMap((cidr) => {
      if (isAddressRange(cidr)) return [{ ipBlock: { cidr } }];
      const text = `cannot be granted the range "${cidr}" of ${variable}, which is no IP range: correct the operator's environment.`;
      findings.push(fieldFinding(agent.resource, "spec.networkPolicies", "RangeInvalid", "dropped", text));
      return [];
    });
  return {
    apiServer: read(installation.apiServerRanges, "NETWORKPOLICY_API_SERVER_CIDRS"),
    custom: read(installation.customRanges, "NETWORKPOLICY_CUSTOM_CIDRS"),
    findings,
  };
}
