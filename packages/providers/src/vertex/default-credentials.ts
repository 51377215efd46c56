import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type Credentials, readCredentials } from "./credentials.ts";

const VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS";

/**
 * The file of Google's application default credentials: the one that the variable names, or gcloud's. Undefined where
 * there is neither, so that the metadata server is left.
 */
export function defaultCredentials(): Credentials | undefined {
  const named = process.env[VARIABLE];
  if (named !== undefined && named !== "") return readCredentials(named, VARIABLE);
  const folder = process.env["CLOUDSDK_CONFIG"] ?? join(homedir(), ".config", "gcloud");
  const file = join(folder, "application_default_credentials.json");
  return existsSync(file) ? readCredentials(file, "application default credentials") : undefined;
}
