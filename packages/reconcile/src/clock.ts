/** Time, as a parameter: whoever waits or measures takes one, so that tests own it. */
export interface Clock {
  /** Wall clock, epoch milliseconds. For what others read, never for measuring. */
  now(): number;
  /** Milliseconds since some moment; never goes back. */
  monotonic(): number;
  /** Calls `run` once after `milliseconds`; the answer takes it back. */
  after(milliseconds: number, run: () => void): () => void;
}

/** `setTimeout` fires at once beyond this. */
const LONGEST_TIMER_MILLISECONDS = 2 ** 31 - 1;

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, Math.min(milliseconds, LONGEST_TIMER_MILLISECONDS));
    return () => clearTimeout(timer);
  },
};

/** Resolves after `milliseconds`, or at once when the signal aborts; never rejects. */
export async function pause(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      cancel();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const cancel = clock.after(milliseconds, end);
    signal.addEventListener("abort", end);
  });
}

/**
 * Lets timers and sockets have their turn. Long work on many objects calls it now and then: an event loop that stands
 * still for seconds loses its lease.
 */
export async function breathe(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}
