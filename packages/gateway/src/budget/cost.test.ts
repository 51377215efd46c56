import { tokenUsage, type Usage } from "@gatewright/call";
import { calcPrice, findProvider } from "@pydantic/genai-prices";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { billOf, costOf } from "./cost.ts";
import { dollarsText } from "./dollars.ts";
import { type Adjustment, adjustmentOf, needsTable, type Price, priceOf } from "./price.ts";
import { loadPriceTable, type PriceTable } from "./price-table.ts";

const asIs: Adjustment = { discount: 0, marginShare: 0, marginFixed: 0 };
const epoch = Date.UTC(2026, 10, 28);
let table: PriceTable;
beforeAll(async () => {
  table = await loadPriceTable();
});

interface Question {
  readonly parameters?: object;
  readonly information?: object;
  readonly provider?: string;
  readonly model?: string;
  readonly baseModel?: string;
  readonly adjustment?: Adjustment;
}

function price({ parameters = {}, information = {}, ...rest }: Question): Price | undefined {
  return priceOf({
    parameters: parameters as Record<string, unknown>,
    information: information as Record<string, unknown>,
    provider: "openai",
    model: "unheard-of",
    baseModel: undefined,
    adjustment: asIs,
    table,
    epoch,
    ...rest,
  });
}

function used(usage: Partial<Usage>): Usage {
  return tokenUsage(usage.input ?? 0, usage.output ?? 0, usage);
}

function cost(question: Question, usage: Partial<Usage>, tier?: "priority" | "flex"): number {
  const found = price(question);
  if (found === undefined) throw new Error("no price");
  const total = costOf(found, used(usage), tier);
  const bill = billOf(found, used(usage), tier);
  expect(bill.total).toBe(total);
  expect(bill.lines.reduce((sum, { picodollars }) => sum + picodollars, 0)).toBe(bill.original);
  expect(bill.original - bill.discount + bill.margin).toBe(total);
  return total;
}

