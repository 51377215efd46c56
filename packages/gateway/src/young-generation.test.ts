import { execFile } from "node:child_process";
import process from "node:process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

/**
 * Runs in a process of its own, whose settings V8's are: much garbage, of which some stays for a while; then quiet until
 * V8 has shrunk the young generation; then the same garbage again.
 */
const script = `
import { runInNewContext } from "node:vm";
import { setFlagsFromString } from "node:v8";
import { holdYoungGeneration, youngGenerationBytes } from ${JSON.stringify(new URL("young-generation.ts", import.meta.url).href)};
if (process.argv[1] === "hold") holdYoungGeneration();
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
const kept = [];
const load = async () => {
  for (let turn = 0; turn < 3000; turn++) {
    kept.push(Array.from({ length: 2000 }, () => ({ turn })));
    if (kept.length > 10) kept.shift();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return youngGenerationBytes();
};
const busy = await load();
kept.length = 0;
let quiet = busy;
for (let tries = 0; quiet === busy && tries < 300; tries++) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  collect();
  quiet = youngGenerationBytes();
}
console.log(JSON.stringify({ busy, quiet, again: await load() }));
`;

async function sizes(mode: string): Promise<{ busy: number; quiet: number; again: number }> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--input-type=module",
    ...["--eval", script, mode],
  ]);
  return JSON.parse(stdout) as { busy: number; quiet: number; again: number };
}

const MEGABYTE = 1 << 20;

describe("holdYoungGeneration", { timeout: 120_000 }, () => {
  it("lets it grow as far as requests need it, also after it was quiet, and no further", async () => {
    const held = await sizes("hold");
    expect(held.busy).toBeGreaterThan(6 * MEGABYTE);
    expect(held.quiet).toBeLessThan(held.busy);
    expect(held.again).toBeGreaterThan(6 * MEGABYTE);
    const left = await sizes("leave");
    expect(held.again).toBeLessThan(left.again);
  });
});
