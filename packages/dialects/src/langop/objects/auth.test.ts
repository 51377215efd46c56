import type { JsonObject } from "@gatewright/plan";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Installation } from "../../installation.ts";
import type { Resource } from "../../resource.ts";
import { readSpec } from "../../spec.ts";
import { languageCluster } from "../kinds/language-cluster.ts";
import { type AuthPiece, authReferences, clusterAuth } from "./auth.ts";
import { authConfigSecret, authSecretNeeds } from "./auth-secret.ts";
import { referenceTo, switchedOff } from "./piece.ts";

const installation: Installation = {
  image: "gatewright:1",
  litellmImage: "litellm:1",
  networkIsolation: true,
  apis: { cilium: false, gatewayApi: false },
};

// biome-ignore lint/suspicious/noExplicitAny: tests look into objects; a wrong member fails the test.
type Any = any;

interface Case {
  readonly oidc?: JsonObject;
  readonly spec?: JsonObject;
  readonly agents?: readonly string[];
  readonly installation?: Partial<Installation>;
}

function clusterOf({ oidc, spec = { domain: "ai.example.com" } }: Case): Resource {
  const auth = { enabled: true, ...(oidc === undefined ? {} : { oidc }) };
  return {
    apiVersion: "langop.io/v1alpha1",
    kind: "LanguageCluster",
    metadata: { name: "demo", uid: "u1" },
    spec: { auth, ...spec },
  };
}

function authOf(of: Case): AuthPiece {
  const cluster = clusterOf(of);
  const { spec, findings } = readSpec(languageCluster, cluster);
  if (spec === undefined) throw new Error(JSON.stringify(findings));
  return clusterAuth(cluster, spec, { ...installation, ...of.installation }, of.agents ?? []);
}

function configOf(of: Case): Any {
  const secret = authConfigSecret(
    clusterOf(of),
    { ...installation, ...of.installation },
    of.agents ?? [],
  ) as Any;
  return parse(Buffer.from(secret.data["config.yaml"], "base64").toString());
}

const find = (piece: AuthPiece, kind: string): Any => piece.objects.find((object) => object.kind === kind);
const codes = (piece: AuthPiece) => piece.findings.map(({ code, origin }) => `${code} ${origin.path ?? ""}`);
const names = (piece: AuthPiece) => piece.objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
const gone = (piece: AuthPiece) =>
  switchedOff(authReferences("demo"), piece).map(({ kind, name }) => `${kind} ${name}`);
const keysUrl = (piece: AuthPiece) => piece.variables.map(({ name, ["value"]: value }) => `${name}=${value}`);

const github = { type: "github", id: "github", name: "GitHub", config: { clientID: "12345" } };
const dex = { connectors: [github] };
const external = { externalIssuerURL: "https://login.example.com/", clientSecretRef: { name: "oidc" } };

describe("switched off", () => {
  test.each([
    { name: "nothing said", spec: { auth: {} } },
    { name: "configured, but not enabled", spec: { auth: { enabled: false, oidc: { dex } } } },
  ])("$name: nothing stands, and all there was goes", ({ spec }) => {
    const piece = authOf({ spec });
    expect([piece.objects, piece.findings, piece.secrets, piece.variables]).toEqual([[], [], [], []]);
    expect(switchedOff(authReferences("demo"), piece)).toEqual(authReferences("demo"));
    expect(authSecretNeeds(clusterOf({ spec }))).toBeUndefined();
  });
});

