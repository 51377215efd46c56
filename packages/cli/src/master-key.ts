import { createHash } from "node:crypto";
import { environmentName } from "@gatewright/litellm";
import { isJsonObject, type Json, type SecretReference } from "@gatewright/plan";
import type { GatewayKey } from "./banner.ts";
import { writeSecretFile } from "./data-folder.ts";
import type { Declaration } from "./declaration.ts";
import type { SecretSource } from "./secret-lookup.ts";

/** The variable LiteLLM takes its master key from when the document does not say (litellm.md §2.4). */
const defaultVariable = "LITELLM_MASTER_KEY";

/**
 * Where the master key of a gateway comes from, when it is to have one that is not written out. A reference without a
 * Secret gets one of its own (its namespace is no name that Kubernetes allows), so that a key which was generated for
 * one gateway never closes another.
 */
export function masterKeyReference(
  declaration: Declaration,
): Required<Pick<SecretReference, "variable" | "secret">> | undefined {
  const written = writtenMasterKey(declaration);
  if (written === undefined || typeof written === "string") return undefined;
  const { variable, secret } = written;
  if (secret !== undefined) return { variable, secret };
  const name = createHash("sha256").update(declaration.id).digest("hex").slice(0, 12);
  return { variable, secret: { namespace: "_gateways", name, key: variable } };
}

/**
 * The key to a gateway, for who wants to call it. A master key that the gateway is to have and that is nowhere to be
 * found is generated and kept under `folder`, as the operator would keep it in a Secret: a gateway that is meant to be
 * closed never runs open. `random` gives that many random bytes.
 */
export function gatewayKey(
  declaration: Declaration,
  secrets: SecretSource,
  folder: string,
  random: (bytes: number) => Uint8Array,
): GatewayKey {
  const written = writtenMasterKey(declaration);
  if (typeof written === "string") return { kind: "value", value: written, note: "as in the configuration" };
  const reference = masterKeyReference(declaration);
  if (reference !== undefined && secrets.lookup(reference.variable) === undefined) {
    const { namespace, name, key } = reference.secret;
    writeSecretFile(folder, [namespace, name, key], `sk-${Buffer.from(random(32)).toString("hex")}`);
  }
  const found = secrets.find(reference?.variable ?? defaultVariable);
  if (found === undefined) return { kind: asksForAgentKeys(declaration) ? "agents" : "open" };
  switch (found.place.kind) {
    case "environment":
      return { kind: "variable", name: found.place.variable };
    case "resource":
      return { kind: "value", value: found.secret.reveal(), note: "as in the manifest" };
    case "manifest": {
      const { namespace, name: secret, key } = found.place.secret;
      return {
        kind: "value",
        value: found.secret.reveal(),
        note: `key ${key} of Secret ${namespace}/${secret}`,
      };
    }
    case "file":
      return { kind: "value", value: found.secret.reveal(), note: `kept in ${found.place.path}` };
  }
}

/** The master key as the declaration has it: a literal, a reference, or nothing. */
function writtenMasterKey({ document, plan }: Declaration): string | SecretReference | undefined {
  const value = textMember(document["general_settings"], "master_key");
  const planned = plan?.key.master;
  if (value === undefined) return planned;
  const variable = environmentName(value);
  if (variable === undefined) return value;
  // Values that the document itself gives to variables go before those from outside (litellm.md §2).
  const given = textMember(document["environment_variables"], variable);
  if (given !== undefined) {
    const other = environmentName(given);
    return other === undefined ? given : { variable: other };
  }
  return planned?.variable === variable ? planned : { variable };
}

function asksForAgentKeys({ document }: Declaration): boolean {
  const own = document["gatewright"];
  return isJsonObject(own) && isJsonObject(own["agent_keys"]);
}

function textMember(block: Json | undefined, key: string): string | undefined {
  const value = isJsonObject(block) ? block[key] : undefined;
  return typeof value === "string" && value !== "" ? value : undefined;
}
