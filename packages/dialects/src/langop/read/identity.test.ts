import { describe, expect, test } from "vitest";
import { readManifests } from "../../manifest.ts";
import { worldOf } from "../../world.ts";
import { langop } from "../langop.ts";

/** The identity and the findings of the shared gateway of one cluster. */
function gateway(
  spec: string,
  options: { readonly required?: boolean; readonly engine?: "native" | "litellm" } = {},
) {
  const text = `apiVersion: langop.io/v1alpha1\nkind: LanguageCluster\nmetadata: {name: demo}\nspec: ${spec}\n`;
  const { manifests } = readManifests([{ path: "cluster.yaml", text }]);
  const { required, engine = "native" } = options;
  const { gateways } = langop.read(worldOf(manifests, { secrets: "complete" }), {
    engine,
    ...(required === undefined ? {} : { agentKeys: ({ metadata }) => metadata.name === "demo" && required }),
  });
  const [only] = gateways;
  return {
    agentKeys: only?.plan.identity.agentKeys,
    findings: only?.findings.map(({ code, effect }) => `${code} ${effect}`),
  };
}

const asked = { secretVariable: "LANGOP_GATEWAY_HMAC_SECRET" };
const env = (entry: string): string => `{gateway: {deployment: {env: [${entry}]}}}`;
const extra = (config: string): string =>
  env(`{name: LANGOP_GATEWAY_EXTRA_CONFIG, value: ${JSON.stringify(config)}}`);

describe("agent keys", () => {
  test.each([
    { name: "nothing said", why: "`up` stays open", got: gateway("{}"), want: undefined },
    {
      name: "required",
      why: "the operator brings the secret",
      got: gateway("{}", { required: true }),
      want: asked,
    },
    {
      name: "not required",
      why: "an adopted gateway",
      got: gateway("{}", { required: false }),
      want: undefined,
    },
    {
      name: "a secret in the environment",
      why: "the user's own",
      got: gateway(env("{name: LANGOP_GATEWAY_HMAC_SECRET, value: s3cret}"), { required: false }),
      want: asked,
    },
    {
      name: "an empty one",
      why: "nothing is set",
      got: gateway(env("{name: LANGOP_GATEWAY_HMAC_SECRET, value: ''}")),
      want: undefined,
    },
    {
      name: "an empty one, but required",
      why: "an empty variable must not open the gateway",
      got: gateway(env("{name: LANGOP_GATEWAY_HMAC_SECRET, value: ''}"), { required: true }),
      want: asked,
    },
    {
      name: "one that the pod alone knows",
      why: "it is there later",
      got: gateway(
        env("{name: LANGOP_GATEWAY_HMAC_SECRET, valueFrom: {fieldRef: {fieldPath: metadata.uid}}}"),
      ),
      want: asked,
    },
  ])("$name: $why", ({ got, want }) => {
    expect(got).toEqual({ agentKeys: want, findings: [] });
  });

  test("a secret that cannot be read leaves nobody in, and is reported", () => {
    const source = "valueFrom: {secretKeyRef: {name: gone, key: hmac}}";
    expect(gateway(env(`{name: LANGOP_GATEWAY_HMAC_SECRET, ${source}}`))).toEqual({
      agentKeys: asked,
      findings: ["AgentKeysUnreadable dropped"],
    });
  });

  test("another check in the extra configuration replaces them, and the gateway that cannot run it says so", () => {
    expect(gateway(extra("general_settings: {custom_auth: my.check}"), { required: true }).agentKeys).toBe(
      undefined,
    );
  });

  test("LiteLLM has no such check: nothing in its document pretends it had, and that is reported", () => {
    expect(gateway("{}", { required: true, engine: "litellm" })).toEqual({
      agentKeys: undefined,
      findings: ["AgentKeysNotChecked dropped"],
    });
  });
});
