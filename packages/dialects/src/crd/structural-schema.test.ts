import { describe, expect, test } from "vitest";
import * as z from "zod";
import { dialects } from "../dialects.ts";
import { matchingText } from "../matching-text.ts";
import { customResourceDefinition } from "./custom-resource-definition.ts";
import { type StructuralSchema, structuralSchema } from "./structural-schema.ts";

const anything = { "x-kubernetes-preserve-unknown-fields": true };
const whole = { type: "integer", format: "int64" };
const text = { type: "string" };

const cases: readonly { name: string; why: string; input: z.ZodType; want: object }[] = [
  {
    name: "a strict object",
    why: "`additionalProperties: false` is not structural; the API server prunes what is not named anyway",
    input: z.strictObject({ a: z.string(), b: z.string().optional() }),
    want: { type: "object", properties: { a: text, b: text }, required: ["a"] },
  },
  {
    name: "a default",
    why: "people see it in `kubectl get -o yaml`, and need not write the field",
    input: z.strictObject({ timeout: z.string().default("5m") }),
    want: { type: "object", properties: { timeout: { type: "string", default: "5m" } } },
  },
  {
    name: "a loose object",
    why: "what is not named must survive, beside what is",
    input: z.looseObject({ name: z.string() }),
    want: { type: "object", properties: { name: text }, required: ["name"], ...anything },
  },
  {
    name: "a map of anything",
    why: "values without a schema would be pruned",
    input: z.record(z.string(), z.unknown()),
    want: { type: "object", ...anything },
  },
  {
    name: "a map of texts",
    why: "its values can be checked",
    input: z.record(z.string(), z.string()),
    want: { type: "object", additionalProperties: text },
  },
  {
    name: "anything",
    why: "a field without type must say that it means it",
    input: z.strictObject({ a: z.unknown().optional() }),
    want: { type: "object", properties: { a: anything } },
  },
  {
    name: "a whole number",
    why: "JavaScript's bounds are no bounds of the field",
    input: z.int(),
    want: whole,
  },
  {
    name: "a small whole number",
    why: "what ends in an int32 of another object must fit, and the format alone is not checked",
    input: z.int32().min(1),
    want: { type: "integer", format: "int32", minimum: 1, maximum: 2_147_483_647 },
  },
  {
    name: "a number",
    why: "with decimals",
    input: z.number().min(0),
    want: { type: "number", format: "double", minimum: 0 },
  },
  {
    name: "whole numbers or text",
    why: "Kubernetes has a word for them",
    input: z.union([z.int(), z.string().regex(/^\d+%$/)]),
    want: { "x-kubernetes-int-or-string": true, pattern: "^\\d+%$" },
  },
  {
    name: "numbers or text",
    why: "int-or-string would refuse decimals; the pattern is applied to text only",
    input: z.union([z.number(), z.string().regex(/^\d$/)]),
    want: { ...anything, pattern: "^\\d$" },
  },
  {
    name: "a map or a list",
    why: "both forms are checked and get their defaults, each by its own keyword",
    input: z.union([z.strictObject({ a: z.int() }), z.array(z.strictObject({ b: z.string().default("x") }))]),
    want: {
      ...anything,
      properties: { a: whole },
      required: ["a"],
      items: { type: "object", properties: { b: { type: "string", default: "x" } } },
    },
  },
  {
    name: "objects told by a word",
    why: "types stand outside of anyOf, what sets the forms apart inside",
    input: z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("a"), path: z.string() }),
      z.strictObject({ kind: z.literal("b"), path: z.string().optional() }),
    ]),
    want: {
      type: "object",
      properties: { kind: { type: "string", enum: ["a", "b"] }, path: text },
      required: ["kind"],
      anyOf: [
        { required: ["kind", "path"], properties: { kind: { enum: ["a"] } } },
        { required: ["kind"], properties: { kind: { enum: ["b"] } } },
      ],
    },
  },
  {
    name: "null",
    why: "as the field says",
    input: z.string().nullable(),
    want: { type: "string", nullable: true },
  },
  {
    name: "text of a form",
    why: "kubectl shows our sentence, not the expression",
    input: matchingText(/^a\*$/, "write an a").max(3),
    want: {
      type: "string",
      maxLength: 3,
      "x-kubernetes-validations": [{ rule: "self.matches(r'^a\\*$')", message: "write an a" }],
    },
  },
];

