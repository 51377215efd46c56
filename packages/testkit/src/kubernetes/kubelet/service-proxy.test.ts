import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { expect, test } from "vitest";
import { startProcess } from "../../process.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { within } from "../../wait.ts";
import type { Asker } from "./service-place.ts";
import { startServiceProxy } from "./service-proxy.ts";

/** Sends "first", and "last" only when it is told that the first was seen. */
async function startEcho() {
  const seen = Promise.withResolvers<void>();
  const requests: string[] = [];
  const server: Server = createServer((incoming, response) => {
    requests.push(`${incoming.method} ${incoming.headers.host}${incoming.url}`);
    if (incoming.url === "/seen") seen.resolve();
    if (incoming.url !== "/stream") {
      response.end("whole");
      return;
    }
    response.write("first\n");
    void seen.promise.then(() => response.end("last\n"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function startNetwork(port: number) {
  const askers: Asker[] = [];
  const proxy = await startServiceProxy(async (host, number, asker) => {
    askers.push(asker);
    if (host !== "web.team" || number !== 8000) throw new Error(`no Service ${host}`);
    return { host: "127.0.0.1", port };
  });
  const environment = proxy.environment({ namespace: "team", address: "10.244.1.2" });
  return { askers, environment, [Symbol.asyncDispose]: () => proxy.stop() };
}

test("a Node program reaches a Service by fetch, as it streams, and fails on one that is not there", async () => {
  await using echo = await startEcho();
  await using network = await startNetwork(echo.port);
  await using folder = await temporaryFolder({
    "program.mjs": `
      let text = "";
      for await (const piece of (await fetch("http://web.team:8000/stream")).body.pipeThrough(new TextDecoderStream())) {
        text += piece;
        if (text === "first\\n") await fetch("http://web.team:8000/seen");
      }
      console.log(JSON.stringify(text));
      await fetch("http://none.team:8000/").then((answer) => console.log(answer.status), () => console.log("failed"));
      console.log(await (await fetch("http://127.0.0.1:${echo.port}/direct")).text());
    `,
  });
  const program = startProcess(process.execPath, [`${folder.path}/program.mjs`], {
    environment: network.environment,
  });
  expect(await within("the program", program.exited)).toEqual({ code: 0, signal: null });
  expect(program.stdout).toBe('"first\\nlast\\n"\nfailed\nwhole\n');
  expect(echo.requests).toEqual([
    "GET web.team:8000/stream",
    "GET web.team:8000/seen",
    `GET 127.0.0.1:${echo.port}/direct`,
  ]);
  expect(new Set(network.askers.map((asker) => JSON.stringify(asker)))).toEqual(
    new Set([JSON.stringify({ namespace: "team", address: "10.244.1.2" })]),
  );
});

test("passes plain requests to a proxy on, and says why it cannot", async () => {
  await using echo = await startEcho();
  await using network = await startNetwork(echo.port);
  const proxy = new URL(network.environment["HTTP_PROXY"] ?? "");
  const get = (path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const authorization = `Basic ${Buffer.from(`${proxy.username}:${proxy.password}`).toString("base64")}`;
      const asked = request(
        { host: proxy.hostname, port: proxy.port, path, headers: { "proxy-authorization": authorization } },
        (answer) => {
          let text = `${answer.statusCode} `;
          answer.setEncoding("utf8").on("data", (piece) => {
            text += piece;
          });
          answer.on("end", () => resolve(text));
        },
      );
      asked.once("error", reject);
      asked.end();
    });
  expect(await get("http://web.team:8000/a?b=c")).toBe("200 whole");
  expect(echo.requests).toHaveLength(1);
  expect(echo.requests[0]).toContain("/a?b=c");
  expect(await get("http://none.team:8000/")).toBe("502 no Service none.team\n");
  expect(await get("/health")).toBe("400 a proxy takes whole URLs, not /health\n");
});
