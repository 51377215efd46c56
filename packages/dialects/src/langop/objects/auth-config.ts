import { compareText, type Finding, type Json, type JsonObject } from "@gatewright/plan";
import { stringify } from "yaml";
import type { Installation } from "../../installation.ts";
import type { Resource } from "../../resource.ts";
import type { LanguageClusterSpec } from "../kinds/language-cluster.ts";
import { fieldFinding } from "../read/entry.ts";
import { type AuthIssuer, dexPort } from "./auth-issuer.ts";
import { signInAddress } from "./sign-in.ts";

/** Port with Dex's health and metrics. */
export const dexTelemetryPort = 5558;

/** Variable that Dex takes the client secret from, so that it need not stand in the file. */
export const dexClientSecretVariable = "OIDC_CLIENT_SECRET";

export interface AuthConfigInput {
  readonly cluster: Resource;
  readonly spec: LanguageClusterSpec;
  readonly issuer: AuthIssuer;
  readonly installation: Pick<Installation, "tlsIssuer" | "externalScheme">;
  /** Names of the LanguageAgents of the namespace, in any order. */
  readonly agents: readonly string[];
}

/**
 * `config.yaml` of Dex (dexidp.io/docs/configuration). Its storage is memory: there is one pod, and only sign-ins that are
 * under way are lost with it, as the sessions are cookies of the agents' proxies. Dex compares addresses to come back
 * to letter by letter and knows no patterns, so every agent has an entry.
 */
export function authConfig(input: AuthConfigInput): {
  readonly text: string;
  readonly findings: readonly Finding[];
} {
  const { cluster, spec, issuer, installation, agents } = input;
  const findings: Finding[] = [];
  const { domain } = spec;
  const hosts = domain ? [...new Set(agents)].sort(compareText).map((name) => `${name}.${domain}`) : [];
  const { connectors = [] } = spec.auth?.oidc?.dex ?? {};
  const config: JsonObject = {
    issuer: issuer.url,
    storage: { type: "memory" },
    web: { http: `0.0.0.0:${dexPort}` },
    telemetry: { http: `0.0.0.0:${dexTelemetryPort}` },
    // The only client is the cluster itself: there is nothing a person could decide.
    oauth2: { skipApprovalScreen: true },
    staticClients: [
      {
        id: issuer.clientId,
        name: `Agents of ${cluster.metadata.name}`,
        secretEnv: dexClientSecretVariable,
        redirectURIs: hosts.map((host) => signInAddress(cluster, spec, installation, host)),
      },
    ],
    ...(connectors.length === 0
      ? {}
      : {
          connectors: connectors.map(({ type, id, name, config: settings }) => ({
            type,
            id,
            name,
            ...(settings === undefined ? {} : { config: settingsOf(settings) }),
          })),
        }),
    ...localUsers(cluster, spec, findings),
  };
  return { text: stringify(config, { lineWidth: 0, aliasDuplicateObjects: false }), findings };
}

/**
 * The settings of a connector. The resource has only texts, but Dex refuses a text where a setting is a boolean, a list
 * or a map: `true`, `false` and JSON are written as what they say. Numbers stay texts, as client ids can be such.
 */
function settingsOf(settings: { readonly [name: string]: string }): JsonObject {
  return Object.fromEntries(Object.entries(settings).map(([name, text]) => [name, settingOf(text)]));
}

function settingOf(text: string): Json {
  if (text === "true" || text === "false") return text === "true";
  if (!/^\s*[[{]/u.test(text)) return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/**
 * Users whom Dex knows itself. Dex does not start without any way to sign in, so it gets an empty list of users then:
 * nobody comes in, and its pages say so. It does not start with users and `enablePasswordDB` off either.
 */
function localUsers(cluster: Resource, spec: LanguageClusterSpec, findings: Finding[]): JsonObject {
  const { connectors = [], staticPasswords = [], enablePasswordDB } = spec.auth?.oidc?.dex ?? {};
  const base = "spec.auth.oidc.dex";
  if (enablePasswordDB === false && staticPasswords.length > 0) {
    const text = "is not used, because enablePasswordDB is false.";
    findings.push(fieldFinding(cluster, `${base}.staticPasswords`, "UsersIgnored", "dropped", text));
  }
  const users = enablePasswordDB === false ? [] : staticPasswords;
  if (connectors.length + users.length === 0) {
    const text = "names neither connectors nor staticPasswords: nobody can sign in to the agents.";
    findings.push(fieldFinding(cluster, base, "UsersMissing", "dropped", text));
  }
  if (enablePasswordDB !== true && users.length === 0 && connectors.length > 0) return {};
  return {
    enablePasswordDB: true,
    ...(users.length === 0
      ? {}
      : {
          staticPasswords: users.map(({ email, hash, username, userID }) => ({
            email,
            hash,
            username: username || email,
            // Two users without an id would be one and the same to everybody who asks for it.
            userID: userID || email,
          })),
        }),
  };
}