test.each(cases)("$name: $why", ({ input, want }) => {
  expect(structuralSchema(input)).toEqual(want);
});

test("refuses what no CRD can say, with the field's path", () => {
  const schema = z.strictObject({ a: z.array(z.string().regex(/a/).regex(/b/)) });
  expect(() => structuralSchema(schema)).toThrow(/^a\[\]: a CRD cannot express allOf/);
});

describe.each(dialects.flatMap(({ kinds }) => kinds))("$kind", (kind) => {
  const [version] = customResourceDefinition(kind).spec.versions;

  test("is structural", () => {
    expect(problems(version.schema.openAPIV3Schema, kind.kind)).toEqual([]);
  });

  test("has a status that no form of an old one loses", () => {
    if (kind.status === undefined) return expect(version.subresources).toBeUndefined();
    expect(version.subresources?.status).toEqual({});
    const status = version.schema.openAPIV3Schema.properties?.["status"];
    expect(status?.properties?.["conditions"]?.items?.required).toEqual([
      "type",
      "status",
      "lastTransitionTime",
      "reason",
      "message",
    ]);
    if (kind.group !== "langop.io") expect(status).toMatchObject(anything);
  });

  test("names only fields that there are in its columns", () => {
    for (const { jsonPath } of version.additionalPrinterColumns ?? []) {
      const path = jsonPath
        .replace(/\[.*\].*$/, "")
        .split(".")
        .slice(1);
      if (path[0] === "metadata") continue;
      const at = path.reduce<StructuralSchema | undefined>(
        (schema, step) => schema?.properties?.[step],
        version.schema.openAPIV3Schema,
      );
      expect(at, jsonPath).toBeDefined();
    }
  });
});

/** What makes a schema not structural, by the rules of apiextensions.k8s.io/v1. */
function problems(schema: StructuralSchema, path: string): readonly string[] {
  const found: string[] = [];
  const open = schema["x-kubernetes-preserve-unknown-fields"] === true;
  const intOrString = schema["x-kubernetes-int-or-string"] === true;
  if (schema.type === undefined && !open && !intOrString) found.push(`${path}: no type`);
  if (intOrString && (open || schema.type !== undefined)) found.push(`${path}: int-or-string and more`);
  if (schema.type === "array" && schema.items === undefined) found.push(`${path}: no items`);
  if (schema.properties !== undefined && schema.additionalProperties !== undefined)
    found.push(`${path}: properties beside additionalProperties`);
  if (open && schema.additionalProperties !== undefined)
    found.push(`${path}: two words for further properties`);
  for (const word of ["$ref", "oneOf", "allOf", "not", "$schema", "const", "propertyNames"])
    if (word in schema) found.push(`${path}: ${word}`);
  for (const name of schema.required ?? [])
    if (schema.properties?.[name] === undefined)
      found.push(`${path}: requires ${name}, which it does not have`);
  if (/type|default|description|x-kubernetes/.test(JSON.stringify(schema.anyOf?.map(withoutNames) ?? [])))
    found.push(`${path}: more than validation in anyOf`);
  const inner = [
    ...Object.entries(schema.properties ?? {}),
    ...(schema.items === undefined ? [] : [["[]", schema.items] as const]),
    ...(schema.additionalProperties === undefined ? [] : [["*", schema.additionalProperties] as const]),
  ];
  return [...found, ...inner.flatMap(([name, at]) => problems(at, `${path}.${name}`))];
}

function withoutNames({ properties, required: _required, ...rest }: Partial<StructuralSchema>): unknown {
  return [rest, Object.values(properties ?? {})];
}
