import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "@gatewright/testkit";
import { expect, it } from "vitest";
import { runtimeHints } from "./runtime-hints.ts";

it.each([
  { name: "the operator's number", text: '{"replicas":3}', want: 3 },
  { name: "none yet", text: undefined, want: 1 },
  { name: "none ready", text: '{"replicas":0}', want: 1 },
  { name: "half written", text: '{"repl', want: 1 },
  { name: "of another kind", text: '{"replicas":"many"}', want: 1 },
])("replicas: $name", async ({ text, want }) => {
  await using folder = await temporaryFolder();
  if (text !== undefined) await writeFile(join(folder.path, "runtime.json"), text);
  expect(runtimeHints(join(folder.path, "config.yaml"))).toEqual({
    replicas: want,
    path: join(folder.path, "runtime.json"),
  });
});
