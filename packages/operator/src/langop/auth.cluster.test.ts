import {
  clusterOf,
  type LangopStage,
  type LiveObject,
  type Manifest,
  parseYaml,
  secretOf,
  sharedKubernetes,
  startLangopStage,
  startTestOperator,
  type TestOperator,
  uniqueName,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/* Sign-in of people to agents, as objects show it: no pod of these clusters ever starts. */

const withDex = uniqueName("signs-dex");
const withOwn = uniqueName("signs-own");
const domain = "ai.example.test";

const dex = {
  connectors: [{ type: "github", id: "github", name: "GitHub", config: { clientSecret: "hidden" } }],
};
const specOf = (oidc: object | undefined) => ({
  domain,
  ...(oidc === undefined ? {} : { auth: { enabled: true, oidc } }),
});

let kubernetes: Awaited<ReturnType<typeof sharedKubernetes>>;
let stage: LangopStage;
let restarted: TestOperator | undefined;

beforeAll(async () => {
  kubernetes = await sharedKubernetes();
  stage = await startLangopStage(kubernetes, { prefix: "none" });
});
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
  await restarted?.close();
});

const auth = (kind: "Deployment" | "Service" | "Ingress"): Promise<LiveObject> =>
  stage.object(kind, withDex, "auth");
const secret = (namespace: string, name = "auth-client-secret"): Promise<LiveObject> =>
  stage.object("Secret", namespace, name);
const config = async (): Promise<LiveObject> => {
  const { data } = await secret(withDex, "auth-dex-config");
  return parseYaml(Buffer.from(data["config.yaml"], "base64").toString());
};
/** Waits until the cluster's status speaks of what was said last. */
const settled = (name: string): Promise<LiveObject> =>
  waitFor(`the status of ${name}`, async () => {
    const cluster = await stage.cluster(name);
    return cluster.status?.observedGeneration === cluster.metadata.generation ? cluster : undefined;
  });

describe("with Dex", () => {
  let first: LiveObject;

  test("its objects stand, the secrets are random, and what they hold is nowhere else", async () => {
    await stage.apply(clusterOf(withDex, specOf({ dex })) as Manifest);
    await stage.condition(withDex, "Ready", { reason: "PodsNotReady" });
    const [deployment, service, ingress] = [
      await auth("Deployment"),
      await auth("Service"),
      await auth("Ingress"),
    ];
    expect(service.spec.ports[0]).toMatchObject({ port: 5556, targetPort: 5556 });
    expect(ingress.spec.rules[0].host).toBe(`auth.${domain}`);
    expect(JSON.stringify(deployment)).not.toContain("hidden");
    expect((await config()).connectors[0].config).toEqual({ clientSecret: "hidden" });
    first = await secret(withDex);
    const values = Object.entries(first.data as Record<string, string>).map(([key, value]) => [
      key,
      Buffer.from(value, "base64").toString(),
    ]);
    expect(new Set(values.map(([key]) => key))).toEqual(new Set(["client-secret", "cookie-secret"]));
    // oauth2-proxy takes keys of 16, 24 or 32 bytes, and reads base64 where it is some.
    for (const [, value = ""] of values) expect(Buffer.from(value, "base64url")).toHaveLength(32);
    expect(new Set(values.map(([, value]) => value)).size).toBe(2);
    const { status } = await settled(withDex);
    expect(status.managedResources.filter(({ name }: LiveObject) => name.startsWith("auth"))).toEqual([]);
  });

  test("the gateway is told where the keys of tokens are", async () => {
    const { spec } = await stage.object("Deployment", withDex, "gateway");
    expect(spec.template.spec.containers[0].env).toContainEqual({
      name: "LITELLM_JWT_PUBLIC_KEY_URL",
      value: `http://auth.${domain}/keys`,
    });
  });

  test("a second pass and a restart keep the secrets and change nothing", async () => {
    const versions = async () =>
      [
        await secret(withDex),
        await secret(withDex, "auth-dex-config"),
        await auth("Deployment"),
        await auth("Ingress"),
      ].map(({ metadata }) => [metadata.uid, metadata.generation ?? metadata.resourceVersion]);
    const before = await versions();
    await stage.apply(clusterOf(withDex, { ...specOf({ dex }), capacity: { maxAgents: 3 } }) as Manifest);
    await settled(withDex);
    expect(await versions()).toEqual(before);
    await stage.operator.close();
    restarted = await startTestOperator(kubernetes);
    await stage.apply(clusterOf(withDex, { ...specOf({ dex }), capacity: { maxAgents: 4 } }) as Manifest);
    await settled(withDex);
    expect(await versions()).toEqual(before);
    expect((await secret(withDex)).data).toEqual(first.data);
  });

  test("an agent that comes is a place people may be sent back to, and Dex starts anew to know it", async () => {
    const lent = await lendAgents();
    try {
      const hash = (deployment: LiveObject) =>
        deployment.spec.template.metadata.annotations["langop.io/config-hash"];
      const before = hash(await auth("Deployment"));
      await waitFor("the kind", () =>
        stage
          .apply({
            apiVersion: "langop.io/v1alpha1",
            kind: "LanguageAgent",
            metadata: { name: "writer", namespace: withDex },
            spec: { image: "example.com/writer:1" },
          } as Manifest)
          .catch(() => undefined),
      );
      await waitFor("its address", async () =>
        (await config()).staticClients[0].redirectURIs.includes(`http://writer.${domain}/oauth2/callback`),
      );
      await waitFor("a new pod", async () => hash(await auth("Deployment")) !== before);
    } finally {
      if (lent) await kubernetes.kubectl(["delete", "crd", "languageagents.langop.io"]);
      else await kubernetes.kubectl(["delete", "languageagent", "-n", withDex, "writer", "--wait=false"]);
    }
  });

  test("what somebody deletes comes back, and Dex starts anew with it", async () => {
    const uses = async () =>
      (await auth("Deployment")).spec.template.metadata.annotations["gatewright.dev/secrets-hash"];
    const before = await uses();
    expect(before).toMatch(/^[0-9a-f]{16}$/);
    await kubernetes.kubectl(["delete", "secret", "-n", withDex, "auth-client-secret", "auth-dex-config"]);
    const anew = await waitFor("new secrets", async () => {
      const made = await secret(withDex);
      return made !== undefined && (await secret(withDex, "auth-dex-config")) !== undefined
        ? made
        : undefined;
    });
    expect(anew.data["client-secret"]).not.toBe(first.data["client-secret"]);
    await waitFor("a new pod", async () => (await uses()) !== before);
  });

  test("another Service in its place: the condition says so, and nothing is taken over", async () => {
    await stage.apply(clusterOf(withDex, specOf(undefined)) as Manifest);
    await waitFor("the Service to go", async () => (await auth("Service")) === undefined);
    const foreign = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "auth", namespace: withDex },
      spec: { ports: [{ port: 80 }] },
    };
    await stage.apply(foreign as Manifest, clusterOf(withDex, specOf({ dex })) as Manifest);
    const { message } = await stage.condition(withDex, "Ready", { reason: "OIDCError" });
    expect(message).toContain("auth");
    expect((await auth("Service")).spec.ports[0].port).toBe(80);
    await kubernetes.kubectl(["delete", "service", "-n", withDex, "auth"]);
    await stage.condition(withDex, "Ready", { reason: "PodsNotReady" });
    expect((await auth("Service")).spec.ports[0].port).toBe(5556);
  });

  test("switched off, all of it goes", async () => {
    await stage.apply(clusterOf(withDex, specOf(undefined)) as Manifest);
    await settled(withDex);
    await waitFor("nothing of it", async () => {
      const left = [
        await auth("Deployment"),
        await auth("Service"),
        await auth("Ingress"),
        await secret(withDex),
        await secret(withDex, "auth-dex-config"),
      ];
      return left.every((object) => object === undefined);
    });
    const { spec } = await stage.object("Deployment", withDex, "gateway");
    expect(JSON.stringify(spec)).not.toContain("LITELLM_JWT_PUBLIC_KEY_URL");
  });
});

