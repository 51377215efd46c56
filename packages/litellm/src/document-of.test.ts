import {
  assemble,
  type GatewayHeader,
  type Json,
  type JsonObject,
  type Origin,
  type Overlay,
  type Part,
} from "@gatewright/plan";
import { describe, expect, it } from "vitest";
import { digestOf } from "./digest.ts";
import { documentOf } from "./document-of.ts";

const gateway: Origin = {
  apiVersion: "runtime.agentic-layer.ai/v1alpha1",
  kind: "AiGateway",
  namespace: "ai",
  name: "gw",
};
const patchOrigin: Origin = { ...gateway, path: "metadata.annotations" };
const settings: Part = {
  concern: "route",
  origin: gateway,
  value: { requestTimeoutSeconds: 600 },
};

function delivered(
  parts: readonly Part[],
  keys: "contract" | "sorted" = "contract",
  header: Partial<GatewayHeader> = {},
) {
  const whole: GatewayHeader = {
    dialect: "agentic-layer",
    namespace: "ai",
    name: "gw",
    origin: gateway,
    engine: "litellm",
    layout: { indent: 4, keys },
    ...header,
  };
  return documentOf(assemble(whole, parts).plan);
}

function overlay(kind: Overlay["kind"], value: JsonObject, block?: string): Part {
  return {
    concern: "overlay",
    value: { origin: patchOrigin, kind, value, ...(block === undefined ? {} : { block }) },
  };
}

function model(name: string, parameters: { readonly [key: string]: Json } = {}): Part {
  const origin = { ...gateway, kind: "LanguageModel", name };
  return {
    concern: "model",
    value: { origin, name, model: `openai/${name}`, delivery: "document", parameters },
  };
}

