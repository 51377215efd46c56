import { describe, expect, it } from "vitest";
import { ReflectedStore } from "./store.ts";

interface Model {
  readonly name: string;
  readonly secrets: readonly string[];
}

function storeOfModels() {
  const store = new ReflectedStore<Model>({ secret: ({ secrets }) => secrets });
  const changes: string[] = [];
  store.onChange((key, old, value) => changes.push(`${key}: ${old?.name ?? "-"} → ${value?.name ?? "-"}`));
  return { store, changes };
}

const model = (name: string, ...secrets: string[]): Model => ({ name, secrets });

describe("the store", () => {
  it("files values under all their index values and moves them when these change", () => {
    const { store } = storeOfModels();
    store.put("n/b", "1", model("b", "x", "y"));
    store.put("n/a", "2", model("a", "x"));
    expect(store.by("secret", "x").map(({ name }) => name)).toEqual(["a", "b"]);
    store.put("n/b", "3", model("b2", "z"));
    expect(store.by("secret", "x").map(({ name }) => name)).toEqual(["a"]);
    expect(store.by("secret", "y")).toEqual([]);
    expect(store.by("secret", "z").map(({ name }) => name)).toEqual(["b2"]);
    store.remove("n/b");
    expect(store.by("secret", "z")).toEqual([]);
  });

  it("tells old and new value, and nothing of an object that is the same", () => {
    const { store, changes } = storeOfModels();
    store.put("n/a", "1", model("a"));
    store.put("n/a", "1", model("a"));
    store.put("n/a", "2", model("a2"));
    store.remove("n/a");
    store.remove("n/a");
    expect(changes).toEqual(["n/a: - → a", "n/a: a → a2", "n/a: a2 → -"]);
  });

  it("has its new content before it tells", () => {
    const { store } = storeOfModels();
    const seen: unknown[] = [];
    store.onChange(() => seen.push([...store.values()].length, store.by("secret", "x").length));
    store.put("n/a", "1", model("a", "x"));
    store.remove("n/a");
    expect(seen).toEqual([1, 1, 0, 0]);
  });

  it("refuses an index nobody declared, which would look like an empty one", () => {
    expect(() => storeOfModels().store.by("secrets", "x")).toThrow(/no index "secrets"/);
  });
});
