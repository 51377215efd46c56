import type { Authorizer, CredentialSettings, Place, UnsignedRequest } from "../provider.ts";
import { type CredentialSource, credentialSource } from "./credentials.ts";
import { regionOf } from "./model.ts";
import { RequestSigner } from "./signature.ts";

/** Credentials are renewed so long before they expire. The AWS SDKs' caches renew at the same distance. */
const RENEW_BEFORE_MILLISECONDS = 5 * 60_000;
/** Least distance of two attempts while the credentials at hand are still good. */
const RENEW_PAUSE_MILLISECONDS = 10_000;

/** A Bedrock API key as bearer token where there is one, otherwise signatures. Throws as `Provider.authorizer` says. */
export function bedrockAuthorizer(settings: CredentialSettings, place: Place): Authorizer {
  if (settings.key !== undefined) {
    const headers = ["authorization", `Bearer ${settings.key.reveal()}`];
    return { authorize: () => headers };
  }
  const region = regionOf(place) ?? settings.aws_region_name;
  if (region === undefined) {
    throw new Error("there is no AWS region to sign for: set aws_region_name or AWS_REGION_NAME");
  }
  const source = credentialSource(settings, region);
  if (typeof source === "function") return new RenewingAuthorizer(source, region, secretsOf(settings));
  const signer = new RequestSigner(source, region);
  return { authorize: (request) => signer.sign(request) };
}

/**
 * Signs with credentials that have to be fetched. Requests wait only when there are none that are good; short before
 * they expire, new ones are fetched beside the requests. There is never more than one fetch at a time.
 */
export class RenewingAuthorizer implements Authorizer {
  readonly #fetch: CredentialSource;
  readonly #region: string;
  readonly #secrets: readonly string[];
  #signer: RequestSigner | undefined;
  #renewAt = 0;
  #expiresAt = 0;
  #fetching: Promise<RequestSigner> | undefined;

  /** `secrets`: texts that no error may show. */
  constructor(fetch: CredentialSource, region: string, secrets: readonly string[]) {
    this.#fetch = fetch;
    this.#region = region;
    this.#secrets = secrets;
  }

  authorize(request: UnsignedRequest): readonly string[] | Promise<readonly string[]> {
    const { time } = request;
    if (this.#signer === undefined || time >= this.#expiresAt) {
      return this.#renewed(time).then((signer) => signer.sign(request));
    }
    if (time >= this.#renewAt) {
      this.#renewAt = time + RENEW_PAUSE_MILLISECONDS;
      // Nobody waits for it: the requests that need it will try again and tell.
      this.#renewed(time).catch(() => {});
    }
    return this.#signer.sign(request);
  }

  #renewed(time: number): Promise<RequestSigner> {
    this.#fetching ??= this.#renew(time).finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #renew(time: number): Promise<RequestSigner> {
    const credentials = await this.#fetch().catch((error: unknown) => {
      throw new Error(this.#withoutSecrets(`there are no AWS credentials: ${reasonOf(error)}`));
    });
    const expiresAt = credentials.expiration?.getTime() ?? Number.POSITIVE_INFINITY;
    this.#expiresAt = expiresAt;
    this.#renewAt = Math.max(expiresAt - RENEW_BEFORE_MILLISECONDS, time + RENEW_PAUSE_MILLISECONDS);
    this.#signer = new RequestSigner(credentials, this.#region);
    return this.#signer;
  }

  #withoutSecrets(message: string): string {
    return this.#secrets.reduce((text, secret) => text.replaceAll(secret, "***"), message);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message === "" ? error.name : error.message;
}

function secretsOf(settings: CredentialSettings): readonly string[] {
  const { aws_secret_access_key, aws_session_token, aws_web_identity_token } = settings;
  return [aws_secret_access_key, aws_session_token, aws_web_identity_token]
    .map((secret) => secret?.reveal() ?? "")
    .filter((secret) => secret !== "");
}
