/** A clock that stands until the test moves it. */
export interface ManualClock {
  /** Epoch milliseconds. */
  now(): number;
  monotonic(): number;
  after(milliseconds: number, run: () => void): () => void;
  /** Moves on; timers run at their times, in order, and what they set off has its turn before the next. */
  advance(milliseconds: number): Promise<void>;
  /** For how long each timer is still to run, shortest first. */
  timers(): readonly number[];
}

export function manualClock(epochMilliseconds = Date.UTC(2026, 0, 1)): ManualClock {
  const timers = new Set<{ readonly at: number; readonly run: () => void }>();
  let time = 0;
  const earliest = (until: number): { readonly at: number; readonly run: () => void } | undefined =>
    [...timers].filter(({ at }) => at <= until).sort((one, other) => one.at - other.at)[0];
  const settle = async (): Promise<void> => {
    await new Promise<void>((resolve) => setImmediate(resolve));
  };
  return {
    now: () => epochMilliseconds + time,
    monotonic: () => time,
    after(milliseconds, run) {
      const timer = { at: time + milliseconds, run };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    async advance(milliseconds) {
      const until = time + milliseconds;
      await settle();
      for (let timer = earliest(until); timer !== undefined; timer = earliest(until)) {
        time = Math.max(time, timer.at);
        timers.delete(timer);
        timer.run();
        await settle();
      }
      time = until;
    },
    timers: () => [...timers].map(({ at }) => at - time).sort((one, other) => one - other),
  };
}
