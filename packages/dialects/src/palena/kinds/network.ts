import * as z from "zod";

/** `spec.security`. */
export const security = z
  .strictObject({
    networkPolicy: z
      .strictObject({
        enabled: z.boolean().describe("Create a NetworkPolicy for port 4000."),
        allowedNamespaces: z
          .array(z.string())
          .optional()
          .describe("Namespaces that may reach the gateway. Default: all."),
      })
      .optional()
      .describe("Who may reach the gateway's pods."),
    runAsNonRoot: z
      .boolean()
      .optional()
      .describe("Run as user 65534, by default from the image made for that."),
    ipAllowlist: z
      .strictObject({
        enabled: z.boolean().describe("Answer allowed addresses only."),
        allowedIPs: z.array(z.string()).min(1).describe("Addresses or CIDR ranges."),
        useXForwardedFor: z
          .boolean()
          .optional()
          .describe("Take the client's address from X-Forwarded-For: needed behind load balancers."),
        maxRequestSizeMB: z.int().optional().describe("Largest request, in megabytes."),
        maxResponseSizeMB: z.int().optional().describe("Largest response, in megabytes."),
      })
      .optional()
      .describe("Which addresses may use the gateway."),
  })
  .describe("Protection of the gateway.");
