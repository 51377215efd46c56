import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Document, Secret } from "@gatewright/litellm";
import type { SecretReference } from "@gatewright/plan";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { fileOrigin, readConfigFile } from "./config-file.ts";
import type { Declaration } from "./declaration.ts";
import { gatewayKey, masterKeyReference } from "./master-key.ts";
import { secretSource } from "./secret-lookup.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gatewright-key-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function declaration(document: Document): Declaration {
  const { declaration: found } = readConfigFile(
    { path: "config.yaml", text: JSON.stringify(document) },
    "/",
    "native",
  );
  if (found === undefined) throw new Error("the test's own document cannot be read");
  return { ...found, origin: fileOrigin("config.yaml") };
}

function key(document: Document, places: Partial<Parameters<typeof secretSource>[0]> = {}) {
  const declared = declaration(document);
  const reference = masterKeyReference(declared);
  const references = reference === undefined ? [] : [reference];
  const secrets = secretSource({ environment: {}, references, folder, ...places });
  return gatewayKey(declared, secrets, folder, (bytes) => new Uint8Array(bytes).fill(0xab));
}

const named: Document = { general_settings: { master_key: "os.environ/MY_KEY" } };
const generated = `sk-${"ab".repeat(32)}`;

describe("gatewayKey", () => {
  test("without a master key anywhere the gateway is open", () => {
    expect(key({ model_list: [] })).toEqual({ kind: "open" });
  });

  test("a gateway for agents alone is not open, and the administrator's key still counts", () => {
    const agents: Document = { gatewright: { agent_keys: { secret: "os.environ/HMAC" } } };
    expect(key(agents)).toEqual({ kind: "agents" });
    expect(key(agents, { environment: { LITELLM_MASTER_KEY: "sk-1" } })).toMatchObject({ kind: "variable" });
  });

  test("LITELLM_MASTER_KEY closes a gateway whose document names none, as in LiteLLM", () => {
    expect(key({ model_list: [] }, { environment: { LITELLM_MASTER_KEY: "sk-1" } })).toEqual({
      kind: "variable",
      name: "LITELLM_MASTER_KEY",
    });
  });

  test("a key in the document is told as it is", () => {
    expect(key({ general_settings: { master_key: "sk-1234" } })).toMatchObject({
      kind: "value",
      value: "sk-1234",
    });
  });

  test("a key from the environment is told by name, never by value", () => {
    expect(key(named, { environment: { MY_KEY: "sk-env" } })).toEqual({
      kind: "variable",
      name: "MY_KEY",
    });
  });

  test("a key that is nowhere is generated once and found from then on", () => {
    const first = key(named);
    const reference = masterKeyReference(declaration(named));
    const path = join(folder, "_gateways", reference?.secret.name ?? "", "MY_KEY");
    expect(first).toEqual({ kind: "value", value: generated, note: `kept in ${path}` });
    expect(readFileSync(path, "utf8").trim()).toBe(generated);
    expect(key(named)).toEqual(first);
  });

  test("a key that was generated for one gateway never closes another", () => {
    const closed: Document = { general_settings: { master_key: "os.environ/LITELLM_MASTER_KEY" } };
    expect(key(closed)).toMatchObject({ kind: "value" });
    expect(key({ model_list: [] })).toEqual({ kind: "open" });
  });

  test("a key that the document gives itself is no reason to generate one", () => {
    const given: Document = { ...named, environment_variables: { MY_KEY: "sk-own" } };
    expect(key(given)).toMatchObject({ kind: "value", value: "sk-own" });
  });

  test("a key from a Secret that is not there is generated where the Secret is looked for", () => {
    const reference: SecretReference = {
      variable: "MY_KEY",
      secret: { namespace: "team-a", name: "main-master-key", key: "master-key" },
    };
    const declared = declaration(named);
    const plan = { key: { master: reference } } as unknown as NonNullable<Declaration["plan"]>;
    const secrets = secretSource({ environment: {}, references: [reference], folder });
    gatewayKey({ ...declared, plan }, secrets, folder, (bytes) => new Uint8Array(bytes).fill(0xab));
    expect(readFileSync(join(folder, "team-a/main-master-key/master-key"), "utf8").trim()).toBe(generated);
    expect(secrets.lookup("MY_KEY")?.reveal()).toBe(generated);
  });

  test("a key from a Secret manifest is told with its place", () => {
    const reference: SecretReference = {
      variable: "MY_KEY",
      secret: { namespace: "team-a", name: "keys", key: "master" },
    };
    expect(key(named, { references: [reference], manifests: () => new Secret("sk-manifest") })).toEqual({
      kind: "value",
      value: "sk-manifest",
      note: "key master of Secret team-a/keys",
    });
  });
});
