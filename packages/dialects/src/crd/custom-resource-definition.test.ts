import { expect, test } from "vitest";
import { languageCluster } from "../langop/kinds/language-cluster.ts";
import { languageModel } from "../langop/kinds/language-model.ts";
import { customResourceDefinition } from "./custom-resource-definition.ts";

test("a definition has the names people type", () => {
  const { metadata, spec } = customResourceDefinition(languageModel);
  expect(metadata.name).toBe("languagemodels.langop.io");
  expect(spec.names).toEqual({
    kind: "LanguageModel",
    listKind: "LanguageModelList",
    plural: "languagemodels",
    singular: "languagemodel",
    shortNames: ["lmodel"],
  });
  expect(spec.scope).toBe("Namespaced");
});

test("defaults stand where the dialect's users see them, and nowhere else", () => {
  const specOf = (kind: typeof languageCluster | typeof languageModel) =>
    customResourceDefinition(kind).spec.versions[0].schema.openAPIV3Schema.properties?.["spec"];
  const model = specOf(languageModel)?.properties;
  expect(model?.["timeout"]?.default).toBe("5m");
  expect(model?.["apiKeySecretRef"]?.properties?.["key"]?.default).toBe("api-key");
  const cluster = specOf(languageCluster)?.properties;
  expect(cluster?.["ingress"]?.properties?.["enabled"]).not.toHaveProperty("default");
  const port = { properties: { ports: { items: { properties: { protocol: { default: "TCP" } } } } } };
  expect(cluster?.["networkPolicies"]).toMatchObject({
    properties: { ingress: { items: port }, egress: { items: port } },
    items: port,
  });
});
