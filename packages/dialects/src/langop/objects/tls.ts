import type { Finding } from "@gatewright/plan";
import type { Installation } from "../../installation.ts";
import type { Resource } from "../../resource.ts";
import type { LanguageClusterSpec } from "../kinds/language-cluster.ts";
import { fieldFinding } from "../read/entry.ts";

/** How an Ingress of a cluster gets its certificate. */
export type Tls =
  | { readonly kind: "none" }
  | {
      readonly kind: "secret";
      readonly secret: string;
      readonly annotations?: { readonly [key: string]: string };
    }
  /** The certificate that was asked for is not known: the Ingress is not written, and one that stands stays as it is. */
  | { readonly kind: "unknown" };

/**
 * TLS of one published host (langop.md §3.6). `subject` is what is published, for people, and `secret` the Secret that
 * cert-manager is to keep the certificate in, `<Ingress>-tls`; a Secret of the user's serves all hosts of the cluster.
 */
export function tlsOf(
  cluster: Resource,
  spec: LanguageClusterSpec,
  { tlsIssuer }: Pick<Installation, "tlsIssuer">,
  { subject, secret }: { readonly subject: string; readonly secret: string },
): { readonly tls: Tls; readonly findings: readonly Finding[] } {
  const tls = spec.ingress?.tls;
  if (tls?.enabled === false || tls?.mode === "none") return without([]);
  if (tls?.secretName) return { tls: { kind: "secret", secret: tls.secretName }, findings: [] };
  if (tls?.mode === "secret") {
    const text = `needs spec.ingress.tls.secretName: without a certificate ${subject} would be published in clear, so its Ingress is not written.`;
    const finding = fieldFinding(cluster, "spec.ingress.tls.mode", "TlsSecretMissing", "dropped", text);
    return { tls: { kind: "unknown" }, findings: [finding] };
  }
  const issuer = tls?.issuerRef ?? tlsIssuer;
  if (issuer !== undefined) {
    return { tls: { kind: "secret", secret, annotations: issuerAnnotations(issuer) }, findings: [] };
  }
  if (tls === undefined) return without([]);
  const text = `asks for TLS, but names neither secretName nor issuerRef, and the operator has no issuer (--tls-issuer-name): ${subject} is published over plain HTTP.`;
  return without([fieldFinding(cluster, "spec.ingress.tls", "TlsIssuerMissing", "dropped", text)]);
}

/**
 * Scheme of the URLs under which a cluster's hosts are reached: its own word, else https where its Ingresses have TLS, else
 * that of the installation, since TLS may end in front of the Ingress.
 */
export function publishedScheme(
  cluster: Resource,
  spec: LanguageClusterSpec,
  installation: Pick<Installation, "tlsIssuer" | "externalScheme">,
): "http" | "https" {
  const { externalScheme } = spec.ingress ?? {};
  if (externalScheme !== undefined) return externalScheme;
  const { tls } = tlsOf(cluster, spec, installation, { subject: "", secret: "" });
  return tls.kind === "none" ? (installation.externalScheme ?? "http") : "https";
}

function without(findings: readonly Finding[]): ReturnType<typeof tlsOf> {
  return { tls: { kind: "none" }, findings };
}

/** What cert-manager acts on. Issuers of other groups are named by three annotations. */
function issuerAnnotations(issuer: {
  readonly name: string;
  readonly kind: "Issuer" | "ClusterIssuer";
  readonly group?: string;
}): { readonly [key: string]: string } {
  const { name, kind, group = "cert-manager.io" } = issuer;
  if (group !== "cert-manager.io") {
    return {
      "cert-manager.io/issuer": name,
      "cert-manager.io/issuer-kind": kind,
      "cert-manager.io/issuer-group": group,
    };
  }
  return { [kind === "ClusterIssuer" ? "cert-manager.io/cluster-issuer" : "cert-manager.io/issuer"]: name };
}
