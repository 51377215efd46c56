import { compareText, type GatewayPlan } from "@gatewright/plan";
import { type Piece, present } from "./piece.ts";

/** `mcp_servers`, a map and therefore sorted by name in every layout (agentic-layer.md §3.4). */
export function renderTools(plan: GatewayPlan): Piece {
  const tools = [...plan.tool].sort((a, b) => compareText(a.name, b.name));
  return {
    mcp_servers: Object.fromEntries(
      tools.map((tool) => [
        tool.name,
        present({
          url: tool.url,
          transport: tool.transport,
          allowed_tools: tool.allowed,
          disallowed_tools: tool.denied,
          allow_all_keys: tool.allowAllKeys,
        }),
      ]),
    ),
  };
}
