/** Something that was fetched, and when it ends in epoch milliseconds. */
export interface Fetched<Value> {
  readonly value: Value;
  readonly expiresAt: number;
}

/** When something is fetched anew, milliseconds. */
export interface Renewal {
  /** So long before it ends. */
  readonly before: number;
  /** Least distance of two attempts while what is at hand is still good. */
  readonly pause: number;
}

/**
 * Credentials that end. Requests wait only while there are none that are good; shortly before they end, new ones are
 * fetched beside the requests. There is never more than one fetch at a time.
 */
export class Renewed<Value> {
  readonly #fetch: (time: number) => Promise<Fetched<Value>>;
  readonly #renewal: Renewal;
  #current: Fetched<Value> | undefined;
  #renewAt = 0;
  #fetching: Promise<Value> | undefined;

  constructor(fetch: (time: number) => Promise<Fetched<Value>>, renewal: Renewal) {
    this.#fetch = fetch;
    this.#renewal = renewal;
  }

  /** What is good at `time`, epoch milliseconds. A promise only when it has to be waited for. */
  at(time: number): Value | Promise<Value> {
    const current = this.#current;
    if (current === undefined || time >= current.expiresAt) return this.#renewed(time);
    if (time >= this.#renewAt) {
      this.#renewAt = time + this.#renewal.pause;
      // Nobody waits for it: the requests that need it will try again and tell.
      this.#renewed(time).catch(() => {});
    }
    return current.value;
  }

  #renewed(time: number): Promise<Value> {
    this.#fetching ??= this.#renew(time).finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #renew(time: number): Promise<Value> {
    const fetched = await this.#fetch(time);
    const { before, pause } = this.#renewal;
    this.#current = fetched;
    this.#renewAt = Math.max(fetched.expiresAt - before, time + pause);
    return fetched.value;
  }
}