describe("documentOf", () => {
  it("gives the document, its bytes and their digest", () => {
    const { document, text, digest, findings } = delivered([settings]);
    expect(document).toEqual({ litellm_settings: { request_timeout: 600 } });
    expect(text).toBe("litellm_settings:\n    request_timeout: 600\n");
    expect(digest).toBe(digestOf(text));
    expect(findings).toEqual([]);
  });

  it("gives the same bytes for a patch that says nothing", () => {
    const plain = delivered([settings, model("a")]);
    expect(delivered([settings, model("a"), overlay("merge-patch", {})]).text).toBe(plain.text);
    expect(delivered([settings, model("a"), overlay("merge-patch", { gone: null })]).text).toBe(plain.text);
  });

  it("lays the overlays over each other in order", () => {
    const first: Part = {
      ...(overlay("merge-patch", { litellm_settings: { num_retries: 1 } }) as object),
      position: 1,
    } as Part;
    const second: Part = {
      ...(overlay("merge-patch", { litellm_settings: { num_retries: 2 } }) as object),
      position: 2,
    } as Part;
    expect(delivered([second, first]).document).toEqual({ litellm_settings: { num_retries: 2 } });
  });

  const refused: readonly { kind: Overlay["kind"]; code: string; block?: string; value: JsonObject }[] = [
    {
      kind: "merge-patch",
      code: "ConfigPatchInvalid",
      value: { litellm_settings: { request_timeout: "soon" } },
    },
    {
      kind: "deep-merge",
      code: "ExtraConfigInvalid",
      value: { litellm_settings: { request_timeout: "soon" } },
    },
    { kind: "fill", code: "ExtraSettingInvalid", block: "litellm_settings", value: { num_retries: "many" } },
  ];
  it.each(refused)(
    "blocks the gateway as a whole for a $kind whose values cannot be read, and names its place",
    ({ kind, code, block, value }) => {
      const { findings } = delivered([settings, overlay(kind, value, block)]);
      expect(findings).toEqual([
        { code, effect: "blocked", origin: gateway, text: expect.stringContaining("litellm_settings.") },
      ]);
      expect(findings[0]?.text).toContain(patchOrigin.path);
    },
  );

  it("takes what LiteLLM takes: numbers as text, words for booleans, references", () => {
    const { findings } = delivered([
      overlay("merge-patch", {
        litellm_settings: { request_timeout: "600", drop_params: "on", num_retries: "os.environ/RETRIES" },
      }),
    ]);
    expect(findings).toEqual([]);
  });

  it("keeps a key that nothing reads, and says so", () => {
    const { document, findings } = delivered([
      settings,
      overlay("merge-patch", { litellm_settings: { request_timout: 5 } }),
    ]);
    expect(document["litellm_settings"]).toEqual({ request_timeout: 600, request_timout: 5 });
    expect(findings).toMatchObject([
      {
        code: "UnknownKey",
        effect: "dropped",
        origin: patchOrigin,
        text: expect.stringContaining("request_timeout"),
      },
    ]);
  });

  it("says nothing about keys that an overlay did not bring", () => {
    const own: Part = { concern: "route", origin: gateway, value: { switches: { no_such_switch: true } } };
    expect(
      delivered([own, overlay("merge-patch", { litellm_settings: { num_retries: 1 } })]).findings,
    ).toEqual([]);
  });

  it("leaves out a model that cannot be read, and serves the others", () => {
    const { document, findings } = delivered([model("good"), model("bad", { timeout: "soon" })]);
    expect(document["model_list"]).toMatchObject([{ model_name: "good" }]);
    expect(findings).toMatchObject([
      {
        code: "ModelInvalid",
        effect: "blocked",
        origin: { name: "bad" },
        text: expect.stringContaining("litellm_params.timeout"),
      },
    ]);
  });

  it("blocks the gateway for settings of its own that cannot be read", () => {
    const cache: Part = { concern: "cache", origin: gateway, value: { parameters: { ttl: "soon" } } };
    expect(delivered([cache]).findings).toMatchObject([
      { code: "DocumentInvalid", effect: "blocked", origin: gateway, text: expect.stringContaining("ttl") },
    ]);
  });

  const allowlist: Part = {
    concern: "network",
    origin: gateway,
    value: { allowedAddresses: ["10.0.0.0/8"] },
  };

  it("refuses for the native engine what it would have to leave unprotected", () => {
    expect(delivered([allowlist], "contract", { engine: "native" }).findings).toMatchObject([
      { code: "SettingRefused", effect: "blocked", text: expect.stringContaining("allowed_ips") },
    ]);
    expect(delivered([allowlist], "contract", { engine: "litellm" }).findings).toEqual([]);
  });

  it("goes without it when the user accepts that", () => {
    const { document, findings } = delivered([allowlist], "contract", {
      engine: "native",
      allowUnsupported: ["allowed_ips"],
    });
    expect(findings).toMatchObject([{ code: "SettingAccepted", effect: "dropped" }]);
    expect(document["gatewright"]).toEqual({ allow_unsupported: ["allowed_ips"] });
  });

  it("judges stored models like those of the document", () => {
    const stored: Part = {
      concern: "model",
      value: { origin: gateway, name: "a", model: "nowhere/a", delivery: "admin" },
    };
    const { document, findings } = delivered([stored], "contract", { engine: "native" });
    expect(document).toEqual({});
    expect(findings).toMatchObject([{ effect: "blocked", text: expect.stringContaining("nowhere") }]);
  });

  it("prints a patched gateway in the order of agentic-layer.md §3.10", () => {
    const { text } = delivered(
      [
        settings,
        { concern: "telemetry", origin: gateway, value: { callbacks: ["otel", "prometheus"] } },
        {
          concern: "model",
          value: {
            origin: gateway,
            name: "gpt-4o",
            model: "openai/gpt-4o",
            delivery: "document",
            apiKey: { variable: "OPENAI_API_KEY" },
          },
        },
        overlay("merge-patch", {
          router_settings: { routing_strategy: "least-busy" },
          litellm_settings: { drop_params: true },
          general_settings: { master_key: "os.environ/KEY" },
        }),
      ],
      "sorted",
    );
    expect(text).toBe(`general_settings:
    master_key: os.environ/KEY
litellm_settings:
    callbacks:
        - otel
        - prometheus
    drop_params: true
    request_timeout: 600
model_list:
    - litellm_params:
        api_key: os.environ/OPENAI_API_KEY
        model: openai/gpt-4o
      model_name: gpt-4o
router_settings:
    routing_strategy: least-busy
`);
  });
});
