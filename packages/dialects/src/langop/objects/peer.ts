import {
  isAddressRange,
  isLabelValue,
  type LabelSelector,
  labelSelectorProblem,
  type NetworkPolicyPeer,
  singleAddressRange,
} from "@gatewright/kubernetes";
import type { NetworkPeer } from "../kinds/network-rule.ts";
import type { GatewayObjectsInput } from "./cluster.ts";

/** What the translation of network rules may look at. */
export interface NetworkView extends Pick<GatewayObjectsInput, "addresses" | "serviceSelectors"> {
  /** Namespace of Services that name none. */
  readonly namespace: string;
  /** Rules by name are possible (CiliumNetworkPolicy). */
  readonly cilium: boolean;
}

/** Hosts by name and what became of them. */
export interface PeerReading {
  readonly peers: NetworkPolicyPeer[];
  /** Names and patterns for an engine that knows names. */
  readonly names: string[];
  readonly patterns: string[];
  /** Names to resolve, and those that came to nothing. */
  readonly lookups: string[];
  readonly unresolved: string[];
  readonly losses: PeerLoss[];
}

/** Something a peer asks for that cannot be had, or not quite. `path` is the member of the peer, empty for all of it. */
export interface PeerLoss {
  readonly path: string;
  readonly code: string;
  readonly effect: "dropped" | "approximated";
  readonly text: string;
}

/**
 * One peer of a rule (langop.md §3.5). Each kind of field is a peer of its own and any of them will do, but selectors of
 * namespaces and of pods belong together. What cannot be expressed is left out: it permits nothing.
 */
export function readPeer(peer: NetworkPeer, direction: "from" | "to", view: NetworkView): PeerReading {
  const reading = emptyReading();
  const { cidr, group, service, dns, namespaceSelector, podSelector } = peer;
  const lose = (path: string, code: string, text: string): void => {
    reading.losses.push({ path, code, effect: "dropped", text });
  };
  if (cidr !== undefined) {
    if (isAddressRange(cidr)) reading.peers.push({ ipBlock: { cidr } });
    else {
      const whole = singleAddressRange(cidr);
      const hint = whole === undefined ? "for example 10.0.0.0/8" : `here probably ${whole}`;
      lose("cidr", "CidrInvalid", `is no IP range (${hint}) and permits nothing.`);
    }
  }
  if (group !== undefined) {
    if (group !== "" && isLabelValue(group)) {
      reading.peers.push({ podSelector: { matchLabels: { "langop.io/group": group } } });
    } else lose("group", "GroupInvalid", "is no label value, so no pod can be in that group.");
  }
  if (service !== undefined) {
    reading.peers.push(serviceOf(service.namespace || view.namespace, service.name, view));
  }
  if (namespaceSelector !== undefined || podSelector !== undefined) readSelectors(peer, reading, lose);
  if (direction === "to") {
    for (const [index, name] of (dns ?? []).entries()) readName(name, `dns[${index}]`, reading, view);
  } else if (dns !== undefined) {
    lose("dns", "DnsInIngress", "has no effect: connections come from addresses, not from names. Use cidr.");
  }
  if (
    Object.values({ ...peer, ...(dns?.length === 0 ? { dns: undefined } : {}) }).every(
      (value) => value === undefined,
    )
  ) {
    lose("", "PeerEmpty", "is empty and permits nothing. Leave the whole list out to permit everything.");
  }
  return reading;
}

/** A host that something connects to, by name or address; `*` is every address. */
export function readHost(name: string, view: NetworkView): PeerReading {
  const reading = emptyReading();
  readName(name, "", reading, view);
  return reading;
}

function emptyReading(): PeerReading {
  return { peers: [], names: [], patterns: [], lookups: [], unresolved: [], losses: [] };
}

