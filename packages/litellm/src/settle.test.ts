import { inspect } from "node:util";
import type { JsonObject } from "@gatewright/plan";
import { describe, expect, it } from "vitest";
import { checkDocument } from "./check-document.ts";
import { environmentName } from "./environment.ts";
import { Secret } from "./secret.ts";
import { type Settlement, settle, withCredentials } from "./settle.ts";

function settled(document: JsonObject, variables: { readonly [name: string]: string } = {}): Settlement {
  return settle(document, (name) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    return value === undefined ? undefined : new Secret(value);
  });
}

const coercions: readonly {
  readonly why: string;
  readonly block: "litellm_settings" | "router_settings" | "general_settings";
  readonly given: JsonObject;
  readonly want: object;
}[] = [
  {
    why: "numbers as texts",
    block: "litellm_settings",
    given: { request_timeout: "600", num_retries: "2", max_budget: "1.5e1" },
    want: { request_timeout: 600, num_retries: 2, max_budget: 15 },
  },
  {
    why: "booleans as words and digits",
    block: "litellm_settings",
    given: { cache: "on", drop_params: "True", json_logs: "no", set_verbose: 0, force_ipv4: "1" },
    want: { cache: true, drop_params: true, json_logs: false, set_verbose: false, force_ipv4: true },
  },
  {
    why: "numbers where a text belongs",
    block: "general_settings",
    given: { completion_model: 4, litellm_key_header_name: true },
    want: { completion_model: "4", litellm_key_header_name: "true" },
  },
  {
    why: "one text as a list of one",
    block: "litellm_settings",
    given: { callbacks: "prometheus", success_callback: ["a", 1] },
    want: { callbacks: ["prometheus"], success_callback: ["a", "1"] },
  },
  {
    why: "empty keys as absent ones",
    block: "router_settings",
    given: { num_retries: null, retry_policy: null, timeout: 1 },
    want: { timeout: 1 },
  },
  {
    why: "both forms of aliases as one",
    block: "router_settings",
    given: { model_group_alias: { a: "b", c: { model: "d", hidden: "yes" } } },
    want: { model_group_alias: { a: { model: "b", hidden: false }, c: { model: "d", hidden: true } } },
  },
  {
    why: "fallbacks as they are",
    block: "router_settings",
    given: { fallbacks: [{ a: ["b", { model: "c", temperature: 0 }] }] },
    want: { fallbacks: [{ a: ["b", { model: "c", temperature: 0 }] }] },
  },
  {
    why: "unknown keys as they are",
    block: "general_settings",
    given: { colour: { shade: null } },
    want: { colour: { shade: null } },
  },
];

