import { settle } from "@gatewright/litellm";
import { providerNamed } from "@gatewright/providers";
import { describe, expect, it } from "vitest";
import { costOf } from "../budget/cost.ts";
import { dollarsText } from "../budget/dollars.ts";
import { usageOf } from "../budget/usage.ts";
import { type PricedEntry, pricer, priceTableFor } from "./price.ts";

type Json = Parameters<typeof settle>[0];

const models = (litellm_params: object, model_info?: object): Json =>
  ({
    model_list: [{ model_name: "m", litellm_params, ...(model_info === undefined ? {} : { model_info }) }],
  }) as Json;

describe("priceTableFor", () => {
  it.each<[string, Json, boolean]>([
    ["a model without prices", models({ model: "openai/gpt-4o" }), true],
    [
      "a model with both prices",
      models({ model: "openai/gpt-4o", input_cost_per_token: 0 }, { output_cost_per_token: 0 }),
      false,
    ],
    [
      "context windows",
      {
        ...models({ model: "openai/gpt-4o", input_cost_per_token: 0, output_cost_per_token: 0 }),
        router_settings: { enable_pre_call_checks: true },
      },
      true,
    ],
    ["no models", {}, false],
    ["broken entries", { model_list: [4, null] }, true],
  ])("knows whether the table is needed for %s", async (_, document, want) => {
    expect((await priceTableFor(document)) !== undefined).toBe(want);
  });
});

describe("pricer", () => {
  const openai = providerNamed("openai");
  if (openai === undefined) throw new Error("no openai");
  const entry = (more: Partial<PricedEntry>): PricedEntry => ({
    parameters: {},
    information: undefined,
    provider: openai,
    model: "gpt-4o-mini",
    ...more,
  });

  it("prices a mock answer of 10 + 20 tokens as LiteLLM does, with the discount of its provider", async () => {
    const document = { litellm_settings: { cost_discount_config: { openai: 0.1 } } };
    const price = pricer(
      settle(document, () => undefined).settings,
      await priceTableFor(models({})),
      Date.now(),
    );
    const usage = usageOf({ prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 });
    const found = price(entry({})).price;
    if (found === undefined || usage === undefined) throw new Error("no price");
    expect(dollarsText(costOf(found, usage))).toBe("1.215e-05");
  });

  it.each<[string, Partial<PricedEntry>, number | undefined]>([
    ["the parameter's", { parameters: { max_input_tokens: 5 }, information: { max_input_tokens: 6 } }, 5],
    ["the information's", { information: { max_input_tokens: 6 } }, 6],
    ["the table's", {}, 128_000],
    [
      "the table's of base_model",
      { model: "mine", information: { base_model: "azure/gpt-3.5-turbo" } },
      16_385,
    ],
    ["none of an unknown model", { model: "mine" }, undefined],
  ])("knows the longest prompt: %s", async (_, more, want) => {
    const price = pricer(settle({}, () => undefined).settings, await priceTableFor(models({})), Date.now());
    expect(price(entry(more)).maxInputTokens).toBe(want);
  });
});
