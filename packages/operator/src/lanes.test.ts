import { expect, test } from "vitest";
import { createLanes } from "./lanes.ts";

test("so many at a time, in the order in which they came, and one that fails makes room", async () => {
  const lanes = createLanes(2);
  const began: number[] = [];
  const ends: PromiseWithResolvers<void>[] = [];
  let running = 0;
  let most = 0;
  const task = (number: number) => async (): Promise<number> => {
    began.push(number);
    running += 1;
    most = Math.max(most, running);
    const end = Promise.withResolvers<void>();
    ends[number] = end;
    await end.promise.finally(() => {
      running -= 1;
    });
    return number;
  };
  const results = Promise.allSettled([0, 1, 2, 3, 4].map((number) => lanes(task(number))));
  expect(began).toEqual([0, 1]);
  ends[0]?.reject(new Error("failed"));
  await expect.poll(() => began).toEqual([0, 1, 2]);
  ends[2]?.resolve();
  await expect.poll(() => began).toEqual([0, 1, 2, 3]);
  ends[1]?.resolve();
  await expect.poll(() => began).toEqual([0, 1, 2, 3, 4]);
  for (const end of ends) end.resolve();
  expect((await results).map(({ status }) => status)).toEqual([
    "rejected",
    "fulfilled",
    "fulfilled",
    "fulfilled",
    "fulfilled",
  ]);
  expect(most).toBe(2);
});