describe("costOf", () => {
  it("charges what LiteLLM charges: 9 + 3 tokens of gpt-4o-mini are 3.15e-06 dollars", () => {
    expect(dollarsText(cost({ model: "gpt-4o-mini" }, { input: 9, output: 3 }))).toBe("3.15e-06");
  });

  const plain = { input_cost_per_token: 1e-6, output_cost_per_token: 2e-6 };
  const long = { ...plain, input_cost_per_token_above_200k_tokens: 3e-6 };
  it.each<[string, object, Partial<Usage>, "priority" | "flex" | undefined, number]>([
    ["prompt and answer", plain, { input: 10, output: 5 }, undefined, 20e6],
    [
      "details without a price as their whole",
      plain,
      { input: 10, cachedInput: 4, output: 5, reasoning: 5 },
      undefined,
      20e6,
    ],
    [
      "cached, written and plain prompt tokens each at their price",
      { ...plain, cache_read_input_token_cost: 1e-7, cache_creation_input_token_cost: 1.25e-6 },
      { input: 100, cachedInput: 50, cacheWriteInput: 20 },
      undefined,
      30e6 + 5e6 + 25e6,
    ],
    [
      "reasoning and audio",
      {
        ...plain,
        output_cost_per_reasoning_token: 5e-6,
        input_cost_per_audio_token: 7e-6,
        output_cost_per_audio_token: 9e-6,
      },
      { input: 10, audioInput: 4, output: 10, reasoning: 2, audioOutput: 3 },
      undefined,
      6e6 + 28e6 + 10e6 + 10e6 + 27e6,
    ],
    ["up to 200,000 tokens at the plain price", long, { input: 200_000, output: 1 }, undefined, 2e11 + 2e6],
    [
      "the whole of a longer prompt at the long price",
      long,
      { input: 200_001, output: 1 },
      undefined,
      600_003e6 + 2e6,
    ],
    [
      "of several lengths the longest that is passed",
      {
        ...long,
        input_cost_per_token_above_128k_tokens: 2e-6,
        output_cost_per_token_above_128k_tokens: 4e-6,
      },
      { input: 300_000, output: 1 },
      undefined,
      9e11 + 4e6,
    ],
    ["priority", { ...plain, input_cost_per_token_priority: 5e-6 }, { input: 1, output: 1 }, "priority", 7e6],
    ["flex", { ...plain, input_cost_per_token_flex: 5e-7 }, { input: 2, output: 1 }, "flex", 3e6],
    ["a tier without a price as any other", plain, { input: 1 }, "flex", 1e6],
    ["a call", { ...plain, input_cost_per_request: 0.01 }, { input: 1 }, undefined, 1e10 + 1e6],
    [
      "a negative price as nothing",
      { input_cost_per_token: -1, output_cost_per_token: 1e-6 },
      { input: 9, output: 1 },
      undefined,
      1e6,
    ],
  ])("charges %s", (_, parameters, usage, tier, want) => {
    expect(cost({ parameters }, usage, tier)).toBe(want);
  });

  it.each<[string, object | undefined, object | undefined, number]>([
    ["discount", { openai: 0.05 }, undefined, 950],
    ["margin", undefined, { openai: 0.1 }, 1100],
    ["everybody's margin", undefined, { global: 0.2 }, 1200],
    ["a fixed margin", undefined, { openai: { fixed_amount: 5e-10 } }, 1500],
    ["discount before margin", { openai: 0.5 }, { openai: { percentage: 0.1, fixed_amount: 5e-10 } }, 1050],
    ["nothing for others", { azure: 0.5 }, { azure: 0.5 }, 1000],
    ["no discount beyond all of it", { openai: 7 }, undefined, 0],
    ["nothing that is not a share", { openai: "much" }, { openai: -4 }, 1000],
  ])("applies %s", (_, discounts, margins, want) => {
    const adjustment = adjustmentOf("openai", discounts as never, margins as never);
    const parameters = { input_cost_per_token: 1e-9, output_cost_per_token: 0 };
    expect(cost({ parameters, adjustment }, { input: 1 })).toBe(want);
  });

  it("is never negative or fractional", () => {
    const amount = fc.nat(200_000);
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const usage = fc.record({
      input: amount,
      output: amount,
      cachedInput: amount,
      cacheWriteInput: amount,
      reasoning: amount,
      audioInput: amount,
      audioOutput: amount,
    });
    fc.assert(
      fc.property(usage, share, share, (some, discount, marginShare) => {
        const parts = {
          ...some,
          cachedInput: Math.min(some.cachedInput, some.input),
          cacheWriteInput: Math.min(
            some.cacheWriteInput,
            some.input - Math.min(some.cachedInput, some.input),
          ),
        };
        const total = cost({ model: "gpt-4o", adjustment: { discount, marginShare, marginFixed: 0 } }, parts);
        expect(total).toBeGreaterThanOrEqual(0);
        expect(Number.isSafeInteger(total)).toBe(true);
      }),
    );
  });
});

describe("priceOf", () => {
  const own = { input_cost_per_token: 1e-6, output_cost_per_token: 2e-6 };
  it.each<[string, Question, number | undefined, string]>([
    [
      "litellm_params before model_info",
      { parameters: own, information: { input_cost_per_token: 9 } },
      1e6,
      "litellm_params",
    ],
    ["model_info before the table", { model: "gpt-4o", information: own }, 1e6, "model_info"],
    [
      "base_model before the model",
      { provider: "azure", model: "my-deployment", baseModel: "azure/gpt-4o-mini" },
      150_000,
      "openai/gpt-4o-mini",
    ],
    [
      "a base_model without a provider",
      { provider: "azure", model: "gpt-4o", baseModel: "gpt-4o-mini" },
      150_000,
      "openai/gpt-4o-mini",
    ],
    [
      "the provider's model",
      { provider: "groq", model: "llama-3.1-8b-instant" },
      50_000,
      "groq/llama-3.1-8b-instant",
    ],
    [
      "an alias of a provider",
      { provider: "text-completion-openai", model: "gpt-3.5-turbo" },
      500_000,
      "openai/gpt-3.5-turbo",
    ],
    [
      "a well-known name at any provider",
      { provider: "custom_openai", model: "gpt-4o-mini" },
      150_000,
      "openai/gpt-4o-mini",
    ],
    [
      "the table for what is left open",
      { model: "gpt-4o-mini", parameters: { output_cost_per_token: 5e-6 } },
      150_000,
      "litellm_params",
    ],
    ["nothing for a model of one's own", { provider: "ollama", model: "deepseek-r1" }, undefined, ""],
    ["nothing for an unknown model", {}, undefined, ""],
  ])("takes %s", (_, question, input, source) => {
    const found = price(question);
    expect(found?.rates.input).toBe(input);
    expect(found?.source ?? "").toBe(source);
  });

  it("lets nothing of the table stand beside a whole price of one's own", () => {
    const free = price({
      model: "gpt-4o-mini",
      parameters: { input_cost_per_token: 0, output_cost_per_token: 0 },
    });
    expect(free?.free).toBe(true);
    expect(new Set(Object.values(free?.rates ?? {}))).toEqual(new Set([0]));
  });

  it("replaces the table's price for long prompts by one's own plain price", () => {
    const parameters = { input_cost_per_token: 1e-6 };
    const found = price({ provider: "gemini", model: "gemini-2.5-pro", parameters });
    expect(found?.longPrompts.map(({ above, rates }) => [above, rates.input])).toEqual([[200_000, 1e6]]);
  });

  it.each([
    ["neither price", {}, {}, true],
    ["one of them", { input_cost_per_token: 1 }, {}, true],
    ["both", { input_cost_per_token: 1 }, { output_cost_per_token: 1 }, false],
    ["a price per request", { input_cost_per_request: 1 }, {}, false],
  ])("needs the table with %s: %o %o", (_, parameters, information, want) => {
    expect(needsTable(parameters, information)).toBe(want);
  });
});

