import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@gatewright/testkit";
import { expect, test } from "vitest";
import { readGatewayInput } from "./gateway-input.ts";
import { isPassingFault } from "./passing-fault.ts";

test("a delivered document that is nowhere for an instant is an error, not a gateway without its keys", async () => {
  await using folder = await temporaryFolder();
  const models = join(folder.path, "models");
  mkdirSync(join(models, "..1"), { recursive: true });
  writeFileSync(join(models, "model__a.json"), JSON.stringify({ provider: "openai", modelName: "a" }));
  // In the middle of a swap: the link has been followed, and what it led to is gone.
  symlinkSync("..0", join(models, "..data"));
  symlinkSync(join("..data", "config.yaml"), join(models, "config.yaml"));
  const { declaration, troubles, watch } = await readGatewayInput(
    { models, modelJson: join(folder.path, "model.json") },
    {
      folder: folder.path,
      home: folder.path,
      environment: {},
      output: () => {},
      errors: () => {},
      interactive: false,
    },
  );
  expect(declaration).toBeUndefined();
  expect(troubles).toMatchObject([{ level: "error", code: "ConfigNotReadable" }]);
  expect(watch).toEqual([join(models, "config.yaml")]);
});

test.each([
  { code: "EMFILE", passing: true },
  { code: "EIO", passing: true },
  { code: "ENOENT", passing: false },
  { code: "EACCES", passing: false },
])("$code will pass: $passing", ({ code, passing }) => {
  expect(isPassingFault(Object.assign(new Error(code), { code }))).toBe(passing);
});
