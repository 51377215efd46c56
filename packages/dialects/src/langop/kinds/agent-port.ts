import * as z from "zod";

/** A port of an agent (langop.md §2.1). */
export const agentPort = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, {
      error: "it must begin with a lower-case letter and go on with lower-case letters, digits and -",
    })
    .max(15)
    .describe("Name of the port."),
  port: z.int().min(1).max(65535).describe("Port the container listens on, and that of the Service."),
  protocol: z.enum(["TCP", "UDP", "SCTP"]).default("TCP").describe("Transport protocol."),
  expose: z
    .boolean()
    .default(false)
    .describe("The Ingress of the agent leads to this port; to the first port when none is marked."),
});

export type AgentPort = z.output<typeof agentPort>;

/** What an agent listens on when nobody says (langop.md §2.1). */
export const defaultPorts: readonly AgentPort[] = [
  { name: "http", port: 8080, protocol: "TCP", expose: false },
];

/** A credential of an agent or runtime, given to its containers as an environment variable (langop.md §2.1). */
export const agentCredential = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: "it must be the name of an environment variable" })
    .describe("Name of the variable."),
  value: z
    .string()
    .optional()
    .describe(
      "Its value in clear text, kept in the Secret `<agent>-runtime`. Everybody who may read the resource sees it.",
    ),
  valueFrom: z
    .strictObject({
      name: z.string().min(1).describe("Name of a Secret of the namespace."),
      key: z
        .string()
        .min(1)
        .optional()
        .describe("Key inside the Secret; the name of the variable when unset."),
    })
    .optional()
    .describe("A Secret the value comes from, instead of `value`."),
});

export type AgentCredential = z.output<typeof agentCredential>;
