import type { Origin } from "./origin.ts";

/** An MCP server that the gateway publishes. */
export interface Tool {
  readonly origin: Origin;
  /** Name under `mcp_servers`. */
  readonly name: string;
  readonly url: string;
  readonly transport: "http" | "sse";
  readonly allowed?: readonly string[];
  readonly denied?: readonly string[];
  readonly allowAllKeys?: boolean;
}
