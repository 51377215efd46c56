import fc from "fast-check";
import { expect, test } from "vitest";
import { appliedEntry, handOverFields, holdsField, unionFields, withoutField } from "./managed-fields.ts";
import type { FieldsV1, ManagedFieldsEntry } from "./object.ts";

const { fields } = fc.letrec<{ fields: FieldsV1 }>((tie) => ({
  fields: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.constant({}),
    fc.dictionary(fc.constantFrom("f:a", "f:b", 'k:{"name":"x"}', ".", "v:1"), tie("fields"), { maxKeys: 3 }),
  ),
}));

/** All paths, also those that lead to others. */
function paths(tree: FieldsV1, before: readonly string[] = []): readonly (readonly string[])[] {
  return Object.entries(tree).flatMap(([step, below]) => {
    const path = [...before, step];
    return [path, ...paths(below, path)];
  });
}

/** Such that the text of a path begins with those of the paths it is below. */
function textOf(path: readonly string[]): string {
  return path.map((step) => `${step}/`).join("");
}

function names(tree: FieldsV1): readonly string[] {
  return paths(tree).map(textOf).sort();
}

/** The paths that lead nowhere further. */
function leaves(tree: FieldsV1): readonly string[] {
  const all = names(tree);
  return all.filter((name) => !all.some((other) => other !== name && other.startsWith(name)));
}

test("a union holds the paths of both and no other, in whatever order", () => {
  fc.assert(
    fc.property(fields, fields, (one, other) => {
      const union = unionFields(one, other);
      expect(names(union)).toEqual([...new Set([...names(one), ...names(other)])].sort());
      expect(unionFields(other, one)).toEqual(union);
      expect(unionFields(union, one)).toEqual(union);
    }),
  );
});

test("a path that is taken out is gone with what is below it, all other fields stay", () => {
  fc.assert(
    fc.property(fields, fc.nat(), (tree, nth) => {
      const all = paths(tree);
      const path = all[nth % Math.max(1, all.length)];
      if (path === undefined) return;
      const left = withoutField(tree, path);
      expect(holdsField(left, path)).toBe(false);
      // What led to the path alone is no field of its own: kept, it would mean the whole of what it names.
      expect(leaves(left)).toEqual(leaves(tree).filter((leaf) => !leaf.startsWith(textOf(path))));
    }),
  );
});

test("taking out what is not there changes nothing", () => {
  const tree: FieldsV1 = { "f:spec": { "f:paused": {} } };
  expect(withoutField(tree, ["f:spec", "f:replicas"])).toEqual(tree);
  expect(withoutField(tree, [])).toEqual(tree);
});

function update(
  manager: string,
  fieldsV1: FieldsV1,
  more: Partial<ManagedFieldsEntry> = {},
): ManagedFieldsEntry {
  return { manager, operation: "Update", apiVersion: "apps/v1", fieldsType: "FieldsV1", fieldsV1, ...more };
}

const replicas = { "f:spec": { "f:replicas": {} } };
const image = { "f:spec": { "f:template": { "f:image": {} } } };
const both = { "f:spec": { "f:replicas": {}, "f:template": { "f:image": {} } } };
const release = [["f:spec", "f:replicas"]];

test.each<{
  name: string;
  entries: readonly ManagedFieldsEntry[];
  release?: readonly (readonly string[])[];
  want: readonly (readonly [string | undefined, string | undefined, FieldsV1 | undefined])[] | undefined;
}>([
  { name: "nothing to adopt", entries: [update("kubectl-edit", image)], want: undefined },
  {
    name: "several replaced managers become one entry, others stay",
    entries: [update("manager", replicas), update("kubectl-edit", image), update("language-operator", image)],
    want: [
      ["kubectl-edit", "Update", image],
      ["ours", "Apply", both],
    ],
  },
  {
    name: "what was written through a sub-resource is not adopted",
    entries: [update("manager", replicas, { subresource: "status" })],
    want: undefined,
  },
  {
    name: "once we have applied, a namesake of the replaced manager keeps its fields",
    entries: [update("ours", image, { operation: "Apply" }), update("manager", replicas)],
    want: undefined,
  },
  {
    name: "fields of another version of the kind stay where they are",
    entries: [update("manager", image), update("manager", replicas, { apiVersion: "apps/v1beta1" })],
    want: [
      ["manager", "Update", replicas],
      ["ours", "Apply", image],
    ],
  },
  {
    name: "a field is released while it is adopted",
    entries: [update("manager", both)],
    release,
    want: [["ours", "Apply", image]],
  },
  {
    name: "a field is released from our own entry",
    entries: [update("ours", both, { operation: "Apply" }), update("manager", image)],
    release,
    want: [
      ["manager", "Update", image],
      ["ours", "Apply", image],
    ],
  },
  {
    name: "nothing to release",
    entries: [update("ours", image, { operation: "Apply" })],
    release,
    want: undefined,
  },
])("hand-over: $name", ({ entries, release = [], want }) => {
  const after = handOverFields(entries, {
    manager: "ours",
    adopt: ["manager", "language-operator"],
    release,
  });
  expect(after?.map(({ manager, operation, fieldsV1 }) => [manager, operation, fieldsV1])).toEqual(want);
});

test("our entry is the applied one of the object itself", () => {
  const status = update("ours", image, { operation: "Apply", subresource: "status" });
  const own = update("ours", replicas, { operation: "Apply" });
  expect(appliedEntry([status, update("ours", image), own], "ours")).toBe(own);
  expect(appliedEntry([status], "ours")).toBeUndefined();
});
