import type { DefaultAzureCredential } from "@azure/identity";
import type { Authorizer, CredentialSettings } from "../provider.ts";
import { type AccessToken, tokenAuthorizer } from "../token-authorizer.ts";
import { clientCredentialsToken } from "./client-credentials.ts";

/** What tokens are asked for when the deployment does not say. */
const SCOPE = "https://cognitiveservices.azure.com/.default";

/** Microsoft's own clients renew a token in its last five minutes. */
const renewal = { before: 5 * 60_000, pause: 30_000 };

/**
 * Entra ID instead of a key: tokens of the service principal that the deployment names, or of whatever identity the
 * process has (`enable_azure_ad_token_refresh`). Undefined where there is a key, or nothing at all.
 */
export function azureAuthorizer(settings: CredentialSettings): Authorizer | undefined {
  const { key, tenant_id: tenantId, client_id: clientId, client_secret: secret } = settings;
  if (key !== undefined) return undefined;
  const scope = settings.azure_scope ?? SCOPE;
  if (tenantId !== undefined && clientId !== undefined && secret !== undefined) {
    const principal = { tenantId, clientId, clientSecret: secret.reveal(), scope };
    return tokenAuthorizer(() => clientCredentialsToken(principal), renewal);
  }
  if (settings.enable_azure_ad_token_refresh === true) {
    return tokenAuthorizer(ambientToken(scope, tenantId, clientId), renewal);
  }
  if (tenantId === undefined && clientId === undefined && secret === undefined) return undefined;
  throw new Error("an Azure service principal needs tenant_id, client_id and client_secret");
}

/**
 * Tokens of the identity the process runs as: environment variables, a workload or managed identity, or the developer
 * who is signed in. The library is large and few need it, so it is loaded with the first request.
 */
function ambientToken(
  scope: string,
  tenantId: string | undefined,
  clientId: string | undefined,
): () => Promise<AccessToken> {
  const options = {
    ...(tenantId === undefined ? {} : { tenantId }),
    ...(clientId === undefined
      ? {}
      : { managedIdentityClientId: clientId, workloadIdentityClientId: clientId }),
  };
  let credential: Promise<DefaultAzureCredential> | undefined;
  return async () => {
    credential ??= import("./identity-library.ts").then(
      (identity) => new identity.DefaultAzureCredential(options),
    );
    try {
      const { token, expiresOnTimestamp } = await (await credential).getToken(scope);
      return { token, expiresAt: expiresOnTimestamp };
    } catch (error) {
      throw new Error(`no Entra ID token: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}
