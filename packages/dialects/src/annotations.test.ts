import { expect, test } from "vitest";
import { readAnnotations } from "./annotations.ts";
import type { Resource } from "./resource.ts";

function annotated(annotations: Record<string, string>): Resource {
  return { apiVersion: "langop.io/v1alpha1", kind: "LanguageCluster", metadata: { name: "a", annotations } };
}

test("a known engine is used and names of settings are split", () => {
  const read = readAnnotations(
    annotated({
      "gatewright.dev/engine": "litellm",
      "gatewright.dev/allow-unsupported": "allowed_ips, guardrails\ncustom_auth",
    }),
    "native",
  );
  expect(read).toEqual({
    engine: "litellm",
    allowUnsupported: ["allowed_ips", "guardrails", "custom_auth"],
    findings: [],
  });
});

test("an engine that does not exist is reported and changes nothing", () => {
  const read = readAnnotations(annotated({ "gatewright.dev/engine": "nativ" }), "native");
  expect(read.engine).toBe("native");
  expect(read.findings.map(({ code, effect }) => ({ code, effect }))).toEqual([
    { code: "UnknownEngine", effect: "dropped" },
  ]);
});
