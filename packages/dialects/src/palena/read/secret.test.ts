import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Resource } from "../../resource.ts";
import { palena } from "../palena.ts";
import { credentialVariable, modelKeyVariable, modelVertexVariable, passThroughVariable } from "./secret.ts";

describe("variables (palena.md §2.4)", () => {
  const cases: readonly (readonly [found: string, want: string])[] = [
    [credentialVariable("openai-prod"), "CREDENTIAL_OPENAI_PROD_API_KEY"],
    [credentialVariable("Team A/key"), "CREDENTIAL_TEAM_A_KEY_API_KEY"],
    [modelKeyVariable("azure.gpt-4o"), "MODEL_AZURE_GPT_4O_API_KEY"],
    [modelVertexVariable("gemini"), "MODEL_GEMINI_VERTEX_CREDENTIALS"],
    [passThroughVariable("/v1/rerank", "X-Api-Key"), "PASSTHROUGH_V1_RERANK_X_API_KEY"],
    [passThroughVariable("bria", "Authorization"), "PASSTHROUGH_BRIA_AUTHORIZATION"],
  ];
  test.each(cases)("%s", (found, want) => {
    expect(found).toBe(want);
  });
});

const apiVersion = "litellm.palena.ai/v1alpha1";
const secret = fc.record({ name: fc.constantFrom("one", "two"), key: fc.constantFrom("a", "b") });
const name = fc.constantFrom("a-b", "a.b", "ab", "a--b");
const member = fc.oneof(
  fc.record({
    kind: fc.constant("LiteLLMCredential"),
    name,
    written: fc.constantFrom("a-b", "a_b", "A.B"),
    secret,
  }),
  fc.record({ kind: fc.constant("LiteLLMModel"), name, written: fc.constant(""), secret }),
);

function resourceOf({
  kind,
  name: own,
  written,
  secret: reference,
}: typeof member extends fc.Arbitrary<infer T> ? T : never): Resource {
  const instanceRef = { name: "gw" };
  return {
    apiVersion,
    kind,
    metadata: { name: own, namespace: "ai" },
    spec:
      kind === "LiteLLMCredential"
        ? { instanceRef, credentialName: written, apiKeySecretRef: reference }
        : { instanceRef, modelName: own, litellmParams: { model: "openai/x", apiKeySecretRef: reference } },
  };
}

const instance: Resource = {
  apiVersion,
  kind: "LiteLLMInstance",
  metadata: { name: "gw", namespace: "ai" },
  spec: { masterKey: { autoGenerate: true }, database: {} },
};

test("no variable ever stands for two Secrets, and nobody is left out without a finding", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(member, { selector: ({ kind, name: own }) => `${kind}/${own}` }),
      (members) => {
        const { gateways } = palena.read(
          {
            resources: [instance, ...members.map(resourceOf)],
            secretKeys: () => "unknown",
            configMap: () => undefined,
          },
          { engine: "native" },
        );
        const { plan, findings } = gateways[0]!;
        const served = [...plan.credential, ...plan.model];
        const meanings = new Map<string, Set<string>>();
        for (const { apiKey } of served) {
          if (typeof apiKey !== "object") continue;
          meanings.set(
            apiKey.variable,
            (meanings.get(apiKey.variable) ?? new Set()).add(JSON.stringify(apiKey.secret)),
          );
        }
        expect([...meanings.values()].filter(({ size }) => size > 1)).toEqual([]);
        const blocked = findings
          .filter(({ effect }) => effect === "blocked")
          .map(({ origin }) => origin.name + origin.kind);
        expect(served.length + new Set(blocked).size).toBe(members.length);
      },
    ),
  );
});
