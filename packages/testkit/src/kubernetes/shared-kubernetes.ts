import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { connectKubernetes, type KubernetesConnection } from "./connection.ts";
import type { KubernetesAccess } from "./kubernetes.ts";

/** Environment variable with the path of the shared server's connection file. */
export const SHARED_KUBERNETES = "GATEWRIGHT_TEST_KUBERNETES";

/**
 * The API server that all `*.cluster.test.ts` files of a run share. It goes on after the file: use names of one's own
 * (`uniqueName`), and start one's own server to restart or stall it.
 * @throws outside such a run.
 */
export async function sharedKubernetes(): Promise<KubernetesAccess> {
  const file = process.env[SHARED_KUBERNETES];
  if (file === undefined) {
    throw new Error(
      `${SHARED_KUBERNETES} is not set: run files named *.cluster.test.ts with ` +
        "`npx vitest run --config vitest.cluster.config.ts <file>`, which starts the server",
    );
  }
  return connectKubernetes(JSON.parse(await readFile(file, "utf8")) as KubernetesConnection);
}

/** A name nobody else has, good for any object: `prefix-` and eight letters or digits. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString("hex")}`;
}
