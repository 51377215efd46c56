import { type Document, environmentName, Secret, settle } from "@gatewright/litellm";
import { isJsonObject, type Json, type JsonObject } from "@gatewright/plan";

const mark = "[redacted]";

/** Names under which people put secrets in maps that have no schema: headers, environment variables, extra parameters. */
const secretName =
  /(?:^|[-_.])(?:api-?key|key|token|secret|password|passwd|passphrase|credentials?|authorization|cookie|dsn)$/i;

/**
 * A document that may be shown: what the contract knows for a secret, and what is called like one, is `[redacted]`, as
 * are passwords inside URLs. References (`os.environ/NAME`) say only where a secret is, so they stay.
 */
export function redacted(document: Document): JsonObject {
  const { settings } = settle(document, () => undefined);
  return withoutSecrets(document, settings, "") as JsonObject;
}

/** `read` is the same place in the document as the contract read it, with its secrets wrapped. */
function withoutSecrets(value: Json, read: unknown, name: string): Json {
  if (Array.isArray(value)) {
    const members: readonly unknown[] = Array.isArray(read) ? read : [];
    return (value as readonly Json[]).map((item, index) => withoutSecrets(item, members[index], name));
  }
  if (isJsonObject(value)) {
    const members =
      typeof read === "object" && read !== null ? (read as { readonly [key: string]: unknown }) : {};
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, withoutSecrets(member, members[key], key)]),
    );
  }
  if (value === null || typeof value === "boolean" || environmentName(value) !== undefined) return value;
  if (read instanceof Secret || secretName.test(name)) return mark;
  return typeof value === "string" ? value.replace(/(:\/\/[^/?#@:\s]*:)[^/?#@\s]+@/g, `$1${mark}@`) : value;
}
