import { fileURLToPath } from "node:url";
import { freePort, type RunningProcess, startProcess, waitFor } from "@gatewright/testkit";
import { Command, Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Answer } from "./answer.ts";
import { type RedisAnswers, RedisStore } from "./redis-store.ts";

const answer: Answer = {
  contentType: "text/event-stream",
  stream: true,
  body: Buffer.from([0, 255, 13, 10, 128]),
  model: "gpt",
  deployment: "d",
  storedAt: 5,
  usageText: '{"total_tokens":3}',
};

let server: RunningProcess;
let port = 0;
const clients: Redis[] = [];

beforeEach(async () => {
  port = await freePort();
  server = await startServer();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  await server.stop();
});

async function startServer(): Promise<RunningProcess> {
  const started = startProcess("redis-server", ["--port", `${port}`, "--bind", "127.0.0.1", "--save", ""]);
  await started.line(/Ready to accept connections/);
  return started;
}

/** As redis/redis-connection.ts does it, without the time-out, which is tested there. */
async function connect(): Promise<RedisAnswers & { readonly client: Redis }> {
  const client = new Redis({ port, host: "127.0.0.1", retryStrategy: () => 20, enableAutoPipelining: true });
  // ioredis speaks of every failed attempt to connect; without a listener it prints them.
  client.on("error", () => {});
  clients.push(client);
  await waitFor("a connection", () => client.status === "ready");
  return {
    client,
    send(command, args, tell, buffers = false) {
      if (client.status !== "ready") return tell("connection", undefined);
      // Not `callBuffer`: under automatic pipelining ioredis 6 loses its first argument.
      const asked = new Command(command, [...args], { replyEncoding: buffers ? null : "utf8" });
      client.sendCommand(asked);
      asked.promise.then(
        (value) => tell(undefined, value),
        (error: unknown) => tell("command", error),
      );
    },
  };
}

async function look(store: RedisStore, key: string): Promise<Answer | undefined> {
  return new Promise((resolve) => store.get(key, { found: resolve }));
}

async function kept(store: RedisStore, key: string): Promise<Answer | undefined> {
  let found: Answer | undefined;
  await waitFor("the answer in Redis", async () => {
    found = await look(store, key);
    return found !== undefined;
  });
  return found;
}

describe("RedisStore", () => {
  it("gives an answer back, for its time", async () => {
    const redis = await connect();
    const store = new RedisStore(redis);
    expect(await look(store, "a")).toBeUndefined();
    store.set("a", answer, 60_000.4);
    expect(await kept(store, "a")).toEqual(answer);
    const left = await redis.client.pttl("a");
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(60_000);
    store.set("b", answer, 1);
    await waitFor("the end of its time", async () => (await look(store, "b")) === undefined);
  });

  it("shares answers with another process", async () => {
    const store = new RedisStore(await connect());
    store.set("ours", answer, 60_000);
    await kept(store, "ours");
    const script = `
      import { Redis } from "ioredis";
      import { RedisStore } from ${JSON.stringify(new URL("./redis-store.ts", import.meta.url).href)};
      const client = new Redis({ port: ${port}, host: "127.0.0.1" });
      await new Promise((resolve) => client.once("ready", resolve));
      const store = new RedisStore({
        send: (command, args, done) =>
          client.callBuffer(command, ...args).then((value) => done(undefined, value), (error) => done("command", error)),
      });
      store.get("ours", { found(answer) {
        store.set("theirs", { ...answer, model: "theirs" }, 60000);
        client.quit();
      } });
    `;
    await using other = startProcess(process.execPath, ["--input-type=module", "-e", script], {
      folder: fileURLToPath(new URL(".", import.meta.url)),
      name: "the other process",
    });
    expect(await other.exited, other.stderr).toEqual({ code: 0, signal: null });
    expect(await kept(store, "theirs")).toEqual({ ...answer, model: "theirs" });
  });

  it("takes what others wrote for a miss", async () => {
    const redis = await connect();
    const store = new RedisStore(redis);
    await redis.client.set("text", "hello");
    await redis.client.lpush("list", "hello");
    expect(await look(store, "text")).toBeUndefined();
    expect(await look(store, "list")).toBeUndefined();
  });

  it("misses at once while Redis is gone, and uses it again when it is back", async () => {
    const redis = await connect();
    const store = new RedisStore(redis);
    server.signal("SIGKILL");
    await server.exited;
    await waitFor("the broken connection", () => redis.client.status !== "ready");
    const told: (Answer | undefined)[] = [];
    store.get("a", { found: (one) => told.push(one) });
    expect(told).toEqual([undefined]);
    store.set("a", answer, 60_000);
    server = await startServer();
    await waitFor("the new connection", () => redis.client.status === "ready");
    expect(await look(store, "a")).toBeUndefined();
    store.set("a", answer, 60_000);
    expect(await kept(store, "a")).toEqual(answer);
  });

  it("has no more than 16 MiB on its way to a Redis that does not take it", () => {
    const open: (() => void)[] = [];
    const store = new RedisStore({
      send: (_command, _args, done) => open.push(() => done("timeout", undefined)),
    });
    const write = (): void => store.set("a", { ...answer, body: Buffer.alloc(1 << 20) }, 1000);
    for (let count = 0; count < 20; count++) write();
    expect(open.length).toBe(16);
    open[0]?.();
    write();
    expect(open.length).toBe(17);
  });
});
