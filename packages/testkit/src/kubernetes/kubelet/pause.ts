import { setTimeout as sleep } from "node:timers/promises";

/** Resolves after the time, or at once when the signal is given. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || milliseconds <= 0) return;
  await sleep(milliseconds, undefined, { signal }).catch(() => {});
}

/** Tries again every `milliseconds` until it does not throw; undefined when the signal came first. */
export async function persist<T>(
  attempt: () => Promise<T>,
  signal: AbortSignal,
  onError: (error: unknown) => void = () => {},
  milliseconds = 500,
): Promise<T | undefined> {
  while (!signal.aborted) {
    try {
      return await attempt();
    } catch (error) {
      onError(error);
    }
    await pause(milliseconds, signal);
  }
  return undefined;
}
