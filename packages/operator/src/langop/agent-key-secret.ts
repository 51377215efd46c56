import { randomBytes } from "node:crypto";
import { agentKeySecret, agentKeysSecret, type Gateway, type Resource } from "@gatewright/dialects";
import { Secret } from "@gatewright/litellm";
import { type Client, createOnce } from "@gatewright/reconcile";
import type { ObjectReader } from "../object-reader.ts";

/**
 * Makes the Secret that agent keys are signed with, `gateway-auth`, when there is none (langop.md §3.1). It is created,
 * never applied: a value that is there, whoever wrote it, is never replaced.
 * @throws when there is one without the key that holds the value, and the gateway has no other: it would refuse
 * everybody, and no condition would say why.
 */
export async function ensureAgentKeySecret(
  client: Client,
  cluster: Resource,
  gateway: Gateway,
  secrets: ObjectReader<readonly string[]>,
  manager: string,
): Promise<void> {
  const namespace = cluster.metadata.name;
  const { name, key } = agentKeySecret;
  if (secrets.version(namespace, name) === undefined) {
    await createOnce(client, agentKeysSecret(cluster, new Secret(randomBytes(32).toString("hex"))), {
      manager,
    });
    return;
  }
  if (!checksWithIt(gateway)) return;
  if (secrets.known(namespace, name) === "stale") await secrets.load(namespace, name);
  const keys = secrets.known(namespace, name);
  if (typeof keys === "string" || keys.includes(key)) return;
  throw new Error(
    `the Secret ${namespace}/${name} has no key ${key}, so every agent is refused. Add the key, or delete the Secret: it is made anew then.`,
  );
}

/** Whether keys are checked with this Secret: not when the user's own configuration or environment says otherwise. */
function checksWithIt({ plan, environment = {} }: Gateway): boolean {
  const variable = plan.identity.agentKeys?.secretVariable;
  if (variable === undefined || environment[variable] !== undefined) return false;
  return !plan.workload.secretVariables?.some((own) => own.variable === variable);
}
