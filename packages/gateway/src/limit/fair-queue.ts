/**
 * A bounded queue that is fair to callers: each has a line of its own, first in, first out, and the lines are served in
 * turn. So a caller with a hundred waiting requests delays another's by one, not by a hundred.
 */
export class FairQueue<T> {
  readonly #size: number;
  /** By caller, in the order of their turns: whose first one is served goes to the end. */
  readonly #lines = new Map<string, T[]>();
  #length = 0;

  /** `size`: how many may wait. */
  constructor(size: number) {
    this.#size = size;
  }

  get length(): number {
    return this.#length;
  }

  get full(): boolean {
    return this.#length >= this.#size;
  }

  add(caller: string, item: T): void {
    const line = this.#lines.get(caller);
    if (line === undefined) this.#lines.set(caller, [item]);
    else line.push(item);
    this.#length++;
  }

  /** Whose turn it is; undefined when nobody waits. */
  first(): T | undefined {
    for (const line of this.#lines.values()) return line[0];
    return undefined;
  }

  /** Takes out one that was served: its caller's next one waits for the turn after all others'. */
  served(caller: string, item: T): void {
    if (!this.remove(caller, item)) return;
    const line = this.#lines.get(caller);
    if (line === undefined) return;
    this.#lines.delete(caller);
    this.#lines.set(caller, line);
  }

  /** Takes out one that gave up; its caller keeps the turn. */
  remove(caller: string, item: T): boolean {
    const line = this.#lines.get(caller);
    const place = line?.indexOf(item) ?? -1;
    if (line === undefined || place < 0) return false;
    line.splice(place, 1);
    if (line.length === 0) this.#lines.delete(caller);
    this.#length--;
    return true;
  }
}
