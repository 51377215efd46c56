import { type ManualClock, manualClock } from "@gatewright/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiError } from "./api-error.ts";
import { type Controller, type ControllerLoop, createControllerLoop, source } from "./controller.ts";
import type { Logger } from "./logger.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import { done, type Outcome, retry, stalled, wait } from "./outcome.ts";
import type { ReflectorHandle } from "./reflector.ts";
import { resourceTypes } from "./resource-type.ts";
import { ReflectedStore } from "./store.ts";

interface Model {
  readonly cluster: string;
}

let clock: ManualClock;
let metrics: Metrics;
let lines: string[];
let store: ReflectedStore<Model>;
let loop: ControllerLoop | undefined;

const logger: Logger = {
  debug() {},
  info() {},
  warn: (fields, message) => lines.push(`warn ${message} ${JSON.stringify(fields)}`),
  error: (fields, message) => lines.push(`error ${message} ${JSON.stringify(fields)}`),
};

beforeEach(() => {
  clock = manualClock();
  metrics = createMetrics();
  lines = [];
  store = new ReflectedStore<Model>();
});

afterEach(() => loop?.stop(0));

function models(): ReflectorHandle<Model> {
  return {
    type: resourceTypes.ConfigMap,
    store,
    onChange: (listener) => store.onChange(listener),
    ready: Promise.resolve(),
    attached: true,
    onAttached: () => () => {},
    contactAge: () => 0,
  };
}

function run(reconcile: Controller["reconcile"], concurrency = 1): ControllerLoop {
  loop = createControllerLoop(
    { name: "clusters", sources: [source(models(), ({ cluster }) => [cluster])], reconcile, concurrency },
    { clock, random: () => 0, logger, metrics: metrics.controller("clusters", concurrency), pace: {} },
  );
  return loop;
}

/** A reconcile that ends with these outcomes in turn, and then with done. */
function outcomes(...planned: readonly (Outcome | Error)[]) {
  const keys: string[] = [];
  const left = [...planned];
  return {
    keys,
    reconcile: async (key: string): Promise<Outcome> => {
      keys.push(key);
      const next = left.shift() ?? done;
      if (next instanceof Error) throw next;
      return next;
    },
  };
}

async function metric(name: string): Promise<string[]> {
  const text = await metrics.registry.metrics();
  return text.split("\n").filter((line) => line.startsWith(`${name}{`) && !line.endsWith(" 0"));
}

