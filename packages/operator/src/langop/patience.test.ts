import { describe, expect, it } from "vitest";
import { createPatience } from "./patience.ts";

const clock = () => {
  let at = 5_000;
  const pass = (milliseconds: number): void => {
    at += milliseconds;
  };
  return { now: () => at, pass };
};

describe("patience", () => {
  it("waits as long as it has waited, up to the longest pause", () => {
    const { now, pass } = clock();
    const patience = createPatience(10, now);
    const waits = Array.from({ length: 8 }, () => {
      const { seconds } = patience.next("a", "digest");
      pass(seconds * 1000);
      return seconds;
    });
    expect(waits).toEqual([1, 1, 2, 4, 8, 10, 10, 10]);
  });

  it("does not lose it over passes that come for other reasons", () => {
    const { now, pass } = clock();
    const patience = createPatience(300, now);
    const looks = Array.from({ length: 20 }, () => {
      pass(40);
      return patience.next("a", "digest");
    });
    expect(looks.at(-1)).toEqual({ seconds: expect.closeTo(0.24, 5) });
    pass(240);
    expect(patience.next("a", "digest")).toEqual({ seconds: 1, waitedSeconds: 1 });
  });

  it("takes a timer that fires a little early for the planned look", () => {
    const { now, pass } = clock();
    const patience = createPatience(300, now);
    patience.next("a", "digest");
    pass(999);
    expect(patience.next("a", "digest")).toEqual({ seconds: 1, waitedSeconds: 0.999 });
  });

  it("begins anew with another subject, after a reset, and for another key", () => {
    const { now, pass } = clock();
    const patience = createPatience(300, now);
    patience.next("a", "one");
    pass(100_000);
    expect(patience.next("a", "one").seconds).toBe(100);
    expect(patience.next("b", "one")).toEqual({ seconds: 1 });
    expect(patience.next("a", "two")).toEqual({ seconds: 1 });
    pass(100_000);
    patience.reset("a");
    expect(patience.next("a", "two")).toEqual({ seconds: 1 });
  });
});
