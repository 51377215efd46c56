import process from "node:process";
import { fileURLToPath } from "node:url";
import { startProcess, startRedis, type TestRedis, waitFor, withoutRedis } from "@gatewright/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { RedisConnection } from "../redis/redis-connection.ts";
import type { RedisOptions } from "../redis/redis-settings.ts";
import type { Answer, Grant, Refusal, UsedTokens } from "./ledger.ts";
import { type Limit, type LimitOptions, limitOf } from "./limit.ts";
import { LocalLedger } from "./local-ledger.ts";
import { RedisLedger } from "./redis-ledger.ts";
import type { Admitted, Tasks } from "./redis-ledger.worker.ts";

const now = (): number => performance.now();
/** One replica. */
function replica(server: TestRedis, timeoutMilliseconds = 10_000) {
  const told: string[] = [];
  const redis = new RedisConnection({
    up: () => told.push("up"),
    down: () => told.push("down"),
    failed: (reason) => told.push(reason),
  });
  const options: RedisOptions = {
    place: { kind: "server", host: "127.0.0.1", port: server.port },
    username: undefined,
    password: undefined,
    database: 0,
    tls: false,
    timeoutMilliseconds,
    prefix: "test",
  };
  redis.configure(options);
  const timers: (() => void)[] = [];
  const local = new LocalLedger(now);
  const ledger = new RedisLedger(redis, local, {
    now,
    // Renewal of leases, when the test says so.
    after: (_milliseconds, run) => {
      timers.push(run);
      return { cancel() {} };
    },
    random: Math.random,
  });
  const take = async (limits: readonly (readonly Limit[])[], input = 0, output = 0): Promise<Answer> =>
    new Promise((answered) => ledger.take({ limits, input, output, answered }));
  const send = async (command: string, ...args: string[]): Promise<unknown> =>
    new Promise((resolve) => redis.send(command, args, (_failure, answer) => resolve(answer)));
  return {
    redis,
    local,
    ledger,
    told,
    options,
    take,
    send,
    /** Settles, and waits until Redis knows; twice, because it may not know the script yet. */
    async settle(grant: Grant, used: UsedTokens | undefined): Promise<void> {
      ledger.settle(grant, used);
      await send("PING");
      await send("PING");
    },
    renew: () => timers.shift()?.(),
    healthy: async () => waitFor("a healthy connection", () => redis.healthy),
  };
}

let serial = 0;
/** A limit that no other test counts on. */
function limit(options: Partial<LimitOptions>): Limit {
  const id = `limit-${serial++}`;
  return limitOf({ id, name: id, subject: "api_key", value: "88dc28", ...options })!;
}

const granted = (answer: Answer): Grant => {
  expect(answer.kind).toBe("grant");
  return answer as Grant;
};
const refused = (answer: Answer): Refusal => {
  expect(answer.kind).toBe("refusal");
  return answer as Refusal;
};

