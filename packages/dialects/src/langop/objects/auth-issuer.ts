import type { Finding } from "@gatewright/plan";
import type { Installation } from "../../installation.ts";
import type { Resource } from "../../resource.ts";
import type { LanguageClusterSpec } from "../kinds/language-cluster.ts";
import { fieldFinding } from "../read/entry.ts";
import { publishedScheme } from "./tls.ts";

/** Port of Dex, in its pods and at its Service (langop.md §3.1). */
export const dexPort = 5556;

/** The Secret of what is made at random for sign-in (langop.md §3.1), and its keys. */
export const authSecret = {
  name: "auth-client-secret",
  /** What the proxies of agents show the issuer. */
  clientKey: "client-secret",
  /** What the proxies of agents encrypt their cookies with. */
  cookieKey: "cookie-secret",
} as const;

/** The OpenID provider that people sign in to the agents of a cluster with. */
export interface AuthIssuer {
  /** `dex`: the operator's own, in the namespace of the cluster; `external`: one that the user has. */
  readonly kind: "dex" | "external";
  /** As the provider says it of itself: tokens are compared with this very text. */
  readonly url: string;
  /** Where pods of the cluster reach Dex without leaving it; absent for other providers. */
  readonly inside?: string;
  readonly clientId: string;
  /** Where the client secret is, in the namespace of the cluster. */
  readonly clientSecret: { readonly name: string; readonly key: string };
  /** Keys of `authSecret` that are made up; the others are the user's to give. */
  readonly generated: readonly string[];
  readonly findings: readonly Finding[];
}

/**
 * Who signs people in, `undefined` when sign-in is off (langop.md §1.1). Dex is taken when it is configured, or when no
 * other provider is. Browsers must reach it too, so its address is that of its Ingress, where the cluster has a domain.
 */
export function authIssuer(
  cluster: Resource,
  spec: LanguageClusterSpec,
  installation: Pick<Installation, "tlsIssuer" | "externalScheme">,
): AuthIssuer | undefined {
  if (spec.auth?.enabled !== true) return undefined;
  const { oidc = {} } = spec.auth;
  const findings: Finding[] = [];
  const external = oidc.externalIssuerURL || undefined;
  const kind = oidc.dex !== undefined || external === undefined ? "dex" : "external";
  const given = secretOfUser(cluster, oidc.clientSecretRef, findings);
  const common = {
    clientId: oidc.clientID || "langop",
    clientSecret: given ?? { name: authSecret.name, key: authSecret.clientKey },
    generated: [
      ...(kind === "dex" && given === undefined ? [authSecret.clientKey] : []),
      authSecret.cookieKey,
    ],
    findings,
  };
  if (kind === "external") {
    const url = external ?? "";
    checkExternal(cluster, url, given !== undefined, findings);
    return { kind, url, ...common };
  }
  if (external !== undefined) {
    const text =
      "is ignored, because spec.auth.oidc.dex asks for a provider of the cluster's own. Remove one of the two.";
    findings.push(
      fieldFinding(cluster, "spec.auth.oidc.externalIssuerURL", "IssuerIgnored", "dropped", text),
    );
  }
  const inside = `http://auth.${cluster.metadata.name}.svc.cluster.local:${dexPort}`;
  const scheme = publishedScheme(cluster, spec, installation);
  return { kind, url: spec.domain ? `${scheme}://auth.${spec.domain}` : inside, inside, ...common };
}

/** Where the keys are that tokens of the issuer are signed with (langop.md §3.1). */
export function issuerKeysUrl({ url }: Pick<AuthIssuer, "url">): string {
  return `${url.replace(/\/+$/u, "")}/keys`;
}

type SecretReference = NonNullable<
  NonNullable<NonNullable<LanguageClusterSpec["auth"]>["oidc"]>["clientSecretRef"]
>;

/** The user's Secret; not one of another namespace, since pods cannot take anything from there. */
function secretOfUser(
  cluster: Resource,
  reference: SecretReference | undefined,
  findings: Finding[],
): AuthIssuer["clientSecret"] | undefined {
  if (reference === undefined) return undefined;
  const { name, key, namespace } = reference;
  if (namespace !== undefined && namespace !== "" && namespace !== cluster.metadata.name) {
    const path = "spec.auth.oidc.clientSecretRef.namespace";
    const text = `is another namespace, whose Secrets are never read. Put the Secret into the namespace ${cluster.metadata.name} and leave the field out.`;
    findings.push(fieldFinding(cluster, path, "SecretNamespaceIgnored", "dropped", text));
    return undefined;
  }
  return { name, key: key || authSecret.clientKey };
}

function checkExternal(cluster: Resource, url: string, hasSecret: boolean, findings: Finding[]): void {
  if (!/^https?:\/\/[^\s/]+/u.test(url)) {
    const path = "spec.auth.oidc.externalIssuerURL";
    const text = "must be the address of an OpenID provider, https://…: nobody can sign in to the agents.";
    findings.push(fieldFinding(cluster, path, "IssuerInvalid", "dropped", text));
  }
  if (!hasSecret) {
    const path = "spec.auth.oidc.clientSecretRef";
    const text = `must name a Secret of the namespace ${cluster.metadata.name} with the client secret that the provider gave out: until then nobody can sign in to the agents, and they stay closed.`;
    findings.push(fieldFinding(cluster, path, "ClientSecretMissing", "dropped", text));
  }
}
