import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

/** Answers as an MCP server with one tool: as little as it takes to be asked once and no more. */
export async function answerAsTool(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { id, method, params } = JSON.parse(await text(incoming)) as {
    readonly id?: number;
    readonly method: string;
    readonly params?: { readonly protocolVersion?: string };
  };
  if (id === undefined) {
    response.statusCode = 202;
    response.end();
    return;
  }
  const result =
    method === "initialize"
      ? {
          protocolVersion: params?.protocolVersion,
          capabilities: { tools: {} },
          serverInfo: { name: "pretended", version: "1" },
        }
      : { tools: [{ name: "pretend", inputSchema: { type: "object" } }] };
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ jsonrpc: "2.0", id, result }));
}
