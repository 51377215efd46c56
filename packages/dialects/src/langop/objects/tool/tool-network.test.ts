import type { JsonObject } from "@gatewright/plan";
import { describe, expect, test } from "vitest";
import type { Installation } from "../../../installation.ts";
import { readSpec } from "../../../spec.ts";
import { languageTool } from "../../kinds/language-tool.ts";
import { toolObjects } from "./tool.ts";

const installation: Installation = {
  image: "gatewright:1",
  litellmImage: "litellm:1",
  networkIsolation: true,
  apis: { cilium: false, calico: false, gatewayApi: false },
  apiServerRanges: [],
  customRanges: [],
  ingressControllerNamespaces: [],
  operatorNamespace: "gatewright-system",
};

/** Who may connect to a tool, and where. */
function admitted(fields: JsonObject, more: Partial<Installation> = {}) {
  const spec: JsonObject = { image: "example.com/web:1", ...fields };
  const tool = {
    apiVersion: "langop.io/v1alpha1",
    kind: "LanguageTool",
    metadata: { name: "web", namespace: "demo", uid: "u" },
    spec,
  };
  const reading = readSpec(languageTool, tool);
  if (reading.spec === undefined) throw new Error("the spec cannot be read");
  const { objects } = toolObjects({
    tool,
    spec: reading.spec,
    installation: { ...installation, ...more },
    addresses: () => [],
    serviceSelectors: () => undefined,
  });
  const policy = objects.find(({ kind }) => kind === "NetworkPolicy") as unknown as {
    readonly spec: { readonly ingress: readonly object[] };
  };
  return policy?.spec.ingress;
}

const agents = { podSelector: { matchLabels: { "langop.io/kind": "LanguageAgent" } } };
const operator = {
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "gatewright-system" } },
};

describe("a tool is called", () => {
  test("by agents of its namespace, and by the operator, at its port alone", () => {
    expect(admitted({ port: 9000 })).toEqual([
      { from: [agents, operator], ports: [{ protocol: "TCP", port: 9000 }] },
    ]);
  });

  test("by agents alone, where the operator has nothing to ask", () => {
    const alone = [{ from: [agents], ports: [{ protocol: "TCP", port: 8080 }] }];
    expect(admitted({ type: "openapi" })).toEqual(alone);
    const { operatorNamespace: _, ...outside } = installation;
    expect(admitted({}, { ...outside, operatorNamespace: undefined as never })).toEqual(alone);
  });
});
