import { readFile } from "node:fs/promises";
import type { CredentialSettings, SecretText } from "../provider.ts";
import type { AwsCredentials } from "./signature.ts";

/** Gets credentials, each time anew. Rejects with the reason of whoever was asked. */
export type CredentialSource = () => Promise<AwsCredentials>;

/** Name of the session of an assumed role, where none is configured. */
const SESSION_NAME = "gatewright";

/** Requests of clients may be waiting for the answer. */
const requestHandler = { connectionTimeout: 5000, requestTimeout: 10_000, throwOnRequestTimeout: true };

/**
 * Where a deployment's AWS credentials come from (LiteLLM's `aws_*` parameters): the keys themselves, a profile, a role
 * assumed with a web identity or with any of the others, or the default chain of the AWS SDKs. The SDK is loaded when
 * credentials are fetched for the first time, and never for keys. Throws an Error when the settings contradict each other.
 */
export function credentialSource(
  settings: CredentialSettings,
  region: string,
): AwsCredentials | CredentialSource {
  const { aws_role_name: role, aws_web_identity_token: webIdentity } = settings;
  const base = baseSource(settings, region);
  if (role === undefined) {
    if (webIdentity === undefined) return base;
    throw new Error("aws_web_identity_token needs aws_role_name: the role that is assumed with it");
  }
  const clientConfig = { region, requestHandler, ...endpointOf(settings) };
  if (webIdentity !== undefined) {
    const token = webIdentityToken(webIdentity);
    return async () => {
      const { fromWebToken } = await import("./credential-library.ts");
      return fromWebToken({
        roleArn: role,
        roleSessionName: settings.aws_session_name ?? SESSION_NAME,
        webIdentityToken: await token(),
        clientConfig,
      })();
    };
  }
  const externalId = settings.aws_external_id;
  return async () => {
    const { fromTemporaryCredentials } = await import("./credential-library.ts");
    return fromTemporaryCredentials({
      params: {
        RoleArn: role,
        RoleSessionName: settings.aws_session_name ?? SESSION_NAME,
        ...(externalId === undefined ? {} : { ExternalId: externalId }),
      },
      masterCredentials: base,
      clientConfig,
    })();
  };
}

/** Credentials without a role. */
function baseSource(settings: CredentialSettings, region: string): AwsCredentials | CredentialSource {
  const { aws_access_key_id: id, aws_secret_access_key: secret, aws_session_token: token } = settings;
  if (id !== undefined && secret !== undefined) {
    const keys = { accessKeyId: id.reveal(), secretAccessKey: secret.reveal() };
    return token === undefined ? keys : { ...keys, sessionToken: token.reveal() };
  }
  if (id !== undefined) throw new Error("aws_access_key_id is there without its aws_secret_access_key");
  if (secret !== undefined) throw new Error("aws_secret_access_key is there without its aws_access_key_id");
  if (token !== undefined) {
    throw new Error("aws_session_token is there without aws_access_key_id and aws_secret_access_key");
  }
  const profile = settings.aws_profile_name;
  const clientConfig = { region, requestHandler };
  // Not the chain with a profile: it would go on to other sources when the profile has none.
  if (profile !== undefined) {
    return async () => {
      const { fromIni } = await import("./credential-library.ts");
      return fromIni({ profile, clientConfig })();
    };
  }
  return async () => {
    const { fromNodeProviderChain } = await import("./credential-library.ts");
    return fromNodeProviderChain({ clientConfig })();
  };
}

function endpointOf({ aws_sts_endpoint: endpoint }: CredentialSettings): { readonly endpoint?: string } {
  return endpoint === undefined ? {} : { endpoint };
}

/** The token itself, the file it is in, or LiteLLM's `oidc/file/<path>`, `oidc/env/<name>`, `oidc/env_path/<name>`. */
function webIdentityToken(setting: SecretText): () => Promise<string> {
  const value = setting.reveal();
  if (value.startsWith("/")) return () => tokenInFile(value);
  const [, kind, rest = ""] = /^oidc\/([^/]*)\/?(.*)$/s.exec(value) ?? [];
  switch (kind) {
    case undefined:
      return async () => value;
    case "file":
      return () => tokenInFile(`/${rest}`);
    case "env":
      return async () => variable(rest);
    case "env_path":
      return async () => tokenInFile(variable(rest));
    default:
      throw new Error(
        `aws_web_identity_token: oidc/${kind} is not supported, only oidc/file, oidc/env, oidc/env_path and the token's path`,
      );
  }
}

async function tokenInFile(path: string): Promise<string> {
  return (await readFile(path, "utf8")).trim();
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`the environment variable ${name} is not set`);
  return value;
}