function readSelectors(
  { namespaceSelector, podSelector }: NetworkPeer,
  reading: PeerReading,
  lose: (path: string, code: string, text: string) => void,
): void {
  const problems = Object.entries({ namespaceSelector, podSelector }).flatMap(([path, selector]) => {
    const problem = selector === undefined ? undefined : labelSelectorProblem(selector);
    return problem === undefined ? [] : [{ path, problem }];
  });
  for (const { path, problem } of problems) {
    lose(path, "SelectorInvalid", `is no selector (${problem}), so this peer permits nothing.`);
  }
  if (problems.length > 0) return;
  reading.peers.push({
    ...(namespaceSelector === undefined ? {} : { namespaceSelector }),
    ...(podSelector === undefined ? {} : { podSelector }),
  });
}

/** The pods of a Service where they are known, else its whole namespace. */
function serviceOf(namespace: string, name: string, view: NetworkView): NetworkPolicyPeer {
  const labels = view.serviceSelectors?.(namespace, name);
  const known = labels !== undefined && Object.keys(labels).length > 0;
  return {
    namespaceSelector: namespaceNamed(namespace),
    ...(known ? { podSelector: { matchLabels: labels } } : {}),
  };
}

/** Selects one namespace by the label that Kubernetes itself keeps. */
export function namespaceNamed(name: string): LabelSelector {
  return { matchLabels: { "kubernetes.io/metadata.name": name } };
}

const hostName =
  /^(?=.{1,253}$)[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9_])?(\.[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9_])?)*$/u;
const hostPattern = /^[-a-z0-9_.*]{1,253}$/u;

function readName(written: string, path: string, reading: PeerReading, view: NetworkView): void {
  const name = written.trim().toLowerCase().replace(/\.$/u, "");
  const lose = (code: string, effect: PeerLoss["effect"], text: string): void => {
    reading.losses.push({ path, code, effect, text });
  };
  const address = singleAddressRange(name);
  if (name === "*") {
    reading.peers.push({ ipBlock: { cidr: "0.0.0.0/0" } }, { ipBlock: { cidr: "::/0" } });
    return;
  }
  if (address !== undefined) {
    reading.peers.push({ ipBlock: { cidr: address } });
    return;
  }
  // The address of a Service is gone before a policy is looked at, so such a name can only mean its pods.
  const inside = /^([^.*]+)\.([^.*]+)\.svc(?:\.cluster\.local)?$/u.exec(name);
  if (inside?.[1] !== undefined && inside[2] !== undefined) {
    reading.peers.push(serviceOf(inside[2], inside[1], view));
    return;
  }
  const isName = hostName.test(name);
  if (view.cilium) {
    if (isName) reading.names.push(name);
    else if (name.includes("*") && hostPattern.test(name)) reading.patterns.push(name);
    else lose("DnsInvalid", "dropped", `("${written}") is no DNS name and permits nothing.`);
    return;
  }
  const base = name.startsWith("*.") ? name.slice(2) : name;
  if (!hostName.test(base)) {
    lose("DnsInvalid", "dropped", `("${written}") is no DNS name and permits nothing.`);
    return;
  }
  if (!isName) {
    lose(
      "WildcardApproximated",
      "approximated",
      `("${written}") permits the addresses of ${base} only: all names below it can be permitted with Cilium alone. List the names that are needed.`,
    );
  }
  readAddresses(base, lose, reading, view);
}

function readAddresses(
  name: string,
  lose: (code: string, effect: PeerLoss["effect"], text: string) => void,
  reading: PeerReading,
  view: NetworkView,
): void {
  reading.lookups.push(name);
  const found = view.addresses(name);
  const ranges = (found ?? []).flatMap((address) => singleAddressRange(address) ?? []).sort();
  reading.peers.push(...ranges.map((cidr) => ({ ipBlock: { cidr } })));
  if (found === undefined) {
    lose(
      "NameNotResolvedYet",
      "approximated",
      `leads to ${name}, which the operator resolves while it runs: connections there are not permitted before.`,
    );
  } else if (ranges.length === 0) {
    reading.unresolved.push(name);
    lose(
      "NameUnresolved",
      "dropped",
      `leads to ${name}, which has no address at present: connections there are not permitted until it has one.`,
    );
  }
}