describe("with a provider of the user's", () => {
  const oidc = {
    externalIssuerURL: "https://login.example.test",
    clientSecretRef: { name: "oidc-client", key: "token" },
  };

  test("the client secret is awaited, and the condition says of which Secret and key", async () => {
    await stage.apply(clusterOf(withOwn, specOf(oidc)) as Manifest);
    const missing = await stage.condition(withOwn, "Ready", { status: "False", reason: "OIDCError" });
    expect(missing.message).toContain(`no Secret ${withOwn}/oidc-client`);
    await stage.apply(secretOf(withOwn, "oidc-client", { other: "value" }) as Manifest);
    await waitFor("the missing key", async () =>
      (await stage.condition(withOwn, "Ready", { reason: "OIDCError" })).message.includes("no key token"),
    );
    await stage.apply(secretOf(withOwn, "oidc-client", { token: "value" }) as Manifest);
    await stage.condition(withOwn, "Ready", { reason: "PodsNotReady" });
    expect(Object.keys((await secret(withOwn)).data)).toEqual(["cookie-secret"]);
    expect(await stage.object("Deployment", withOwn, "auth")).toBeUndefined();
  });

  test("Dex in its place gets a client secret, and people stay signed in", async () => {
    const { data } = await secret(withOwn);
    await stage.apply(clusterOf(withOwn, specOf({ dex })) as Manifest);
    const both = await waitFor("the client secret", async () => {
      const made = await secret(withOwn);
      return made.data["client-secret"] === undefined ? undefined : made;
    });
    expect(both.data["cookie-secret"]).toBe(data["cookie-secret"]);
    await stage.condition(withOwn, "Ready", { reason: "PodsNotReady" });
  });

  test("a Secret of the user's in the place of ours is left alone, and the condition says what it lacks", async () => {
    await stage.apply(clusterOf(withOwn, specOf(undefined)) as Manifest);
    await waitFor("ours to go", async () => (await secret(withOwn)) === undefined);
    await stage.apply(secretOf(withOwn, "auth-client-secret", { "client-secret": "mine" }) as Manifest);
    await stage.apply(clusterOf(withOwn, specOf({ dex })) as Manifest);
    const { message } = await stage.condition(withOwn, "Ready", { status: "False", reason: "OIDCError" });
    expect(message).toContain("no key cookie-secret");
    expect(Object.keys((await secret(withOwn)).data)).toEqual(["client-secret"]);
    await stage.apply(clusterOf(withOwn, specOf(undefined)) as Manifest);
    await settled(withOwn);
    expect(await secret(withOwn)).toBeDefined();
  });
});

/** LanguageAgents are a kind of this server, or become one for a while; whether they did. */
async function lendAgents(): Promise<boolean> {
  const path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/languageagents.langop.io";
  if ((await stage.read(path)) !== undefined) return false;
  await stage.apply({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "languageagents.langop.io" },
    spec: {
      group: "langop.io",
      scope: "Namespaced",
      names: { kind: "LanguageAgent", plural: "languageagents", singular: "languageagent" },
      versions: [
        {
          name: "v1alpha1",
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
          },
        },
      ],
    },
  } as Manifest);
  return true;
}
