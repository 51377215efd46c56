import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { type McpServerOptions, startMcpServer } from "@gatewright/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { listMcpTools } from "./mcp-tools.ts";

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

const patience = 10_000;
const host = "web.demo.svc.cluster.local:8080";
const placed = (port: number, path = "/mcp") => ({ at: { host: "127.0.0.1", port }, host, path });

async function serverOf(options: McpServerOptions) {
  const server = await startMcpServer(options);
  open.push(() => server.close());
  return server;
}

/** A server that does what it likes. */
async function anything(listener: (...of: Parameters<RequestListener>) => unknown): Promise<number> {
  const server = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  open.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return (server.address() as AddressInfo).port;
}

/** One that answers each message with what `result` makes of it, or with an error of JSON-RPC. */
const speaking = (reply: (message: { readonly id: number; readonly method: string }) => object) =>
  anything(async (request, response) => {
    const message = (await json(request)) as { readonly id: number; readonly method: string };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ jsonrpc: "2.0", id: message.id, ...reply(message) }));
  });
const greeting = { protocolVersion: "2025-06-18", capabilities: { tools: {} } };

const tools = ["a", "b", "c", "d", "e"].map((name) => ({
  name,
  description: "Schön.\nZwei Zeilen.",
  inputSchema: { type: "object" },
}));

describe("a server", () => {
  test.each(
    (["json", "events"] as const).flatMap((answers) =>
      (["sessions", "handshake", "stateless"] as const).flatMap((revision) =>
        [1, 2, 100].map((pageSize) => ({ answers, revision, pageSize })),
      ),
    ),
  )("of $revision that answers by $answers, $pageSize a page", async (options) => {
    const { port, requests } = await serverOf({ tools, ...options });
    expect(await listMcpTools(placed(port), patience)).toEqual({ kind: "tools", tools, complete: true });
    expect(new Set(requests.map(({ headers }) => headers.host))).toEqual(new Set([host]));
  });

  test("with a session is told when it is over", async () => {
    const { port, requests } = await serverOf({ tools });
    await listMcpTools(placed(port), patience);
    expect(requests.map(({ verb, method = "" }) => `${verb} ${method}`)).toEqual([
      "POST initialize",
      "POST notifications/initialized",
      "POST tools/list",
      "DELETE ",
    ]);
  });

  test("without the capability is asked for no tools", async () => {
    const asked: string[] = [];
    const port = await speaking(({ method }) => {
      asked.push(method);
      return { result: { ...greeting, capabilities: { prompts: {} } } };
    });
    expect(await listMcpTools(placed(port), patience)).toEqual({ kind: "tools", tools: [], complete: true });
    expect(asked).not.toContain("tools/list");
  });

  test("that redirects is followed to another path, and nowhere else", async () => {
    const { port: other, requests } = await serverOf({ tools });
    const paths: string[] = [];
    const port = await anything((request, response) => {
      paths.push(request.url ?? "");
      if (request.url === "/mcp") {
        response.writeHead(307, { location: `http://127.0.0.1:${other}/mcp/` });
        response.end();
        return;
      }
      void json(request).then((message) => {
        const { id, method } = message as { readonly id: number; readonly method: string };
        const result = method === "initialize" ? greeting : { tools: [{ name: "moved" }] };
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ jsonrpc: "2.0", id, result }));
      });
    });
    const found = await listMcpTools(placed(port), patience);
    expect(found).toEqual({ kind: "tools", tools: [{ name: "moved" }], complete: true });
    expect(paths).toEqual(["/mcp", "/mcp/", "/mcp/", "/mcp/"]);
    expect(requests).toEqual([]);
  });

  test("that never comes to an end is left at a thousand tools, or a hundred pages", async () => {
    const page = (count: number) =>
      speaking(({ method }) =>
        method === "initialize"
          ? { result: greeting }
          : { result: { tools: Array.from({ length: count }, () => ({ name: "again" })), nextCursor: "x" } },
      );
    const many = await listMcpTools(placed(await page(300)), patience);
    expect(many).toMatchObject({ kind: "tools", complete: false });
    expect(many.kind === "tools" && many.tools.length).toBe(1_000);
    const none = await listMcpTools(placed(await page(0)), patience);
    expect(none).toEqual({ kind: "tools", tools: [], complete: false });
  });

  test("that lists what are no tools: those are left out", async () => {
    const port = await speaking(({ method }) => ({
      result: method === "initialize" ? greeting : { tools: [{ name: "a" }, null, "b", {}, { name: 3 }] },
    }));
    expect(await listMcpTools(placed(port), patience)).toMatchObject({ tools: [{ name: "a" }] });
  });
});

