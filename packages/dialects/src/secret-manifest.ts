import { Secret } from "@gatewright/litellm";
import { isJsonObject, type Json, type JsonObject } from "@gatewright/plan";
import { fieldPath } from "./field-path.ts";

/**
 * The values of a Secret manifest: `data` in base64, `stringData` in clear, which wins. Nothing of a value is ever
 * reported, only that it cannot be read.
 */
export function readSecretValues(
  manifest: JsonObject,
  report: (code: string, path: string, text: string) => void,
): { readonly [key: string]: Secret } {
  const values: Record<string, Secret> = {};
  for (const [key, value] of members(manifest["data"], "data", report)) {
    const path = fieldPath(["data", key]);
    if (value === null) values[key] = new Secret("");
    else if (typeof value !== "string" || !isBase64(value)) {
      report("SecretNotBase64", path, `${path} must be base64; put clear text under stringData instead.`);
    } else values[key] = new Secret(Buffer.from(value, "base64").toString("utf8"));
  }
  for (const [key, value] of members(manifest["stringData"], "stringData", report)) {
    const path = fieldPath(["stringData", key]);
    if (value === null) values[key] = new Secret("");
    else if (typeof value === "string") values[key] = new Secret(value);
    else report("NotText", path, `${path} must be text, but is a ${typeof value}: write it in quotes.`);
  }
  return values;
}

function members(
  value: Json | undefined,
  field: string,
  report: (code: string, path: string, text: string) => void,
): readonly (readonly [string, Json])[] {
  if (value === undefined || value === null) return [];
  if (isJsonObject(value)) return Object.entries(value);
  report("NotAMap", field, `${field} of a Secret is a map of texts.`);
  return [];
}

/** Standard alphabet with padding, as Go reads it; line breaks are allowed. */
function isBase64(text: string): boolean {
  const packed = text.replace(/[\r\n]/g, "");
  return packed.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(packed);
}
