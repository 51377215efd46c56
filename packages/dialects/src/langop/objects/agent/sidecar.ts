import type { Finding } from "@gatewright/plan";
import type { Agent } from "../../read/agent.ts";
import { fieldFinding } from "../../read/entry.ts";

/** Containers of one pod share its ports: a tool that finds its own taken does not start. */
export function sidecarFindings({ resource, settings, tools }: Agent): readonly Finding[] {
  const holders = new Map(settings.ports.map(({ port }) => [port, "the agent itself"]));
  return tools.flatMap(({ name, sidecar }): readonly Finding[] => {
    if (sidecar === undefined) return [];
    const { port } = sidecar.spec;
    const holder = holders.get(port);
    if (holder === undefined) {
      holders.set(port, `the tool ${name}`);
      return [];
    }
    const text = `have the sidecar tool ${name}, which listens on port ${port} as ${holder} does: one of them cannot start. Give LanguageTool ${name} another port.`;
    return [fieldFinding(resource, "spec.tools", "PortConflict", "approximated", text)];
  });
}
