import { describe, expect, it } from "vitest";
import { assemble } from "./assemble.ts";
import { check } from "./check.ts";
import type { Part } from "./gateway.ts";
import type { Model } from "./model.ts";
import type { Origin } from "./origin.ts";

const instance: Origin = {
  apiVersion: "litellm.palena.ai/v1alpha1",
  kind: "LiteLLMInstance",
  namespace: "ai",
  name: "gw",
};

const cases: readonly { name: string; why: string; parts: readonly Part[]; want: readonly object[] }[] = [
  {
    name: "two resources, one model name",
    why: "requests would silently be spread over two providers",
    parts: [
      model("a", { name: "gpt-4", model: "openai/gpt-4" }),
      model("b", { name: "gpt-4", model: "azure/gpt-4" }),
    ],
    want: [{ code: "ModelNameShared", effect: "approximated", origin: { name: "b" } }],
  },
  {
    name: "endpoints of one resource",
    why: "a resource's own endpoints are meant to share its name",
    parts: [model("a", { name: "gpt-4" }), model("a", { name: "gpt-4", endpoint: "https://two.example" }, 1)],
    want: [],
  },
  {
    name: "two wildcards",
    why: "wildcards of one name are a load-balanced group by design",
    parts: [
      model("a", { name: "openai/*", model: "openai/*" }),
      model("b", { name: "openai/*", model: "azure/*" }),
    ],
    want: [],
  },
  {
    name: "unknown credential",
    why: "every call of that model would fail at the provider",
    parts: [model("a", { credential: "nowhere" })],
    want: [{ code: "CredentialNotFound", effect: "blocked", origin: { name: "a" } }],
  },
  {
    name: "fallback to an unknown model",
    why: "the chain would end early without anybody noticing",
    parts: [
      model("a", { name: "gpt-4" }),
      {
        concern: "route",
        origin: instance,
        value: { fallbacks: [{ when: "error", model: "gpt-4", fallbacks: ["gone", "gpt-4"] }] },
      },
    ],
    want: [{ code: "FallbackNotFound", effect: "dropped", text: expect.stringContaining('"gone"') }],
  },
  {
    name: "fallback that a wildcard, an alias or a resource name serves",
    why: "all three are names clients may use",
    parts: [
      model("claude", { name: "openai/*", resource: "claude" }),
      {
        concern: "route",
        origin: instance,
        value: {
          aliases: { fast: "openai/gpt-4o" },
          defaultFallbacks: ["openai/gpt-4o-mini", "fast", "claude"],
        },
      },
    ],
    want: [],
  },
  {
    name: "a limit without its model",
    why: "a limit that limits nothing must not look enforced",
    parts: [
      {
        concern: "limit",
        value: { origin: instance, scope: { kind: "model", model: "gone" }, requestsPerMinute: 1 },
      },
    ],
    want: [{ code: "LimitedModelNotFound", effect: "dropped" }],
  },
];

describe("check", () => {
  it.each(cases)("$name: $why", ({ parts, want }) => {
    const { plan } = assemble(
      {
        dialect: "palena",
        namespace: "ai",
        name: "gw",
        origin: instance,
        engine: "native",
        layout: { indent: 2, keys: "contract" },
      },
      parts,
    );
    expect(check(plan)).toMatchObject(want);
    expect(check(plan)).toHaveLength(want.length);
  });
});

function model(resource: string, fields: Partial<Model>, position = 0): Part {
  const origin: Origin = {
    apiVersion: "litellm.palena.ai/v1alpha1",
    kind: "LiteLLMModel",
    namespace: "ai",
    name: resource,
  };
  return {
    concern: "model",
    position,
    value: { origin, name: resource, model: "openai/x", delivery: "document", ...fields },
  };
}
