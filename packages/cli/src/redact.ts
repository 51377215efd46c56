import { type Document, environmentName, Secret, settle } from "@gatewright/litellm";
import { isJsonObject, type Json, type JsonObject } from "@gatewright/plan";

const mark = "[redacted]";

/** Names under which people put secrets in maps that have no schema: headers, environment variables, extra parameters. */
const secretName =
  /(?:^|[-_.])(?:api-?key|key|token|secret|password|passwd|passphrase|credentials?|authorization|cookie|dsn)$/i;

const password = /(:\/\/[^/?#@:\s]*:)[^/?#@\s]+@/g;

/** Whether a text may be a secret: it is called like one, or is a URL with a password. */
export function looksSecret(name: string, text: string): boolean {
  return secretName.test(name) || text.search(password) !== -1;
}

/**
 * A document that may be shown: what the contract knows for a secret, and what is called like one, is `[redacted]`, as
 * are passwords inside URLs. References (`os.environ/NAME`) say only where a secret is, so they stay.
 */
export function redacted(document: Document): JsonObject {
  return withoutSecrets(document, asRead(document), "") as JsonObject;
}

/**
 * The document with its secrets wrapped. References get a value that every leaf can read, since list items without
 * one would be left out and shift the others. A document that cannot be read has no place that is known to be harmless.
 */
function asRead(document: Document): unknown {
  try {
    return settle(document, () => new Secret("1")).settings;
  } catch {
    return unreadable;
  }
}

const unreadable = new Secret("");

/** `read` is the same place in the document as the contract read it, with its secrets wrapped. */
function withoutSecrets(value: Json, read: unknown, name: string): Json {
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map((item, index) => withoutSecrets(item, memberOf(read, index), name));
  }
  if (isJsonObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, withoutSecrets(member, memberOf(read, key), key)]),
    );
  }
  if (value === null || typeof value === "boolean" || environmentName(value) !== undefined) return value;
  if (read instanceof Secret || secretName.test(name)) return mark;
  return typeof value === "string" ? value.replace(password, `$1${mark}@`) : value;
}

function memberOf(read: unknown, key: string | number): unknown {
  // All of a secret is secret.
  if (read instanceof Secret) return read;
  return typeof read === "object" && read !== null
    ? (read as { readonly [key: string | number]: unknown })[key]
    : undefined;
}