describe("a controller", () => {
  it("passes over what old and new value of a change say, and over what was there before", async () => {
    store.put("n/before", "1", { cluster: "first" });
    const { keys, reconcile } = outcomes();
    run(reconcile).start();
    await clock.advance(0);
    expect(keys).toEqual(["first"]);
    store.put("n/before", "2", { cluster: "second" });
    await clock.advance(0);
    expect(keys.slice(1).sort()).toEqual(["first", "second"]);
    store.remove("n/before");
    await clock.advance(0);
    expect(keys.slice(3)).toEqual(["second"]);
  });

  it("passes once over a key that both the old and the new value say", async () => {
    const { keys, reconcile } = outcomes();
    store.put("n/a", "1", { cluster: "same" });
    run(reconcile).start();
    await clock.advance(0);
    store.put("n/a", "2", { cluster: "same" });
    await clock.advance(0);
    expect(keys).toEqual(["same", "same"]);
  });

  it("tells a source what a value changes to or has changed from", async () => {
    const asked: [string, string | undefined][] = [];
    store.put("n/a", "1", { cluster: "first" });
    loop = createControllerLoop(
      {
        name: "clusters",
        sources: [
          source(models(), ({ cluster }, other) => {
            asked.push([cluster, other?.cluster]);
            return [];
          }),
        ],
        reconcile: async () => done,
      },
      { clock, random: () => 0, logger, metrics: metrics.controller("clusters", 1), pace: {} },
    );
    store.put("n/a", "2", { cluster: "second" });
    store.remove("n/a");
    expect(asked).toEqual([
      ["first", undefined],
      ["first", "second"],
      ["second", "first"],
      ["second", undefined],
    ]);
  });

  it("does nothing before it is started, and loses nothing either", async () => {
    const { keys, reconcile } = outcomes();
    const made = run(reconcile);
    made.enqueue("a");
    made.enqueue("a");
    await clock.advance(60_000);
    expect(keys).toEqual([]);
    made.start();
    await clock.advance(0);
    expect(keys).toEqual(["a"]);
  });

  it("comes back after the time a waiting pass asks for, not for a stalled or finished one", async () => {
    const { keys, reconcile } = outcomes(wait("PodsNotReady", 30), stalled("NoSecret"), done);
    const made = run(reconcile);
    made.start();
    made.enqueue("a");
    await clock.advance(29_999);
    expect(keys).toHaveLength(1);
    await clock.advance(1);
    expect(keys).toHaveLength(2);
    await clock.advance(10_000_000);
    expect(keys).toHaveLength(2);
    made.enqueue("a", 5);
    await clock.advance(5000);
    expect(keys).toHaveLength(3);
    expect(clock.timers()).toEqual([]);
  });

  it("tries again after a failure, returned or thrown, and says one line each, with the stack of a defect", async () => {
    const refused = new ApiError("PATCH x: 429", {
      code: "TooManyRequests",
      status: 429,
      retryAfterSeconds: 3,
    });
    const { keys, reconcile } = outcomes(retry(refused), new TypeError("undefined is no function"));
    const made = run(reconcile);
    made.start();
    made.enqueue("a");
    await clock.advance(2999);
    expect(keys).toHaveLength(1);
    await clock.advance(1);
    expect(keys).toHaveLength(2);
    await clock.advance(10);
    expect(keys).toHaveLength(3);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(
      /^warn .*"key":"a","failures":1,"error":"PATCH x: 429","reason":"TooManyRequests"/,
    );
    expect(lines[1]).toMatch(/^error .*"failures":2,.*"stack":"TypeError/);
  });

  it("works on several keys at once, as many as allowed, each key by one", async () => {
    const ends = new Map<string, () => void>();
    const made = run(async (key) => {
      expect(ends.has(key)).toBe(false);
      await new Promise<void>((resolve) => ends.set(key, resolve));
      ends.delete(key);
      return done;
    }, 2);
    made.start();
    for (const key of ["a", "b", "c", "a"]) made.enqueue(key);
    await clock.advance(0);
    expect([...ends.keys()]).toEqual(["a", "b"]);
    made.enqueue("a");
    ends.get("a")?.();
    await clock.advance(0);
    expect([...ends.keys()]).toEqual(["b", "c"]);
    ends.get("b")?.();
    await clock.advance(0);
    expect([...ends.keys()]).toEqual(["c", "a"]);
    for (const end of ends.values()) end();
    await clock.advance(0);
  });

  it("survives a source that throws", async () => {
    const { keys, reconcile } = outcomes();
    loop = createControllerLoop(
      {
        name: "clusters",
        sources: [
          source(models(), ({ cluster }) => {
            if (cluster === "bad") throw new Error("no such index");
            return [cluster];
          }),
        ],
        reconcile,
      },
      { clock, random: () => 0, logger, metrics: metrics.controller("clusters", 1), pace: {} },
    );
    loop.start();
    store.put("n/a", "1", { cluster: "bad" });
    store.put("n/b", "1", { cluster: "good" });
    await clock.advance(0);
    expect(keys).toEqual(["good"]);
    expect(lines[0]).toContain("no such index");
  });

  it("lets the pass that runs end when stopped, aborts it when it takes too long, and begins no other", async () => {
    const keys: string[] = [];
    let aborted = false;
    const made = run(async (key, signal) => {
      keys.push(key);
      signal.addEventListener("abort", () => {
        aborted = true;
      });
      return new Promise<Outcome>(() => {});
    });
    made.start();
    made.enqueue("a");
    made.enqueue("b");
    await clock.advance(0);
    const stopped = made.stop(10_000);
    await clock.advance(9_999);
    expect(aborted).toBe(false);
    await clock.advance(1);
    await stopped;
    expect(aborted).toBe(true);
    made.enqueue("c");
    await clock.advance(0);
    expect(keys).toEqual(["a"]);
  });

  it("counts under controller-runtime's names", async () => {
    const { reconcile } = outcomes(retry(new Error("x")), wait("y", 1), stalled("z"), done);
    const made = run(reconcile);
    made.start();
    made.enqueue("a");
    await clock.advance(2000);
    for (let pass = 0; pass < 2; pass += 1) {
      made.enqueue("a");
      await clock.advance(0);
    }
    expect(await metric("controller_runtime_reconcile_total")).toEqual([
      'controller_runtime_reconcile_total{controller="clusters",result="success"} 2',
      'controller_runtime_reconcile_total{controller="clusters",result="requeue_after"} 1',
      'controller_runtime_reconcile_total{controller="clusters",result="stalled"} 1',
      'controller_runtime_reconcile_total{controller="clusters",result="error"} 1',
    ]);
    const queue = '{name="clusters",controller="clusters"}';
    expect(await metric("workqueue_adds_total")).toEqual([`workqueue_adds_total${queue} 5`]);
    expect(await metric("workqueue_retries_total")).toEqual([`workqueue_retries_total${queue} 1`]);
    await made.stop(0);
    made.enqueue("b");
    expect(await metric("workqueue_depth")).toEqual([]);
    expect(await metric("controller_runtime_max_concurrent_reconciles")).toEqual([
      'controller_runtime_max_concurrent_reconciles{controller="clusters"} 1',
    ]);
  });
});
