/** A cap after which a wait is a failure: generous, because it only says that something never happened. */
export const GENEROUS_MILLISECONDS = 20_000;

/** How a wait is bounded. */
export interface WaitOptions {
  /** Default `GENEROUS_MILLISECONDS`. */
  readonly capMilliseconds?: number;
  /** What to add to the message when the cap is passed, for example what a process has said so far. */
  readonly detail?: () => string;
}

/**
 * Looks again and again until `find` gives something (neither undefined, null nor false) and returns it.
 * Rejects at the cap, naming `what` and the last error that `find` threw; an error before that only means "not yet".
 */
export async function waitFor<T>(
  what: string,
  find: () => T | Promise<T>,
  options: WaitOptions = {},
): Promise<Exclude<T, undefined | null | false>> {
  const cap = options.capMilliseconds ?? GENEROUS_MILLISECONDS;
  const until = performance.now() + cap;
  let trouble: unknown;
  for (;;) {
    try {
      const found = await find();
      trouble = undefined;
      if (found !== undefined && found !== null && found !== false) {
        return found as Exclude<T, undefined | null | false>;
      }
    } catch (error) {
      trouble = error;
    }
    if (performance.now() >= until) throw late(what, cap, trouble, options);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
  }
}

/** The promise, or a rejection that names `what` when it takes longer than the cap. */
export async function within<T>(what: string, promise: Promise<T>, options: WaitOptions = {}): Promise<T> {
  const cap = options.capMilliseconds ?? GENEROUS_MILLISECONDS;
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late(what, cap, undefined, options)), cap);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

const LOOK_MILLISECONDS = 10;

function late(what: string, cap: number, trouble: unknown, options: WaitOptions): Error {
  const detail = options.detail === undefined ? "" : `\n${options.detail()}`;
  return new Error(`${what}: not within ${cap} ms${detail}`, trouble === undefined ? {} : { cause: trouble });
}
