import { describe, expect, test } from "vitest";
import { readManifests } from "../../manifest.ts";
import { worldOf } from "../../world.ts";
import { members } from "./members.ts";

/** The variables of the one agent, whose `spec` has these further members. */
function environmentOf(spec: object) {
  const version = "langop.io/v1alpha1";
  const text = [
    { apiVersion: version, kind: "LanguageCluster", metadata: { name: "demo" } },
    {
      apiVersion: version,
      kind: "LanguageAgent",
      metadata: { name: "writer", namespace: "demo" },
      spec: { image: "example/agent:1", ...spec },
    },
  ]
    .map((object) => JSON.stringify(object))
    .join("\n---\n");
  const [agent] = members(worldOf(readManifests([{ path: "a.yaml", text }]).manifests));
  return agent?.environment ?? [];
}

const named = (name: string, spec: object) => environmentOf(spec).filter((one) => one.name === name);

describe("the environment of an agent, as its process sees it", () => {
  test.each(["costs $5", "$$5", "$(HOME)", "$$(HOME)", "$$$(HOME) $$$$", "$"])(
    "instructions mean what they say: %s",
    (instructions) => {
      expect(named("AGENT_INSTRUCTIONS", { instructions })).toEqual([
        { name: "AGENT_INSTRUCTIONS", value: instructions },
      ]);
    },
  );

  test.each([
    {
      name: "its own value goes before the operator's",
      env: [{ name: "MODEL_ENDPOINT", value: "https://models.example.com" }],
      of: "MODEL_ENDPOINT",
      want: [{ name: "MODEL_ENDPOINT", value: "https://models.example.com" }],
    },
    {
      name: "variables further up are filled in, others stay",
      env: [{ name: "TITLE", value: "$(AGENT_NAME) of $(NOBODY), $$(AGENT_NAME)" }],
      of: "TITLE",
      want: [{ name: "TITLE", value: "writer of $(NOBODY), $(AGENT_NAME)" }],
    },
    {
      name: "a Secret stays a reference",
      env: [{ name: "TOKEN", valueFrom: { secretKeyRef: { name: "a", key: "b", optional: true } } }],
      of: "TOKEN",
      want: [{ name: "TOKEN", secret: { name: "a", key: "b" } }],
    },
    {
      name: "what only a cluster knows is left out",
      env: [{ name: "NODE", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }],
      of: "NODE",
      want: [],
    },
  ])("$name", ({ env, of, want }) => {
    expect(named(of, { deployment: { env } })).toEqual(want);
  });
});
