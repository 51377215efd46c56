import type { Settings } from "@gatewright/litellm";
import { describe, expect, it } from "vitest";
import { type Request, type Simulated, Simulation } from "./simulation.ts";
import { tagPatternsOf } from "./tags.ts";

type Router = NonNullable<Settings["router_settings"]>;

/** Ids of all deployments that some of many requests reached; "" stands for a refusal. */
function reached(
  router: Router,
  deployments: readonly Omit<Simulated, "group">[],
  request: Request = {},
): string {
  const simulation = new Simulation(
    { router_settings: { num_retries: 0, ...router } },
    deployments.map((one) => ({ group: "m", ...one })),
  );
  const found = new Set<string>();
  for (let count = 0; count < 60; count++) found.add(simulation.serve(request).calls.join());
  return [...found].sort().join(" ");
}

function refusal(router: Router, deployments: readonly Omit<Simulated, "group">[], request: Request = {}) {
  const settings = { router_settings: router };
  return new Simulation(
    settings,
    deployments.map((one) => ({ group: "m", ...one })),
  ).serve(request).error;
}

describe("tags", () => {
  const tags = { enable_tag_filtering: true };
  const all = { ...tags, tag_filtering_match_any: false };
  const paid = { id: "paid", tags: ["paid"] };
  const both = { id: "both", tags: ["paid", "eu"] };
  const free = { id: "free", tags: ["free"] };
  const standIn = { id: "default", tags: ["default"] };
  const plain = { id: "plain" };
  const claude = { id: "claude", tagPatterns: [/^User-Agent: claude-code\//] };

  it.each<[string, Router, readonly Omit<Simulated, "group">[], Request, string]>([
    ["without filtering they mean nothing", {}, [paid, free], { tags: ["paid"] }, "free paid"],
    ["a shared one", tags, [paid, free, plain, standIn], { tags: ["paid"] }, "paid"],
    ["any of several", tags, [paid, both, free], { tags: ["paid", "eu"] }, "both paid"],
    ["all of several", all, [paid, both, free], { tags: ["paid", "eu"] }, "both"],
    ["no match: default", tags, [paid, standIn, plain], { tags: ["us"] }, "default"],
    ["no match, no default", tags, [paid, plain], { tags: ["us"] }, ""],
    ["no tags: default", tags, [paid, standIn, plain], {}, "default"],
    ["no tags, no default: everybody [seen]", tags, [paid, free], {}, "free paid"],
    ["by pattern", tags, [claude, paid, standIn], { userAgent: "claude-code/1.2" }, "claude"],
    [
      "by pattern beside tags",
      tags,
      [claude, paid],
      { userAgent: "claude-code/1", tags: ["paid"] },
      "claude paid",
    ],
    ["another client", tags, [claude, standIn], { userAgent: "curl/8" }, "default"],
  ])("%s", (_, router, deployments, request, want) => {
    expect(reached(router, deployments, request)).toBe(want);
  });

  it("no match is an error of its own", () => {
    expect(refusal(tags, [paid], { tags: ["us"] })).toMatchObject({
      status: 401,
      body: { error: { message: expect.stringContaining("with the tags [us]") } },
    });
  });
});

describe("tag_regex", () => {
  it.each([
    ["^User-Agent: claude-code/", true],
    ["Mozilla.*Firefox", true],
    ["^User-Agent: (curl|wget)/[0-9.]+", true],
    ["(a+)+$", false],
    ["(a|aa)+$", false],
    ["(?:x{2,})*", false],
    [".*.*.*x", false],
    ["(a)\\1", false],
    ["[(+*]+", true],
    ["\\(a+\\)+", true],
    ["(", false],
  ])("%s", (text, usable) => {
    const { patterns, unusable } = tagPatternsOf([text]);
    expect([patterns.length, unusable.length]).toEqual(usable ? [1, 0] : [0, 1]);
  });
});

describe("pre-call checks", () => {
  const checks = { enable_pre_call_checks: true };
  const small = { id: "small", maxInputTokens: 100, region: "us-east-1" };
  const large = { id: "large", maxInputTokens: 1000, region: "eu-west-1" };
  const unknown = { id: "unknown" };

  it.each<[string, Router, Request, string]>([
    ["are off by default", {}, { input: 500 }, "large small unknown"],
    ["the context window", checks, { input: 500 }, "large unknown"],
    ["the region, which is always checked", {}, { region: "eu" }, "large"],
    ["a region in full", checks, { region: "us-east-1" }, "small"],
  ])("%s", (_, router, request, want) => {
    expect(reached(router, [small, large, unknown], request)).toBe(want);
  });

  it("a prompt too long for all is the upstream's own error", () => {
    expect(refusal(checks, [small, large], { input: 5000 })).toMatchObject({
      status: 400,
      exceptionClass: "ContextWindowExceededError",
    });
  });

  it("leads to the fallbacks for long prompts without a call", () => {
    const router = { ...checks, context_window_fallbacks: [{ m: ["long"] }], fallbacks: [{ m: ["other"] }] };
    const simulation = new Simulation({ router_settings: router }, [
      { ...small, group: "m" },
      { id: "long", group: "long" },
      { id: "other", group: "other" },
    ]);
    expect(simulation.serve({ input: 5000 }).calls).toEqual(["long"]);
  });
});

describe("budgets and health", () => {
  const crossed = { spend: [{ crossed: () => true }] };

  it("a crossed budget leaves its deployment out", () => {
    expect(reached({}, [{ id: "a", ...crossed }, { id: "b" }])).toBe("b");
    expect(refusal({}, [{ id: "a", ...crossed }])).toMatchObject({
      status: 429,
      body: { error: { message: expect.stringContaining("crossed budget: provider=OpenAI") } },
    });
  });

  it("the step that leaves nobody decides the error", () => {
    const simulation = new Simulation({}, [
      { id: "a", group: "m", ...crossed },
      { id: "b", group: "m" },
    ]);
    simulation.state("b").restsUntil = 3000;
    expect(simulation.serve().error).toMatchObject({
      body: { error: { message: expect.stringContaining("crossed budget") } },
    });
  });

  it("failed checks leave a deployment out, unless all have failed", () => {
    const simulation = new Simulation({}, [
      { id: "a", group: "m" },
      { id: "b", group: "m", weight: 0 },
    ]);
    simulation.state("a").healthy = false;
    for (let request = 0; request < 20; request++) expect(simulation.serve().calls).toEqual(["b"]);
    simulation.state("b").healthy = false;
    expect(simulation.serve().served).toBe(true);
  });
});
