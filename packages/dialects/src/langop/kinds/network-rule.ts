import * as z from "zod";

const labelSelector = z.strictObject({
  matchLabels: z
    .record(z.string(), z.string())
    .optional()
    .describe("Labels that must all be there with exactly these values."),
  matchExpressions: z
    .array(
      z.strictObject({
        key: z.string().describe("Label key the expression is about."),
        operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist"]).describe("How the label is compared."),
        values: z.array(z.string()).optional().describe("Values for In and NotIn."),
      }),
    )
    .optional()
    .describe("Label expressions that must all be true."),
});

/** One end of a permitted connection (langop.md §1.1). */
export const networkPeer = z.strictObject({
  group: z.string().optional().describe("Pods that carry the label `langop.io/group` with this value."),
  cidr: z.string().optional().describe("An IP range, for example `10.0.0.0/8`."),
  dns: z
    .array(z.string())
    .optional()
    .describe("Host names; `*.example.com` is a wildcard. Meaningful in egress rules."),
  service: z
    .strictObject({
      name: z.string().min(1).describe("Name of the Service."),
      namespace: z.string().optional().describe("Namespace of the Service; this namespace when unset."),
    })
    .optional()
    .describe("A Service inside the cluster."),
  namespaceSelector: labelSelector.optional().describe("Namespaces, by their labels."),
  podSelector: labelSelector.optional().describe("Pods, by their labels."),
});

/** A port of a permitted connection (langop.md §1.1). */
export const networkPort = z.strictObject({
  protocol: z.enum(["TCP", "UDP", "SCTP"]).default("TCP").describe("Transport protocol."),
  port: z.int().min(1).max(65535).describe("Port number."),
});

/** What may connect to the agents. */
export const ingressRule = z.strictObject({
  from: z.array(networkPeer).optional().describe("Who may connect; anybody when unset."),
  ports: z.array(networkPort).optional().describe("On which ports; all when unset."),
});

/** Where connections may go. */
export const egressRule = z.strictObject({
  to: z.array(networkPeer).optional().describe("Where connections may go; anywhere when unset."),
  ports: z.array(networkPort).optional().describe("To which ports; all when unset."),
});

/** Peers of the first generation and of early Gen B: one object where later releases have a list. */
const peerOrPeers = z.union([z.array(networkPeer), networkPeer]);

/** A rule of the first generation, whose direction its members say (langop.md §1.1, §4.2). */
const flatRule = z
  .strictObject({
    description: z.string().optional().describe("What the rule is for."),
    from: peerOrPeers.optional().describe("Who may connect."),
    to: peerOrPeers.optional().describe("Where connections may go."),
    ports: z.array(networkPort).optional().describe("On which ports; all when unset."),
  })
  .check((context) => {
    const { from, to } = context.value;
    if (from !== undefined || to !== undefined) return;
    // Without either nobody can say which connections are meant, and both would open more than anybody asked for.
    context.issues.push({
      code: "custom",
      message: "a rule of a list needs `from` (connections to the agents) or `to` (connections from them)",
      input: context.value,
    });
  });

const directedRules = z.strictObject({
  ingress: z.array(ingressRule).optional().describe("Connections to the agents that are permitted as well."),
  egress: z.array(egressRule).optional().describe("Connections from the agents that are permitted as well."),
});

/** Rules beyond the built-in ones; the flat list is the form of early releases. `networkRulesOf` reads both. */
export const networkPolicies = z.union([directedRules, z.array(flatRule)]);

/** Rules for connections that the first generation's own gateway of a model may open. */
export const modelEgress = z.array(
  z.strictObject({
    description: z.string().optional().describe("What the rule is for."),
    to: peerOrPeers.optional().describe("Where the model's own gateway may connect to; anywhere when unset."),
    ports: z.array(networkPort).optional().describe("To which ports; all when unset."),
  }),
);

export type NetworkPeer = z.output<typeof networkPeer>;
export type NetworkPort = z.output<typeof networkPort>;

/** A permitted connection: without `peers` anybody or anywhere, without `ports` all of them. */
export interface NetworkRule {
  readonly peers?: readonly NetworkPeer[];
  readonly ports?: readonly NetworkPort[];
}

/** What the rules of a resource permit, in the order in which they were written. */
export interface NetworkRules {
  readonly ingress: readonly NetworkRule[];
  readonly egress: readonly NetworkRule[];
}

/** The rules of `spec.networkPolicies`, in either of its forms; a flat rule with both `from` and `to` is one of each. */
export function networkRulesOf(policies: z.output<typeof networkPolicies> | undefined): NetworkRules {
  if (policies === undefined) return { ingress: [], egress: [] };
  if (isFlat(policies)) {
    return {
      ingress: policies.filter(({ from }) => from !== undefined).map((rule) => networkRule(rule.from, rule)),
      egress: policies.filter(({ to }) => to !== undefined).map((rule) => networkRule(rule.to, rule)),
    };
  }
  const { ingress = [], egress = [] } = policies;
  return {
    ingress: ingress.map((rule) => networkRule(rule.from, rule)),
    egress: egress.map((rule) => networkRule(rule.to, rule)),
  };
}

/** The rules of a LanguageModel's `spec.egress`. */
export function egressRulesOf(egress: z.output<typeof modelEgress> | undefined): readonly NetworkRule[] {
  return (egress ?? []).map((rule) => networkRule(rule.to, rule));
}

type Peers = z.output<typeof peerOrPeers> | undefined;

function networkRule(
  peers: Peers,
  { ports }: { readonly ports?: readonly NetworkPort[] | undefined },
): NetworkRule {
  return {
    ...(peers === undefined ? {} : { peers: Array.isArray(peers) ? peers : [peers] }),
    ...(ports === undefined ? {} : { ports }),
  };
}

function isFlat(policies: z.output<typeof networkPolicies>): policies is z.output<typeof flatRule>[] {
  return Array.isArray(policies);
}
