import * as dialects from "@gatewright/dialects";
import { expect, test } from "vitest";
import { dialectLabel, langopTypes } from "./langop-types.ts";

test.each([
  ["LanguageCluster", dialects.languageCluster],
  ["LanguageModel", dialects.languageModel],
] as const)(
  "%s is watched as the dialect defines it",
  (kind, { group, version, kind: name, plural, scope }) => {
    expect(langopTypes[kind]).toEqual({ group, version, kind: name, plural, scope });
  },
);

test("the label that is watched is the one that the dialect writes", () => {
  expect(dialectLabel).toBe(dialects.dialectLabel);
});
