import { readdirSync, readFileSync } from "node:fs";
import { secretFile } from "@gatewright/litellm";
import { describe, expect, test } from "vitest";
import { type ContainerInput, readContainer } from "./container.ts";

const claude = JSON.stringify({
  provider: "anthropic",
  modelName: "claude-sonnet-4-5",
  apiKeySecretRef: { name: "anthropic-credentials" },
});
const local = JSON.stringify({
  provider: "openai-compatible",
  modelName: "llama3.2",
  endpoint: "http://ollama:11434/v1/",
});

function container(input: Partial<ContainerInput>) {
  const { gateway, problems } = readContainer({
    files: {},
    secretKeys: () => "absent",
    environment: {},
    ...input,
  });
  const findings = gateway?.findings.map(({ code, effect }) => `${code} ${effect}`);
  return { gateway, problems, findings, models: gateway?.plan.model.map(({ name }) => name) };
}

describe("model files", () => {
  test("the name of the file is the name of the resource", () => {
    const { gateway } = container({ files: { "model__big.one.json": local } });
    expect(gateway?.plan.model[0]).toMatchObject({
      id: "big.one",
      resource: "big.one",
      name: "llama3.2",
      endpoint: "http://ollama:11434/v1",
      apiKey: "sk-local-dummy-key",
      timeoutSeconds: 300,
    });
  });

  test("a single model.json serves alone, and only without the others", () => {
    expect(container({ files: { "model.json": local } }).gateway?.plan.model[0]?.resource).toBe("model");
    const both = container({ files: { "model.json": claude, "model__a.json": local } });
    expect(both.models).toEqual(["llama3.2"]);
  });

  test("no file is a gateway without models", () => {
    expect(container({ files: { "README.md": "hello" } })).toMatchObject({ models: [], problems: [] });
  });

  test("every broken file is a problem, and none of its text is repeated", () => {
    const { gateway, problems } = container({
      files: { "model__a.json": '{\n  "provider": sk-oops\n}', "model__b.json": "[]", "model__c.json": "" },
    });
    expect(gateway).toBeUndefined();
    expect(problems.map(({ code, file, line }) => ({ code, file, line }))).toEqual([
      { code: "InvalidJson", file: "model__a.json", line: 2 },
      { code: "NotAMapping", file: "model__b.json", line: undefined },
      { code: "InvalidJson", file: "model__c.json", line: undefined },
    ]);
    expect(JSON.stringify(problems)).not.toContain("sk-oops");
  });

  test("a spec that cannot be used excludes its model only", () => {
    const { findings, models } = container({
      files: { "model__a.json": JSON.stringify({ provider: "openai" }), "model__b.json": local },
    });
    expect(models).toEqual(["llama3.2"]);
    expect(findings).toEqual(["InvalidField blocked"]);
  });
});

describe("Secrets", () => {
  const files = { "model__claude.json": claude };

  test("a mounted key is referred to by its place", () => {
    const secretKeys = (secret: string) => (secret === "anthropic-credentials" ? ["api-key"] : "absent");
    const { gateway, findings } = container({ files, secretKeys });
    expect(findings).toEqual([]);
    const apiKey = gateway?.plan.model[0]?.apiKey;
    expect(apiKey).toEqual({
      variable: "anthropic_2dcredentials_2fapi_2dkey",
      secret: { namespace: "", name: "anthropic-credentials", key: "api-key" },
      fallbackVariable: "ANTHROPIC_CREDENTIALS",
    });
    expect(typeof apiKey === "object" && secretFile(apiKey.variable)).toEqual({
      secret: "anthropic-credentials",
      key: "api-key",
      path: "anthropic-credentials/api-key",
      fallbackVariable: "ANTHROPIC_CREDENTIALS",
    });
  });

  test("without the file, the variable named after the Secret is enough", () => {
    const { models, findings } = container({
      files,
      environment: { ANTHROPIC_CREDENTIALS: "not-a-real-key" },
    });
    expect(models).toEqual(["claude-sonnet-4-5"]);
    expect(findings).toEqual([]);
  });

  test("without either, the model alone is left out", () => {
    const { models, findings } = container({ files: { ...files, "model__local.json": local } });
    expect(models).toEqual(["llama3.2"]);
    expect(findings).toEqual(["SecretNotFound blocked"]);
  });

  test("a service account is named by its file in the folder of Secrets", () => {
    const { gateway } = container({
      files: {
        "model.json": JSON.stringify({
          provider: "vertex",
          modelName: "gemini-2.5-pro",
          project: "p",
          location: "l",
          credentialsSecretRef: { name: "google" },
        }),
      },
      secretKeys: () => ["credentials.json", "..data"],
      secretsFolder: "/run/secrets",
    });
    expect(gateway?.plan.model[0]?.parameters).toEqual({
      vertex_credentials: "/run/secrets/google/credentials.json",
    });
  });
});

