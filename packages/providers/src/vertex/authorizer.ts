import { textIn } from "../fields-in.ts";
import type { Authorizer, CredentialSettings, Place } from "../provider.ts";
import { tokenAuthorizer } from "../token-authorizer.ts";
import { type Credentials, readCredentials } from "./credentials.ts";
import { tokenSource } from "./token-source.ts";

/** Less than the five minutes at which Google's library and metadata server stop giving the same token again. */
const renewal = { before: 4 * 60_000, pause: 10_000 };

/**
 * Access tokens of the credentials, or of Google's application default credentials; with a key and nothing else, the key
 * (express mode). Throws as `Provider.authorizer` says.
 */
export function vertexAuthorizer(settings: CredentialSettings, place: Place): Authorizer {
  const { key, vertex_credentials: setting } = settings;
  if (setting === undefined && key !== undefined) {
    const headers = ["x-goog-api-key", key.reveal()];
    return { authorize: () => headers };
  }
  const credentials =
    setting === undefined ? undefined : readCredentials(setting.reveal(), "vertex_credentials");
  if (place.project === undefined && !place.baseUrl.includes("/projects/")) {
    throw new Error("there is no Google Cloud project: set vertex_project or VERTEXAI_PROJECT");
  }
  if (credentials === undefined && settings.configuredAddress === true && !isGoogle(place)) {
    throw new Error(
      `the gateway's own Google identity is not shown to ${new URL(place.baseUrl).host}: set vertex_credentials`,
    );
  }
  const fetch = tokenSource(credentials);
  const secrets = secretsOf(credentials);
  return tokenAuthorizer((time) => fetch(time).catch((error) => refused(error, secrets)), renewal);
}

function isGoogle({ baseUrl }: Place): boolean {
  return new URL(baseUrl).hostname.endsWith(".googleapis.com");
}

/** `secrets`: texts that no error may show. */
function refused(error: unknown, secrets: readonly string[]): never {
  const reason = error instanceof Error && error.message !== "" ? error.message : String(error);
  const shown = secrets.reduce((text, secret) => text.replaceAll(secret, "***"), reason);
  throw new Error(`there is no access token for Google Cloud: ${shown}`);
}

/** Nobody's answer should hold them, but an answer of somebody else's is what errors are made of. */
function secretsOf(credentials: Credentials | undefined): readonly string[] {
  switch (credentials?.kind) {
    case undefined:
      return [];
    case "service-account":
      return [credentials.privateKey];
    case "user":
      return [credentials.clientSecret, credentials.refreshToken];
    case "impersonated":
      return secretsOf(credentials.source);
    case "external":
    case "external-user": {
      const { client_secret: clientSecret, refresh_token: refreshToken } = credentials.content;
      return [clientSecret, refreshToken].flatMap((secret) => textIn(secret) || []);
    }
  }
}
