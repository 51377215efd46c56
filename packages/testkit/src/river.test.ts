import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dialects, type Manifests } from "@gatewright/dialects";
import { readDocument } from "@gatewright/litellm";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { goldenFiles, goldenManifests, goldenOptions } from "./golden.ts";

const fixtures = new URL("../../../fixtures/", import.meta.url);
const update = process.env["UPDATE_GOLDENS"] === "1";

for (const dialect of dialects) {
  const folder = new URL(`${dialect.name}/`, fixtures);
  describe.each(foldersIn(folder))(`${dialect.name}/%s`, (name) => {
    const place = new URL(`${name}/`, folder);
    const input = readFileSync(new URL("input.yaml", place), "utf8");
    const options = goldenOptions(input);
    const manifests = goldenManifests(input);
    const files = goldenFiles(dialect, manifests, options);

    test("gives the expected files", () => {
      const expected = readdirSync(place).filter((file) => file !== "input.yaml");
      if (update) {
        for (const file of expected) if (files[file] === undefined) rmSync(new URL(file, place));
        for (const [file, text] of Object.entries(files)) writeFileSync(new URL(file, place), text);
        return;
      }
      for (const file of new Set([...expected, ...Object.keys(files)])) {
        const found = expected.includes(file) ? readFileSync(new URL(file, place), "utf8") : undefined;
        expect.soft(files[file], `${file} differs; UPDATE_GOLDENS=1 rewrites it, then read it`).toBe(found);
      }
    });

    test("gives the same bytes whatever the order of the manifests, and twice", () => {
      for (const order of [manifests.manifests, ...shuffles(manifests.manifests)]) {
        expect(goldenFiles(dialect, { ...manifests, manifests: order }, options)).toEqual(files);
      }
    });

    test("lets no value of a Secret out", () => {
      const output = Object.values(files).join("\n");
      for (const value of secretValues(manifests)) {
        expect(
          value.length,
          "a fixture's secret needs eight characters, else it is found by chance",
        ).toBeGreaterThanOrEqual(8);
        expect(output.includes(value)).toBe(false);
        expect(output.includes(Buffer.from(value).toString("base64"))).toBe(false);
      }
    });

    test("writes documents that can be read", () => {
      for (const text of (files["document.yaml"] ?? "").split(/^---\n/m)) {
        if (!parsesToSomething(text)) continue;
        const { document, problems } = readDocument(text, { file: "document.yaml" });
        expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
        expect(document).toBeDefined();
      }
    });
  });
}

test("every folder of fixtures belongs to a dialect", () => {
  const names: readonly string[] = dialects.map(({ name }) => name);
  expect(foldersIn(fixtures).filter((name) => !names.includes(name) && name !== "litellm")).toEqual([]);
});

function foldersIn(place: URL): readonly string[] {
  if (!existsSync(place)) return [];
  return readdirSync(place, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

function parsesToSomething(text: string): boolean {
  return parseAllDocuments(text).some((document) => document.contents !== null);
}

function secretValues(manifests: Manifests): readonly string[] {
  return manifests.manifests
    .flatMap(({ secret }) => Object.values(secret?.values ?? {}))
    .map((value) => value.reveal())
    .filter((value) => value !== "");
}

/** The reverse order and three mixed ones, the same in every run. */
function shuffles<T>(items: readonly T[]): readonly (readonly T[])[] {
  const mixed = [7, 11, 13].map((seed) =>
    items
      .map((item, index) => ({ item, rank: (index * 2654435761 * seed) % 4294967291 }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ item }) => item),
  );
  return [[...items].reverse(), ...mixed];
}