describe("trouble", () => {
  const trouble = (text: string | RegExp, unreachable = false) => ({
    kind: "trouble",
    text: expect.stringMatching(text),
    unreachable,
  });

  test("nobody listens", async () => {
    const server = await startMcpServer({ tools });
    await server.close();
    expect(await listMcpTools(placed(server.port), patience)).toEqual(
      trouble(/^cannot be reached: .*ECONNREFUSED/u, true),
    );
  });

  test.each([404, 401, 500])("status %i", async (status) => {
    const port = await anything((_, response) => {
      response.statusCode = status;
      response.end();
    });
    expect(await listMcpTools(placed(port), patience)).toEqual(
      trouble(`^answers initialize with status ${status}$`),
    );
  });

  test("an error of the protocol, whose words are bounded", async () => {
    const port = await speaking(() => ({ error: { code: -32000, message: `no\n${"x".repeat(1_000)}` } }));
    const found = await listMcpTools(placed(port), patience);
    expect(found).toEqual(trouble("^answers initialize with the error -32000 no x+$"));
    expect(found.kind === "trouble" && found.text.length).toBeLessThan(250);
  });

  test.each([
    ["a page", "<html></html>", "text/html"],
    ["half an answer", '{"jsonrpc":"2.0","id":1,"result":{', "application/json"],
    ["the answer to another question", '{"jsonrpc":"2.0","id":7,"result":{}}', "application/json"],
    ["a stream without an answer", 'data: {"jsonrpc":"2.0","method":"ping","id":1}\n\n', "text/event-stream"],
  ])("%s", async (_, body, type) => {
    const port = await anything((_request, response) => {
      response.setHeader("content-type", type);
      response.end(body);
    });
    expect(await listMcpTools(placed(port), patience)).toEqual(
      trouble("^answers with something that is no message of MCP$"),
    );
  });

  test.each(["application/json", "text/event-stream"])("an answer without an end, %s", async (type) => {
    const port = await anything((_, response) => {
      response.setHeader("content-type", type);
      const chunk = `data: ${"x".repeat(65_536)}`;
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on("drain", more);
      more();
    });
    expect(await listMcpTools(placed(port), patience)).toEqual(trouble("^answers with more than 4 MiB$"));
  });

  test.each([
    ["no answer", () => {}],
    [
      "an answer that trickles",
      (_: unknown, response: Parameters<RequestListener>[1]) => {
        response.setHeader("content-type", "text/event-stream");
        const timer = setInterval(() => response.write(": still there\n\n"), 20);
        response.on("close", () => clearInterval(timer));
      },
    ],
  ] as const)("%s in time", async (_, listener) => {
    const port = await anything(listener);
    expect(await listMcpTools(placed(port), 300)).toEqual(trouble("^did not answer within 0.3 s$"));
  });

  test("a connection that is cut", async () => {
    const port = await anything((request) => void request.socket.destroy());
    expect(await listMcpTools(placed(port), patience)).toEqual(trouble("^cannot be reached: ", true));
  });

  test("a session that is no header", async () => {
    const port = await anything((_, response) => {
      response.setHeader("content-type", "application/json");
      response.setHeader("mcp-session-id", "a\tb");
      response.end(
        JSON.stringify({ jsonrpc: "2.0", id: 1, result: { ...greeting, protocolVersion: "ä\n" } }),
      );
    });
    expect(await listMcpTools(placed(port), patience)).toEqual(trouble("^cannot be asked: "));
  });
});
