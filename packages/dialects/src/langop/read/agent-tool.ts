import type { Finding } from "@gatewright/plan";
import type { Resource } from "../../resource.ts";
import { readSpec } from "../../spec.ts";
import type { LanguageAgentSpec } from "../kinds/language-agent.ts";
import { type LanguageToolSpec, languageTool } from "../kinds/language-tool.ts";
import type { Lack } from "./agent.ts";
import { fieldFinding } from "./entry.ts";

/** A tool as its agent sees it (langop.md §2.3). */
export interface AgentTool {
  readonly name: string;
  /** Address the agent calls. */
  readonly endpoint: string;
  readonly protocol: LanguageToolSpec["type"];
  /** Of a server outside of the namespace. */
  readonly headers?: { readonly [name: string]: string };
  /** The tool whose container runs in the agent's own pods. */
  readonly sidecar?: { readonly resource: Resource; readonly spec: LanguageToolSpec };
}

/** Where agents reach a tool: MCP servers at `/mcp`, in their own pod for a sidecar (langop.md §2.3). */
export function toolEndpoint(
  { metadata: { name, namespace = "" } }: Resource,
  { type, deploymentMode, port }: LanguageToolSpec,
): string {
  const host = deploymentMode === "sidecar" ? "localhost" : `${name}.${namespace}.svc.cluster.local`;
  return `http://${host}:${port}${type === "mcp" ? "/mcp" : ""}`;
}

/** The tools of an agent that are there and on; what is missing or unclear is reported. */
export function readAgentTools(
  agent: Resource,
  spec: LanguageAgentSpec,
  tools: readonly Resource[],
  lack: Lack,
  findings: Finding[],
): readonly AgentTool[] {
  const seen = new Set<string>();
  return (spec.tools ?? []).flatMap((reference, index): readonly AgentTool[] => {
    const { name, enabled, url, headers } = reference;
    const path = `spec.tools[${index}]`;
    if (!enabled) return [];
    if (seen.has(name)) {
      findings.push(
        fieldFinding(
          agent,
          path,
          "ToolRepeated",
          "dropped",
          `repeats the tool ${name}; the first one is used.`,
        ),
      );
      return [];
    }
    seen.add(name);
    if (url !== undefined) {
      return [{ name, endpoint: url, protocol: "mcp", ...(headers === undefined ? {} : { headers }) }];
    }
    if (headers !== undefined) {
      const text = "has no effect without `url`: headers are for servers that are no LanguageTool.";
      findings.push(fieldFinding(agent, `${path}.headers`, "HeadersIgnored", "dropped", text));
    }
    const resource = tools.find(({ metadata }) => metadata.name === name);
    const { spec: of } = resource === undefined ? {} : readSpec(languageTool, resource);
    if (resource === undefined || of === undefined) {
      const why = resource === undefined ? "does not exist" : "has fields that cannot be read";
      lack("LanguageTool", name, `${path}.name`, `names LanguageTool ${name}, which ${why}.`);
      return [];
    }
    return [
      {
        name,
        endpoint: toolEndpoint(resource, of),
        protocol: of.type,
        ...(of.deploymentMode === "sidecar" ? { sidecar: { resource, spec: of } } : {}),
      },
    ];
  });
}
