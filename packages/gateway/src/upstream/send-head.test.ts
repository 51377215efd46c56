import { createServer, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { sendHead } from "./send-head.ts";

type Send = (response: ServerResponse, status: number, lines: string, length: number | undefined) => void;

const senders: { readonly [path: string]: Send } = {
  "/ours": sendHead,
  "/nodes": (response, status, lines, length) => {
    const headers = lines
      .split("\r\n")
      .slice(0, -1)
      .flatMap((line) => line.split(": "));
    if (length !== undefined) headers.push("content-length", String(length));
    response.writeHead(status, headers);
  },
};

const server = createServer({ keepAliveTimeout: 75_000 }, (request, response) => {
  const [, path = "", body = ""] = /^(\/\w+)\/(\w+)/.exec(request.url ?? "") ?? [];
  const lines = "content-type: application/json\r\nx-latin: caf\u00e9\r\nx-empty: \r\n";
  senders[path]?.(response, 200, lines, body === "whole" ? 5 : undefined);
  expect(response.headersSent).toBe(true);
  if (body === "whole") return response.end("hello");
  response.write("hel");
  setImmediate(() => response.end("lo"));
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as AddressInfo;
afterAll(() => server.close());

/** Everything that comes back for two requests on one connection, the second of which ends it. */
async function exchange(path: string, version = "1.1"): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.setEncoding("latin1").on("data", (data: string) => {
    text += data;
  });
  const head = (closing: boolean): string =>
    `GET ${path} HTTP/${version}\r\nhost: a\r\nconnection: ${closing ? "close" : "keep-alive"}\r\n\r\n`;
  socket.write(head(false) + head(true));
  await new Promise((resolve) => socket.on("close", resolve));
  return sorted(text.replaceAll(/Date: .*/g, "Date: now"));
}

/** The lines of each head in the order of their names, which means nothing. */
function sorted(text: string): string {
  return text.replaceAll(/(HTTP\/1.1 200 OK\r\n)(.*?)(?=\r\n\r\n)/gs, (_, first: string, lines: string) => {
    return first + lines.split("\r\n").sort().join("\r\n");
  });
}

describe("sendHead", () => {
  it.each([
    ["an answer in one piece", "whole", "1.1"],
    ["a stream", "parts", "1.1"],
    ["an old client", "whole", "1.0"],
    ["a stream for an old client", "parts", "1.0"],
  ])("sends what Node's own would: %s", async (_, body, version) => {
    const ours = await exchange(`/ours/${body}`, version);
    expect(ours).toBe(await exchange(`/nodes/${body}`, version));
    expect(ours).toContain("hel");
  });
});
