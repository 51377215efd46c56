import { createPrivateKey, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { IssuedCertificate } from "./issue-certificate.ts";

/** What the webhook's Secret holds, as PEM. */
export interface WebhookCertificate {
  /** The authorities that clients trust: the one in charge first, then those before it until they end. */
  readonly bundle: string;
  /** Key of the first of them. */
  readonly authorityKey: string;
  readonly serving: IssuedCertificate;
}

/** What has to be made anew. */
export interface Renewal {
  readonly authority: boolean;
  readonly serving: boolean;
}

/** Share of its life after which a certificate is renewed: the last third is for things that go wrong. */
const renewAfter = 2 / 3;

/**
 * What is to be renewed. A new authority does not take its certificate along at once: the one of the old authority
 * goes on until its own time, when every API server has long read the bundle with both. Only a certificate that
 * cannot be shown anyway is replaced in the same step.
 */
export function renewalOf(
  standing: WebhookCertificate | undefined,
  hosts: readonly string[],
  now: number,
): Renewal {
  const authorities = standing === undefined ? [] : certificatesOf(standing.bundle);
  const [first] = authorities;
  if (standing === undefined || first === undefined || !isUsable(first, standing.authorityKey, now)) {
    return { authority: true, serving: true };
  }
  const serving = certificatesOf(standing.serving.certificate)[0];
  const shown =
    serving !== undefined &&
    isUsable(serving, standing.serving.key, now) &&
    authorities.some((authority) => isValid(authority, now) && signed(authority, serving));
  const authority = isOld(first, now);
  if (!shown) return { authority, serving: true };
  const due = isOld(serving, now) || !hosts.every((host) => isFor(serving, host));
  return { authority, serving: due && !authority };
}

/** The bundle with a new authority in front; what has ended is left out. */
export function bundleWith(authority: string, bundle: string, now: number): string {
  const others = certificatesOf(bundle).filter((certificate) => isValid(certificate, now));
  return [authority, ...others.map((certificate) => certificate.toString())].join("");
}

/** The first authority of a bundle. */
export function authorityOf({ bundle, authorityKey }: WebhookCertificate): IssuedCertificate {
  return { certificate: certificatesOf(bundle)[0]?.toString() ?? "", key: authorityKey };
}

/** The certificates in a text; one that cannot be read ends the list, since its place may have been the first. */
function certificatesOf(pem: string): readonly X509Certificate[] {
  const certificates: X509Certificate[] = [];
  for (const [text] of pem.matchAll(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/gu)) {
    try {
      certificates.push(new X509Certificate(text));
    } catch {
      return certificates;
    }
  }
  return certificates;
}

function isUsable(certificate: X509Certificate, key: string, now: number): boolean {
  return isValid(certificate, now) && belongs(certificate, key);
}

function belongs(certificate: X509Certificate, key: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

function signed(authority: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

function isValid(certificate: X509Certificate, now: number): boolean {
  return certificate.validFromDate.getTime() <= now && now < certificate.validToDate.getTime();
}

function isOld(certificate: X509Certificate, now: number): boolean {
  const from = certificate.validFromDate.getTime();
  return now >= from + (certificate.validToDate.getTime() - from) * renewAfter;
}

function isFor(certificate: X509Certificate, host: string): boolean {
  return (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined;
}
