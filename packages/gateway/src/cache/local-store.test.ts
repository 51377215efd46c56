import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Answer, sizeOf } from "./answer.ts";
import { CacheStores } from "./cache-stores.ts";
import { LocalStore } from "./local-store.ts";
import type { RedisAnswers } from "./redis-store.ts";

function answerOf(bytes: number, text = "x"): Answer {
  return {
    contentType: "application/json",
    stream: false,
    body: Buffer.alloc(bytes, text),
    model: "gpt",
    deployment: "d",
    storedAt: 0,
    usageText: undefined,
  };
}

/** What the store says at once. */
function look(store: LocalStore, key: string): Answer | undefined | "nothing" {
  let result: Answer | undefined | "nothing" = "nothing";
  store.get(key, {
    found(answer) {
      result = answer;
    },
  });
  return result;
}

describe("LocalStore", () => {
  it("keeps an answer for its time and no longer", () => {
    let time = 1;
    const store = new LocalStore(1 << 20, () => time);
    const answer = answerOf(10);
    store.set("short", answer, 1000);
    store.set("long", answer, 2000);
    time += 1000;
    expect([look(store, "short"), look(store, "long"), look(store, "other")]).toEqual([
      answer,
      answer,
      undefined,
    ]);
    time += 1;
    expect([look(store, "short"), look(store, "long")]).toEqual([undefined, answer]);
    // Reading does not make it live longer.
    time += 1000;
    expect(look(store, "long")).toBeUndefined();
    store.set("short", answerOf(3), 0.4);
    expect(look(store, "short")).toEqual(answerOf(3));
  });

  it("never holds more than its bytes, and gives up what was used longest ago", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(20), fc.nat(40_000)), { maxLength: 60 }), (steps) => {
        const limit = 100_000;
        const store = new LocalStore(limit, () => 1);
        const model = new Map<string, Answer>();
        for (const [name, bytes] of steps) {
          const key = String(name);
          const answer = answerOf(bytes);
          store.set(key, answer, 60_000);
          model.delete(key);
          model.set(key, answer);
          let held = [...model.values()].reduce((sum, one) => sum + sizeOf(one), 0);
          for (const [oldest, one] of model) {
            if (held <= limit) break;
            held -= sizeOf(one);
            model.delete(oldest);
          }
          expect(store.held).toBe(held);
          expect(store.held).toBeLessThanOrEqual(limit);
        }
        for (let name = 0; name <= 20; name++)
          expect(look(store, String(name))).toBe(model.get(String(name)));
      }),
    );
  });

  it("does not keep what alone is too much", () => {
    const store = new LocalStore(10_000, () => 1);
    store.set("small", answerOf(10), 1000);
    store.set("large", answerOf(10_000), 1000);
    expect([look(store, "large"), look(store, "small")]).toEqual([undefined, answerOf(10)]);
  });
});

describe("CacheStores", () => {
  const services = { now: () => 1, after: () => ({ cancel() {} }) };

  it("gives the same store again, until its size changes or nobody wants it", () => {
    const stores = new CacheStores(services);
    const first = stores.local("a", 1000);
    expect(stores.local("a", 1000)).toBe(first);
    expect(stores.local("b", 1000)).not.toBe(first);
    expect(stores.local("a", 2000)).not.toBe(first);
    const second = stores.local("a", 2000);
    stores.keepOnly(new Set(["a"]));
    expect(stores.local("a", 2000)).toBe(second);
    stores.keepOnly(new Set());
    expect(stores.local("a", 2000)).not.toBe(second);
  });

  it("keeps the store of a connection", () => {
    const stores = new CacheStores(services);
    const redis: RedisAnswers = { send: (_command, _args, done) => done("connection", undefined) };
    expect(stores.redis(redis)).toBe(stores.redis(redis));
    expect(stores.redis(redis)).not.toBe(stores.redis({ ...redis }));
  });
});
