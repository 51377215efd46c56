import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { waitFor, within } from "@gatewright/testkit";
import { afterEach, expect, test } from "vitest";
import type { Access } from "./connect-credentials.ts";
import type { Transport } from "./transport.ts";
import { createUndiciTransport } from "./transport-undici.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server | undefined;
let transport: Transport | undefined;

afterEach(async () => {
  await transport?.close();
  server?.closeAllConnections();
  server?.close();
});

/** A transport to a server that answers so. */
async function speakTo(
  handler: Handler,
  options: { readonly path?: string; readonly deadline?: number; readonly read?: () => Promise<Access> } = {},
): Promise<Transport> {
  const { path = "", deadline = 20_000, read = async () => ({ headers: {}, tls: {} }) } = options;
  server = createServer(handler);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  transport = createUndiciTransport({
    credentials: { server: `http://127.0.0.1:${port}${path}`, namespace: "default", read },
    userAgent: "gatewright/test",
    requestTimeoutMilliseconds: deadline,
  });
  return transport;
}

const pods = { method: "GET", path: "/api/v1/pods" } as const;
const forever = new AbortController().signal;

test("a request arrives as it was meant, below the server's path", async () => {
  const seen: { url?: string; headers?: IncomingMessage["headers"]; body?: string } = {};
  const way = await speakTo(
    (incoming, response) => {
      seen.url = incoming.url ?? "";
      seen.headers = incoming.headers;
      incoming.setEncoding("utf8").on("data", (text) => {
        seen.body = text;
      });
      incoming.on("end", () => response.writeHead(201).end('{"a":1}'));
    },
    { path: "/k8s/clusters/c1/", read: async () => ({ headers: { authorization: "Bearer t" }, tls: {} }) },
  );
  const answer = await way.request({
    method: "PATCH",
    path: "/api/v1/x",
    query: { fieldManager: "a b" },
    body: { é: 1 },
    contentType: "application/apply-patch+yaml",
  });
  expect(answer).toEqual({ status: 201, body: { a: 1 } });
  expect(seen.url).toBe("/k8s/clusters/c1/api/v1/x?fieldManager=a+b");
  expect(seen.body).toBe('{"é":1}');
  expect(seen.headers).toMatchObject({
    authorization: "Bearer t",
    "user-agent": "gatewright/test",
    accept: "application/json",
    "content-type": "application/apply-patch+yaml",
  });
});

test.each<{ name: string; header: string; want: unknown }>([
  { name: "seconds", header: "7", want: 7 },
  { name: "a moment that has passed", header: new Date(0).toUTCString(), want: 0 },
  { name: "nonsense", header: "soon", want: undefined },
])("Retry-After: $name", async ({ header, want }) => {
  const way = await speakTo((_, response) =>
    response.writeHead(429, { "retry-after": header }).end("slow down"),
  );
  const answer = await way.request(pods);
  expect(answer).toMatchObject({ status: 429, body: "slow down" });
  expect(answer.retryAfterSeconds).toBe(want);
});

test("an answer that does not come, or not whole, is a Timeout; the next request is not held up", async () => {
  let nth = 0;
  const way = await speakTo(
    (_, response) => {
      nth++;
      if (nth === 2) response.writeHead(200).write('{"a":');
      if (nth === 3) response.writeHead(200).end("{}");
    },
    { deadline: 100 },
  );
  await expect(way.request(pods)).rejects.toMatchObject({ code: "Timeout" });
  await expect(way.request(pods)).rejects.toMatchObject({ code: "Timeout" });
  expect(await way.request(pods)).toMatchObject({ status: 200 });
});

test("a connection that breaks, or is not there, is Unreachable", async () => {
  const way = await speakTo((incoming) => incoming.socket.destroy());
  await expect(way.request(pods)).rejects.toMatchObject({ code: "Unreachable", status: 0 });
  server?.close();
  await expect(way.request(pods)).rejects.toMatchObject({
    code: "Unreachable",
    message: expect.stringContaining("GET /api/v1/pods: no connection to http://127.0.0.1:"),
  });
});

test("the caller's signal ends a request", async () => {
  const way = await speakTo(() => {});
  const stop = new AbortController();
  const asked = way.request(pods, stop.signal);
  stop.abort();
  await expect(asked).rejects.toMatchObject({ code: "Aborted" });
  await expect(way.request(pods, stop.signal)).rejects.toMatchObject({ code: "Aborted" });
});

