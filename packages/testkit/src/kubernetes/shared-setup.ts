import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { SHARED_KUBERNETES } from "./shared-kubernetes.ts";
import { startKubernetes } from "./start-kubernetes.ts";

/** The project's own kinds, which are thus served in every such run. */
const definitions = fileURLToPath(new URL("../../../../deploy/crds/", import.meta.url));

/**
 * Vitest's global setup of a run of `*.cluster.test.ts`: starts the server that they share and tells the workers where
 * it is. With the variable already set, a server started by hand (`main.ts`) is used and left alone.
 */
export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env[SHARED_KUBERNETES] !== undefined) return undefined;
  const kubernetes = await startKubernetes({ definitions: [definitions] });
  const file = join(kubernetes.connection.folder, "connection.json");
  await writeFile(file, JSON.stringify(kubernetes.connection), { mode: 0o600 });
  process.env[SHARED_KUBERNETES] = file;
  return async () => {
    delete process.env[SHARED_KUBERNETES];
    await kubernetes.stop();
  };
}
