import { randomUUID } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

/** A tool as `tools/list` tells of it. */
export interface OfferedTool {
  readonly name: string;
  readonly [member: string]: unknown;
}

export interface McpServerOptions {
  readonly tools: readonly OfferedTool[];
  /** How requests are answered; default `json`. */
  readonly answers?: "json" | "events";
  /** Tools on a page; default all of them. */
  readonly pageSize?: number;
  /** `sessions` and `handshake` are revision 2025-11-25, with and without a session; `stateless` is 2026-07-28. */
  readonly revision?: "sessions" | "handshake" | "stateless";
  /** Where it listens; a free port of this machine by default. */
  readonly port?: number;
}

/** A request that came, with the JSON-RPC message in it. */
export interface McpRequest {
  readonly verb: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly method?: string;
}

export interface RunningMcpServer {
  readonly port: number;
  readonly requests: readonly McpRequest[];
  close(): Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: what clients send is looked into as it comes.
type Message = any;

/**
 * An MCP server of streamable HTTP at `/mcp`, as strict as the specification lets it be: it refuses requests without the
 * handshake, the session, or the headers and members that its revision asks for.
 */
export async function startMcpServer(options: McpServerOptions): Promise<RunningMcpServer> {
  const { answers = "json", revision = "sessions" } = options;
  const sessions = new Map<string, "greeted" | "ready">();
  const requests: McpRequest[] = [];

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method: verb = "", url: path = "", headers } = incoming;
    const message: Message = verb === "POST" ? await json(incoming) : undefined;
    requests.push({ verb, path, headers, ...(message === undefined ? {} : { method: message.method }) });
    if (path !== "/mcp") return end(response, 404);
    const session = String(headers["mcp-session-id"] ?? "");
    if (verb === "DELETE") return end(response, sessions.delete(session) ? 200 : 404);
    if (verb !== "POST") return end(response, 405);
    if (
      !/application\/json/u.test(headers.accept ?? "") ||
      !/text\/event-stream/u.test(headers.accept ?? "")
    ) {
      return end(response, 406);
    }
    if (revision === "stateless") return answerStateless(message, headers, response);
    if (message.method === "initialize") {
      const id = randomUUID();
      sessions.set(id, "greeted");
      if (revision === "sessions") response.setHeader("mcp-session-id", id);
      const serverInfo = { name: "test", version: "1" };
      const result = {
        protocolVersion: message.params.protocolVersion,
        capabilities: { tools: {} },
        serverInfo,
      };
      return say(response, { id: message.id, result });
    }
    if (headers["mcp-protocol-version"] !== "2025-11-25") return end(response, 400);
    if (revision === "sessions" && !sessions.has(session)) return end(response, 404);
    if (message.method === "notifications/initialized") {
      sessions.set(session, "ready");
      return end(response, 202);
    }
    if (revision === "sessions" && sessions.get(session) !== "ready") return end(response, 400);
    return list(message, response);
  }

  function answerStateless(message: Message, headers: IncomingHttpHeaders, response: ServerResponse): void {
    const version = message.params?._meta?.["io.modelcontextprotocol/protocolVersion"];
    const known = version === "2026-07-28" && headers["mcp-protocol-version"] === version;
    if (!known || headers["mcp-method"] !== message.method) return end(response, 400);
    return list(message, response);
  }

  function list({ id, method, params }: Message, response: ServerResponse): void {
    if (method !== "tools/list")
      return say(response, { id, error: { code: -32601, message: "Method not found" } });
    const from = Number(params?.cursor ?? 0);
    const to = from + (options.pageSize ?? options.tools.length);
    const more = to < options.tools.length ? { nextCursor: String(to) } : {};
    return say(response, { id, result: { tools: options.tools.slice(from, to), ...more } });
  }

  function say(response: ServerResponse, message: object): void {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message }, null, answers === "events" ? 1 : undefined);
    if (answers === "json") {
      response.setHeader("content-type", "application/json");
      response.end(text);
      return;
    }
    response.setHeader("content-type", "text/event-stream");
    const log = JSON.stringify({ jsonrpc: "2.0", method: "notifications/message", params: {} });
    response.write(`: hello\r\n\r\nevent: message\r\ndata: ${log}\r\n\r\n`);
    // The stream stays open: who waits for its end waits in vain.
    response.write(
      `id: 1\r\n${text
        .split("\n")
        .map((line) => `data: ${line}`)
        .join("\r\n")}\r\n\r\n`,
    );
  }

  const server = createServer((incoming, response) => {
    serve(incoming, response).catch(() => end(response, 500));
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function end(response: ServerResponse, status: number): void {
  response.statusCode = status;
  response.end();
}
