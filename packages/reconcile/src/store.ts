import type { KubernetesObject } from "./object.ts";

/** What is known of the objects of one kind, by key ("name" or "namespace/name"). Read-only for controllers. */
export interface Store<T = KubernetesObject> {
  get(key: string): T | undefined;
  keys(): Iterable<string>;
  values(): Iterable<T>;
  /** All values that an index files under `value`, sorted by key. Throws for an index that was not declared. */
  by(index: string, value: string): readonly T[];
  /** The whole content has been read at least once. Absence in a store that is not synced means nothing. */
  readonly synced: boolean;
  readonly size: number;
}

/** What a store keeps, and how it can be asked. */
export interface StoreOptions<T> {
  /** What is kept of each object; keep little, it stays in memory. Without it, the object itself. */
  readonly keep?: (object: KubernetesObject) => T;
  /** For each index, the values an entry is filed under. */
  readonly indexes?: { readonly [name: string]: (value: T) => readonly string[] };
}

/** Called after each change. `old` is absent for a new entry, `value` for one that is gone. */
export type ChangeListener<T> = (key: string, old: T | undefined, value: T | undefined) => void;

interface Entry<T> {
  readonly value: T;
  /** The object's resourceVersion: what a second reading of an unchanged object is recognised by. */
  readonly version: string;
}

interface Index<T> {
  readonly valuesOf: (value: T) => readonly string[];
  readonly keys: Map<string, Set<string>>;
}

/** The store of a reflector: who fills it and who listens. */
export class ReflectedStore<T> implements Store<T> {
  /** Set by the reflector after the first complete reading. */
  synced = false;
  readonly #entries = new Map<string, Entry<T>>();
  readonly #indexes = new Map<string, Index<T>>();
  readonly #listeners = new Set<ChangeListener<T>>();

  constructor(indexes: StoreOptions<T>["indexes"] = {}) {
    for (const [name, valuesOf] of Object.entries(indexes)) {
      this.#indexes.set(name, { valuesOf, keys: new Map() });
    }
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): T | undefined {
    return this.#entries.get(key)?.value;
  }

  keys(): Iterable<string> {
    return this.#entries.keys();
  }

  *values(): Iterable<T> {
    for (const { value } of this.#entries.values()) yield value;
  }

  by(index: string, value: string): readonly T[] {
    const found = this.#indexes.get(index);
    if (found === undefined) throw new Error(`store: no index "${index}" was declared`);
    const keys = [...(found.keys.get(value) ?? [])].sort();
    return keys.flatMap((key) => {
      const entry = this.#entries.get(key);
      return entry === undefined ? [] : [entry.value];
    });
  }

  /** The resourceVersion under which an entry was put. */
  version(key: string): string | undefined {
    return this.#entries.get(key)?.version;
  }

  put(key: string, version: string, value: T): void {
    const old = this.#entries.get(key);
    if (old !== undefined && old.version === version) return;
    if (old !== undefined) this.#unfile(key, old.value);
    this.#entries.set(key, { version, value });
    for (const index of this.#indexes.values()) {
      for (const filed of index.valuesOf(value)) {
        const keys = index.keys.get(filed);
        if (keys === undefined) index.keys.set(filed, new Set([key]));
        else keys.add(key);
      }
    }
    this.#tell(key, old?.value, value);
  }

  remove(key: string): void {
    const old = this.#entries.get(key);
    if (old === undefined) return;
    this.#unfile(key, old.value);
    this.#entries.delete(key);
    this.#tell(key, old.value, undefined);
  }

  /** Calls `listener` after every change; the answer ends that. */
  onChange(listener: ChangeListener<T>): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #unfile(key: string, value: T): void {
    for (const index of this.#indexes.values()) {
      for (const filed of index.valuesOf(value)) {
        const keys = index.keys.get(filed);
        keys?.delete(key);
        if (keys?.size === 0) index.keys.delete(filed);
      }
    }
  }

  #tell(key: string, old: T | undefined, value: T | undefined): void {
    for (const listener of this.#listeners) listener(key, old, value);
  }
}
