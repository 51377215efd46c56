import { describe, expect, it } from "vitest";
import { conditionsOf, fallbackTarget } from "./fallback.ts";
import { failureOf, type Reply, type Request, type Simulated, Simulation } from "./simulation.ts";

const once = { num_retries: 0, disable_cooldowns: true };

/** One deployment a group, of the same name; those in `bad` fail so. */
function groups(names: string, bad: { readonly [name: string]: Reply }): readonly Simulated[] {
  return names.split(" ").map((name) => ({ id: name, group: name, reply: () => bad[name] ?? {} }));
}

const broken: Reply = { status: 500 };
const tooLong: Reply = { status: 400, text: "maximum context length is 10 tokens" };
const indecent: Reply = { status: 400, text: "refused by the content policy" };
const target = (model: string) => ({ model, overrides: [] });

describe("fallbacks", () => {
  it.each<[string, object, readonly Simulated[], Request, string]>([
    ["none configured", {}, groups("m", { m: broken }), {}, "m"],
    [
      "in their order",
      { fallbacks: [{ m: ["a", "b"] }] },
      groups("m a b", { m: broken, a: broken }),
      {},
      "m a b",
    ],
    [
      "by the name without its provider",
      { fallbacks: [{ m: ["a"] }] },
      groups("openai/m a", { "openai/m": broken }),
      { model: "openai/m" },
      "openai/m a",
    ],
    ["of anybody", { fallbacks: [{ "*": ["a"] }] }, groups("m a", { m: broken }), {}, "m a"],
    [
      "of its own before anybody's",
      { fallbacks: [{ "*": ["a"] }, { m: ["b"] }] },
      groups("m a b", { m: broken }),
      {},
      "m b",
    ],
    ["by default", { default_fallbacks: ["a"] }, groups("m a", { m: broken }), {}, "m a"],
    [
      "by default for a name nothing serves",
      { default_fallbacks: ["x", "a"] },
      groups("a", {}),
      { model: "nobody" },
      "a",
    ],
    [
      "that are not there are passed over",
      { fallbacks: [{ m: ["x", "a"] }] },
      groups("m a", { m: broken }),
      {},
      "m a",
    ],
    [
      "of fallbacks come before the rest",
      { fallbacks: [{ m: ["a", "b"] }, { a: ["c"] }] },
      groups("m a b c", { m: broken, a: broken, c: broken }),
      {},
      "m a c b",
    ],
    [
      "that lead back are not followed",
      { fallbacks: [{ m: ["a"] }, { a: ["m", "a"] }] },
      groups("m a", { m: broken, a: broken }),
      {},
      "m a",
    ],
    [
      "not more than max_fallbacks",
      { fallbacks: [{ m: ["a", "b", "c"] }], max_fallbacks: 2 },
      groups("m a b c", { m: broken, a: broken, b: broken }),
      {},
      "m a b",
    ],
    [
      "five at most when nothing is set",
      { fallbacks: [{ m: ["a", "b", "c", "d", "e", "f"] }] },
      groups("m a b c d e f", { m: broken, a: broken, b: broken, c: broken, d: broken, e: broken }),
      {},
      "m a b c d e",
    ],
    ["for bad requests too", { fallbacks: [{ m: ["a"] }] }, groups("m a", { m: { status: 400 } }), {}, "m a"],
    [
      "of the request instead of the document's",
      { fallbacks: [{ m: ["a"] }] },
      groups("m a b", { m: broken }),
      { controls: { fallbacks: [target("b")] } },
      "m b",
    ],
    [
      "not where the request disables them",
      { fallbacks: [{ m: ["a"] }], context_window_fallbacks: [{ m: ["a"] }] },
      groups("m a", { m: tooLong }),
      { controls: { disableFallbacks: true } },
      "m",
    ],
    [
      "for too long requests at once, whatever the retries",
      {
        num_retries: 2,
        retry_policy: { BadRequestErrorRetries: 2 },
        fallbacks: [{ m: ["a"] }],
        context_window_fallbacks: [{ m: ["b"] }],
      },
      groups("m a b", { m: tooLong }),
      {},
      "m b",
    ],
    [
      "for too long requests, then the plain ones",
      { fallbacks: [{ m: ["a"] }], context_window_fallbacks: [{ m: ["b"] }] },
      groups("m a b", { m: tooLong, b: tooLong }),
      {},
      "m b a",
    ],
    [
      "for indecent requests",
      { fallbacks: [{ m: ["a"] }], content_policy_fallbacks: [{ m: ["b"] }] },
      groups("m a b", { m: indecent }),
      {},
      "m b",
    ],
    [
      "for indecent requests, not those for long ones",
      { context_window_fallbacks: [{ m: ["b"] }] },
      groups("m b", { m: indecent }),
      {},
      "m",
    ],
    [
      "of the request for too long ones",
      { context_window_fallbacks: [{ m: ["a"] }] },
      groups("m a b", { m: tooLong }),
      { controls: { contextWindowFallbacks: [target("b")] } },
      "m b",
    ],
    [
      "mock_testing_fallbacks",
      { fallbacks: [{ m: ["a"] }] },
      groups("m a", {}),
      { controls: { testing: "fallbacks" } },
      "a",
    ],
    [
      "mock_testing_context_fallbacks",
      { fallbacks: [{ m: ["a"] }], context_window_fallbacks: [{ m: ["b"] }] },
      groups("m a b", {}),
      { controls: { testing: "context-window" } },
      "b",
    ],
    [
      "mock_testing_content_policy_fallbacks",
      { fallbacks: [{ m: ["a"] }], content_policy_fallbacks: [{ m: ["b"] }] },
      groups("m a b", {}),
      { controls: { testing: "content-policy" } },
      "b",
    ],
    [
      "mock_testing_rate_limit_error is retried",
      { num_retries: 1, fallbacks: [{ m: ["a"] }] },
      groups("m a", {}),
      { controls: { testing: "rate-limit" } },
      "m",
    ],
  ])("%s", (_, router, deployments, request, want) => {
    const settings = { router_settings: { ...once, ...router } };
    const { calls, course, ends } = new Simulation(settings, deployments).serve(request);
    expect(calls.join(" ")).toBe(want);
    expect(ends).toBe(1);
    const asked = request.model ?? "m";
    expect(course.fallbacks).toBe(new Set(calls.filter((id) => id !== asked)).size);
  });

  it("are taken from litellm_settings where the router has none", () => {
    const settings = { router_settings: once, litellm_settings: { fallbacks: [{ m: ["a"] }] } };
    expect(new Simulation(settings, groups("m a", { m: broken })).serve().calls).toEqual(["m", "a"]);
  });

  it("bring their overrides", () => {
    const settings = { router_settings: { ...once, fallbacks: [{ m: [{ model: "a", temperature: 0 }] }] } };
    const { course } = new Simulation(settings, groups("m a", { m: broken })).serve();
    expect(course.overrides).toEqual([["temperature", "0"]]);
    expect(course.group?.name).toBe("a");
  });

  it("serve where every deployment rests, without a call to them", () => {
    const simulation = new Simulation({ router_settings: { fallbacks: [{ m: ["a"] }] } }, groups("m a", {}));
    simulation.state("m").restsUntil = 1000;
    expect(simulation.serve().calls).toEqual(["a"]);
  });
});

