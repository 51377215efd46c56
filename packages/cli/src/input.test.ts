import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { inputKind, readInput } from "./input.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gatewright-input-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(files: { readonly [path: string]: string }): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

describe("inputKind", () => {
  test.each([
    {
      name: "a manifest",
      why: "both keys at the top level",
      path: "a.yaml",
      input: "# comment\napiVersion: langop.io/v1alpha1\nkind: LanguageModel\n",
      want: "manifest",
    },
    {
      name: "a configuration file",
      why: "any of LiteLLM's top-level keys will do",
      path: "a.yml",
      input: "router_settings:\n  num_retries: 1\n",
      want: "config",
    },
    {
      name: "a ConfigMap that holds a LiteLLM configuration",
      why: "it is applied, not served",
      path: "a.yaml",
      input: "apiVersion: v1\nkind: ConfigMap\ndata:\n  config.yaml: |\n    model_list: []\n",
      want: "manifest",
    },
    {
      name: "a configuration file with a syntax error",
      why: "the reader must see it, or nobody says where the error is",
      path: "a.yaml",
      input: 'model_list: [\ngeneral_settings:\n  x: "\n',
      want: "config",
    },
    {
      name: "a manifest in JSON",
      why: "kubectl prints such",
      path: "a.json",
      input: '{ "apiVersion": "v1", "kind": "List", "items": [] }',
      want: "manifest",
    },
    {
      name: "a configuration file in JSON",
      why: "YAML takes JSON",
      path: "config.json",
      input: '{"model_list": []}',
      want: "config",
    },
    {
      name: "broken JSON with a key that tells",
      why: "as with YAML, the reader says what is wrong",
      path: "config.json",
      input: '{"model_list": [}',
      want: "config",
    },
    {
      name: "a model file",
      why: "its content has no mark of its own, so the name decides",
      path: "models/model__claude.json",
      input: '{"provider":"anthropic","modelName":"claude"}',
      want: "model",
    },
    { name: "package.json", why: "not ours", path: "package.json", input: '{"name":"x"}', want: undefined },
    {
      name: "values of a chart",
      why: "a key named like one of ours further down does not count",
      path: "values.yaml",
      input: "proxy:\n  model_list: []\n",
      want: undefined,
    },
  ])("$name: $why", ({ path, input, want }) => {
    expect(inputKind(path, input)).toBe(want);
  });
});

describe("readInput", () => {
  test("takes a folder apart by kind and does not enter other subfolders", () => {
    write({
      "b.yaml": "apiVersion: v1\nkind: Secret\n",
      "a.yml": "apiVersion: v1\nkind: Secret\n",
      "config.yaml": "model_list: []\n",
      "README.md": "model_list: []\n",
      "deeper/c.yaml": "apiVersion: v1\nkind: Secret\n",
      "models/model__b.json": "{}",
      "models/model__a.json": "{}",
      "models/model.json": "{}",
      "models/notes.json": "{}",
    });
    const input = readInput(["."], folder);
    expect(input.manifests.map(({ path }) => path)).toEqual(["a.yml", "b.yaml"]);
    expect(input.configs.map(({ path }) => path)).toEqual(["config.yaml"]);
    expect(input.modelFolders).toHaveLength(1);
    expect(input.modelFolders[0]?.models.map(({ path }) => path)).toEqual([
      "models/model__a.json",
      "models/model__b.json",
    ]);
    expect(input.modelFolders[0]?.secrets).toBe("secrets");
    expect(input.troubles).toEqual([]);
    expect(input.watch).toContain(folder);
    expect(input.watch).toContain(join(folder, "models"));
  });

  test("model.json alone is a model folder", () => {
    write({ "x/model.json": "{}" });
    expect(readInput(["x"], folder).modelFolders).toEqual([
      { models: [{ path: "x/model.json", text: "{}" }], secrets: "x/secrets" },
    ]);
  });

  test("a file that is given twice is read once", () => {
    write({ "config.yaml": "model_list: []\n" });
    expect(readInput([".", "config.yaml"], folder).configs).toHaveLength(1);
  });

  test("a stray file in a folder is a warning, given by name it is an error", () => {
    write({ "package.json": "{}", "empty.yaml": "\n" });
    expect(readInput(["."], folder).troubles).toMatchObject([
      { level: "warning", code: "FileNotRecognised", file: "package.json" },
    ]);
    expect(readInput(["package.json"], folder).troubles).toMatchObject([
      { level: "error", file: "package.json" },
    ]);
  });

  test("a path that does not exist is an error, and its appearance is watched for", () => {
    const input = readInput(["gone"], folder);
    expect(input.troubles).toMatchObject([{ level: "error", code: "PathNotFound", file: "gone" }]);
    expect(input.watch).toEqual([join(folder, "gone")]);
  });
});
