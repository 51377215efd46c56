import type { Authorizer, CredentialSettings, Place, UnsignedRequest } from "../provider.ts";
import { Renewed } from "../renewed.ts";
import { type CredentialSource, credentialSource } from "./credentials.ts";
import { regionOf } from "./model.ts";
import { RequestSigner } from "./signature.ts";

/** At the same distance as the caches of the AWS SDKs. */
const renewal = { before: 5 * 60_000, pause: 10_000 };

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

/** Signs with credentials that have to be fetched, as `Renewed` says. */
export class RenewingAuthorizer implements Authorizer {
  readonly #signer: Renewed<RequestSigner>;

  /** `secrets`: texts that no error may show. */
  constructor(fetch: CredentialSource, region: string, secrets: readonly string[]) {
    this.#signer = new Renewed(async () => {
      const credentials = await fetch().catch((error: unknown) => {
        const message = `there are no AWS credentials: ${reasonOf(error)}`;
        throw new Error(secrets.reduce((text, secret) => text.replaceAll(secret, "***"), message));
      });
      const expiresAt = credentials.expiration?.getTime() ?? Number.POSITIVE_INFINITY;
      return { value: new RequestSigner(credentials, region), expiresAt };
    }, renewal);
  }

  authorize(request: UnsignedRequest): readonly string[] | Promise<readonly string[]> {
    const signer = this.#signer.at(request.time);
    return signer instanceof Promise ? signer.then((fetched) => fetched.sign(request)) : signer.sign(request);
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
