import { createServer, type IncomingMessage, type ServerResponse, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { exampleGateways, startFakeUpstream, type Values, waitFor } from "@gatewright/testkit";
import { afterAll, afterEach, describe, expect, it } from "vitest";

interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly chunks: Buffer[];
  aborted: boolean;
}

const arrived: Arrived[] = [];
const usual = (_request: IncomingMessage, response: ServerResponse): void => {
  response.setHeader("content-type", "application/json");
  response.end('{"ok":true}');
};
/** How the target answers, at once. */
let respond = usual;

const target = createServer((request, response) => {
  const one: Arrived = {
    method: request.method ?? "",
    url: request.url ?? "",
    headers: request.headers,
    chunks: [],
    aborted: false,
  };
  arrived.push(one);
  request.on("data", (chunk: Buffer) => one.chunks.push(chunk));
  response.on("close", () => {
    one.aborted = !response.writableFinished;
  });
  respond(request, response);
});
await new Promise<void>((resolve) => target.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(target.address() as AddressInfo).port}`;

const unused = await startFakeUpstream();
const gateways = exampleGateways(unused);
afterEach(async () => {
  await gateways.end();
  arrived.length = 0;
  respond = usual;
});
afterAll(async () => {
  target.closeAllConnections();
  target.close();
  await unused.close();
});

interface Settings {
  readonly general?: Values;
  readonly more?: Values;
  readonly variables?: { readonly [name: string]: string };
}

/** A gateway with one endpoint, `/bria`. */
async function start(endpoint: Values, { general, more, variables }: Settings = {}): Promise<string> {
  const passed = { path: "/bria", target: `${url}/api`, include_subpath: true, ...endpoint };
  const document = { general_settings: { pass_through_endpoints: [passed], ...general }, ...more };
  return (await gateways.start(document, variables)).gateway.url;
}

function only(): Arrived {
  const [one] = arrived;
  if (one === undefined || arrived.length > 1) throw new Error(`${arrived.length} requests arrived`);
  return one;
}

const text = (): string => Buffer.concat(only().chunks).toString();
const bearer = (key: string): { readonly authorization: string } => ({ authorization: `Bearer ${key}` });

describe("a passed request", () => {
  it.each(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])(
    "has its method, path, query and body: %s",
    async (method) => {
      const gateway = await start({});
      const body =
        method === "GET" || method === "OPTIONS" ? {} : { body: "hello", headers: { "content-type": "x/y" } };
      const response = await fetch(`${gateway}/bria/v1/a%20b?c=d&c=e`, { method, ...body });
      expect([response.status, await response.json()]).toEqual([200, { ok: true }]);
      expect(only()).toMatchObject({ method, url: "/api/v1/a%20b?c=d&c=e" });
      if ("body" in body) {
        expect(text()).toBe("hello");
        expect(only().headers).toMatchObject({ "content-type": "x/y", "content-length": "5" });
      }
    },
  );

  it("carries the configured headers, and none of the client's own", async () => {
    const gateway = await start(
      { headers: { Authorization: "bearer os.environ/BRIA_KEY", api_token: "os.environ/BRIA_KEY" } },
      { more: { environment_variables: { BRIA_KEY: "sk-bria" } } },
    );
    const headers = { ...bearer("mine"), cookie: "a=b", "x-mine": "c", accept: "text/plain" };
    expect((await fetch(`${gateway}/bria`, { headers })).status).toBe(200);
    const { headers: sent } = only();
    expect(sent).toMatchObject({
      authorization: "bearer sk-bria",
      api_token: "sk-bria",
      accept: "text/plain",
    });
    expect(sent["host"]).toBe(url.slice("http://".length));
    expect(sent["cookie"] ?? sent["x-mine"]).toBeUndefined();
  });

  it("carries the client's headers where it is told to, but never the gateway's key", async () => {
    const general = { master_key: "sk-master", litellm_key_header_name: "X-Own-Key" };
    const gateway = await start({ forward_headers: true, headers: { "x-fixed": "ours" } }, { general });
    const ask = async (headers: { readonly [name: string]: string }): Promise<Arrived["headers"]> => {
      arrived.length = 0;
      expect((await fetch(`${gateway}/bria`, { headers })).status).toBe(200);
      return only().headers;
    };
    const sent = await ask({
      ...bearer("target's"),
      "x-fixed": "theirs",
      "x-mine": "c",
      cookie: "a=b",
      "x-own-key": "k",
    });
    expect(sent).toMatchObject({ ...bearer("target's"), "x-fixed": "ours", "x-mine": "c", cookie: "a=b" });
    expect(sent["x-own-key"]).toBeUndefined();
    for (const header of ["authorization", "api-key", "x-api-key", "x-litellm-api-key"])
      expect((await ask({ [header]: "Bearer sk-master" }))[header]).toBeUndefined();
  });

  it("needs a key of the gateway only where the endpoint says so", async () => {
    const general = { master_key: "sk-master" };
    const open = await start({}, { general });
    expect((await fetch(`${open}/bria`)).status).toBe(200);
    const closed = await start({ auth: true, forward_headers: true }, { general });
    arrived.length = 0;
    for (const path of ["/bria", "/bria/a"]) {
      expect((await fetch(`${closed}${path}`)).status).toBe(401);
      expect((await fetch(`${closed}${path}`, { headers: bearer("sk-other") })).status).toBe(401);
    }
    expect(arrived).toHaveLength(0);
    const headers = { "x-litellm-api-key": "sk-master", ...bearer("target's") };
    expect((await fetch(`${closed}/bria`, { headers })).status).toBe(200);
    expect(only().headers["authorization"]).toBe("Bearer target's");
    expect(only().headers["x-litellm-api-key"]).toBeUndefined();
  });

  it("is of a method that the endpoint has", async () => {
    const gateway = await start({ methods: ["POST"] });
    const response = await fetch(`${gateway}/bria`);
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
    expect((await fetch(`${gateway}/bria`, { method: "POST" })).status).toBe(200);
  });

  it.each([
    "/bria/../secret",
    "/bria/%2e%2e/secret",
    "/bria//127.0.0.1/x",
    "/bria/a%2f..%2f..%2fx",
    "/briary",
    "//bria",
  ])("never leaves the target's path: %s", async (path) => {
    const gateway = await start({});
    const status = await new Promise((resolve) => {
      const { port } = new URL(gateway);
      send({ port, path }, (response) => resolve(response.resume().statusCode)).end();
    });
    expect([status, arrived.length]).toEqual([404, 0]);
  });

  it("never chooses its host", async () => {
    const gateway = await start({});
    const ask = async (path: string): Promise<unknown> =>
      new Promise((resolve) => {
        const { port } = new URL(gateway);
        send({ port, path, headers: { host: "evil.example.org" } }, (response) =>
          resolve(response.resume().statusCode),
        ).end();
      });
    expect(await ask(`http://evil.example.org/bria`)).toBe(404);
    expect(await ask("/bria/@evil.example.org")).toBe(200);
    expect(only()).toMatchObject({ url: "/api/@evil.example.org", headers: { host: url.slice(7) } });
  });

  it("leaves the gateway's own paths alone", async () => {
    const gateway = await start({ path: "/v1" });
    expect((await fetch(`${gateway}/v1/models`)).status).toBe(200);
    expect(arrived).toHaveLength(0);
    expect((await fetch(`${gateway}/v1/other`)).status).toBe(200);
    expect(only().url).toBe("/api/other");
  });

  it("goes on its way while it is still being sent", async () => {
    const gateway = await start({});
    const request = send(`${gateway}/bria`, { method: "POST" });
    const status = new Promise((resolve) => {
      request.on("response", (response) => resolve(response.resume().statusCode));
    });
    respond = (sent, response) => sent.on("end", () => usual(sent, response));
    request.write("first,");
    await waitFor("the first part", () => arrived.length > 0 && text() === "first,");
    request.end("last");
    expect([await status, text()]).toEqual([200, "first,last"]);
  });

  it("ends at the limit of bodies, whether they are announced or not", async () => {
    respond = (sent, response) => sent.on("end", () => usual(sent, response));
    const gateway = await start({}, { general: { max_request_size_mb: 1 } });
    const body = Buffer.alloc(2 << 20);
    expect((await fetch(`${gateway}/bria`, { method: "POST", body })).status).toBe(413);
    expect(arrived).toHaveLength(0);
    const request = send(`${gateway}/bria`, { method: "POST" });
    const status = new Promise((resolve) => {
      request.on("response", (response) => resolve(response.resume().statusCode));
    });
    request.write(body.subarray(0, 1000));
    request.end(body);
    expect(await status).toBe(413);
    await waitFor("the end of the call", () => only().aborted);
  });

  it("ends at the target when its client leaves", async () => {
    respond = () => {};
    const gateway = await start({});
    const leaving = new AbortController();
    const asked = fetch(`${gateway}/bria`, { signal: leaving.signal });
    await waitFor("the request", () => arrived.length > 0);
    leaving.abort();
    await expect(asked).rejects.toThrow();
    await waitFor("the end of the call", () => only().aborted);
  });
});

