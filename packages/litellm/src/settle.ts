import { isJsonObject, type Json } from "@gatewright/plan";
import { withoutNulls } from "./check-document.ts";
import type { Document } from "./document.ts";
import { environmentName } from "./environment.ts";
import { pathText } from "./problem.ts";
import { secret } from "./schema/coerce.ts";
import { documentSchema, type Settings } from "./schema/document.ts";
import { documentShape, type Shape } from "./schema/shape.ts";
import type { Secret } from "./secret.ts";

/** Finds the value of a name a document refers to; undefined when there is none. */
export type SecretLookup = (name: string) => Secret | undefined;

/** A reference without a usable value. */
export interface Unresolved {
  /** For example `model_list[0].litellm_params.api_key`. */
  readonly path: string;
  readonly name: string;
  /** Why a value that was found could not be used; absent when none was found. */
  readonly text?: string;
}

/** A document ready to be served from. */
export interface Settlement {
  readonly settings: Settings;
  readonly unresolved: readonly Unresolved[];
}

/**
 * A document with its references resolved and its values read: numbers and booleans from texts, secrets as `Secret`
 * (litellm.md §2).
 *
 * Values of `environment_variables` go before `lookup`: LiteLLM exports them into its own environment, over what was
 * there. A reference without a value is as if the key were absent; only a text its block means nothing without
 * (`litellm_params.model`) keeps the reference's own text, so that list positions stay those of the document.
 * Throws a TypeError for a document that `checkDocument` finds an error in.
 */
export function settle(document: Document, lookup: SecretLookup): Settlement {
  const unresolved: Unresolved[] = [];
  const find = withVariables(document["environment_variables"], lookup);
  const resolved = resolve(withoutNulls(document, documentShape()), documentShape(), "", find, unresolved);
  const parsed = documentSchema.safeParse(resolved, { jitless: true });
  if (parsed.success) return { settings: parsed.data, unresolved };
  const issues = parsed.error.issues.map(
    (issue) => `${pathText(issue.path as (string | number)[])}: ${issue.message}`,
  );
  throw new TypeError(`the document was not checked before it was settled: ${issues.join("; ")}`);
}

/** The lookup with a document's `environment_variables` before it, which may refer to others themselves. */
export function withVariables(variables: Json | undefined, lookup: SecretLookup): SecretLookup {
  if (!isJsonObject(variables)) return lookup;
  return (name) => {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value === undefined || value === null) return lookup(name);
    // A variable that refers to another is looked up outside: two that refer to each other end there.
    const reference = environmentName(value);
    return reference === undefined ? secret(value) : lookup(reference);
  };
}

const absent = Symbol("absent");

/** References become the `Secret`s they stand for, wherever they stand; those without a value are left out. */
function resolve(
  value: unknown,
  shape: Shape | undefined,
  path: string,
  find: SecretLookup,
  unresolved: Unresolved[],
): unknown {
  const name = environmentName(value);
  if (name !== undefined) return referred(name, value, shape, path, find, unresolved);
  if (Array.isArray(value)) {
    const item = shape?.kind === "list" ? shape.item : undefined;
    return value
      .map((member, index) => resolve(member, item, `${path}[${index}]`, find, unresolved))
      .filter((member) => member !== absent);
  }
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, member]) => {
        const place = path === "" ? key : `${path}.${key}`;
        return [key, resolve(member, memberShape(shape, key), place, find, unresolved)] as const;
      })
      .filter(([, member]) => member !== absent),
  );
}

function memberShape(shape: Shape | undefined, key: string): Shape | undefined {
  if (shape?.kind === "map") return shape.members.get(key);
  return shape?.kind === "entries" ? shape.value : undefined;
}

function referred(
  name: string,
  reference: unknown,
  shape: Shape | undefined,
  path: string,
  find: SecretLookup,
  unresolved: Unresolved[],
): unknown {
  const value = find(name);
  const required = shape?.kind === "leaf" && shape.facts.required === true;
  if (value === undefined) {
    unresolved.push({ path, name });
    return required ? reference : absent;
  }
  if (shape?.kind !== "leaf") return value;
  const issue = shape.schema.safeParse(value).error?.issues[0];
  if (issue === undefined) return value;
  unresolved.push({ path, name, text: `the value of ${name} cannot be used: it ${issue.message}` });
  return absent;
}

/**
 * Settings with the shared credentials put into the deployments that name one (`litellm_credential_name`). A
 * credential's values win over the deployment's own (decisions.md). A name nobody defined is listed, by the path of
 * its deployment, and that deployment keeps what it has.
 */
export function withCredentials(settings: Settings): {
  readonly settings: Settings;
  readonly unknown: readonly { readonly path: string; readonly name: string }[];
} {
  const credentials = new Map(
    (settings.credential_list ?? []).map((credential) => [credential.credential_name, credential]),
  );
  const unknown: { path: string; name: string }[] = [];
  const models = settings.model_list?.map((model, index) => {
    const name = model.litellm_params.litellm_credential_name;
    if (name === undefined) return model;
    const credential = credentials.get(name);
    if (credential === undefined) {
      unknown.push({ path: `model_list[${index}].litellm_params.litellm_credential_name`, name });
      return model;
    }
    return { ...model, litellm_params: { ...model.litellm_params, ...credential.credential_values } };
  });
  return { settings: models === undefined ? settings : { ...settings, model_list: models }, unknown };
}
