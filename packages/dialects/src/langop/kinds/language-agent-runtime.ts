import * as z from "zod";
import type { Kind } from "../../kind.ts";
import { agentCredential, agentPort } from "./agent-port.ts";
import { deploymentSpec } from "./deployment-spec.ts";
import { imageReference } from "./member-name.ts";

/** `spec` of a LanguageAgentRuntime (langop.md §2.6). */
export const languageAgentRuntimeSpec = z
  .strictObject({
    image: imageReference.optional().describe("Image of agents that name none."),
    ports: z.array(agentPort).optional().describe("Ports of agents that name none."),
    deployment: deploymentSpec
      .optional()
      .describe(
        "Settings of the agents' Deployments. A single value counts where the agent has none; lists are put in front of the agent's.",
      ),
    credentials: z
      .array(agentCredential)
      .optional()
      .describe("Credentials of all agents of this runtime; an agent's own of the same name win."),
    auth: z
      .strictObject({
        enabled: z
          .boolean()
          .optional()
          .describe("Whether people sign in at agents of this runtime, where their cluster asks for it."),
      })
      .optional()
      .describe("Sign-in at the agents."),
  })
  .describe("A preset for agents of all namespaces.");

export type LanguageAgentRuntimeSpec = z.output<typeof languageAgentRuntimeSpec>;

/** The kind LanguageAgentRuntime. */
export const languageAgentRuntime: Kind<typeof languageAgentRuntimeSpec> = {
  group: "langop.io",
  version: "v1alpha1",
  kind: "LanguageAgentRuntime",
  plural: "languageagentruntimes",
  shortNames: ["laruntime"],
  scope: "Cluster",
  printerColumns: [
    { name: "Image", type: "string", path: ".spec.image" },
    { name: "Age", type: "date", path: ".metadata.creationTimestamp" },
  ],
  spec: languageAgentRuntimeSpec,
};