describe.skipIf(withoutRedis() !== undefined)("limits in Redis", () => {
  let server: TestRedis;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(async () => server.stop());

  describe("two replicas", () => {
    let one: ReturnType<typeof replica>;
    let two: ReturnType<typeof replica>;
    beforeEach(async () => {
      one = replica(server);
      two = replica(server);
      await Promise.all([one.healthy(), two.healthy()]);
    });
    afterEach(() => {
      one.redis.close();
      two.redis.close();
    });

    test("count together, all counters of a request or none", async () => {
      const wide = limit({ requests: 10, parallel: 2 });
      const own = limit({ requests: 3, tokens: 100 });
      const first = granted(await one.take([[wide], [own]], 60, 0));
      expect(first.lease).toBeDefined();
      expect(refused(await two.take([[wide], [own]], 60, 0)).meter.unit).toBe("tokens");
      await one.settle(first, { input: 10, output: 5 });
      const second = granted(await two.take([[wide], [own]], 60, 0));
      expect(second.charges.map(({ remaining }) => remaining)).toEqual([8, 1, 1, 25]);
      const third = granted(await one.take([[wide], [own]], 0, 0));
      expect(refused(await one.take([[wide]])).meter.unit).toBe("parallel");
      await two.settle(second, undefined);
      await one.settle(third, undefined);
      expect(refused(await two.take([[own]])).meter.unit).toBe("requests");
    });

    test("say how long the window still takes, by Redis's own clock", async () => {
      const limits = [[limit({ requests: 1 })]];
      granted(await one.take(limits));
      const { againAt } = refused(await two.take(limits));
      expect(againAt! - now()).toBeGreaterThan(20_000);
      expect(againAt! - now()).toBeLessThanOrEqual(60_000);
    });

    test("a window that is over begins anew, and only what was used too much reaches into it", async () => {
      const own = limit({ tokens: 100 });
      const key = `{test}:limit:${own.meters[0]?.key}`;
      const less = granted(await one.take([[own]], 40, 0));
      const more = granted(await one.take([[own]], 40, 0));
      await one.send("DEL", key);
      granted(await two.take([[own]], 30, 0));
      await one.settle(less, { input: 1, output: 0 });
      await one.settle(more, { input: 45, output: 0 });
      expect(granted(await one.take([[own]], 0, 0)).charges[0]?.remaining).toBe(65);
    });

    test("gcra: the burst, a pause of the right length, refunds of what lies ahead", async () => {
      const own = limit({ tokens: 600, algorithm: "gcra", burst: 60 });
      const first = granted(await one.take([[own]], 60, 0));
      const { againAt } = refused(await two.take([[own]], 60, 0));
      // 540 a minute: 60 take 6.7 seconds.
      expect(againAt! - now()).toBeLessThanOrEqual(6_667);
      expect(againAt! - now()).toBeGreaterThan(1_000);
      await one.settle(first, { input: 0, output: 0 });
      expect(granted(await two.take([[own]], 50, 0)).charges[0]?.remaining).toBeLessThanOrEqual(10.01);
      refused(await two.take([[own]], 60, 0));
    });

    test("slots of a replica that died are free after their lease; of one that lives never", async () => {
      const own = limit({ parallel: 2 });
      const key = `{test}:limit:${own.meters[0]?.key}`;
      const alive = granted(await one.take([[own]]));
      const dead = granted(await two.take([[own]]));
      refused(await one.take([[own]]));
      // Half a minute later, of which the dead replica has seen nothing.
      await one.send("ZADD", key, "1", alive.lease!, "1", dead.lease!);
      one.renew();
      granted(await one.take([[own]]));
      refused(await one.take([[own]]));
    });

    test("a script that Redis has forgotten is sent again", async () => {
      const own = limit({ requests: 2 });
      granted(await one.take([[own]]));
      await one.send("SCRIPT", "FLUSH");
      expect(granted(await one.take([[own]])).lease).toBeDefined();
    });

    test("the connection stays when nothing about it changed", async () => {
      const { redis } = one;
      redis.configure({ ...one.options });
      expect(redis.healthy).toBe(true);
      redis.configure({ ...one.options, database: 1 });
      expect(redis.healthy).toBe(false);
      await one.healthy();
      redis.configure(undefined);
      expect(granted(await one.take([[limit({ requests: 1 })]])).lease).toBeUndefined();
    });
  });

  describe("four processes", () => {
    const tasks = {
      requests: { options: { id: "requests", requests: 500 }, requests: 400, atOnce: 20 },
      slots: { options: { id: "slots", parallel: 7 }, requests: 300, atOnce: 20 },
      tokens: { options: { id: "tokens", tokens: 5_000 }, requests: 1_000, atOnce: 20 },
      gcra: {
        options: { id: "gcra", requests: 6_000, algorithm: "gcra", burst: 100 },
        requests: 400,
        atOnce: 20,
      },
    } satisfies { readonly [name: string]: Tasks["tasks"][number] };
    const admitted = new Map<string, Admitted>();

    beforeAll(async () => {
      const script = fileURLToPath(new URL("redis-ledger.worker.ts", import.meta.url));
      const names = Object.keys(tasks);
      const all: Tasks = { port: server.port, workers: 4, tasks: Object.values(tasks) };
      const workers = Array.from({ length: 4 }, (_, index) =>
        startProcess(process.execPath, [script, JSON.stringify(all)], { name: `replica ${index}` }),
      );
      for (const worker of workers) {
        const { code } = await worker.exited;
        if (code !== 0) throw new Error(`${worker.name} failed: ${worker.stderr}`);
        for (const [index, result] of (JSON.parse(worker.stdout) as Admitted[]).entries()) {
          const name = names[index] ?? "";
          admitted.set(name, [...(admitted.get(name) ?? []), ...result]);
        }
      }
    });

    test("admit as many requests as the limit says, not one more or less", () => {
      expect(admitted.get("requests")).toHaveLength(500);
    });

    test("never have more at once than the limit says, and come close to it", () => {
      const changes = admitted.get("slots")!.flatMap(({ from, to }) => [
        { at: from, by: 1 },
        { at: to, by: -1 },
      ]);
      let open = 0;
      let most = 0;
      for (const { by } of changes.sort((one, other) => one.at - other.at || one.by - other.by)) {
        open += by;
        most = Math.max(most, open);
      }
      expect(most).toBeLessThanOrEqual(7);
      expect(most).toBeGreaterThan(3);
    });

    test("use as many tokens as the limit says, less than one reservation short of it", () => {
      const used = admitted.get("tokens")!.reduce((sum, { tokens }) => sum + tokens, 0);
      expect(used).toBeLessThanOrEqual(5_000);
      expect(used).toBeGreaterThan(5_000 - 50);
    });

    test("gcra: the burst, and then what flows in", () => {
      const times = admitted.get("gcra")!.map(({ from }) => from);
      const span = Math.max(...times) - Math.min(...times);
      // Grants are told of later than they are given: half a second is plenty.
      expect(times.length).toBeLessThanOrEqual(100 + (5_900 / 60_000) * (span + 500));
      expect(times.length).toBeGreaterThanOrEqual(100);
    });
  });

  describe("Redis slow or gone", () => {
    let own: TestRedis;
    let one: ReturnType<typeof replica>;
    beforeEach(async () => {
      own = await startRedis();
      one = replica(own, 150);
      one.local.replicas = 2;
      await one.healthy();
    });
    afterEach(async () => {
      one.redis.close();
      await own.stop();
    });

    /** A stream of requests until the test has seen enough. */
    function load(limits: readonly (readonly Limit[])[]) {
      const kinds = new Map<string, number>();
      let asked = 0;
      let answered = 0;
      const timer = setInterval(() => {
        for (let index = 0; index < 5; index++) {
          asked++;
          void one.take(limits, 1, 1).then((answer) => {
            answered++;
            const kind =
              answer.kind === "grant" ? (answer.lease === undefined ? "local" : "shared") : answer.kind;
            kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
            if (answer.kind === "grant") one.ledger.settle(answer, undefined);
          });
        }
      }, 1);
      return {
        kinds,
        async more(kind: string): Promise<void> {
          const before = kinds.get(kind) ?? 0;
          await waitFor(`requests that are ${kind}`, () => (kinds.get(kind) ?? 0) > before + 50);
        },
        async end(): Promise<void> {
          clearInterval(timer);
          await waitFor("an answer for every request", () => answered === asked);
        },
      };
    }

    test.each(["kill", "freeze"] as const)(
      "%s: no request hangs or fails, and when it is back it counts again",
      async (how) => {
        const requests = load([[limit({ requests: 1_000_000, tokens: 10_000_000, parallel: 10_000 })]]);
        await requests.more("shared");
        if (how === "kill") await own.kill();
        else own.freeze();
        await requests.more("local");
        if (how === "kill") await own.restart();
        else own.thaw();
        await one.healthy();
        await requests.more("shared");
        await requests.end();
        expect([...requests.kinds.keys()].sort()).toEqual(["local", "shared"]);
        expect(one.told.filter((entry) => entry === "up" || entry === "down")).toEqual(["up", "down", "up"]);
        expect(one.told).toContain(how === "kill" ? "connection" : "timeout");
      },
    );

    test("while it is gone each replica counts its share", async () => {
      await own.kill();
      await waitFor("the loss to be noticed", () => !one.redis.healthy);
      const limits = [[limit({ requests: 10 })]];
      const answers = await Promise.all(Array.from({ length: 20 }, async () => one.take(limits)));
      expect(answers.filter(({ kind }) => kind === "grant")).toHaveLength(5);
    });

    test("or refuses, when the document says so", async () => {
      one.ledger.whenUnavailable = "refuse";
      const limits = [[limit({ requests: 10 })]];
      granted(await one.take(limits));
      await own.kill();
      expect((await one.take(limits)).kind).toBe("unavailable");
      await own.restart();
      await one.healthy();
      granted(await one.take(limits));
    });
  });

  test("a Redis that is not there yet: shares until it comes", async () => {
    const late = await startRedis();
    await late.stop();
    const one = replica(late, 150);
    granted(await one.take([[limit({ requests: 1 })]]));
    await waitFor("word of it", () => one.told.includes("down"));
    await late.restart();
    await one.healthy();
    expect(granted(await one.take([[limit({ requests: 1 })]])).lease).toBeDefined();
    expect(one.told).toEqual(["down", "up"]);
    one.redis.close();
    await late.stop();
  });
});
