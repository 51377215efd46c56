import { readFileSync } from "node:fs";
import { isJsonObject, type Json, type JsonObject } from "@gatewright/plan";
import { expect, test } from "vitest";
import * as z from "zod";
import type { World } from "../dialect.ts";
import { readManifests } from "../manifest.ts";
import type { Resource } from "../resource.ts";
import { worldOf } from "../world.ts";
import { agenticLayer } from "./agentic-layer.ts";

const podOnly = "handed to the Pod as it is; its value is known nowhere else";
const objectsOnly = "metadata of Deployment, Pods and Service; the gateway does not see it";
const notLookedAt = "never looked at, in any implementation (agentic-layer.md §1)";

/** Fields that change nothing about what is served, and why that is right. */
const declined: Readonly<Record<string, string>> = {
  "AiGateway spec.env[].valueFrom.fieldRef.apiVersion": podOnly,
  "AiGateway spec.env[].valueFrom.fieldRef.fieldPath": podOnly,
  "AiGateway spec.env[].valueFrom.resourceFieldRef.containerName": podOnly,
  "AiGateway spec.env[].valueFrom.resourceFieldRef.divisor": podOnly,
  "AiGateway spec.env[].valueFrom.resourceFieldRef.resource": podOnly,
  "AiGateway spec.env[].valueFrom.fileKeyRef.volumeName": podOnly,
  "AiGateway spec.env[].valueFrom.fileKeyRef.path": podOnly,
  "AiGateway spec.env[].valueFrom.fileKeyRef.key": podOnly,
  "AiGateway spec.env[].valueFrom.fileKeyRef.optional": podOnly,
  "AiGateway spec.guardrails[].apiVersion": notLookedAt,
  "AiGateway spec.guardrails[].kind": notLookedAt,
  "AiGateway spec.guardrails[].fieldPath": notLookedAt,
  "AiGateway spec.guardrails[].resourceVersion": notLookedAt,
  "AiGateway spec.guardrails[].uid": notLookedAt,
  "AiGateway spec.commonMetadata.labels{}": objectsOnly,
  "AiGateway spec.commonMetadata.annotations{}": objectsOnly,
  "AiGateway spec.podMetadata.labels{}": objectsOnly,
  "AiGateway spec.podMetadata.annotations{}": objectsOnly,
};

const input = readFileSync(
  new URL("../../../../fixtures/agentic-layer/every-field/input.yaml", import.meta.url),
  "utf8",
);
const { manifests } = readManifests([{ path: "input.yaml", text: input }]);

/** The fixture has no guards, since they would block it. */
const guards: JsonObject = {
  guardrails: [
    {
      name: "a",
      namespace: "b",
      apiVersion: "v1",
      kind: "Guard",
      fieldPath: "x",
      resourceVersion: "1",
      uid: "2",
    },
  ],
};
const resources = worldOf(manifests).resources.map((resource) =>
  resource.kind === "AiGateway" ? { ...resource, spec: { ...resource.spec, ...guards } } : resource,
);

/** With everything a reference may name, and with none of it: `optional` matters only when something is missing. */
const worlds: readonly ((changed: readonly Resource[]) => World)[] = [
  (changed) => ({ ...worldOf(manifests, { secrets: "complete" }), resources: changed }),
  (changed) => ({
    ...worldOf([], { secrets: "complete" }),
    resources: changed.filter(({ kind }) => kind !== "ConfigMap"),
  }),
];

const leaves = agenticLayer.kinds.flatMap((kind) =>
  leavesOf(z.toJSONSchema(kind.spec, { io: "input", unrepresentable: "any" }) as JsonObject, []).map(
    (path) => ({ kind: kind.kind, path, name: `${kind.kind} ${pathText(path)}` }),
  ),
);

test.each(leaves)("$name is read, or declined with a reason", ({ kind, path, name }) => {
  let found = 0;
  const changed = resources.map((resource) => {
    if (resource.kind !== kind || resource.spec === undefined) return resource;
    const spec = changeFirst(resource.spec, path, () => found++ === 0);
    return { ...resource, spec: spec as JsonObject };
  });
  expect(found, "the fixture every-field does not set it").toBeGreaterThan(0);
  const noticed = worlds.some((world) => answer(world(changed)) !== answer(world(resources)));
  expect(noticed, noticed ? "read, so not to be declined" : "set, but changes nothing").toBe(
    declined[name] === undefined,
  );
});

test("nothing is declined that does not exist", () => {
  const names = new Set(leaves.map(({ name }) => name));
  expect(Object.keys(declined).filter((name) => !names.has(name))).toEqual([]);
});

function answer(world: World): string {
  const { gateways, findings } = agenticLayer.read(world, { engine: "litellm" });
  expect(findings.filter(({ code }) => code === "InvalidField" || code === "UnknownField")).toEqual([]);
  return JSON.stringify([
    findings,
    gateways.map(({ plan, findings: about, environment = {} }) => [
      plan,
      about,
      Object.entries(environment).map(([variable, value]) => [variable, value.reveal()]),
    ]),
  ]);
}

/** Paths to the values of a schema: `[]` is any item of a list, `{}` any value of a map. */
function leavesOf(schema: JsonObject, path: readonly string[]): readonly (readonly string[])[] {
  const { properties, items, additionalProperties } = schema;
  if (isJsonObject(properties)) {
    return Object.entries(properties).flatMap(([key, member]) =>
      leavesOf(member as JsonObject, [...path, key]),
    );
  }
  if (isJsonObject(items)) return leavesOf(items, [...path, "[]"]);
  if (isJsonObject(additionalProperties)) return leavesOf(additionalProperties, [...path, "{}"]);
  return [path];
}

function pathText(path: readonly string[]): string {
  return path.reduce((text, step) => (/^\W+$/.test(step) ? text + step : `${text}.${step}`), "spec");
}

/** The value with another, equally valid one at the places of a path for which `change` says so. */
function changeFirst(value: Json, path: readonly string[], change: () => boolean): Json {
  const [step, ...rest] = path;
  if (step === undefined) return change() ? other(value) : value;
  if (step === "[]" && Array.isArray(value)) {
    return (value as readonly Json[]).map((item) => changeFirst(item, rest, change));
  }
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      step === "{}" || step === key ? changeFirst(member, rest, change) : member,
    ]),
  );
}

function other(value: Json): Json {
  if (typeof value === "boolean") return !value;
  if (typeof value === "number") return value + 1;
  if (typeof value === "string") return `${value}x`;
  throw new Error("a leaf is a boolean, a number or a text");
}
