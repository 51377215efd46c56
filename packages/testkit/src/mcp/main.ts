import { createServer } from "node:http";
import process from "node:process";
import { startMcpServer } from "./mcp-server.ts";

/* The program of `toolImage`. */

const { env } = process;
const ports: { readonly [port: string]: number } = JSON.parse(env["GATEWRIGHT_TEST_PORTS"] ?? "{}");
const port = ports["8080"] ?? 0;

if (env["OUT_OF_ORDER"] !== undefined) {
  createServer((_, response) => {
    response.statusCode = 503;
    response.end();
  }).listen(port, "127.0.0.1");
} else {
  const tools = (env["TOOLS"] ?? "").split(",").map((name) => ({
    name,
    description: `Does ${name}.`,
    inputSchema: { type: "object", properties: { query: { type: ["string", "null"], default: null } } },
  }));
  await startMcpServer({ tools, pageSize: 1, answers: "events", port });
}
process.stdout.write("a tool is listening\n");
process.once("SIGTERM", () => process.exit(0));