describe("Dex", () => {
  const piece = authOf({ oidc: { dex } });

  test("has the names and ports its users know, and nothing of it goes", () => {
    expect(names(piece)).toEqual(["Deployment auth", "Service auth", "Ingress auth"]);
    expect(find(piece, "Service").spec).toMatchObject({
      ports: [{ name: "http", port: 5556, targetPort: 5556 }],
      selector: find(piece, "Deployment").spec.selector.matchLabels,
    });
    expect(gone(piece)).toEqual([]);
    expect(codes(piece)).toEqual([]);
    expect(piece.secrets).toEqual([
      {
        namespace: "demo",
        name: "auth-client-secret",
        entries: [{ key: "client-secret" }, { key: "cookie-secret" }],
      },
      {
        namespace: "demo",
        name: "auth-dex-config",
        entries: [{ key: "config.yaml", from: "resource" }],
      },
    ]);
  });

  test("no pod of it is taken for an agent's or a gateway's", () => {
    const { labels } = find(piece, "Deployment").spec.template.metadata;
    expect(labels).toMatchObject(find(piece, "Deployment").spec.selector.matchLabels);
    expect(labels["langop.io/kind"]).toBe("LanguageCluster");
    // Objects of the replaced operator lack it, and a selector cannot be changed.
    expect(find(piece, "Deployment").spec.selector.matchLabels).not.toHaveProperty([
      "gatewright.dev/dialect",
    ]);
  });

  test("its pod keeps to the restricted standard, passes a quota, and gets its secrets from Secrets", () => {
    const { spec } = find(piece, "Deployment").spec.template;
    const [container] = spec.containers;
    expect(spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      volumes: [{ name: "config", secret: { secretName: "auth-dex-config" } }],
    });
    expect(container).toMatchObject({
      image: "ghcr.io/dexidp/dex:v2.41.1",
      args: ["/etc/dex/config.yaml"],
      volumeMounts: [{ name: "config", mountPath: "/etc/dex", readOnly: true }],
      securityContext: { readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
      resources: { limits: { cpu: expect.any(String), memory: expect.any(String) } },
    });
    expect(container.env).toContainEqual({
      name: "OIDC_CLIENT_SECRET",
      valueFrom: { secretKeyRef: { name: "auth-client-secret", key: "client-secret" } },
    });
    for (const probe of ["livenessProbe", "readinessProbe", "startupProbe"]) {
      expect(container[probe].httpGet.port).toBe(5558);
    }
  });

  test("another image is taken", () => {
    const image = "registry.example.com/dex:1";
    const other = authOf({ oidc: { dex: { ...dex, image } } });
    expect(find(other, "Deployment").spec.template.spec.containers[0].image).toBe(image);
  });

  test("its configuration", () => {
    const staticPasswords = [{ email: "a@example.com", hash: "$2y$10$abc", userID: "1", username: "ann" }];
    expect(
      configOf({
        oidc: { clientID: "own", dex: { connectors: [github], staticPasswords } },
        agents: ["writer", "coder"],
      }),
    ).toEqual({
      issuer: "http://auth.ai.example.com",
      storage: { type: "memory" },
      web: { http: "0.0.0.0:5556" },
      telemetry: { http: "0.0.0.0:5558" },
      oauth2: { skipApprovalScreen: true },
      staticClients: [
        {
          id: "own",
          name: "Agents of demo",
          secretEnv: "OIDC_CLIENT_SECRET",
          redirectURIs: [
            "http://coder.ai.example.com/oauth2/callback",
            "http://writer.ai.example.com/oauth2/callback",
          ],
        },
      ],
      connectors: [github],
      enablePasswordDB: true,
      staticPasswords,
    });
  });

  test("settings of connectors get the form that Dex asks for", () => {
    const config = {
      clientID: "12345",
      clientSecret: "$secret{",
      loadAllGroups: "true",
      useLoginAsID: "false",
      orgs: '[{"name":"acme","teams":["red"]}]',
      claimMapping: '{"groups":"roles"}',
      broken: "[oops",
    };
    expect(configOf({ oidc: { dex: { connectors: [{ ...github, config }] } } }).connectors[0].config).toEqual(
      {
        ...config,
        loadAllGroups: true,
        useLoginAsID: false,
        orgs: [{ name: "acme", teams: ["red"] }],
        claimMapping: { groups: "roles" },
      },
    );
  });

  test("two users without ids are not the same one", () => {
    const staticPasswords = [
      { email: "a@example.com", hash: "$2y$10$a" },
      { email: "b@example.com", hash: "$2y$10$b" },
    ];
    const users = configOf({ oidc: { dex: { staticPasswords } } }).staticPasswords;
    expect(new Set(users.map(({ userID }: Any) => userID)).size).toBe(2);
  });

  // Dex refuses to start with users and no database of them, and with nobody who could sign in.
  test.each([
    { name: "nothing said of Dex", oidc: {}, enabled: true, users: false, want: "UsersMissing" },
    { name: "no connectors", oidc: { dex: {} }, enabled: true, users: false, want: "UsersMissing" },
    {
      name: "users and the database off",
      oidc: { dex: { ...dex, enablePasswordDB: false, staticPasswords: [{ email: "a@b.c", hash: "x" }] } },
      enabled: undefined,
      users: false,
      want: "UsersIgnored",
    },
    {
      name: "an empty database on purpose, beside connectors",
      oidc: { dex: { ...dex, enablePasswordDB: true } },
      enabled: true,
      users: false,
      want: undefined,
    },
  ])("can always start: $name", ({ oidc, enabled, users, want }) => {
    const config = configOf({ oidc });
    expect([config.enablePasswordDB, config.staticPasswords !== undefined]).toEqual([enabled, users]);
    expect(authOf({ oidc }).findings.map(({ code }) => code)).toEqual(want === undefined ? [] : [want]);
  });

  test("a new agent, or another password, replaces the pod; the order of agents does not", () => {
    const hash = (of: Case) =>
      find(authOf(of), "Deployment").spec.template.metadata.annotations["langop.io/config-hash"];
    const two = hash({ oidc: { dex }, agents: ["a", "b"] });
    expect(hash({ oidc: { dex }, agents: ["b", "a"] })).toBe(two);
    expect(hash({ oidc: { dex }, agents: ["a", "b", "c"] })).not.toBe(two);
    const changed = { connectors: [{ ...github, config: { clientSecret: "other" } }] };
    expect(hash({ oidc: { dex: changed }, agents: ["a", "b"] })).not.toBe(two);
  });

  test("another client secret replaces the pod", () => {
    const cluster = clusterOf({ oidc: { dex } });
    const { spec } = readSpec(languageCluster, cluster);
    if (spec === undefined) throw new Error("the case cannot be read");
    const template = (hash?: string) =>
      find(clusterAuth(cluster, spec, installation, [], hash), "Deployment").spec.template;
    expect(template("one")).not.toEqual(template("two"));
    expect(template().metadata.annotations).not.toHaveProperty(["gatewright.dev/secrets-hash"]);
  });

  test("nothing that stands in the resource's secrets is among the objects", () => {
    const connectors = [{ ...github, config: { clientSecret: "very-secret-text" } }];
    expect(JSON.stringify(authOf({ oidc: { dex: { connectors } } }).objects)).not.toContain(
      "very-secret-text",
    );
  });
});

