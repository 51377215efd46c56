import { fileURLToPath } from "node:url";
import { freePort, manualClock, type RunningProcess, startProcess, waitFor } from "@gatewright/testkit";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Answer } from "./answer.ts";
import { type RedisAnswers, RedisStore, type RedisStoreServices } from "./redis-store.ts";

const answer: Answer = {
  contentType: "text/event-stream",
  stream: true,
  body: Buffer.from([0, 255, 13, 10, 128]),
  model: "gpt",
  deployment: "d",
  storedAt: 5,
  usage: undefined,
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
  // One that was stopped in its tracks does not hear SIGTERM.
  server.signal("SIGKILL");
  await server.exited;
});

async function startServer(): Promise<RunningProcess> {
  const started = startProcess("redis-server", ["--port", `${port}`, "--bind", "127.0.0.1", "--save", ""]);
  await started.line(/Ready to accept connections/);
  return started;
}

async function connect(): Promise<RedisAnswers & { readonly client: Redis }> {
  const client = new Redis({ port, host: "127.0.0.1", retryStrategy: () => 20, enableAutoPipelining: true });
  // ioredis speaks of every failed attempt to connect; without a listener it prints them.
  client.on("error", () => {});
  clients.push(client);
  await waitFor("a connection", () => client.status === "ready");
  return {
    client,
    available: () => client.status === "ready",
    getBuffer: async (key) => client.getBuffer(key),
    set: async (key, value, ttl) => client.set(key, value, "PX", ttl),
  };
}

interface Counting extends RedisStoreServices {
  readonly count: { failures: number };
}

/** Real time, unless a clock is given. */
function services(clock?: ReturnType<typeof manualClock>): Counting {
  const count = { failures: 0 };
  return {
    count,
    now: () => clock?.monotonic() ?? performance.now(),
    after(milliseconds, run) {
      if (clock !== undefined) return { cancel: clock.after(milliseconds, run) };
      const timer = setTimeout(run, milliseconds);
      return { cancel: () => clearTimeout(timer) };
    },
    failures: {
      inc() {
        count.failures++;
      },
    },
  };
}

async function look(store: RedisStore, key: string): Promise<Answer | undefined> {
  return new Promise((resolve) => store.get(key, { found: resolve }));
}

/** What is known before anything could have been waited for. */
function lookAtOnce(store: RedisStore, key: string): readonly (Answer | undefined)[] {
  const told: (Answer | undefined)[] = [];
  store.get(key, { found: (one) => told.push(one) });
  return told;
}

async function kept(store: RedisStore, key: string): Promise<Answer> {
  let found: Answer | undefined;
  await waitFor("the answer in Redis", async () => {
    found = await look(store, key);
    return found !== undefined;
  });
  return found!;
}

const LONG = 30_000;

describe("RedisStore", () => {
  it("gives an answer back, for its time", async () => {
    const redis = await connect();
    const store = new RedisStore(redis, LONG, services());
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
    const redis = await connect();
    const store = new RedisStore(redis, LONG, services());
    store.set("ours", answer, 60_000);
    await kept(store, "ours");
    const script = `
      import { Redis } from "ioredis";
      import { RedisStore } from ${JSON.stringify(new URL("./redis-store.ts", import.meta.url).href)};
      const client = new Redis({ port: ${port}, host: "127.0.0.1" });
      await new Promise((resolve) => client.once("ready", resolve));
      const store = new RedisStore(
        { available: () => true, getBuffer: (key) => client.getBuffer(key), set: (key, value, ttl) => client.set(key, value, "PX", ttl) },
        ${LONG},
        { now: () => performance.now(), after: (ms, run) => { const t = setTimeout(run, ms); return { cancel: () => clearTimeout(t) }; }, failures: { inc() {} } },
      );
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
    const own = services();
    const store = new RedisStore(redis, LONG, own);
    await redis.client.set("text", "hello");
    await redis.client.lpush("list", "hello");
    expect(await look(store, "text")).toBeUndefined();
    expect(await look(store, "list")).toBeUndefined();
    expect(own.count.failures).toBe(2);
  });

  it("waits for a Redis that hangs as long as it may, once, and then leaves it alone for a second", async () => {
    const redis = await connect();
    const clock = manualClock();
    const own = services(clock);
    const store = new RedisStore(redis, 100, own);
    store.set("a", answer, 60_000);
    expect(await kept(store, "a")).toEqual(answer);
    server.signal("SIGSTOP");
    const told: (Answer | undefined)[] = [];
    store.get("a", { found: (one) => told.push(one) });
    expect(told).toEqual([]);
    await clock.advance(100);
    expect([told, own.count.failures]).toEqual([[undefined], 1]);
    expect(lookAtOnce(store, "a")).toEqual([undefined]);
    store.set("b", answer, 60_000);
    expect(own.count.failures).toBe(3);
    server.signal("SIGCONT");
    await clock.advance(1000);
    expect(await look(store, "a")).toEqual(answer);
    // The late answer to the first look-up was nobody's any more.
    expect(told).toEqual([undefined]);
    expect(await look(store, "b")).toBeUndefined();
  });

  it("asks nothing of a Redis that is gone, and uses it again when it is back", async () => {
    const redis = await connect();
    const own = services();
    const store = new RedisStore(redis, LONG, own);
    server.signal("SIGKILL");
    await server.exited;
    await waitFor("the broken connection", () => !redis.available());
    expect(lookAtOnce(store, "a")).toEqual([undefined]);
    store.set("a", answer, 60_000);
    expect(own.count.failures).toBe(2);
    server = await startServer();
    await waitFor("the new connection", () => redis.available());
    expect(await look(store, "a")).toBeUndefined();
    store.set("a", answer, 60_000);
    expect(await kept(store, "a")).toEqual(answer);
  });

  it("holds back no more than 16 MiB that Redis does not take", async () => {
    let writes = 0;
    const own = services();
    const hangs: RedisAnswers = {
      available: () => true,
      getBuffer: async () => new Promise(() => {}),
      set: async () => {
        writes++;
        return new Promise(() => {});
      },
    };
    const store = new RedisStore(hangs, 100, own);
    for (let count = 0; count < 20; count++) store.set("a", { ...answer, body: Buffer.alloc(1 << 20) }, 1000);
    expect([writes, own.count.failures]).toEqual([16, 4]);
  });
});
