import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import {
  createMcpHandler,
  fromJsonSchema,
  McpServer,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import { afterEach, expect, test } from "vitest";
import { listMcpTools } from "./mcp-tools.ts";

/*
 * The protocol as its own authors have it: servers made with `@modelcontextprotocol/server`, of both eras and in both kinds of
 * answers, are read by our client.
 */

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function weatherServer(): McpServer {
  const server = new McpServer({ name: "weather", version: "1.0.0" });
  const inputSchema = fromJsonSchema({
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
  });
  server.registerTool("forecast", { description: "Weather of tomorrow", inputSchema }, () => ({
    content: [{ type: "text", text: "rain" }],
  }));
  server.registerTool("now", { description: "Weather of today" }, () => ({
    content: [{ type: "text", text: "sun" }],
  }));
  return server;
}

/** A server of Node's for one of web standards; its port. */
async function served(handle: (request: Request) => Promise<Response>): Promise<number> {
  const answer = async (incoming: IncomingMessage): Promise<Response> => {
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(part as Buffer);
    const { method = "GET", headers, url = "/" } = incoming;
    return handle(
      new Request(`http://${headers.host}${url}`, {
        method,
        headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
        ...(parts.length === 0 ? {} : { body: Buffer.concat(parts) }),
      }),
    );
  };
  const server = createServer((incoming, outgoing) => {
    void answer(incoming).then(async (response) => {
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      for await (const part of response.body ?? []) outgoing.write(part);
      outgoing.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return (server.address() as AddressInfo).port;
}

async function inSessions(enableJsonResponse: boolean): Promise<number> {
  const transport = new WebStandardStreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    enableJsonResponse,
  });
  const server = weatherServer();
  await server.connect(transport);
  closing.push(() => server.close());
  return served((request) => transport.handleRequest(request));
}

async function handled(legacy: "stateless" | "reject"): Promise<number> {
  const handler = createMcpHandler(weatherServer, { legacy });
  closing.push(() => handler.close());
  return served((request) => handler.fetch(request));
}

test.each([
  { name: "in sessions, as JSON", start: () => inSessions(true) },
  { name: "in sessions, as events", start: () => inSessions(false) },
  { name: "of both eras", start: () => handled("stateless") },
  { name: "of 2026-07-28 alone", start: () => handled("reject") },
])("an official server $name says what it offers", async ({ start }) => {
  const port = await start();
  const at = { host: "127.0.0.1", port };
  const found = await listMcpTools({ at, host: `127.0.0.1:${port}`, path: "/mcp" }, 10_000);
  expect(found).toMatchObject({
    kind: "tools",
    complete: true,
    tools: [
      {
        name: "forecast",
        description: "Weather of tomorrow",
        inputSchema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
      },
      { name: "now", description: "Weather of today" },
    ],
  });
});
