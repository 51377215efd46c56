import { expect, test } from "vitest";
import { agentKeysAnnotation, needsAgentKeys } from "./gateway-access.ts";

const object = (
  annotations: { readonly [name: string]: string } = {},
  conditions: readonly object[] = [],
) => ({
  apiVersion: "langop.io/v1alpha1",
  kind: "LanguageCluster",
  metadata: { name: "demo", annotations },
  status: { conditions },
});
const open = { [agentKeysAnnotation]: "open" };
const required = { [agentKeysAnnotation]: "required" };
const adopted = { type: "GatewayOpen", status: "True", reason: "AdoptedOpen" };

test.each([
  { name: "as gateways are", cluster: object(), gateway: undefined, engine: "native", want: true },
  { name: "a gateway of ours", cluster: object(), gateway: object(), engine: "native", want: true },
  {
    name: "an engine without agent keys",
    cluster: object(),
    gateway: object(),
    engine: "litellm",
    want: false,
  },
  {
    name: "an engine that the cluster names",
    cluster: object({ "gatewright.dev/engine": "litellm" }),
    gateway: object(),
    engine: "native",
    want: false,
  },
  { name: "opened", cluster: object(open), gateway: object(), engine: "native", want: false },
  { name: "taken over open", cluster: object(), gateway: object(open), engine: "native", want: false },
  {
    name: "taken over open, then closed",
    cluster: object(required),
    gateway: object(open),
    engine: "native",
    want: true,
  },
  {
    name: "taken over open, and its Deployment is gone",
    cluster: object({}, [adopted]),
    gateway: undefined,
    engine: "native",
    want: false,
  },
] as const)("agents wait for a key: $name, $want", ({ cluster, gateway, engine, want }) => {
  expect(needsAgentKeys(cluster, gateway, engine)).toBe(want);
});
