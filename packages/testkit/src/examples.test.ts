import { existsSync, readdirSync, readFileSync } from "node:fs";
import { admit, blockers, dialects, type ReviewedKind, readManifests, worldOf } from "@gatewright/dialects";
import { documentOf } from "@gatewright/litellm";
import { expect, test } from "vitest";

const examples = new URL("../../../examples/", import.meta.url);

test.each(dialects)("the manifests of examples/$name are read whole and their gateways served", (dialect) => {
  const folder = new URL(`${dialect.name}/`, examples);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /\.(ya?ml|json)$/.test(name)) : [];
  expect(names).not.toEqual([]);
  const { manifests, problems } = readManifests(
    names.map((path) => ({ path, text: readFileSync(new URL(path, folder), "utf8") })),
  );
  expect(problems).toEqual([]);
  const { gateways, findings } = dialect.read(worldOf(manifests, { secrets: "complete" }), {
    engine: "native",
  });
  expect(gateways.length).toBeGreaterThan(0);
  for (const gateway of gateways) expect(blockers(gateway, documentOf(gateway.plan).findings)).toEqual([]);
  expect(findings.filter(({ effect }) => effect === "blocked")).toEqual([]);
});

test("the members of examples/langop have all they refer to, and admission lets in every manifest", () => {
  const folder = new URL("langop/", examples);
  const { manifests } = readManifests(
    readdirSync(folder).map((path) => ({ path, text: readFileSync(new URL(path, folder), "utf8") })),
  );
  const world = worldOf(manifests, { secrets: "complete" });
  const members = dialects.flatMap((dialect) => dialect.members?.(world) ?? []);
  expect(members.map(({ origin }) => origin.kind)).toEqual([
    "LanguageAgent",
    "LanguageAgent",
    "LanguageTool",
  ]);
  for (const { findings, objects } of members) {
    expect(findings).toEqual([]);
    expect(objects).toBeDefined();
  }
  const named = (kind: string) => () => world.resources.filter((resource) => resource.kind === kind);
  const around = {
    clusterExists: () => true,
    runtimeExists: () => true,
    models: named("LanguageModel"),
    agents: named("LanguageAgent"),
    tools: named("LanguageTool"),
  };
  for (const resource of world.resources) {
    const { kind, metadata } = resource;
    const answer = admit(kind as ReviewedKind, resource, undefined, around);
    expect(answer, `${kind} ${metadata.name}`).toEqual({ allowed: true, reasons: [], warnings: [] });
  }
});
