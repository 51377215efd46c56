import process from "node:process";
import { startProcess, temporaryFolder, within } from "@gatewright/testkit";
import { expect, test } from "vitest";

/* The figures of so short a run mean nothing; its results have to be right all the same. */
test("the bench runs, and its results are right", { timeout: 330_000 }, async () => {
  await using folder = await temporaryFolder();
  const json = `${folder.path}/figures.json`;
  await using bench = startProcess(process.execPath, [
    ...["bench/main.ts", "--quick", "--rounds", "1", "--requests", "200", "--json", json],
  ]);
  const exit = await within("the bench", bench.exited, { capMilliseconds: 300_000 });
  expect(bench.stdout).not.toContain("WRONG");
  expect(bench.stdout).not.toContain("left out:");
  expect(bench.stdout).toContain("cold start of the bundle");
  expect(exit).toEqual({ code: 0, signal: null });
});
