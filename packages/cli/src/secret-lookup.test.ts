import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Secret } from "@gatewright/litellm";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { documentReferences, referencesOf, secretSource } from "./secret-lookup.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "gatewright-secrets-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const reference = {
  variable: "KEY",
  secret: { namespace: "team-a", name: "openai", key: "api-key" },
  fallbackVariable: "OPENAI",
};

/** Every place holds the key; the order is what takes them away one by one. */
function source(without: readonly string[]) {
  const files = {
    "mounts/openai/api-key": "from mount\n",
    "folder/team-a/openai/api-key": "from folder, by Secret\n",
    "folder/KEY": "from folder, by name\n",
  };
  for (const [path, text] of Object.entries(files)) {
    if (without.includes(path)) continue;
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const has = (place: string): boolean => !without.includes(place);
  return secretSource({
    environment: {
      ...(has("environment") ? { KEY: "from environment" } : { KEY: "" }),
      ...(has("fallback") ? { OPENAI: "from fallback" } : {}),
    },
    ...(has("resource") ? { resource: { KEY: new Secret("from resource") } } : {}),
    references: [reference],
    manifests: ({ namespace, name, key }) =>
      has("manifest") && `${namespace}/${name}/${key}` === "team-a/openai/api-key"
        ? new Secret("from manifest\n")
        : undefined,
    mounts: [join(root, "other-mounts"), join(root, "mounts")],
    folder: join(root, "folder"),
  });
}

describe("secretSource", () => {
  test("the order: environment, resource, manifest, folder by Secret, folder by name, mount, fallback, nothing", () => {
    const order = [
      ["environment", "from environment"],
      ["resource", "from resource"],
      ["manifest", "from manifest"],
      ["folder/team-a/openai/api-key", "from folder, by Secret"],
      ["folder/KEY", "from folder, by name"],
      ["mounts/openai/api-key", "from mount"],
      ["fallback", "from fallback"],
    ] as const;
    const got = order.map((_, index) => {
      rmSync(root, { recursive: true });
      mkdirSync(root);
      return source(order.slice(0, index).map(([place]) => place))
        .lookup("KEY")
        ?.reveal();
    });
    expect(got).toEqual(order.map(([, value]) => value));
    rmSync(root, { recursive: true });
    mkdirSync(root);
    expect(source(order.map(([place]) => place)).lookup("KEY")).toBeUndefined();
  });

  test("a file that changes changes the answer, and its folder is watched", () => {
    const secrets = source(["environment", "resource", "manifest", "mounts/openai/api-key"]);
    expect(secrets.lookup("KEY")?.reveal()).toBe("from folder, by Secret");
    writeFileSync(join(root, "folder/team-a/openai/api-key"), "rotated");
    expect(secrets.lookup("KEY")?.reveal()).toBe("rotated");
    expect(secrets.watch).toEqual([
      join(root, "folder"),
      join(root, "other-mounts/openai"),
      join(root, "mounts/openai"),
      join(root, "folder/team-a/openai"),
    ]);
  });

  test("a name that no reference knows is looked up by name alone", () => {
    const secrets = secretSource({ environment: { A: "1" }, folder: root });
    writeFileSync(join(root, "B"), "2\n");
    expect(
      [secrets.lookup("A"), secrets.lookup("B"), secrets.lookup("C")].map((found) => found?.reveal()),
    ).toEqual(["1", "2", undefined]);
    expect(secrets.find("B")?.place).toEqual({ kind: "file", path: join(root, "B") });
  });
});

test("referencesOf finds references wherever they stand, each once", () => {
  const plain = { variable: "B" };
  expect(
    referencesOf({
      model: [
        { apiKey: reference, secrets: { aws: plain } },
        { apiKey: reference, name: "variable" },
      ],
      // Not a reference: it has members of its own.
      key: { variable: "no", other: 1 },
    }),
  ).toEqual([reference, plain]);
});

test("documentReferences knows the Secrets behind the names of a document, wherever they stand", () => {
  const document = {
    model_list: [
      { litellm_params: { api_key: "os.environ/in_2dhouse_2fapi_2dkey", headers: ["os.environ/a_2fb"] } },
      { litellm_params: { api_key: "os.environ/OPENAI_API_KEY", model: "a_2fc" } },
    ],
    general_settings: { master_key: "os.environ/in_2dhouse_2fapi_2dkey", nothing: null },
  };
  expect(documentReferences(document)).toEqual([
    {
      variable: "in_2dhouse_2fapi_2dkey",
      secret: { namespace: "", name: "in-house", key: "api-key" },
      fallbackVariable: "IN_HOUSE",
    },
    { variable: "a_2fb", secret: { namespace: "", name: "a", key: "b" }, fallbackVariable: "A" },
  ]);
});