describe("a passed answer", () => {
  it("has the target's status, headers and bytes, but for cookies and connection headers", async () => {
    respond = (_request, response) => {
      response.writeHead(418, {
        ...{ "content-type": "a/b", etag: '"1"', location: "/x", "x-many": ["1", "2"] },
        ...{ "set-cookie": "a=b", "keep-alive": "timeout=1", "content-encoding": "br" },
      });
      response.end("bytes");
    };
    const gateway = await start({});
    const response = await new Promise<IncomingMessage>((resolve) => {
      send(`${gateway}/bria`, resolve).end();
    });
    let body = "";
    for await (const chunk of response.setEncoding("utf8")) body += String(chunk);
    expect([response.statusCode, body]).toEqual([418, "bytes"]);
    expect(response.headers).toMatchObject({
      ...{ "content-type": "a/b", etag: '"1"', location: "/x", "x-many": "1, 2", "content-encoding": "br" },
      "x-litellm-call-id": expect.any(String),
    });
    expect(response.headers["set-cookie"]).toBeUndefined();
  });

  it("has no body where there is none", async () => {
    respond = (request, response) => {
      response.writeHead(
        request.method === "HEAD" ? 200 : 204,
        request.method === "HEAD" ? { "content-length": 7 } : {},
      );
      response.end();
    };
    const gateway = await start({});
    const head = await fetch(`${gateway}/bria`, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length")]).toEqual([200, "7"]);
    expect((await fetch(`${gateway}/bria`, { method: "DELETE" })).status).toBe(204);
  });

  it("comes as it is sent, and is cut where the target is cut", async () => {
    let cut = (): void => {};
    respond = (_request, response) => {
      response.setHeader("content-type", "text/event-stream");
      response.write("data: 1\n\n");
      cut = () => response.destroy();
    };
    const gateway = await start({});
    const reader = ((await fetch(`${gateway}/bria`)).body as ReadableStream<Uint8Array>).getReader();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe("data: 1\n\n");
    cut();
    await expect(reader.read()).rejects.toThrow();
  });

  it("waits for a slow client", async () => {
    const piece = Buffer.alloc(1 << 20, "x");
    let written = 0;
    respond = (_request, response) => {
      const more = (): void => {
        while (written < 100) {
          written++;
          if (!response.write(piece)) return void response.once("drain", more);
        }
        response.end();
      };
      more();
    };
    const gateway = await start({});
    const response = await new Promise<IncomingMessage>((resolve) => {
      send(`${gateway}/bria`, resolve).end();
    });
    // The sockets between take some; then nothing more is taken from the target.
    let before = -1;
    await waitFor("the target to stop", async () => {
      const still = written === before;
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return still;
    });
    expect(written).toBeLessThan(60);
    let length = 0;
    for await (const chunk of response) length += (chunk as Buffer).length;
    expect(length).toBe(100 << 20);
  });

  it("is an error when the target cannot be reached, or takes too long", async () => {
    const gone = await start({ target: "http://127.0.0.1:1/x?key=secret" });
    const unreachable = await fetch(`${gone}/bria`);
    const { error } = (await unreachable.json()) as { error: { message: string; code: string } };
    expect([unreachable.status, error.code]).toEqual([502, "502"]);
    expect(error.message).toContain("/bria: no answer from http://127.0.0.1:1 (ECONNREFUSED)");
    expect(error.message).not.toContain("secret");
    respond = () => {};
    const slow = await start({}, { more: { router_settings: { timeout: 0.1 } } });
    expect((await fetch(`${slow}/bria`)).status).toBe(504);
    await waitFor("the end of the call", () => only().aborted);
  });

  it("costs what the endpoint says, on the budgets of the key", async () => {
    const keys = [
      { key: "sk-one", key_alias: "one", max_budget: 0.9 },
      { key: "sk-two", key_alias: "two" },
    ];
    const gateway = await start({ auth: true, cost_per_request: 0.5 }, { more: { gatewright: { keys } } });
    const ask = async (key: string): Promise<number> =>
      (await fetch(`${gateway}/bria`, { headers: bearer(key) })).status;
    respond = (_request, response) => {
      response.statusCode = 500;
      response.end();
    };
    expect(await ask("sk-one")).toBe(500);
    respond = usual;
    expect([await ask("sk-one"), await ask("sk-one"), await ask("sk-one")]).toEqual([200, 200, 429]);
    expect(await ask("sk-two")).toBe(200);
  });
});
