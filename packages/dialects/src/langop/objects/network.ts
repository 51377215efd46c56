import {
  ciliumNetworkPolicy,
  type HostRule,
  type Labels,
  metadata,
  type NetworkPolicyPeer,
  type NetworkPolicyPort,
  type NetworkPolicyRule,
  networkPolicy,
  ownedBy,
} from "@gatewright/kubernetes";
import { compareText, type Finding } from "@gatewright/plan";
import type { Installation } from "../../installation.ts";
import type { Resource } from "../../resource.ts";
import type { LanguageClusterSpec } from "../kinds/language-cluster.ts";
import { type NetworkRule, networkRulesOf } from "../kinds/network-rule.ts";
import { fieldFinding } from "../read/entry.ts";
import { agentSelector, clusterLabels } from "./label.ts";
import { type NetworkView, namespaceNamed, type PeerReading, readPeer } from "./peer.ts";
import type { Piece } from "./piece.ts";

/** Rules as policies express them. */
export interface RuleReading {
  readonly rules: readonly NetworkPolicyRule[];
  /** Those for hosts by name, which only Cilium can express. */
  readonly hosts: readonly HostRule[];
  readonly findings: readonly Finding[];
  readonly lookups: readonly string[];
  readonly unresolved: readonly string[];
}

/** A contribution that also needs names resolved. */
export interface NetworkPiece extends Piece {
  /** Sorted, each once. */
  readonly dnsNames: readonly string[];
  readonly unresolved: readonly string[];
}

const tcp = (port: number): NetworkPolicyPort => ({ protocol: "TCP", port });

/** Name service, wherever in `kube-system` it runs: a cache on every node has other labels than the server. */
export const nameService: NetworkPolicyRule = {
  peers: [{ namespaceSelector: namespaceNamed("kube-system") }],
  ports: [{ protocol: "UDP", port: 53 }, tcp(53)],
};

/** The operator asks pods: gateways which document they serve (condition ConfigServed), tools what they offer. */
export function operatorPeers({ operatorNamespace }: Installation): readonly NetworkPolicyPeer[] {
  return operatorNamespace === undefined ? [] : [{ namespaceSelector: namespaceNamed(operatorNamespace) }];
}

/** The policy of all agents of a cluster (langop.md §3.5). */
export function agentNetwork(cluster: Resource, spec: LanguageClusterSpec, view: NetworkView): NetworkPiece {
  const namespace = cluster.metadata.name;
  const { networkPolicies } = spec;
  const { ingress, egress } = networkRulesOf(networkPolicies);
  const into = readRules(cluster, ingress, "from", rulePaths(networkPolicies, "ingress"), view);
  const out = readRules(cluster, egress, "to", rulePaths(networkPolicies, "egress"), view);
  const of = metadata({
    name: `${namespace}-agents`,
    namespace,
    labels: clusterLabels(namespace, "agent-network-policy"),
    ownerReferences: ownedBy(cluster),
  });
  const selector = agentSelector(namespace);
  const apiServer = { peers: [{ namespaceSelector: namespaceNamed("default") }], ports: [tcp(443)] };
  const policy = networkPolicy(of, {
    selector,
    // Rules that came to nothing still mean that connections are limited.
    ...(ingress.length === 0 ? {} : { ingress: into.rules }),
    egress: [apiServer, nameService, ...out.rules],
  });
  return networkPiece([policy, ...namePolicies(of, selector, out.hosts)], [into, out]);
}

/** The policy for hosts by name, where there are any. */
export function namePolicies(
  of: Parameters<typeof ciliumNetworkPolicy>[0],
  selector: Labels,
  hosts: readonly HostRule[],
): readonly ReturnType<typeof ciliumNetworkPolicy>[] {
  return hosts.length === 0 ? [] : [ciliumNetworkPolicy(of, { selector, hosts })];
}

/** Policies and what was found while their rules were read. */
export function networkPiece(
  objects: Piece["objects"],
  readings: readonly Pick<RuleReading, "findings" | "lookups" | "unresolved">[],
): NetworkPiece {
  const sorted = (names: readonly string[]): readonly string[] => [...new Set(names)].sort(compareText);
  return {
    objects,
    findings: readings.flatMap(({ findings }) => findings),
    dnsNames: sorted(readings.flatMap(({ lookups }) => lookups)),
    unresolved: sorted(readings.flatMap(({ unresolved }) => unresolved)),
  };
}

/**
 * The user's rules. One without peers keeps its meaning, anywhere; one whose peers came to nothing is left out, because
 * an empty list would mean anywhere too (langop.md §3.5 "fails OPEN"). Why is said of each peer.
 */
export function readRules(
  resource: Resource,
  rules: readonly NetworkRule[],
  direction: "from" | "to",
  paths: readonly string[],
  view: NetworkView,
): RuleReading {
  const found: { -readonly [M in keyof RuleReading]: RuleReading[M][number][] } = {
    rules: [],
    hosts: [],
    findings: [],
    lookups: [],
    unresolved: [],
  };
  for (const [index, { peers, ports }] of rules.entries()) {
    const path = paths[index] ?? "spec";
    const withPorts = ports === undefined || ports.length === 0 ? {} : { ports: once(ports) };
    if (peers === undefined) {
      found.rules.push(withPorts);
      continue;
    }
    const readings = peers.map((peer) => readPeer(peer, direction, view));
    for (const [position, reading] of readings.entries()) {
      found.findings.push(...lossesOf(resource, `${path}.${direction}[${position}]`, reading));
      found.lookups.push(...reading.lookups);
      found.unresolved.push(...reading.unresolved);
    }
    const native = once<NetworkPolicyPeer>(readings.flatMap((reading) => reading.peers));
    const names = once(readings.flatMap((reading) => reading.names));
    const patterns = once(readings.flatMap((reading) => reading.patterns));
    if (native.length > 0) found.rules.push({ peers: native, ...withPorts });
    if (names.length + patterns.length > 0) found.hosts.push({ names, patterns, ...withPorts });
    if (peers.length === 0) {
      const text = `permits nothing, because \`${direction}\` is an empty list. To permit everything on purpose, leave \`${direction}\` out.`;
      found.findings.push(fieldFinding(resource, path, "NetworkRuleDropped", "dropped", text));
    }
  }
  return found;
}

function lossesOf(resource: Resource, path: string, { losses }: PeerReading): readonly Finding[] {
  return losses.map((loss) =>
    fieldFinding(
      resource,
      loss.path === "" ? path : `${path}.${loss.path}`,
      loss.code,
      loss.effect,
      loss.text,
    ),
  );
}

/** Where the rules of one direction stand, in the order in which `networkRulesOf` gives them. */
export function rulePaths(
  policies: LanguageClusterSpec["networkPolicies"],
  direction: "ingress" | "egress",
): readonly string[] {
  const base = "spec.networkPolicies";
  if (!Array.isArray(policies)) {
    return networkRulesOf(policies)[direction].map((_, index) => `${base}.${direction}[${index}]`);
  }
  return policies.flatMap((rule, index) =>
    (direction === "ingress" ? rule.from : rule.to) === undefined ? [] : [`${base}[${index}]`],
  );
}

function once<T>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}
