/** Which measurements count. */
export interface Memory {
  /** How many; the oldest go first. */
  readonly size: number;
  /** For how long after the last one, milliseconds. */
  readonly milliseconds: number;
}

/** The last few values of something that is measured again and again, for their mean. */
export class Measurements {
  readonly #values: number[] = [];
  #sum = 0;
  #measuredAt = Number.NEGATIVE_INFINITY;

  add(value: number, now: number, memory: Memory): void {
    if (this.#isStale(now, memory)) {
      this.#values.length = 0;
      this.#sum = 0;
    }
    this.#values.push(value);
    this.#sum += value;
    while (this.#values.length > Math.max(1, memory.size)) this.#sum -= this.#values.shift() ?? 0;
    this.#measuredAt = now;
  }

  /** Undefined when nothing was measured, or too long ago. */
  mean(now: number, memory: Memory): number | undefined {
    return this.#values.length === 0 || this.#isStale(now, memory)
      ? undefined
      : this.#sum / this.#values.length;
  }

  #isStale(now: number, { milliseconds }: Memory): boolean {
    return now - this.#measuredAt > milliseconds;
  }
}
