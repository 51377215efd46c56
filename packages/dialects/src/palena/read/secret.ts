import type { Effect, Finding, SecretReference } from "@gatewright/plan";
import { compareText } from "@gatewright/plan";
import type { Resource } from "../../resource.ts";
import type { CredentialSpec } from "../kinds/credential.ts";
import type { InstanceSpec } from "../kinds/instance.ts";
import type { ModelSpec } from "../kinds/model.ts";
import type { SecretKeyRef } from "../kinds/reference.ts";
import { fieldFinding, type Instance, type Member } from "./instance.ts";

/** A field that refers to a Secret, and what becomes of its resource when the Secret is not there. */
export interface SecretField {
  readonly resource: Resource;
  readonly path: string;
  readonly effect: Effect;
  /** A sentence, for example "This model is left out until it is there." */
  readonly consequence: string;
}

/** `CREDENTIAL_OPENAI_PROD_API_KEY` and the like (palena.md §2.4): everything but letters and digits becomes `_`. */
export function sanitised(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]/g, "_").toUpperCase();
}

/** Variable of a model's API key. The dialect has none: it sends the value (docs/decisions, palena variables). */
export function modelKeyVariable(resource: string): string {
  return `MODEL_${sanitised(resource)}_API_KEY`;
}

/** Variable of a model's Google service account. */
export function modelVertexVariable(resource: string): string {
  return `MODEL_${sanitised(resource)}_VERTEX_CREDENTIALS`;
}

/** Variable of a credential's API key (palena.md §2.4). */
export function credentialVariable(credentialName: string): string {
  return `CREDENTIAL_${sanitised(credentialName)}_API_KEY`;
}

/** Variable of a secret header of a pass-through endpoint (palena.md §2.4). */
export function passThroughVariable(path: string, header: string): string {
  return `PASSTHROUGH_${sanitised(path.replace(/^\//, ""))}_${sanitised(header)}`;
}

/** A reference to a key of a Secret of this namespace. */
export function referenceTo(
  namespace: string,
  variable: string,
  { name, key }: SecretKeyRef,
): SecretReference {
  return { variable, secret: { namespace, name, key } };
}

/**
 * Why a reference cannot be used: its Secret or key is known to be missing, or its variable already stands for
 * another Secret, because names that differ (`a-b`, `a_b`) can give one variable and a wrong key would go out.
 */
export function secretTrouble(
  instance: Instance,
  { variable, secret }: SecretReference,
  { resource, path, effect, consequence }: SecretField,
): Finding | undefined {
  if (secret === undefined) return undefined;
  const first = instance.claims.get(variable)?.secret;
  if (first !== undefined && (first.name !== secret.name || first.key !== secret.key)) {
    return fieldFinding(
      resource,
      path,
      "VariableContested",
      effect,
      `would be the variable ${variable}, which already stands for the key "${first.key}" of the Secret ${first.name}: the two names differ in punctuation or case only. Rename one. ${consequence}`,
    );
  }
  const keys = instance.secretKeys(secret.name);
  const full = `${secret.namespace}/${secret.name}`;
  if (keys === "absent") {
    return fieldFinding(
      resource,
      path,
      "SecretNotFound",
      effect,
      `needs the key "${secret.key}" of the Secret ${full}, which does not exist. ${consequence}`,
    );
  }
  if (keys === "unknown" || keys.includes(secret.key)) return undefined;
  const held =
    keys.length === 0 ? "it is empty" : `it has ${[...keys].sort(compareText).slice(0, 10).join(", ")}`;
  return fieldFinding(
    resource,
    path,
    "SecretKeyMissing",
    effect,
    `needs the key "${secret.key}" of the Secret ${full}, which has no such key (${held}). ${consequence}`,
  );
}

/** The first reference for each variable that contains a name the user chose. */
export function claimsOf(
  namespace: string,
  spec: InstanceSpec,
  credentials: readonly Member<CredentialSpec>[],
  models: readonly Member<ModelSpec>[],
): ReadonlyMap<string, SecretReference> {
  const claims = new Map<string, SecretReference>();
  const claim = (variable: string, secret: SecretKeyRef | undefined) => {
    if (secret === undefined || claims.has(variable)) return;
    claims.set(variable, referenceTo(namespace, variable, secret));
  };
  for (const { spec: credential } of credentials) {
    claim(credentialVariable(credential.credentialName), credential.apiKeySecretRef);
  }
  for (const { resource, spec: model } of models) {
    const { name } = resource.metadata;
    claim(modelKeyVariable(name), model.litellmParams.apiKeySecretRef);
    claim(modelVertexVariable(name), model.litellmParams.vertexCredentialsSecretRef);
  }
  for (const { path, headerSecrets = [] } of spec.passThroughEndpoints ?? []) {
    for (const { headerName, secretRef } of headerSecrets)
      claim(passThroughVariable(path, headerName), secretRef);
  }
  return claims;
}