describe("what the client learns when nothing serves", () => {
  const message = (router: object, request: Request = {}, bad: Reply = broken): string => {
    const settings = { router_settings: { ...once, ...router } };
    const { error } = new Simulation(settings, groups("m a b", { m: bad, a: indecent, b: broken })).serve(
      request,
    );
    expect(error?.status).toBe(bad.status);
    return error !== undefined && "error" in error.body ? error.body.error.message : "";
  };

  it("is the failure of the model it asked for, and the fallbacks there were", () => {
    expect(message({ fallbacks: [{ m: ["a", "b"] }] })).toMatch(
      /InternalServerError.*Received Model Group=m\nAvailable Model Group Fallbacks=\[a, b\]$/s,
    );
  });

  it("says when none was for this model", () => {
    expect(message({ fallbacks: [{ a: ["b"] }] })).toMatch(
      /Available Model Group Fallbacks=None\. No fallback model group found/,
    );
  });

  it("says nothing of it when none is configured", () => {
    expect(message({})).toMatch(/Available Model Group Fallbacks=None$/);
  });

  it("names the client's own", () => {
    expect(message({}, { controls: { fallbacks: [target("b")] } })).toMatch(/Fallbacks=\[b\]$/);
  });

  it("is the error of an unknown name when default_fallbacks fail", () => {
    const settings = { router_settings: { ...once, default_fallbacks: ["a"] } };
    const { error } = new Simulation(settings, groups("a", { a: broken })).serve({ model: "nobody" });
    expect(error).toMatchObject({ status: 400, exceptionClass: "ProxyModelNotFoundError" });
  });
});

describe("conditions (langop)", () => {
  const limited = failureOf({ status: 429 });
  const timeout = failureOf({ status: 408, kind: "timeout" });
  const down = failureOf({ status: 500, kind: "connection" });
  it.each<[readonly string[], readonly boolean[]]>([
    [["error"], [true, true, true, true]],
    [["rate_limit"], [true, false, false, false]],
    [["Rate-Limit"], [true, false, false, false]],
    [
      ["timeout", "unavailable"],
      [false, true, true, false],
    ],
    [["context_window"], [false, false, false, true]],
    [
      ["429", "400"],
      [true, false, false, true],
    ],
    [["sunshine"], [false, false, false, false]],
  ])("%j", (words, want) => {
    const { meant } = conditionsOf(words);
    expect([limited, timeout, down, failureOf(tooLong)].map(meant)).toEqual(want);
  });

  it("decide which fallbacks are followed", () => {
    const settings = {
      router_settings: { ...once, fallbacks: [{ m: ["a"] }] },
      gatewright: {
        models: {
          m: {
            route: {
              fallbacks: [
                { model: "a", conditions: ["rate_limit"] },
                { model: "b", conditions: ["error"] },
              ],
            },
          },
        },
      },
    };
    const calls = (bad: Reply): string =>
      new Simulation(settings, groups("m a b", { m: bad })).serve().calls.join(" ");
    expect(calls({ status: 429 })).toBe("m a");
    expect(calls(broken)).toBe("m b");
  });

  it("that mean nothing are said", () => {
    const models = { m: { route: { fallbacks: [{ model: "a", conditions: ["sunshine"] }] } } };
    const { warnings } = new Simulation({ gatewright: { models } }, groups("m a", {}));
    expect(warnings).toEqual([expect.stringContaining("sunshine is no kind of failure")]);
  });
});

describe("fallbackTarget", () => {
  it.each<[unknown, unknown]>([
    ["a", { model: "a", overrides: [] }],
    [
      { model: "a", messages: [] },
      { model: "a", overrides: [["messages", "[]"]] },
    ],
    [{ temperature: 1 }, undefined],
    ["", undefined],
    [7, undefined],
    [null, undefined],
  ])("%j", (item, want) => {
    expect(fallbackTarget(item)).toEqual(want);
  });
});
