import * as z from "zod";

const annotations = z.record(z.string(), z.string()).optional();

/** `spec.service`. */
export const service = z
  .strictObject({
    type: z
      .enum(["ClusterIP", "NodePort", "LoadBalancer"])
      .default("ClusterIP")
      .describe("Type of the Service."),
    port: z
      .int()
      .min(1)
      .max(65_535)
      .default(4000)
      .describe("Port of the Service; the gateway's own is 4000."),
  })
  .describe("The Service of the gateway.");

/** `spec.ingress`. */
export const ingress = z
  .strictObject({
    enabled: z.boolean().describe("Create an Ingress."),
    ingressClassName: z.string().optional().describe("Class of the Ingress."),
    host: z.string().optional().describe("Host name; with it, the address users are sent to."),
    tls: z
      .strictObject({
        enabled: z.boolean().describe("Serve HTTPS."),
        secretName: z.string().optional().describe("Secret of the certificate."),
      })
      .optional()
      .describe("HTTPS of the Ingress."),
    annotations: annotations.describe("Annotations of the Ingress."),
  })
  .describe("A Kubernetes Ingress.");

/** `spec.route`. */
export const route = z
  .strictObject({
    enabled: z.boolean().describe("Create a Route."),
    host: z.string().optional().describe("Host name of the Route."),
    tlsTermination: z
      .enum(["edge", "passthrough", "reencrypt"])
      .default("edge")
      .describe("Where HTTPS ends."),
  })
  .describe("An OpenShift Route.");

/** `spec.gatewayHTTPRoute`. */
export const gatewayHttpRoute = z
  .strictObject({
    enabled: z.boolean().describe("Create an HTTPRoute."),
    host: z.string().optional().describe("Host name of the HTTPRoute."),
    parentRefs: z
      .array(
        z.strictObject({
          name: z.string().min(1).describe("Name of the Gateway."),
          namespace: z.string().optional().describe("Its namespace. Default: this one."),
          sectionName: z.string().optional().describe("One of its listeners."),
        }),
      )
      .min(1)
      .describe("The Gateways that serve the route."),
    annotations: annotations.describe("Annotations of the HTTPRoute."),
  })
  .describe("An HTTPRoute of the Gateway API.");
