/** Growing pauses for things no watch reports, one count for each key. */
export interface Patience {
  /** Seconds to wait now: 1, 2, 4 … up to `longest`. */
  next(key: string): number;
  reset(key: string): void;
}

export function createPatience(longest: number): Patience {
  const waited = new Map<string, number>();
  return {
    next(key) {
      const seconds = Math.min((waited.get(key) ?? 0.5) * 2, longest);
      waited.set(key, seconds);
      return seconds;
    },
    reset: (key) => void waited.delete(key),
  };
}
