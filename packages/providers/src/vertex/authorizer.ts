import { textIn } from "../fields-in.ts";
import type { Authorizer, CredentialSettings, Place, UnsignedRequest } from "../provider.ts";
import { type Credentials, readCredentials } from "./credentials.ts";
import { type AccessToken, type TokenSource, tokenSource } from "./token-source.ts";

/**
 * Tokens are renewed so long before they end. Less than the five minutes at which Google's library and metadata server
 * stop giving the same token again.
 */
const RENEW_BEFORE_MILLISECONDS = 4 * 60_000;
/** Least distance of two attempts while the token at hand is still good. */
const RENEW_PAUSE_MILLISECONDS = 10_000;

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
  return new TokenAuthorizer(tokenSource(credentials), secretsOf(credentials));
}

function isGoogle({ baseUrl }: Place): boolean {
  return new URL(baseUrl).hostname.endsWith(".googleapis.com");
}

/**
 * Authorizes with a token that has to be fetched. Requests wait only while there is none that is good; shortly before it
 * ends, a new one is fetched beside the requests. There is never more than one fetch at a time.
 */
export class TokenAuthorizer implements Authorizer {
  readonly #fetch: TokenSource;
  readonly #secrets: readonly string[];
  #headers: readonly string[] | undefined;
  #renewAt = 0;
  #expiresAt = 0;
  #fetching: Promise<readonly string[]> | undefined;

  /** `secrets`: texts that no error may show. */
  constructor(fetch: TokenSource, secrets: readonly string[]) {
    this.#fetch = fetch;
    this.#secrets = secrets;
  }

  authorize({ time }: Pick<UnsignedRequest, "time">): readonly string[] | Promise<readonly string[]> {
    if (this.#headers === undefined || time >= this.#expiresAt) return this.#renewed(time);
    if (time >= this.#renewAt) {
      this.#renewAt = time + RENEW_PAUSE_MILLISECONDS;
      // Nobody waits for it: the requests that need it will try again and tell.
      this.#renewed(time).catch(() => {});
    }
    return this.#headers;
  }

  #renewed(time: number): Promise<readonly string[]> {
    this.#fetching ??= this.#renew(time).finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #renew(time: number): Promise<readonly string[]> {
    const { token, expiresAt } = await this.#fetched(time);
    this.#expiresAt = expiresAt;
    this.#renewAt = Math.max(expiresAt - RENEW_BEFORE_MILLISECONDS, time + RENEW_PAUSE_MILLISECONDS);
    this.#headers = ["authorization", `Bearer ${token}`];
    return this.#headers;
  }

  async #fetched(time: number): Promise<AccessToken> {
    try {
      return await this.#fetch(time);
    } catch (error) {
      const reason = error instanceof Error && error.message !== "" ? error.message : String(error);
      const shown = this.#secrets.reduce((text, secret) => text.replaceAll(secret, "***"), reason);
      throw new Error(`there is no access token for Google Cloud: ${shown}`);
    }
  }
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