describe("where browsers reach Dex", () => {
  const issuerRef = { name: "letsencrypt" };
  test.each([
    { name: "plain", ingress: {}, url: "http://auth.a.test", tls: undefined },
    { name: "an issuer", ingress: { tls: { issuerRef } }, url: "https://auth.a.test", tls: "auth-tls" },
    {
      name: "one certificate for all",
      ingress: { tls: { secretName: "wild" } },
      url: "https://auth.a.test",
      tls: "wild",
    },
    {
      name: "TLS in front",
      ingress: { externalScheme: "https" },
      url: "https://auth.a.test",
      tls: undefined,
    },
    {
      name: "TLS off",
      ingress: { tls: { mode: "none", secretName: "wild" } },
      url: "http://auth.a.test",
      tls: undefined,
    },
  ])("$name", ({ ingress, url, tls }) => {
    const of = { oidc: { dex }, spec: { domain: "a.test", ingress: { className: "nginx", ...ingress } } };
    const piece = authOf({ ...of, agents: ["writer"] });
    const { spec } = find(piece, "Ingress");
    expect(spec.rules[0].host).toBe("auth.a.test");
    expect(spec.rules[0].http.paths[0].backend.service).toEqual({ name: "auth", port: { number: 5556 } });
    expect([spec.ingressClassName, spec.tls?.[0].secretName]).toEqual(["nginx", tls]);
    expect(configOf(of).issuer).toBe(url);
    const [scheme] = url.split(":");
    const { redirectURIs } = configOf({ ...of, agents: ["writer"] }).staticClients[0];
    expect(redirectURIs).toEqual([`${scheme}://writer.a.test/oauth2/callback`]);
    expect(keysUrl(piece)).toEqual([`LITELLM_JWT_PUBLIC_KEY_URL=${url}/keys`]);
  });

  test("the operator's issuer counts too", () => {
    const tlsIssuer = { name: "own", kind: "ClusterIssuer" } as const;
    const piece = authOf({ oidc: { dex }, installation: { tlsIssuer } });
    expect(find(piece, "Ingress").metadata.annotations).toEqual({ "cert-manager.io/cluster-issuer": "own" });
    expect(keysUrl(piece)[0]).toContain("https://auth.ai.example.com/keys");
  });

  test("a certificate that is not named: the Ingress stays as it is, and it is told", () => {
    const spec = { domain: "a.test", ingress: { tls: { mode: "secret" } } };
    const piece = authOf({ oidc: { dex }, spec });
    expect(names(piece)).toEqual(["Deployment auth", "Service auth"]);
    expect(gone(piece)).toEqual([]);
    expect(codes(piece)).toEqual(["TlsSecretMissing spec.ingress.tls.mode"]);
  });

  test("without a domain they do not, and it is told", () => {
    const piece = authOf({ oidc: { dex }, spec: {}, agents: ["writer"] });
    expect(names(piece)).toEqual(["Deployment auth", "Service auth"]);
    expect(gone(piece)).toEqual(["Ingress auth"]);
    expect(codes(piece)).toEqual(["DomainMissing spec.auth.enabled"]);
    expect(piece.findings[0]?.text).toContain("http://auth.demo.svc.cluster.local:5556");
    const config = configOf({ oidc: { dex }, spec: {}, agents: ["writer"] });
    expect(config.issuer).toBe("http://auth.demo.svc.cluster.local:5556");
    expect(config.staticClients[0].redirectURIs).toEqual([]);
  });
});