describe("environment", () => {
  test("the extra configuration is the last layer", () => {
    const { gateway } = container({
      environment: {
        LANGOP_GATEWAY_EXTRA_CONFIG: "general_settings: {alerting_threshold: 60, a: on, b: 2026-01-01}",
      },
    });
    expect(gateway?.plan.overlay.map(({ kind, value }) => ({ kind, value }))).toEqual([
      {
        kind: "deep-merge",
        value: { general_settings: { alerting_threshold: 60, a: true, b: "2026-01-01" } },
      },
    ]);
  });

  test.each([
    { name: "a list", text: "- a" },
    { name: "a word", text: "yes please" },
    { name: "broken YAML", text: "a: [" },
    { name: "an alias without anchor", text: "a: *b" },
  ])("$name as extra configuration stops the container", ({ text }) => {
    const { gateway, problems } = container({ environment: { LANGOP_GATEWAY_EXTRA_CONFIG: text } });
    expect(gateway).toBeUndefined();
    expect(problems.map(({ code }) => code)).toEqual(["ExtraConfigInvalid"]);
  });

  test.each([{ text: "" }, { text: " \n" }, { text: "# nothing\n" }])(
    "a blank one ($text) is none",
    ({ text }) => {
      const { gateway, problems } = container({ environment: { LANGOP_GATEWAY_EXTRA_CONFIG: text } });
      expect(problems).toEqual([]);
      expect(gateway?.plan.overlay).toEqual([]);
    },
  );

  test("a master key is referred to", () => {
    const { gateway } = container({ environment: { LITELLM_MASTER_KEY: "sk-not-a-real-key" } });
    expect(gateway?.plan.key).toEqual({ master: { variable: "LITELLM_MASTER_KEY" } });
    expect(container({ environment: { LITELLM_MASTER_KEY: "" } }).gateway?.plan.key).toEqual({});
  });

  test("agent keys are asked for where their secret is, unless another check replaces them", () => {
    const environment = { LANGOP_GATEWAY_HMAC_SECRET: "s3cret" };
    const closed = container({ environment }).gateway;
    expect(closed?.plan.identity).toEqual({ agentKeys: { secretVariable: "LANGOP_GATEWAY_HMAC_SECRET" } });
    expect(closed?.findings).toEqual([]);
    const replaced = container({
      environment: {
        ...environment,
        LANGOP_GATEWAY_EXTRA_CONFIG: "general_settings: {custom_auth: my.check}",
      },
    }).gateway;
    expect(replaced?.plan.identity).toEqual({});
    expect(container({ environment: { LANGOP_GATEWAY_HMAC_SECRET: "" } }).gateway?.plan.identity).toEqual({});
  });
});

test("the example folder is served whole, and nothing in it is lost", () => {
  const folder = new URL("../../../../examples/model-files/", import.meta.url);
  const models = new URL("models/", folder);
  const { gateway, findings } = container({
    files: Object.fromEntries(
      readdirSync(models).map((name) => [name, readFileSync(new URL(name, models), "utf8")]),
    ),
    secretKeys: (secret) => readdirSync(new URL(`secrets/${secret}/`, folder)),
  });
  expect(findings).toEqual([]);
  expect(gateway?.plan.model.map(({ id, model, order }) => [id, model, order])).toEqual([
    ["anthropic-model", "anthropic/claude-3-5-sonnet-20241022", undefined],
    ["azure-openai", "azure/gpt-4-deployment", undefined],
    ["multi-endpoint-loadbalanced-1", "gpt-4", 1],
    ["multi-endpoint-loadbalanced-2", "gpt-4", 1],
    ["multi-endpoint-loadbalanced-3", "gpt-4", 2],
    ["ollama-local", "openai/llama3.2", undefined],
    ["openai-model", "gpt-4-turbo-preview", undefined],
  ]);
  expect(gateway?.plan.route.fallbacks).toEqual([
    { when: "error", model: "gpt-4", fallbacks: ["gpt-4-turbo-preview"] },
  ]);
});
