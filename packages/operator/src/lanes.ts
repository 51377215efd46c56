/** Runs tasks, a few at a time, in the order in which they came. */
export type Lanes = <T>(task: () => Promise<T>) => Promise<T>;

/** Lanes for `most` tasks at the same time. */
export function createLanes(most: number): Lanes {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (task) => {
    if (running < most) running += 1;
    // Who ends hands its place on.
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