describe("settle", () => {
  it.each(coercions)("reads $why", ({ block, given, want }) => {
    expect(checkDocument({ [block]: given }).filter(({ severity }) => severity === "error")).toEqual([]);
    expect(settled({ [block]: given }).settings[block]).toEqual(want);
  });

  it("resolves references wherever they stand, and reads what they give", () => {
    const { settings, unresolved } = settled(
      {
        model_list: [
          {
            model_name: "a",
            litellm_params: {
              model: "os.environ/MODEL",
              api_key: "os.environ/KEY",
              timeout: "os.environ/SECONDS",
              extra_headers: { "x-team": "os.environ/TEAM", "x-plain": "p" },
              extra_body: { nested: [{ deep: "os.environ/TEAM" }], kept: null },
              top_a: "os.environ/TEAM",
              tags: ["os.environ/TEAM", "b"],
            },
          },
        ],
      },
      { MODEL: "openai/a", KEY: "sk-1", SECONDS: "30", TEAM: "blue" },
    );
    expect(unresolved).toEqual([]);
    const parameters = settings.model_list?.[0]?.litellm_params;
    expect(parameters?.api_key?.reveal()).toBe("sk-1");
    expect(parameters).toMatchObject({
      model: "openai/a",
      timeout: 30,
      extra_headers: { "x-team": "blue", "x-plain": "p" },
      extra_body: { nested: [{ deep: "blue" }], kept: null },
      top_a: "blue",
      tags: ["blue", "b"],
    });
  });

  it("lists references without a value, and leaves their keys out", () => {
    const { settings, unresolved } = settled({
      model_list: [
        {
          model_name: "a",
          litellm_params: { model: "os.environ/M", api_key: "os.environ/K", tags: ["os.environ/T"] },
        },
        { model_name: "b", litellm_params: { model: "openai/b" } },
      ],
      general_settings: { master_key: "os.environ/MASTER" },
    });
    expect(unresolved).toEqual([
      { path: "model_list[0].litellm_params.model", name: "M" },
      { path: "model_list[0].litellm_params.api_key", name: "K" },
      { path: "model_list[0].litellm_params.tags[0]", name: "T" },
      { path: "general_settings.master_key", name: "MASTER" },
    ]);
    // Positions stay: what is said of model_list[1] must be true of the second entry.
    expect(settings.model_list).toEqual([
      { model_name: "a", litellm_params: { model: "os.environ/M", tags: [] } },
      { model_name: "b", litellm_params: { model: "openai/b" } },
    ]);
    expect(settings.general_settings).toEqual({});
  });

  it("lists values that cannot be used without showing them", () => {
    const { settings, unresolved } = settled(
      { litellm_settings: { request_timeout: "os.environ/SECONDS" } },
      { SECONDS: "sk-hidden" },
    );
    expect(settings.litellm_settings).toEqual({});
    expect(unresolved).toEqual([
      {
        path: "litellm_settings.request_timeout",
        name: "SECONDS",
        text: "the value of SECONDS cannot be used: it must be a number of seconds, but is not",
      },
    ]);
  });

  it("takes environment_variables before the environment, as LiteLLM exports them over it", () => {
    const document = {
      environment_variables: { OWN: "own", SAME: "os.environ/SAME", EMPTY: null, NUMBER: 5 },
      general_settings: {
        completion_model: "os.environ/OWN",
        embedding_model: "os.environ/SAME",
        moderation_model: "os.environ/EMPTY",
        max_request_size_mb: "os.environ/NUMBER",
      },
    };
    const outside = { OWN: "outside", SAME: "outside", EMPTY: "outside" };
    expect(settled(document, outside).settings.general_settings).toEqual({
      completion_model: "own",
      embedding_model: "outside",
      moderation_model: "outside",
      max_request_size_mb: 5,
    });
  });

  it("gives secrets that print as nothing", () => {
    const { settings } = settled({
      general_settings: { master_key: "sk-hidden", database_url: "postgres://u:hidden@h/d" },
      environment_variables: { A: "hidden" },
      model_list: [
        { model_name: "a", litellm_params: { model: "m", vertex_credentials: { private_key: "hidden" } } },
      ],
    });
    expect(`${JSON.stringify(settings)} ${inspect(settings, { depth: 9 })}`).not.toContain("hidden");
    expect(settings.model_list?.[0]?.litellm_params.vertex_credentials?.reveal()).toBe(
      '{"private_key":"hidden"}',
    );
  });

  it("throws for a document that was not checked", () => {
    expect(() => settled({ general_settings: [] })).toThrow(/was not checked.*general_settings/);
  });
});

describe("withCredentials", () => {
  it("puts credentials over the deployments that name them and lists unknown names", () => {
    const { settings } = settled({
      credential_list: [
        { credential_name: "c", credential_values: { api_key: "sk-c", api_base: "http://c" } },
      ],
      model_list: [
        {
          model_name: "a",
          litellm_params: { model: "m", litellm_credential_name: "c", api_base: "http://own", rpm: 1 },
        },
        { model_name: "b", litellm_params: { model: "m", litellm_credential_name: "missing" } },
        { model_name: "d", litellm_params: { model: "m" } },
      ],
    });
    const { settings: filled, unknown } = withCredentials(settings);
    const [first, second, third] = filled.model_list ?? [];
    expect(first?.litellm_params).toMatchObject({ api_base: "http://c", rpm: 1 });
    expect(first?.litellm_params.api_key?.reveal()).toBe("sk-c");
    expect(second).toEqual(settings.model_list?.[1]);
    expect(third).toEqual(settings.model_list?.[2]);
    expect(unknown).toEqual([
      { path: "model_list[1].litellm_params.litellm_credential_name", name: "missing" },
    ]);
  });
});

describe("environmentName", () => {
  it.each([
    ["os.environ/NAME", "NAME"],
    ["os.environ/", ""],
    ["Bearer os.environ/NAME", undefined],
    [5, undefined],
  ])("%j → %j", (value, want) => {
    expect(environmentName(value)).toBe(want);
  });
});