describe("a provider of the user's", () => {
  test("takes nothing but the key of cookies; what there was of Dex goes", () => {
    const piece = authOf({ oidc: external });
    expect(piece.objects).toEqual([]);
    expect(gone(piece)).toEqual([
      "Ingress auth",
      "Service auth",
      "Deployment auth",
      "Secret auth-dex-config",
    ]);
    expect(piece.secrets).toEqual([
      { namespace: "demo", name: "auth-client-secret", entries: [{ key: "cookie-secret" }] },
    ]);
    expect(codes(piece)).toEqual([]);
    expect(keysUrl(piece)).toEqual(["LITELLM_JWT_PUBLIC_KEY_URL=https://login.example.com/keys"]);
    expect(authConfigSecret(clusterOf({ oidc: external }), installation, [])).toBeUndefined();
  });

  test("the Secret with the client secret is awaited, at its key or the usual one", () => {
    const needs = (reference: JsonObject) =>
      authSecretNeeds(clusterOf({ oidc: { ...external, clientSecretRef: reference } }))?.user;
    expect(needs({ name: "oidc" })).toEqual({ name: "oidc", key: "client-secret" });
    expect(needs({ name: "oidc", key: "token", namespace: "demo" })).toEqual({ name: "oidc", key: "token" });
    // Secrets of other namespaces are never read.
    expect(needs({ name: "oidc", namespace: "other" })).toBeUndefined();
  });

  test.each([
    {
      name: "no client secret",
      oidc: { externalIssuerURL: "https://login.example.com" },
      want: ["ClientSecretMissing spec.auth.oidc.clientSecretRef"],
    },
    {
      name: "a Secret of another namespace",
      oidc: { ...external, clientSecretRef: { name: "oidc", namespace: "other" } },
      want: [
        "SecretNamespaceIgnored spec.auth.oidc.clientSecretRef.namespace",
        "ClientSecretMissing spec.auth.oidc.clientSecretRef",
      ],
    },
    {
      name: "no address",
      oidc: { ...external, externalIssuerURL: "login.example.com" },
      want: ["IssuerInvalid spec.auth.oidc.externalIssuerURL"],
    },
    {
      name: "Dex beside it",
      oidc: { ...external, dex },
      want: ["IssuerIgnored spec.auth.oidc.externalIssuerURL"],
    },
  ])("is told: $name", ({ oidc, want }) => {
    expect(codes(authOf({ oidc }))).toEqual(want);
  });

  test("Dex wins beside it, and takes the user's client secret", () => {
    const piece = authOf({ oidc: { ...external, dex } });
    expect(names(piece)).toContain("Deployment auth");
    expect(find(piece, "Deployment").spec.template.spec.containers[0].env).toContainEqual({
      name: "OIDC_CLIENT_SECRET",
      valueFrom: { secretKeyRef: { name: "oidc", key: "client-secret" } },
    });
    expect(piece.secrets[0]?.entries).toEqual([{ key: "cookie-secret" }]);
  });
});

test("every object belongs to the cluster, and the operator finds it", () => {
  const cluster = clusterOf({ oidc: { dex } });
  const secret = authConfigSecret(cluster, installation, []);
  for (const { metadata } of [...authOf({ oidc: { dex } }).objects, ...(secret ? [secret] : [])]) {
    expect(metadata.labels).toMatchObject({ "gatewright.dev/dialect": "langop" });
    expect(metadata.ownerReferences).toMatchObject([{ kind: "LanguageCluster", uid: "u1" }]);
    expect(metadata.namespace).toBe("demo");
  }
  expect(secret && referenceTo(secret).name).toBe("auth-dex-config");
});
