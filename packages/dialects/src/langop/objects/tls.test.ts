import { describe, expect, test } from "vitest";
import type { Resource } from "../../resource.ts";
import type { LanguageClusterSpec } from "../kinds/language-cluster.ts";
import { publishedScheme } from "./tls.ts";

const cluster: Resource = {
  apiVersion: "langop.io/v1alpha1",
  kind: "LanguageCluster",
  metadata: { name: "demo" },
};
const issuer = { name: "letsencrypt", kind: "ClusterIssuer" } as const;

describe("publishedScheme", () => {
  test.each([
    { name: "nothing is said", why: "nobody has a certificate", ingress: {}, installation: {}, want: "http" },
    {
      name: "the flag alone",
      why: "TLS ends in front of every Ingress",
      ingress: {},
      installation: { externalScheme: "https" },
      want: "https",
    },
    {
      name: "no TLS at the Ingress, and the flag",
      why: "that is where TLS in front is told by the flag",
      ingress: { tls: { enabled: false } },
      installation: { externalScheme: "https" },
      want: "https",
    },
    {
      name: "a certificate, and the flag",
      why: "a host with a certificate answers at https, whatever others do",
      ingress: { tls: { secretName: "wild" } },
      installation: { externalScheme: "http" },
      want: "https",
    },
    {
      name: "the operator's issuer",
      why: "it gives every host a certificate",
      ingress: {},
      installation: { externalScheme: "http", tlsIssuer: issuer },
      want: "https",
    },
    {
      name: "the cluster's own word",
      why: "it knows what stands in front of it",
      ingress: { externalScheme: "http", tls: { secretName: "wild" } },
      installation: { externalScheme: "https" },
      want: "http",
    },
  ] as const)("$name: $why", ({ ingress, installation, want }) => {
    const spec = { ingress } as unknown as LanguageClusterSpec;
    expect(publishedScheme(cluster, spec, installation)).toBe(want);
  });
});
