import type { Finding, JsonObject, SecretReference } from "@gatewright/plan";
import { originText } from "@gatewright/plan";
import type { InstanceSpec } from "../kinds/instance.ts";
import { type Found, type Instance, setting } from "./instance.ts";
import { referenceTo, secretTrouble } from "./secret.ts";

/** Keys to the gateway and who may create them (palena.md §2.3, §2.4). */
export function* readKey(instance: Instance): Found {
  const { masterKey, saltKey, generalSettings, rbac } = instance.spec;
  const master = keyReference(instance, masterKey, "master-key", "LITELLM_MASTER_KEY");
  const salt = saltKey && keyReference(instance, saltKey, "salt-key", "LITELLM_SALT_KEY");
  yield* missing(instance, "spec.masterKey", masterKey, master);
  if (salt !== undefined) yield* missing(instance, "spec.saltKey", saltKey, salt);
  yield* setting(instance, "key", {
    master,
    generateMaster: isGenerated(masterKey) ? true : undefined,
    salt,
    generateSalt: isGenerated(saltKey) ? true : undefined,
    masterRequired: generalSettings?.masterKeyRequired,
    customGenerate: generalSettings?.customKeyGenerate,
    generation: rbac?.enabled === true ? generationOf(rbac.keyGeneration) : undefined,
  });
}

type KeySource = InstanceSpec["masterKey"];

function isGenerated(source: KeySource | undefined): boolean {
  return source?.autoGenerate === true && source.secretRef === undefined;
}

function keyReference(
  { namespace, name }: Instance,
  source: KeySource,
  kind: "master-key" | "salt-key",
  variable: string,
): SecretReference {
  return referenceTo(namespace, variable, source.secretRef ?? { name: `${name}-${kind}`, key: kind });
}

/** A gateway without its keys would stand open or lose what it has encrypted, so it is not served at all. */
function* missing(
  instance: Instance,
  path: string,
  source: KeySource | undefined,
  reference: SecretReference,
): Iterable<Finding> {
  if (isGenerated(source)) return;
  const hint = source?.secretRef === undefined ? "; autoGenerate: true makes one" : "";
  const trouble = secretTrouble(instance, reference, {
    resource: instance.resource,
    path,
    effect: "blocked",
    consequence: `${originText(instance.origin)} is not served until it is there${hint}.`,
  });
  if (trouble !== undefined) yield { ...trouble, origin: instance.origin };
}

function generationOf(
  generation: NonNullable<InstanceSpec["rbac"]>["keyGeneration"],
): JsonObject | undefined {
  const { teamKeyGeneration: team, personalKeyGeneration: personal } = generation ?? {};
  if (team === undefined && personal === undefined) return undefined;
  // Empty lists stay: they mean that nobody may.
  return {
    ...(team && { team_key_generation: { allowed_team_member_roles: team.allowedTeamMemberRoles } }),
    ...(personal && { personal_key_generation: { allowed_user_roles: personal.allowedUserRoles } }),
  };
}
