import { expect, test } from "vitest";
import { keyOf, keyText } from "./object.ts";
import { pathOf, resourceTypes, typeOf } from "./resource-type.ts";

const { ConfigMap, Deployment, Namespace, ClusterRole } = resourceTypes;

test.each([
  ["a core collection of all namespaces", pathOf(ConfigMap), "/api/v1/configmaps"],
  ["of one namespace", pathOf(ConfigMap, { namespace: "a" }), "/api/v1/namespaces/a/configmaps"],
  [
    "a sub-resource",
    pathOf(Deployment, { namespace: "a", name: "b", subresource: "status" }),
    "/apis/apps/v1/namespaces/a/deployments/b/status",
  ],
  ["a cluster-scoped object", pathOf(Namespace, { name: "a" }), "/api/v1/namespaces/a"],
  [
    "a cluster-scoped object that was given a namespace, as kubectl does",
    pathOf(ClusterRole, { namespace: "x", name: "system:node" }),
    "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode",
  ],
])("path of %s", (_, path, want) => {
  expect(path).toBe(want);
});

test("a path that would mean something else is refused", () => {
  expect(() => pathOf(ConfigMap, { name: "a" })).toThrow(/no namespace/);
  expect(() => pathOf(ConfigMap, { namespace: "a", name: "" })).toThrow(/empty/);
  expect(() => pathOf(ConfigMap, { namespace: "", name: "a" })).toThrow(/empty/);
});

test("a kind that is not known is not guessed", () => {
  expect(typeOf({ apiVersion: "apps/v1", kind: "Deployment" })).toBe(Deployment);
  expect(() => typeOf({ apiVersion: "extensions/v1beta1", kind: "Deployment" })).toThrow(/no resource type/);
});

test.each([{ name: "a" }, { namespace: "n", name: "a" }])("a key is read from its text: %j", (key) => {
  expect(keyOf(keyText(key))).toEqual(key);
});
