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

/** Rules beyond the built-in ones. */
export const networkPolicies = z.strictObject({
  ingress: z.array(ingressRule).optional().describe("Connections to the agents that are permitted as well."),
  egress: z.array(egressRule).optional().describe("Connections from the agents that are permitted as well."),
});
