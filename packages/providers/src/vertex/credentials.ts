import { readFileSync } from "node:fs";
import type { Fields } from "@gatewright/call";
import { fieldsIn, listIn, parsedJson, textIn } from "../fields-in.ts";

/** The content of a credentials file of Google's. */
export type Credentials =
  | {
      readonly kind: "service-account";
      readonly email: string;
      /** PEM. */
      readonly privateKey: string;
      readonly privateKeyId: string | undefined;
      readonly tokenUri: string;
    }
  | {
      readonly kind: "user";
      readonly clientId: string;
      readonly clientSecret: string;
      readonly refreshToken: string;
      readonly tokenUri: string;
    }
  /** A service account that others may act as. */
  | {
      readonly kind: "impersonated";
      readonly source: Credentials;
      readonly url: string;
      readonly delegates: readonly unknown[];
    }
  /** An identity of another cloud or a cluster (workload identity), or a user of another provider (workforce identity). */
  | { readonly kind: "external" | "external-user"; readonly content: Fields };

const TOKEN_URI = "https://oauth2.googleapis.com/token";
const KNOWN =
  "service_account, authorized_user, impersonated_service_account, external_account and external_account_authorized_user";

/**
 * Reads a credentials file: its JSON text, or its path. Throws an Error that says what is wrong with it and holds nothing
 * of its content. `setting` is what the text comes from, for the error.
 */
export function readCredentials(text: string, setting: string): Credentials {
  if (text.trimStart().startsWith("{")) return credentialsIn(parsedJson(text), setting);
  const place = `${setting}: the file ${text}`;
  return credentialsIn(parsedJson(readFile(text, place)), place);
}

function credentialsIn(value: unknown, place: string): Credentials {
  const content = fieldsIn(value);
  if (content === undefined) throw new Error(`${place} is no JSON object`);
  const member = (name: string): string => {
    const text = textIn(content[name]);
    if (text === undefined || text === "") throw new Error(`${place} has no ${name}`);
    return text;
  };
  const tokenUri = textIn(content["token_uri"]) ?? TOKEN_URI;
  switch (content["type"]) {
    case "service_account":
      return {
        kind: "service-account",
        email: member("client_email"),
        privateKey: member("private_key"),
        privateKeyId: textIn(content["private_key_id"]),
        tokenUri,
      };
    case "authorized_user":
      return {
        kind: "user",
        clientId: member("client_id"),
        clientSecret: member("client_secret"),
        refreshToken: member("refresh_token"),
        tokenUri,
      };
    case "impersonated_service_account":
      return {
        kind: "impersonated",
        source: credentialsIn(content["source_credentials"], `${place}: source_credentials`),
        url: member("service_account_impersonation_url"),
        delegates: listIn(content["delegates"]),
      };
    case "external_account":
      return { kind: "external", content };
    case "external_account_authorized_user":
      return { kind: "external-user", content };
    default:
      throw new Error(`${place} has the type ${JSON.stringify(content["type"])}; known are ${KNOWN}`);
  }
}

function readFile(path: string, place: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(
      `${place} cannot be read (${(error as NodeJS.ErrnoException).code ?? "for no known reason"})`,
    );
  }
}
