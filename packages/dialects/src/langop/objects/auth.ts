import type { Finding } from "@gatewright/plan";
import type { FilledSecret, ObjectReference } from "../../desired-objects.ts";
import type { Installation } from "../../installation.ts";
import type { Resource } from "../../resource.ts";
import type { LanguageClusterSpec } from "../kinds/language-cluster.ts";
import { fieldFinding } from "../read/entry.ts";
import { authDex } from "./auth-dex.ts";
import { authIssuer, authSecret, issuerKeysUrl } from "./auth-issuer.ts";
import { authSecrets, dexConfigSecret } from "./auth-secret.ts";
import { type Piece, together } from "./piece.ts";
import type { ContainerVariable } from "./variable.ts";

/** What sign-in adds to the objects of a cluster. */
export interface AuthPiece extends Required<Piece> {
  readonly secrets: readonly FilledSecret[];
  /** What the gateway's container is told of the issuer. */
  readonly variables: readonly ContainerVariable[];
  /** Names of Services that are taken, and whose they are. */
  readonly services: ReadonlyMap<string, string>;
}

/**
 * Sign-in of people to the agents of a cluster (langop.md §1.1, §3.1). With Dex: its Deployment and Service, and, where
 * the cluster has a domain, its Ingress, since browsers are sent there. With a provider of the user's, only Secrets.
 * `agents`: names of the LanguageAgents of the namespace; `secretsHash`: of the Secrets that hold the client secret. No
 * NetworkPolicy selects Dex's pods, and agents may reach every pod of their namespace (§2.5).
 */
export function clusterAuth(
  cluster: Resource,
  spec: LanguageClusterSpec,
  installation: Installation,
  agents: readonly string[],
  secretsHash?: string,
): AuthPiece {
  const issuer = authIssuer(cluster, spec, installation);
  if (issuer === undefined) return off;
  const namespace = cluster.metadata.name;
  const secrets = authSecrets(cluster, issuer);
  const dex =
    issuer.kind === "dex" ? authDex({ cluster, spec, issuer, installation, agents, secretsHash }) : off;
  return {
    ...together([
      { objects: [], findings: [...issuer.findings, ...domainFindings(cluster, spec, issuer.inside)] },
      dex,
      // Written by the operator while it runs, so they are not among the objects.
      { objects: [], findings: [], held: secrets.map(({ name }) => secretAt(namespace, name)) },
    ]),
    secrets,
    // langop.md §3.1. The native engine does not look at it: it takes agent keys, and no tokens of people yet.
    variables: [{ name: "LITELLM_JWT_PUBLIC_KEY_URL", value: issuerKeysUrl(issuer) }],
    services: issuer.kind === "dex" ? new Map([["auth", "that of the sign-in page"]]) : off.services,
  };
}

/** Everything that sign-in may have or not: what is not wanted is removed. */
export function authReferences(namespace: string): readonly ObjectReference[] {
  const auth = { namespace, name: "auth" };
  return [
    { apiVersion: "networking.k8s.io/v1", kind: "Ingress", ...auth },
    { apiVersion: "v1", kind: "Service", ...auth },
    { apiVersion: "apps/v1", kind: "Deployment", ...auth },
    secretAt(namespace, dexConfigSecret.name),
    secretAt(namespace, authSecret.name),
  ];
}

const off: AuthPiece = {
  objects: [],
  findings: [],
  held: [],
  secrets: [],
  variables: [],
  services: new Map(),
};

function domainFindings(
  cluster: Resource,
  spec: LanguageClusterSpec,
  dex: string | undefined,
): readonly Finding[] {
  if (spec.domain) return [];
  const more = dex === undefined ? "" : `, and browsers do not reach ${dex}, which signs them in`;
  const text = `has no effect without spec.domain: agents are published at <agent>.<domain>${more}.`;
  return [fieldFinding(cluster, "spec.auth.enabled", "DomainMissing", "dropped", text)];
}

function secretAt(namespace: string, name: string): ObjectReference {
  return { apiVersion: "v1", kind: "Secret", namespace, name };
}
