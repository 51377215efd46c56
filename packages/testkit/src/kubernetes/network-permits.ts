import { BlockList, isIPv6 } from "node:net";

type Labels = { readonly [name: string]: string };

interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

interface PolicyPeer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
}

interface PolicyPort {
  readonly protocol?: string;
  readonly port?: number | string;
  readonly endPort?: number;
}

interface PolicyRule {
  readonly from?: readonly PolicyPeer[];
  readonly to?: readonly PolicyPeer[];
  readonly ports?: readonly PolicyPort[];
}

/** A NetworkPolicy as the API server has it. */
export interface PolicyObject {
  readonly metadata: { readonly namespace: string };
  readonly spec: {
    readonly podSelector: Selector;
    readonly policyTypes: readonly string[];
    readonly ingress?: readonly PolicyRule[];
    readonly egress?: readonly PolicyRule[];
  };
}

/** A pod, or a place outside of the Kubernetes cluster. */
export type NetworkPlace =
  | { readonly namespace: string; readonly labels: Labels; readonly namespaceLabels?: Labels }
  | { readonly address: string };

export interface Connection {
  readonly from: NetworkPlace;
  readonly to: NetworkPlace;
  readonly port: number;
  /** Default TCP. */
  readonly protocol?: string;
}

/**
 * Whether NetworkPolicies let a connection be, as their API is defined: both the pod it leaves and the pod it enters must
 * permit it, a pod that no policy selects permits everything, and policies add up. No network plugin runs in tests, so
 * this is what rules mean rather than how they are spelled. Ports are numbers: the operator writes no names.
 */
export function networkPermits(policies: readonly PolicyObject[], connection: Connection): boolean {
  return one(policies, connection, "Egress") && one(policies, connection, "Ingress");
}

function one(
  policies: readonly PolicyObject[],
  { from, to, port, protocol = "TCP" }: Connection,
  direction: "Egress" | "Ingress",
): boolean {
  const [own, peer] = direction === "Egress" ? [from, to] : [to, from];
  if ("address" in own) return true;
  const isolating = policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === own.namespace &&
      spec.policyTypes.includes(direction) &&
      selects(spec.podSelector, own.labels),
  );
  if (isolating.length === 0) return true;
  return isolating.some(({ metadata, spec }) => {
    const rules = (direction === "Egress" ? spec.egress : spec.ingress) ?? [];
    return rules.some((rule) => {
      const peers = (direction === "Egress" ? rule.to : rule.from) ?? [];
      const ports = rule.ports ?? [];
      return (
        (peers.length === 0 || peers.some((each) => isPeer(each, peer, metadata.namespace))) &&
        (ports.length === 0 || ports.some((each) => isPort(each, port, protocol)))
      );
    });
  });
}

function isPeer(
  { podSelector, namespaceSelector, ipBlock }: PolicyPeer,
  place: NetworkPlace,
  namespace: string,
): boolean {
  if (ipBlock !== undefined) {
    if (!("address" in place)) return false;
    return (
      isWithin(place.address, ipBlock.cidr) && !ipBlock.except?.some((cidr) => isWithin(place.address, cidr))
    );
  }
  if ("address" in place) return false;
  const labels = { "kubernetes.io/metadata.name": place.namespace, ...place.namespaceLabels };
  const inNamespace =
    namespaceSelector === undefined ? place.namespace === namespace : selects(namespaceSelector, labels);
  return inNamespace && selects(podSelector ?? {}, place.labels);
}

function isPort({ port, endPort, protocol = "TCP" }: PolicyPort, wanted: number, of: string): boolean {
  if (protocol !== of) return false;
  if (port === undefined) return true;
  if (typeof port === "string") throw new Error(`the port ${port} has a name, which is not looked up`);
  return wanted >= port && wanted <= (endPort ?? port);
}

function isWithin(address: string, cidr: string): boolean {
  const [network = "", bits = ""] = cidr.split("/");
  const list = new BlockList();
  list.addSubnet(network, Number(bits), isIPv6(network) ? "ipv6" : "ipv4");
  return isIPv6(network) === isIPv6(address) && list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([name, value]) => labels[name] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      switch (operator) {
        case "In":
          return value !== undefined && values.includes(value);
        case "NotIn":
          return value === undefined || !values.includes(value);
        case "Exists":
          return value !== undefined;
        case "DoesNotExist":
          return value === undefined;
        default:
          throw new Error(`there is no operator ${operator}`);
      }
    })
  );
}
