import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Secret } from "@gatewright/litellm";
import {
  freePort,
  startProcess,
  startRedis,
  temporaryFolder,
  waitFor,
  withoutRedis,
} from "@gatewright/testkit";
import { describe, expect, test } from "vitest";
import { RedisConnection, type RedisFailure } from "./redis-connection.ts";
import type { RedisOptions } from "./redis-settings.ts";

function options(place: RedisOptions["place"], more: Partial<RedisOptions> = {}): RedisOptions {
  return {
    place,
    username: undefined,
    password: undefined,
    database: 0,
    tls: false,
    timeoutMilliseconds: 10_000,
    prefix: "test",
    ...more,
  };
}

function connect(configured: RedisOptions) {
  const told: string[] = [];
  const redis = new RedisConnection({
    up: () => told.push("up"),
    down: (reason) => told.push(`down: ${reason}`),
    failed: (failure) => told.push(failure),
  });
  redis.configure(configured);
  const send = async (
    command: string,
    args: readonly (string | Buffer | number)[] = [],
    buffers = false,
  ): Promise<{ failure: RedisFailure | undefined; answer: unknown }> =>
    new Promise((resolve) =>
      redis.send(command, args, (failure, answer) => resolve({ failure, answer }), buffers),
    );
  return {
    redis,
    told,
    send,
    healthy: async () =>
      waitFor("a healthy connection", () => redis.healthy, { detail: () => told.join("\n") }),
    [Symbol.dispose]: () => redis.close(),
  };
}

describe.skipIf(withoutRedis() !== undefined)("the connection to Redis", () => {
  test("asks for texts or bytes, with a password and a database", async () => {
    await using server = await startRedis(["--requirepass", "hunter2"]);
    const place = { kind: "server", host: "127.0.0.1", port: server.port } as const;
    using one = connect(
      options(place, { password: new Secret("hunter2"), username: "default", database: 3 }),
    );
    await one.healthy();
    await one.send("SET", ["key", Buffer.from([0, 255])]);
    expect((await one.send("GET", ["key"], true)).answer).toEqual(Buffer.from([0, 255]));
    using other = connect(options(place, { password: new Secret("hunter2") }));
    await other.healthy();
    expect((await other.send("GET", ["key"])).answer).toBeNull();
  });

  test("a wrong password is an outage that says why, without the password", async () => {
    await using server = await startRedis(["--requirepass", "hunter2"]);
    const place = { kind: "server", host: "127.0.0.1", port: server.port } as const;
    using one = connect(options(place, { password: new Secret("wrong-one") }));
    await waitFor("the outage", () => one.told.length > 0);
    expect(one.told[0]).toMatch(/^down: .*(WRONGPASS|NOAUTH)/);
    expect(one.told.join()).not.toContain("wrong-one");
    expect(await one.send("GET", ["key"])).toMatchObject({ failure: "connection" });
  });

  test("a command that Redis refuses is no outage", async () => {
    await using server = await startRedis();
    using one = connect(options({ kind: "server", host: "127.0.0.1", port: server.port }));
    await one.healthy();
    expect(await one.send("NO-SUCH-COMMAND")).toMatchObject({ failure: "command" });
    expect(one.redis.healthy).toBe(true);
    expect(one.told).toEqual(["up", "command"]);
  });

  test("closing answers what is under way", async () => {
    await using server = await startRedis();
    const one = connect(options({ kind: "server", host: "127.0.0.1", port: server.port }));
    await one.healthy();
    server.freeze();
    const answer = one.send("GET", ["key"]);
    one.redis.close();
    expect(await answer).toMatchObject({ failure: "connection" });
    server.thaw();
  });

  test("a cluster: scripts over several keys of one hash tag", async () => {
    await using folder = await temporaryFolder();
    const cluster = ["--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1", "--dir", folder.path];
    await using server = await startRedis(cluster);
    {
      using direct = connect(options({ kind: "server", host: "127.0.0.1", port: server.port }));
      await direct.healthy();
      await direct.send("CLUSTER", ["ADDSLOTSRANGE", 0, 16383]);
    }
    using one = connect(options({ kind: "cluster", nodes: [{ host: "127.0.0.1", port: server.port }] }));
    await one.healthy();
    const script = { text: "return {KEYS[1], KEYS[2], ARGV[1]}", sha: "0".repeat(40) };
    const answer = await new Promise((resolve) =>
      one.redis.evaluate(script, ["{test}:a", "{test}:b"], ["c"], (_failure, found) => resolve(found)),
    );
    expect(answer).toEqual(["{test}:a", "{test}:b", "c"]);
    expect((await one.send("SET", ["elsewhere", "1"])).failure).toBeUndefined();
  });

  test("sentinels say where the server is", async () => {
    await using server = await startRedis();
    await using folder = await temporaryFolder();
    const port = await freePort();
    const file = join(folder.path, "sentinel.conf");
    await writeFile(
      file,
      `port ${port}\nbind 127.0.0.1\ndir ${folder.path}\nsentinel monitor main 127.0.0.1 ${server.port} 1\n`,
    );
    await using sentinel = startProcess("redis-server", [file, "--sentinel"], { name: "sentinel" });
    await sentinel.line(/\+monitor master main/);
    const sentinels = [{ host: "127.0.0.1", port }];
    using one = connect(
      options({ kind: "sentinel", sentinels, service: "main", sentinelPassword: undefined }),
    );
    await one.healthy();
    expect((await one.send("SET", ["key", "1"])).answer).toBe("OK");
  });
});
