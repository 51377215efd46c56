/** The last few values of something that is measured again and again, for their mean. */
export class Measurements {
  readonly #values: number[] = [];
  #sum = 0;
  #measuredAt = Number.NEGATIVE_INFINITY;

  /** `size`: how many values count; the oldest go first. */
  add(value: number, now: number, size: number): void {
    this.#values.push(value);
    this.#sum += value;
    while (this.#values.length > Math.max(1, size)) this.#sum -= this.#values.shift() ?? 0;
    this.#measuredAt = now;
  }

  /** Undefined when nothing was measured for `ttl` milliseconds. */
  mean(now: number, ttl: number): number | undefined {
    return this.#values.length === 0 || now - this.#measuredAt > ttl
      ? undefined
      : this.#sum / this.#values.length;
  }
}
