import { cp } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { Entrant } from "../entrant.ts";
import { upstreamKey } from "../entrant.ts";
import { measuredNode } from "../program.ts";
import { installed, type PeerContext, run } from "./installed.ts";

const own = (name: string): string => new URL(`portkey/${name}`, import.meta.url).pathname;
const npm = new URL("../../tools/npm.ts", import.meta.url).pathname;
const npmSettings = new URL("../../.npmrc", import.meta.url).pathname;

/** Portkey's gateway on our Node. It has no key of its own: clients bring the upstream's. */
export async function portkey({ upstream, say }: PeerContext): Promise<Entrant> {
  const folder = await installed(
    "portkey",
    [own("package.json"), own("package-lock.json")],
    async (fresh) => {
      for (const name of ["package.json", "package-lock.json"]) await cp(own(name), join(fresh, name));
      await cp(npmSettings, join(fresh, ".npmrc"));
      await run(process.execPath, [npm, "ci"], fresh);
    },
    say,
  );
  return {
    name: "portkey",
    headers: {
      authorization: `Bearer ${upstreamKey}`,
      "x-portkey-provider": "openai",
      "x-portkey-custom-host": `${upstream}/v1`,
    },
    model: "bench-model",
    program: (port) =>
      measuredNode(
        [
          ...["--import", own("loopback-only.mjs")],
          join(folder, "node_modules/@portkey-ai/gateway/build/start-server.js"),
          ...["--headless", `--port=${port}`],
        ],
        { TRUSTED_CUSTOM_HOSTS: "127.0.0.1", NODE_ENV: "production" },
      ),
  };
}
