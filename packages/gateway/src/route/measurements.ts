/** Which measurements count. */
export interface Memory {
  /** How many, at least 1; the oldest go first. */
  readonly size: number;
  /** For how long after the last one, milliseconds. */
  readonly milliseconds: number;
}

/** The last few values of something that is measured again and again, for their mean. */
export class Measurements {
  /** A ring; `#oldest` is the place that is written next once it is full. */
  readonly #values: number[] = [];
  #oldest = 0;
  #measuredAt = Number.NEGATIVE_INFINITY;

  add(value: number, now: number, memory: Memory): void {
    if (this.#isStale(now, memory) || this.#values.length > memory.size) {
      this.#values.length = 0;
      this.#oldest = 0;
    }
    if (this.#values.length < memory.size) {
      this.#values.push(value);
    } else {
      this.#values[this.#oldest] = value;
      this.#oldest = (this.#oldest + 1) % this.#values.length;
    }
    this.#measuredAt = now;
  }

  /** Undefined when nothing was measured, or too long ago. */
  mean(now: number, memory: Memory): number | undefined {
    const count = this.#values.length;
    if (count === 0 || this.#isStale(now, memory)) return undefined;
    // Summed up when it is asked for: a running sum would keep the rounding errors of values long gone.
    let sum = 0;
    for (const value of this.#values) sum += value;
    return sum / count;
  }

  #isStale(now: number, { milliseconds }: Memory): boolean {
    return now - this.#measuredAt > milliseconds;
  }
}
