import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import type { Fields } from "@gatewright/call";
import type { AuthClient } from "google-auth-library";
import { fieldsIn, textIn } from "../fields-in.ts";
import type { AccessToken } from "../token-authorizer.ts";
import type { Credentials } from "./credentials.ts";
import { defaultCredentials } from "./default-credentials.ts";

/** Gets a token, each time anew. `time` is now, in epoch milliseconds. Rejects with the reason of whoever was asked. */
export type TokenSource = (time: number) => Promise<AccessToken>;

type Library = typeof import("./google-library.ts");
type ServiceAccount = Extract<Credentials, { readonly kind: "service-account" }>;

const SCOPE = "https://www.googleapis.com/auth/cloud-platform";
const LIFETIME_SECONDS = 3600;
const TIMEOUT_MILLISECONDS = 10_000;

/**
 * Where a deployment's tokens come from: its credentials, or Google's application default credentials. Google's library
 * is loaded when a token is wanted for the first time. It does not ask the `token_uri` of a file, and asks further
 * services for a project that nobody wants to know, so that only its clients for other clouds and for the metadata
 * server are used.
 */
export function tokenSource(credentials: Credentials | undefined): TokenSource {
  switch (credentials?.kind) {
    case undefined:
      return defaultTokens();
    case "service-account": {
      const key = privateKeyOf(credentials);
      return async (time) => {
        const assertion = assertionOf(credentials, key, time);
        const form = { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion };
        return granted(await post(credentials.tokenUri, new URLSearchParams(form)), time);
      };
    }
    case "user": {
      const { clientId, clientSecret, refreshToken, tokenUri } = credentials;
      const form = new URLSearchParams({
        grant_type: "refresh_token",
        client_id: clientId,
        client_secret: clientSecret,
        refresh_token: refreshToken,
      });
      return async (time) => granted(await post(tokenUri, form), time);
    }
    case "impersonated": {
      const { delegates, source, url } = credentials;
      const sourceTokens = tokenSource(source);
      const wish = { delegates, scope: [SCOPE], lifetime: `${LIFETIME_SECONDS}s` };
      return async (time) => {
        const { token } = await sourceTokens(time);
        return impersonated(await post(url, wish, { authorization: `Bearer ${token}` }), time);
      };
    }
    case "external": {
      const { content } = credentials;
      return libraryTokens((library) => externalClient(library, content));
    }
    case "external-user": {
      const { content } = credentials;
      return libraryTokens((library) => new library.ExternalAccountAuthorizedUserClient(content as never));
    }
  }
}

function defaultTokens(): TokenSource {
  let source: TokenSource | undefined;
  return async (time) => {
    source ??= metadataOr(defaultCredentials());
    return source(time);
  };
}

function metadataOr(credentials: Credentials | undefined): TokenSource {
  if (credentials !== undefined) return tokenSource(credentials);
  return libraryTokens(async (library) => {
    if (await library.gcpMetadata.isAvailable()) return new library.Compute({ scopes: SCOPE });
    throw new Error(
      "there are no application default credentials: set vertex_credentials or GOOGLE_APPLICATION_CREDENTIALS",
    );
  });
}

/** Google's library has a client for each place that an external identity's token may come from. */
function externalClient(library: Library, content: Fields): AuthClient {
  const source = fieldsIn(content["credential_source"]);
  if (source?.["environment_id"] !== undefined) return new library.AwsClient(content as never);
  if (source?.["executable"] !== undefined) return new library.PluggableAuthClient(content as never);
  return new library.IdentityPoolClient(content as never);
}

function libraryTokens(create: (library: Library) => AuthClient | Promise<AuthClient>): TokenSource {
  let client: AuthClient | undefined;
  return async (time) => {
    client ??= await create(await import("./google-library.ts"));
    const { token } = await client.getAccessToken();
    if (token === undefined || token === null || token === "")
      throw new Error("the answer has no access token");
    return { token, expiresAt: client.credentials.expiry_date ?? time + LIFETIME_SECONDS * 1000 };
  };
}

function privateKeyOf({ privateKey }: ServiceAccount): KeyObject {
  try {
    return createPrivateKey(privateKey);
  } catch {
    throw new Error("the private_key of the service account is no key in PEM form");
  }
}

/** RFC 7523, as Google wants it. */
function assertionOf(
  { email, privateKeyId, tokenUri }: ServiceAccount,
  key: KeyObject,
  time: number,
): string {
  const iat = Math.floor(time / 1000);
  const header = { alg: "RS256", typ: "JWT", ...(privateKeyId === undefined ? {} : { kid: privateKeyId }) };
  const claims = { iss: email, scope: SCOPE, aud: tokenUri, iat, exp: iat + LIFETIME_SECONDS };
  const signed = `${encoded(header)}.${encoded(claims)}`;
  return `${signed}.${sign("RSA-SHA256", Buffer.from(signed), key).toString("base64url")}`;
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

/** With what the library's transport brings: proxies from the environment, and a second and third attempt. */
async function post(
  url: string,
  data: URLSearchParams | object,
  headers: Record<string, string> = {},
): Promise<Fields> {
  const { gaxios } = await import("./google-library.ts");
  const response = await gaxios.request<unknown>({
    url,
    method: "POST",
    headers,
    data,
    responseType: "json",
    validateStatus: (status) => status < 500,
    timeout: TIMEOUT_MILLISECONDS,
    retry: true,
    retryConfig: { httpMethodsToRetry: ["POST"] },
  });
  const answer = fieldsIn(response.data);
  if (response.ok && answer !== undefined) return answer;
  throw new Error(`${url} answered ${response.status}${reasonIn(answer)}`);
}

/** OAuth's `{"error": "invalid_grant", "error_description"}`, or Google's `{"error": {"message"}}`. */
function reasonIn(answer: Fields | undefined): string {
  const error = answer?.["error"];
  const reasons = [
    textIn(error),
    textIn(fieldsIn(error)?.["message"]),
    textIn(answer?.["error_description"]),
  ];
  const reason = reasons.filter((text) => text !== undefined).join(": ");
  return reason === "" ? "" : `, ${reason}`;
}

function granted(answer: Fields, time: number): AccessToken {
  const token = textIn(answer["access_token"]);
  if (token === undefined) throw new Error("the answer has no access token");
  const seconds = answer["expires_in"];
  return { token, expiresAt: time + (typeof seconds === "number" ? seconds : LIFETIME_SECONDS) * 1000 };
}

function impersonated(answer: Fields, time: number): AccessToken {
  const token = textIn(answer["accessToken"]);
  if (token === undefined) throw new Error("the answer has no access token");
  const expiresAt = Date.parse(textIn(answer["expireTime"]) ?? "");
  return { token, expiresAt: Number.isNaN(expiresAt) ? time + LIFETIME_SECONDS * 1000 : expiresAt };
}
