import type { Credential, Finding, JsonObject } from "@gatewright/plan";
import { originOf } from "../../resource.ts";
import type { CredentialSpec } from "../kinds/credential.ts";
import { type Found, fieldFinding, type Instance, type Member } from "./instance.ts";
import { present } from "./present.ts";
import { credentialVariable, referenceTo, secretTrouble } from "./secret.ts";

/** A LiteLLMCredential as the gateway gets it, or why it does not. */
export interface CredentialReading {
  /** Absent: neither the credential nor any model that uses it is served. */
  readonly credential?: Credential;
  readonly findings: readonly Finding[];
}

/** `params` never replace these (decisions.md, credential_list). */
const reserved = ["api_key", "api_base", "api_version"] as const;

/** Every LiteLLMCredential of the instance (palena.md §1.2, §2.3). */
export function* readCredentials(instance: Instance): Found {
  for (const { credential, findings } of credentialsOf(instance).values()) {
    yield* findings;
    if (credential !== undefined) yield { concern: "credential", value: credential };
  }
}

/** By resource name. */
export function credentialsOf(instance: Instance): ReadonlyMap<string, CredentialReading> {
  const readings = new Map<string, CredentialReading>();
  const first = new Map<string, string>();
  for (const member of instance.credentials) {
    const { name } = member.resource.metadata;
    const { credentialName } = member.spec;
    const other = first.get(credentialName);
    if (other === undefined) {
      first.set(credentialName, name);
      readings.set(name, readCredential(instance, member));
    } else {
      const text = `is "${credentialName}", like that of LiteLLMCredential ${other}, which is the one that is used. This credential and its models are left out; give it another name.`;
      const finding = fieldFinding(
        member.resource,
        "spec.credentialName",
        "CredentialNameRepeated",
        "blocked",
        text,
      );
      readings.set(name, { findings: [finding] });
    }
  }
  return readings;
}

function readCredential(instance: Instance, { resource, spec }: Member<CredentialSpec>): CredentialReading {
  const apiKey = referenceTo(
    instance.namespace,
    credentialVariable(spec.credentialName),
    spec.apiKeySecretRef,
  );
  const trouble = secretTrouble(instance, apiKey, {
    resource,
    path: "spec.apiKeySecretRef",
    effect: "blocked",
    consequence: "This credential and the models that use it are left out until then.",
  });
  if (trouble !== undefined) return { findings: [trouble] };
  const entries = Object.entries((spec.params ?? {}) as JsonObject);
  const isReserved = (key: string) => reserved.some((name) => name === key);
  return {
    credential: {
      origin: originOf(resource),
      name: spec.credentialName,
      apiKey,
      ...present({
        endpoint: spec.apiBase,
        apiVersion: spec.apiVersion,
        parameters: Object.fromEntries(entries.filter(([key]) => !isReserved(key))),
      }),
    },
    findings: entries
      .filter(([key]) => isReserved(key))
      .map(([key]) =>
        fieldFinding(
          resource,
          `spec.params.${key}`,
          "ParameterReserved",
          "dropped",
          "has no effect: apiKeySecretRef, apiBase and apiVersion are the places for these.",
        ),
      ),
  };
}
