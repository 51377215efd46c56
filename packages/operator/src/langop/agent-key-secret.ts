import { randomBytes } from "node:crypto";
import { agentKeysSecret, type Resource } from "@gatewright/dialects";
import { Secret } from "@gatewright/litellm";
import { type Client, createOnce } from "@gatewright/reconcile";
import type { ObjectReader } from "../object-reader.ts";

/**
 * Makes the Secret that agent keys are signed with, `gateway-auth`, when there is none (langop.md §3.1). It is created,
 * never applied: a value that is there, whoever wrote it, is never replaced.
 */
export async function ensureAgentKeySecret(
  client: Client,
  cluster: Resource,
  secrets: ObjectReader<object>,
  manager: string,
): Promise<void> {
  const secret = agentKeysSecret(cluster, new Secret(randomBytes(32).toString("hex")));
  if (secrets.version(cluster.metadata.name, secret.metadata.name) !== undefined) return;
  await createOnce(client, secret, { manager });
}
