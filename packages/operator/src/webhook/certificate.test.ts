import { X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { authorityOf, bundleWith, renewalOf, type WebhookCertificate } from "./certificate.ts";
import { issueAuthority, issueServing } from "./issue-certificate.ts";

const day = 86_400_000;
const now = Date.UTC(2026, 10, 21);
const hosts = ["gatewright-webhook.gatewright-system.svc", "127.0.0.1"];

let standing: WebhookCertificate;
let later: WebhookCertificate;

async function made(at: number): Promise<WebhookCertificate> {
  const authority = await issueAuthority(at);
  return {
    bundle: authority.certificate,
    authorityKey: authority.key,
    serving: await issueServing(authority, hosts, at),
  };
}

beforeAll(async () => {
  standing = await made(now);
  later = await made(now + day);
});

describe("what is issued", () => {
  test("an authority for ten years and a certificate for a year that it vouches for", () => {
    const authority = new X509Certificate(standing.bundle);
    const serving = new X509Certificate(standing.serving.certificate);
    expect(authority.ca).toBe(true);
    expect(serving.ca).toBe(false);
    expect(authority.validToDate.getTime() - now).toBe(3650 * day);
    expect(serving.validToDate.getTime() - now).toBe(365 * day);
    expect(serving.checkIssued(authority) && serving.verify(authority.publicKey)).toBe(true);
    expect(serving.subjectAltName).toBe("DNS:gatewright-webhook.gatewright-system.svc, IP Address:127.0.0.1");
    expect(serving.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    expect(serving.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
  });

  test("no two authorities share a name or a number", () => {
    const [one, other] = [new X509Certificate(standing.bundle), new X509Certificate(later.bundle)];
    expect(one.subject).not.toBe(other.subject);
    expect(one.serialNumber).not.toBe(other.serialNumber);
  });
});

describe("what is renewed", () => {
  const rows: readonly {
    readonly name: string;
    readonly why: string;
    readonly standing: () => WebhookCertificate | undefined;
    readonly days?: number;
    readonly hosts?: readonly string[];
    readonly want: string;
  }[] = [
    { name: "nothing stands", why: "first start", standing: () => undefined, want: "authority serving" },
    { name: "all is new", why: "nothing to do", standing: () => standing, want: "" },
    { name: "before two thirds", why: "still time", standing: () => standing, days: 243, want: "" },
    { name: "after two thirds", why: "before it ends", standing: () => standing, days: 244, want: "serving" },
    { name: "after its end", why: "asleep for a year", standing: () => standing, days: 366, want: "serving" },
    {
      name: "another host",
      why: "--webhook-url came later",
      standing: () => standing,
      hosts: ["operator.example"],
      want: "serving",
    },
    {
      name: "a host more",
      why: "all must be good",
      standing: () => standing,
      hosts: [...hosts, "operator.example"],
      want: "serving",
    },
    {
      name: "the authority after two thirds, its certificate ended",
      why: "nothing to lose",
      standing: () => standing,
      days: 2_440,
      want: "authority serving",
    },
    {
      name: "after the authority's end",
      why: "asleep",
      standing: () => standing,
      days: 3651,
      want: "authority serving",
    },
    {
      name: "the serving key is another's",
      why: "edited by hand",
      standing: () => ({ ...standing, serving: { ...standing.serving, key: later.serving.key } }),
      want: "serving",
    },
    {
      name: "the authority's key is another's",
      why: "edited by hand",
      standing: () => ({ ...standing, authorityKey: later.authorityKey }),
      want: "authority serving",
    },
    {
      name: "a certificate of another authority",
      why: "nobody would trust it",
      standing: () => ({ ...standing, serving: later.serving }),
      days: 2,
      want: "serving",
    },
    {
      name: "not valid yet",
      why: "the clock was wrong",
      standing: () => standing,
      days: -1,
      want: "authority serving",
    },
    ...["", "hello", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"].map((garbage) => ({
      name: `garbage: ${JSON.stringify(garbage.slice(0, 12))}`,
      why: "edited by hand",
      standing: () => ({
        bundle: garbage,
        authorityKey: garbage,
        serving: { certificate: garbage, key: garbage },
      }),
      want: "authority serving",
    })),
  ];
  test.each(rows)("$name ($why): $want", ({ standing: of, days = 0, hosts: wanted = hosts, want }) => {
    const renewal = renewalOf(of(), wanted, now + days * day);
    expect(
      Object.entries(renewal)
        .flatMap(([what, due]) => (due ? [what] : []))
        .join(" "),
    ).toBe(want);
  });

  test("a new authority leaves the certificate of the old one alone until that is due by itself", async () => {
    const due = now + 2_440 * day;
    const old: WebhookCertificate = {
      ...standing,
      serving: await issueServing(authorityOf(standing), hosts, due - 10 * day),
    };
    expect(renewalOf(old, hosts, due)).toEqual({ authority: true, serving: false });
    const authority = await issueAuthority(due);
    const bundle = bundleWith(authority.certificate, old.bundle, due);
    const overlapping = { ...old, bundle, authorityKey: authority.key };
    expect(bundle.match(/BEGIN CERTIFICATE/gu)).toHaveLength(2);
    expect(renewalOf(overlapping, hosts, due)).toEqual({ authority: false, serving: false });
    expect(renewalOf(overlapping, hosts, due + 240 * day)).toEqual({ authority: false, serving: true });
    const afterwards = now + 3_700 * day;
    expect(bundleWith(authority.certificate, bundle, afterwards).match(/BEGIN CERT/gu)).toHaveLength(2);
    expect(bundleWith(later.bundle, standing.bundle, afterwards)).toBe(later.bundle);
  });
});
