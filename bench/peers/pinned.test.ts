import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { completeLock, type Lock, staleEntries } from "../../tools/lock.ts";

const own = (name: string): string => new URL(name, import.meta.url).pathname;

/* What peers bring is installed on the machines of whoever runs the bench: it is chosen here, not there. */

test.each(["envoy", "litellm"])(
  "every package of %s has one version, and none names a host",
  async (peer) => {
    const lines = (await readFile(own(`${peer}-requirements.txt`), "utf8"))
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    expect(lines.filter((line) => !/^[\w.-]+==[\w.+]+$/.test(line))).toEqual([]);
  },
);

test("Portkey's lock file is up to date, whole, and names no host", async () => {
  const lock = JSON.parse(await readFile(own("portkey/package-lock.json"), "utf8")) as Lock;
  expect(await staleEntries(lock, own("portkey"))).toEqual([]);
  expect(completeLock(structuredClone(lock)).added).toEqual([]);
  expect(lock.packages).toMatchObject({
    "node_modules/@portkey-ai/gateway": { version: "1.15.2" },
    "node_modules/hono": { version: "4.9.7" },
    "node_modules/@hono/node-server": { version: "1.13.5" },
    "node_modules/@hono/node-ws": { version: "1.2.0" },
  });
});
