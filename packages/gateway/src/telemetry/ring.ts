/** The last so many of what is pushed. */
export class Ring<T> {
  #places: (T | undefined)[] = [];
  #next = 0;

  get size(): number {
    return this.#places.length;
  }

  /** Holds this many from now on; what it holds stays, as far as it fits. */
  resize(size: number): void {
    if (size === this.#places.length) return;
    const kept = this.newestFirst().slice(0, size).reverse();
    this.#places = Array.from({ length: Math.max(0, size) }, (_, index) => kept[index]);
    this.#next = kept.length === size ? 0 : kept.length;
  }

  push(one: T): void {
    this.#places[this.#next] = one;
    this.#next = this.#next + 1 === this.#places.length ? 0 : this.#next + 1;
  }

  newestFirst(): readonly T[] {
    const { length } = this.#places;
    const found: T[] = [];
    for (let back = 1; back <= length; back++) {
      const one = this.#places[(this.#next - back + length) % length];
      if (one !== undefined) found.push(one);
    }
    return found;
  }
}
