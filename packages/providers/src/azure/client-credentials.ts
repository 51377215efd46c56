import process from "node:process";
import { fieldsIn, parsedJson, textIn } from "../fields-in.ts";
import type { AccessToken } from "../token-authorizer.ts";

/** A service principal, and what its tokens are for. */
export interface ServicePrincipal {
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string;
}

const PATIENCE_MILLISECONDS = 10_000;

/**
 * A token by OAuth's client credentials grant, one POST. `@azure/identity` could do it as well, but only over https,
 * which no test can serve. `authority` is where sovereign clouds have their Entra ID.
 */
export async function clientCredentialsToken(
  { tenantId, clientId, clientSecret, scope }: ServicePrincipal,
  authority: string = process.env["AZURE_AUTHORITY_HOST"] ?? "https://login.microsoftonline.com",
): Promise<AccessToken> {
  const url = `${authority.replace(/\/+$/, "")}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`;
  const askedAt = Date.now();
  const response = await fetch(url, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
      scope,
    }),
    signal: AbortSignal.timeout(PATIENCE_MILLISECONDS),
  }).catch((error: unknown) => {
    throw new Error(`no Entra ID token for client ${clientId}: ${url} cannot be reached: ${reasonOf(error)}`);
  });
  const answer = fieldsIn(parsedJson(await response.text())) ?? {};
  const token = textIn(answer["access_token"]);
  const seconds = answer["expires_in"];
  if (token === undefined || typeof seconds !== "number") {
    const said = textIn(answer["error_description"]) ?? textIn(answer["error"]) ?? `HTTP ${response.status}`;
    throw new Error(`no Entra ID token for client ${clientId}: ${said.replaceAll(clientSecret, "***")}`);
  }
  return { token, expiresAt: askedAt + seconds * 1000 };
}

/** `fetch` says only that it failed; why is its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
