import "reflect-metadata";
import { randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";

/** A certificate and its key, as PEM. */
export interface IssuedCertificate {
  readonly certificate: string;
  readonly key: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const dayMilliseconds = 86_400_000;
const authorityDays = 3650;
const servingDays = 365;
/** Clocks of nodes differ: a certificate counts from a little before it was made. */
const leewayMilliseconds = 3_600_000;

/** A new authority for ten years. Its name is its own, so that a verifier with several of them finds the right one. */
export async function issueAuthority(now: number): Promise<IssuedCertificate> {
  x509.cryptoProvider.set(webcrypto);
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const serialNumber = newSerialNumber();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(now, authorityDays),
    serialNumber,
    name: `CN=gatewright-webhook-authority-${serialNumber.slice(-8)}`,
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pemOf(certificate), key: await privatePem(keys.privateKey) };
}

/** A certificate for a year that a server shows under these names and addresses. */
export async function issueServing(
  authority: IssuedCertificate,
  hosts: readonly string[],
  now: number,
): Promise<IssuedCertificate> {
  x509.cryptoProvider.set(webcrypto);
  const issuer = new x509.X509Certificate(authority.certificate);
  const signingKey = await webcrypto.subtle.importKey(
    "pkcs8",
    x509.PemConverter.decodeFirst(authority.key),
    algorithm,
    false,
    ["sign"],
  );
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity(now, servingDays),
    serialNumber: newSerialNumber(),
    subject: "CN=gatewright-webhook",
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        hosts.map((value) => ({ type: isIP(value) === 0 ? ("dns" as const) : ("ip" as const), value })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return { certificate: pemOf(certificate), key: await privatePem(keys.privateKey) };
}

function validity(now: number, days: number) {
  return { notBefore: new Date(now - leewayMilliseconds), notAfter: new Date(now + days * dayMilliseconds) };
}

/** Positive, and beginning with a digit that is not zero, as DER wants it. */
function newSerialNumber(): string {
  return `4${randomBytes(15).toString("hex")}1`;
}

function pemOf(certificate: x509.X509Certificate): string {
  return `${certificate.toString("pem").trimEnd()}\n`;
}

async function privatePem(key: webcrypto.CryptoKey): Promise<string> {
  return `${x509.PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY").trimEnd()}\n`;
}
