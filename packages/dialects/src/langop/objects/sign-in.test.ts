import type { JsonObject } from "@gatewright/plan";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Resource } from "../../resource.ts";
import { readSpec } from "../../spec.ts";
import { languageCluster } from "../kinds/language-cluster.ts";
import { authConfigSecret } from "./auth-secret.ts";
import { type SignInInput, signInProxy } from "./sign-in.ts";

const dex = { connectors: [{ type: "github", id: "github", name: "GitHub" }] };
const external = {
  externalIssuerURL: "https://login.example.com/",
  clientID: "agents",
  clientSecretRef: { name: "oidc", key: "token" },
};

const agent: Resource = {
  apiVersion: "langop.io/v1alpha1",
  kind: "LanguageAgent",
  metadata: { name: "writer", namespace: "demo" },
  spec: {},
};

function clusterOf(spec: JsonObject): Resource {
  return {
    apiVersion: "langop.io/v1alpha1",
    kind: "LanguageCluster",
    metadata: { name: "demo" },
    spec: { domain: "a.test", ...spec },
  };
}

interface Case {
  readonly auth?: JsonObject;
  readonly ingress?: JsonObject;
  readonly agent?: Partial<SignInInput["agent"]>;
  readonly runtimeAuth?: boolean;
}

function proxyOf(of: Case): ReturnType<typeof signInProxy> {
  const { auth = { enabled: true, oidc: { dex } }, ingress = {}, runtimeAuth } = of;
  const cluster = clusterOf({ auth, ingress });
  const { spec } = readSpec(languageCluster, cluster);
  if (spec === undefined) throw new Error("the case cannot be read");
  return signInProxy({
    cluster,
    spec,
    installation: {},
    agent: { resource: agent, host: "writer.a.test", port: 8080, ...of.agent },
    runtimeAuth,
  });
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into objects; a wrong member fails the test.
const containerOf = (of: Case): any => proxyOf(of)?.container;

/** Arguments as a map of flags. */
function flagsOf(of: Case): Readonly<Record<string, string>> {
  const { args } = containerOf(of) as { readonly args: readonly string[] };
  return Object.fromEntries(
    args.map((text) => {
      const [, name = "", value = ""] = /^--([a-z-]+)=(.*)$/u.exec(text) ?? [];
      return [name, value];
    }),
  );
}

describe("no proxy", () => {
  test.each([
    { name: "sign-in is off", of: { auth: { enabled: false, oidc: { dex } } } },
    { name: "the runtime leaves its agents open", of: { runtimeAuth: false } },
    { name: "nobody comes from outside", of: { agent: { host: undefined } } },
  ])("$name", ({ of }) => {
    expect(proxyOf(of)).toBeUndefined();
  });

  test("a runtime that says yes, or nothing, has one", () => {
    expect(proxyOf({ runtimeAuth: true })?.port).toBe(4180);
    expect(proxyOf({})?.port).toBe(4180);
  });
});

test("the container keeps to the restricted standard, passes a quota, and takes secrets from Secrets", () => {
  const container = containerOf({});
  expect(container).toMatchObject({
    name: "auth-proxy",
    image: "quay.io/oauth2-proxy/oauth2-proxy:v7.7.1",
    ports: [{ name: "auth-proxy", containerPort: 4180 }],
    resources: { limits: { cpu: expect.any(String), memory: expect.any(String) } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
    },
    readinessProbe: { httpGet: { path: "/ping", port: 4180 } },
    livenessProbe: { httpGet: { path: "/ping", port: 4180 } },
  });
  expect(container.env).toEqual([
    {
      name: "OAUTH2_PROXY_CLIENT_SECRET",
      valueFrom: { secretKeyRef: { name: "auth-client-secret", key: "client-secret" } },
    },
    {
      name: "OAUTH2_PROXY_COOKIE_SECRET",
      valueFrom: { secretKeyRef: { name: "auth-client-secret", key: "cookie-secret" } },
    },
  ]);
});

describe("with Dex", () => {
  test("the browser goes to the Ingress, the proxy to the Service, and tokens are those of the issuer", () => {
    expect(flagsOf({})).toEqual({
      "http-address": "0.0.0.0:4180",
      upstream: "http://127.0.0.1:8080",
      "upstream-timeout": "10m",
      provider: "oidc",
      "oidc-issuer-url": "http://auth.a.test",
      "skip-oidc-discovery": "true",
      "login-url": "http://auth.a.test/auth",
      "redeem-url": "http://auth.demo.svc.cluster.local:5556/token",
      "oidc-jwks-url": "http://auth.demo.svc.cluster.local:5556/keys",
      "client-id": "langop",
      "redirect-url": "http://writer.a.test/oauth2/callback",
      "email-domain": "*",
      "cookie-secure": "false",
      "skip-provider-button": "true",
      "pass-access-token": "true",
    });
  });

  test.each([
    { name: "plain", ingress: {} },
    { name: "TLS", ingress: { tls: { secretName: "wild" } } },
    { name: "TLS in front", ingress: { externalScheme: "https" } },
  ])("Dex knows the proxy as it presents itself: $name", ({ ingress }) => {
    const auth = { enabled: true, oidc: { dex } };
    const installation = {
      image: "",
      litellmImage: "",
      networkIsolation: true,
      apis: { cilium: false, gatewayApi: false },
    };
    const secret = authConfigSecret(clusterOf({ auth, ingress }), installation, ["writer"]);
    const { data } = secret as unknown as { readonly data: { readonly "config.yaml": string } };
    const config = parse(Buffer.from(data["config.yaml"], "base64").toString());
    const flags = flagsOf({ ingress });
    expect(config.issuer).toBe(flags["oidc-issuer-url"]);
    expect(config.staticClients[0]).toMatchObject({
      id: flags["client-id"],
      redirectURIs: [flags["redirect-url"]],
    });
    expect(flags["cookie-secure"]).toBe(String(config.issuer.startsWith("https:")));
  });
});

describe("with a provider of the user's", () => {
  const auth = { enabled: true, oidc: { ...external, emailDomain: "example.com" } };

  test("it says itself where it is, under the very name it has", () => {
    const flags = flagsOf({ auth });
    expect(flags).toMatchObject({
      "oidc-issuer-url": "https://login.example.com/",
      "client-id": "agents",
      "email-domain": "example.com",
    });
    expect(Object.keys(flags)).not.toContain("skip-oidc-discovery");
  });

  test("the client secret is the user's", () => {
    expect(proxyOf({ auth })?.secrets).toEqual(["auth-client-secret", "oidc"]);
    expect(proxyOf({})?.secrets).toEqual(["auth-client-secret"]);
    expect(containerOf({ auth }).env[0].valueFrom.secretKeyRef).toEqual({ name: "oidc", key: "token" });
  });

  test("without one the proxy refers to what nobody makes, so it does not start", () => {
    const { clientSecretRef: _, ...rest } = external;
    const [clientSecret] = containerOf({ auth: { enabled: true, oidc: rest } }).env;
    expect(clientSecret.valueFrom.secretKeyRef).toEqual({ name: "auth-client-secret", key: "client-secret" });
  });
});

test("an agent that has the proxy's port is told", () => {
  const { findings = [] } = proxyOf({ agent: { port: 4180 } }) ?? {};
  expect(findings.map(({ code, origin }) => `${origin.kind} ${code} ${origin.path}`)).toEqual([
    "LanguageAgent SignInPortTaken spec.ports",
  ]);
  expect(proxyOf({})?.findings).toEqual([]);
});