describe("the price table", () => {
  const rows: readonly (readonly [id: string, name: string])[] = [
    ["openai", "openai"],
    ["azure", "azure"],
    ["anthropic", "anthropic"],
    ["google", "gemini"],
    ["aws", "bedrock"],
    ["groq", "groq"],
    ["mistral", "mistral"],
    ["x-ai", "xai"],
    ["together", "together_ai"],
    ["openrouter", "openrouter"],
  ];

  /** What genai-prices charges by what usage does not have, or by the time of day. */
  const apart = /audio|image|video|deepseek/;

  it.each(rows)("charges for %s as genai-prices does", (providerId, name) => {
    let compared = 0;
    for (const { id } of findProvider({ providerId })?.models ?? []) {
      const found = price({ provider: name, model: id });
      for (const [input, cached, output] of [
        [1000, 0, 500],
        [150_000, 10_000, 10],
        [280_000, 1000, 2000],
      ] as const) {
        const want = calcPrice(
          { input_tokens: input, cache_read_tokens: cached, output_tokens: output },
          id,
          { providerId, timestamp: new Date(epoch) },
        );
        if (want === null || found === undefined || apart.test(JSON.stringify(want.model_price) + id))
          continue;
        if (want.model_price["requests_kcount"] !== undefined || want.model_price["input_mtok"] === undefined)
          continue;
        const total = costOf(found, used({ input, cachedInput: cached, output }));
        expect(`${id} ${(total / 1e12).toFixed(9)}`).toBe(`${id} ${want.total_price.toFixed(9)}`);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(10);
  });

  it("knows how long prompts may be", () => {
    expect(table.find("openai", "gpt-4o")?.contextWindow).toBe(128_000);
    expect(table.find("openai", "GPT-4o")?.contextWindow).toBe(128_000);
    expect(table.find("nobody", "gpt-4o")).toBeUndefined();
  });

  it("charges the price that holds at the time", () => {
    const found = table.find("openai", "o3");
    expect(found?.priceAt(Date.UTC(2025, 5, 9)).input).toBe(10e6);
    expect(found?.priceAt(Date.UTC(2025, 5, 10)).input).toBe(2e6);
  });
});

describe("dollarsText", () => {
  it.each([
    [0, "0.0"],
    [1, "1e-12"],
    [3_150_000, "3.15e-06"],
    [10_000_000, "1e-05"],
    [99_990_000, "9.999e-05"],
    [100_000_000, "0.0001"],
    [123_456_789_012, "0.123456789012"],
    [2e12, "2.0"],
    [12_345_678_901_234n * 1000n, "12345.678901234"],
  ])("prints %s picodollars as Python prints the float", (amount, want) => {
    expect(dollarsText(amount)).toBe(want);
  });
});
