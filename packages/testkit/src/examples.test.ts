import { existsSync, readdirSync, readFileSync } from "node:fs";
import { blockers, dialects, readManifests, worldOf } from "@gatewright/dialects";
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