test("refused credentials are read again once, by all who were refused together", async () => {
  let token = 0;
  const refused: (string | undefined)[] = [];
  const way = await speakTo(
    ({ headers }, response) => {
      const fine = headers.authorization === "Bearer 2";
      if (!fine) refused.push(headers.authorization);
      response.writeHead(fine ? 200 : 401).end("{}");
    },
    { read: async () => ({ headers: { authorization: `Bearer ${++token}` }, tls: {} }) },
  );
  const answers = await Promise.all([way.request(pods), way.request(pods), way.request(pods)]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(token).toBe(2);
  expect(new Set(refused)).toEqual(new Set(["Bearer 1"]));
});

test("credentials that stay refused are told, those that cannot be read are tried again the next time", async () => {
  let reads = 0;
  const way = await speakTo((_, response) => response.writeHead(401).end("{}"), {
    read: async () => {
      if (++reads === 1) throw new Error("the plugin is not installed");
      return { headers: {}, tls: {} };
    },
  });
  await expect(way.request(pods)).rejects.toMatchObject({
    code: "Unauthorized",
    message: expect.stringContaining("the plugin is not installed"),
  });
  expect(await way.request(pods)).toMatchObject({ status: 401 });
  expect(reads).toBe(3);
});

test("a watch tells whole lines, however they are cut, and ends with the server", async () => {
  const text = '{"type":"ADDED","object":{"é":1}}\n{"type":"BOOKMARK"}\n';
  const bytes = Buffer.from(text);
  let write = (_: number): void => {};
  const way = await speakTo((_, response) => {
    response.writeHead(200).flushHeaders();
    write = (at) => {
      if (at >= bytes.length) response.end();
      else response.write(bytes.subarray(at, at + 3), () => setImmediate(write, at + 3));
    };
    write(0);
  });
  const { status, events } = await way.watch(pods, forever);
  expect(status).toBe(200);
  const seen: unknown[] = [];
  for await (const event of events) seen.push(event);
  expect(seen).toEqual([{ type: "ADDED", object: { é: 1 } }, { type: "BOOKMARK" }]);
});

test("a watch has no deadline once it is open, breaks with its connection, and ends quietly by its signal", async () => {
  const open: ServerResponse[] = [];
  const way = await speakTo(
    (_, response) => {
      response.writeHead(200).flushHeaders();
      open.push(response);
    },
    { deadline: 50 },
  );
  const stop = new AbortController();
  const quiet = await way.watch(pods, stop.signal);
  const broken = await way.watch(pods, forever);
  await new Promise((resolve) => setTimeout(resolve, 120));
  for (const response of open) response.write('{"type":"ADDED"}\n');
  const events = quiet.events[Symbol.asyncIterator]();
  expect(await events.next()).toMatchObject({ value: { type: "ADDED" } });
  const next = events.next();
  stop.abort();
  expect(await within("the end", next)).toEqual({ done: true, value: undefined });
  const cut = broken.events[Symbol.asyncIterator]();
  expect(await cut.next()).toMatchObject({ value: { type: "ADDED" } });
  open[1]?.socket?.destroy();
  await expect(cut.next()).rejects.toMatchObject({ code: "Unreachable" });
});

test("a watch that is refused says why; one that is not answered is a Timeout", async () => {
  let answers = true;
  const way = await speakTo(
    (_, response) => {
      if (answers) response.writeHead(410).end('{"kind":"Status","reason":"Expired"}');
    },
    { deadline: 200 },
  );
  expect(await way.watch(pods, forever)).toMatchObject({ status: 410, body: { reason: "Expired" } });
  answers = false;
  await expect(way.watch(pods, forever)).rejects.toMatchObject({ code: "Timeout" });
});

test("a watch that is not read to its end gives its connection back", async () => {
  let closed = 0;
  const way = await speakTo((_, response) => {
    response.on("close", () => closed++);
    response.writeHead(200);
    response.write('{"type":"ADDED"}\n');
  });
  for await (const _ of (await way.watch(pods, forever)).events) break;
  await waitFor("the connection to be closed", () => closed === 1);
});

test("new certificates get new connections, and what runs on the old ones goes on", async () => {
  let reads = 0;
  let refuse = false;
  const open: ServerResponse[] = [];
  const way = await speakTo(
    (incoming, response) => {
      if (incoming.url === "/watch") {
        response.writeHead(200).flushHeaders();
        open.push(response);
      } else {
        response.writeHead(refuse ? 401 : 200).end(String(incoming.socket.remotePort));
        refuse = false;
      }
    },
    { read: async () => ({ headers: {}, tls: { cert: `certificate ${++reads}` } }) },
  );
  const { events } = await way.watch({ method: "GET", path: "/watch" }, forever);
  const before = new Set<unknown>();
  for (let nth = 0; nth < 20; nth++) before.add((await way.request(pods)).body);
  expect(before.size).toBeLessThan(5);
  refuse = true;
  expect(before).not.toContain((await way.request(pods)).body);
  expect(reads).toBe(2);
  open[0]?.end('{"type":"ADDED"}\n');
  const seen: unknown[] = [];
  for await (const event of events) seen.push(event);
  expect(seen).toEqual([{ type: "ADDED" }]);
});

test.each([
  { name: "plain", origin: "http://api.test:6443", want: "GET http://api.test:6443/api/v1/pods" },
  { name: "by a tunnel", origin: "https://api.test:6443", want: "CONNECT api.test:6443" },
])("through an HTTP proxy: $name", async ({ origin, want }) => {
  const asked: string[] = [];
  server = createServer((incoming, response) => {
    asked.push(`${incoming.method} ${incoming.url}`);
    response.end('{"a":1}');
  });
  server.on("connect", ({ url }: IncomingMessage, socket: Socket) => {
    asked.push(`CONNECT ${url}`);
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  transport = createUndiciTransport({
    credentials: {
      server: origin,
      namespace: "default",
      proxy: `http://127.0.0.1:${port}`,
      read: async () => ({ headers: {}, tls: {} }),
    },
    userAgent: "gatewright/test",
    requestTimeoutMilliseconds: 20_000,
  });
  const answer = await transport.request(pods).catch((error: unknown) => error);
  expect(asked).toEqual([want]);
  expect(answer).toMatchObject(origin.startsWith("https:") ? { code: "Unreachable" } : { status: 200 });
});
