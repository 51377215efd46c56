import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect as connectTls } from "node:tls";
import { fileURLToPath } from "node:url";
import {
  type Client,
  connect,
  createClient,
  createRuntime,
  type KubernetesObject,
  type Logger,
  type ResourceType,
  type Runtime,
  resourceTypes,
  type Transport,
} from "@gatewright/reconcile";
import { freePort, type Kubernetes, manualClock, startKubernetes, waitFor } from "@gatewright/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { langopTypes } from "../langop/langop-types.ts";
import type { ReviewStores } from "./admission-world.ts";
import { certificateSecretName, ensureCertificate } from "./certificate-secret.ts";
import { issueAuthority, issueServing } from "./issue-certificate.ts";
import { type RunningWebhook, startWebhook, type WebhookOptions } from "./start-webhook.ts";
import { configurationName } from "./webhook-configuration.ts";

// A server of our own: a webhook stands in everybody's way.
const definitions = fileURLToPath(new URL("../../../../deploy/crds/", import.meta.url));
const namespace = "gatewright-system";
const day = 86_400_000;
const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

let kubernetes: Kubernetes;
let transport: Transport;
let client: Client;
let runtime: Runtime;
let stores: ReviewStores;
const running: RunningWebhook[] = [];

beforeAll(async () => {
  kubernetes = await startKubernetes({ controllerManager: false, definitions: [definitions] });
  ({ transport } = await connect({ kubeconfig: kubernetes.kubeconfig, userAgent: "webhook-test" }));
  client = createClient(transport);
  for (const name of [namespace, "team"]) {
    await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }
  runtime = createRuntime({ client, logger: silent });
  const clusters = runtime.reflect({ type: langopTypes.LanguageCluster, optional: true });
  const namespaced = (type: ResourceType) =>
    runtime.reflect({
      type,
      optional: true,
      indexes: { namespace: ({ metadata }: KubernetesObject) => [metadata.namespace ?? ""] },
    });
  const [models, agents, tools] = [
    namespaced(langopTypes.LanguageModel),
    namespaced(langopTypes.LanguageAgent),
    namespaced(langopTypes.LanguageTool),
  ];
  const runtimes = runtime.reflect({ type: langopTypes.LanguageAgentRuntime, optional: true });
  stores = { clusters, models, agents, tools, runtimes };
  await runtime.start();
  await Promise.all([clusters, models, agents, tools, runtimes].map(({ ready }) => ready));
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((webhook) => webhook.close()));
  await client.delete(resourceTypes.ValidatingWebhookConfiguration, { name: configurationName });
  await client.delete(resourceTypes.Secret, { namespace, name: certificateSecretName });
});

afterAll(async () => {
  await runtime?.stop();
  await transport?.close();
  await kubernetes?.stop();
});

async function start(options: Partial<WebhookOptions> = {}): Promise<RunningWebhook> {
  const port = options.port ?? (await freePort());
  const webhook = await startWebhook({
    client,
    port,
    host: "127.0.0.1",
    url: `https://127.0.0.1:${port}`,
    namespace,
    stores,
    logger: silent,
    ...options,
  });
  running.push(webhook);
  return webhook;
}

function cluster(name: string, spec: object = {}): string {
  return JSON.stringify({
    apiVersion: "langop.io/v1alpha1",
    kind: "LanguageCluster",
    metadata: { name },
    spec,
  });
}

function model(name: string, spec: object): string {
  const metadata = { name, namespace: "team" };
  return JSON.stringify({ apiVersion: "langop.io/v1alpha1", kind: "LanguageModel", metadata, spec });
}

async function apply(input: string, ...flags: readonly string[]) {
  const { code, stdout, stderr } = await kubernetes.kubectl(["apply", "-f", "-", ...flags], { input });
  return { code, text: stdout + stderr };
}

/** Passes the schema and its rules, and is refused by the webhook alone. */
const refusedByUs = cluster("kube-system");
const refusal = "is a namespace that Kubernetes itself needs";

/** The API server hears of a configuration a moment after it is written. */
async function untilAsked(): Promise<void> {
  await waitFor("a refusal", async () =>
    (await apply(refusedByUs, "--dry-run=server")).text.includes(refusal),
  );
}

async function secret(): Promise<{ readonly [key: string]: string }> {
  const object = await client.get(resourceTypes.Secret, { namespace, name: certificateSecretName });
  const data = (object?.["data"] ?? {}) as { readonly [key: string]: string };
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]),
  );
}

describe("kubectl", () => {
  test("sees refusals with the field, and warnings", async () => {
    await start();
    await untilAsked();
    const name = await apply(refusedByUs);
    expect(name.code).not.toBe(0);
    expect(name.text).toContain('admission webhook "vlanguagecluster.kb.io" denied the request');
    const cidr = await apply(
      cluster("team", { networkPolicies: { egress: [{ to: [{ cidr: "10.0.0.1" }] }] } }),
    );
    expect(cidr.text).toContain("spec.networkPolicies.egress[0].to[0].cidr is no IP range");

    const alone = await apply(model("one", { provider: "openai", modelName: "gpt" }));
    expect(alone.code).toBe(0);
    expect(alone.text).toMatch(/Warning: LanguageModel team\/one metadata\.namespace is no LanguageCluster/u);
    await waitFor("the model in the watch", () => stores.models.store.size === 1);
    const twice = await apply(model("two", { provider: "custom", modelName: "gpt" }));
    expect(twice.code).toBe(0);
    for (const warning of [
      "Warning: LanguageModel team/two spec.modelName is also the modelName of one",
      "Warning: LanguageModel team/two spec.provider custom is deprecated",
      "Warning: LanguageModel team/two spec.endpoint is not set",
    ]) {
      expect(twice.text).toContain(warning);
    }
    const secretName = await apply(
      model("three", { provider: "openai", modelName: "x", apiKeySecretRef: { name: "OPENAI_KEY" } }),
    );
    expect(secretName.text).toContain("spec.apiKeySecretRef.name can be the name of no object");
    await kubernetes.kubectl(["delete", "languagemodels", "--all", "-n", "team"]);
  });

  test("labels, finalizers and deletion of what got in before do not depend on the webhook", async () => {
    // Allowed by the schema, refused by the webhook: what an earlier release may have let in.
    const old = cluster("earlier", { ingress: { tls: { mode: "secret" } } });
    expect((await apply(old)).code).toBe(0);
    const webhook = await start();
    await untilAsked();
    const edited = cluster("earlier", { domain: "a.example", ingress: { tls: { mode: "secret" } } });
    expect((await apply(edited)).text).toContain("spec.ingress.tls.secretName is required");
    await webhook.close();
    // Nobody answers any more.
    expect((await apply(edited)).code).not.toBe(0);
    const on = ["languagecluster", "earlier"];
    const patch = '{"metadata":{"finalizers":["langop.io/finalizer"]}}';
    for (const args of [
      ["label", ...on, "team=a"],
      ["patch", ...on, "--type=merge", "-p", patch],
      ["delete", ...on, "--wait=false"],
      ["patch", ...on, "--type=merge", "-p", '{"metadata":{"finalizers":null}}'],
    ]) {
      expect(await kubernetes.kubectl(args)).toMatchObject({ code: 0 });
    }
    expect((await kubernetes.kubectl(["get", ...on])).stderr).toContain("NotFound");
  });
});

describe("the certificate", () => {
  test("is made once however many replicas start at once, and a second look writes nothing", async () => {
    const hosts = ["127.0.0.1"];
    const all = await Promise.all(
      Array.from({ length: 6 }, () => ensureCertificate(client, namespace, hosts, Date.now())),
    );
    expect(new Set(all.map(({ serving }) => serving.certificate)).size).toBe(1);
    await start();
    await untilAsked();
    const place = (await url()) ?? "";
    const position = await kubernetes.auditPosition();
    await start({ url: place });
    const ours = ["secrets", "validatingwebhookconfigurations"];
    const asked = (await kubernetes.auditEvents(position)).filter(({ resource }) => ours.includes(resource));
    expect(asked.map(({ verb }) => verb)).toEqual(["get", "get"]);
  });

  test("is renewed in time, shown at once, and nobody is refused meanwhile", async () => {
    const past = Date.now() - 250 * day;
    const clock = manualClock(past);
    const port = await freePort();
    await start({ clock, port, url: `https://127.0.0.1:${port}` });
    await untilAsked();
    const before = await secret();
    await clock.advance(250 * day);
    await waitFor("a new certificate", async () => {
      await clock.advance(600_000);
      return (await secret())["tls.crt"] !== before["tls.crt"];
    });
    const after = await secret();
    expect(after["ca.crt"]).toBe(before["ca.crt"]);
    await waitFor(
      "the new one shown",
      async () => (await shownAt(port)) === new X509Certificate(after["tls.crt"] ?? "").serialNumber,
    );
    expect((await apply(refusedByUs, "--dry-run=server")).text).toContain(refusal);
  });

  test("of a new authority comes after the API server trusts both", async () => {
    const now = Date.now();
    const authority = await issueAuthority(now - 2_500 * day);
    const serving = await issueServing(authority, ["127.0.0.1"], now - 300 * day);
    await client.create({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: certificateSecretName, namespace },
      stringData: {
        "ca.crt": authority.certificate,
        "ca.key": authority.key,
        "tls.crt": serving.certificate,
        "tls.key": serving.key,
      },
    });
    const clock = manualClock(now);
    await start({ clock });
    await untilAsked();
    const first = await secret();
    expect(first["ca.crt"]?.match(/BEGIN CERTIFICATE/gu)).toHaveLength(2);
    expect(first["tls.crt"]).toBe(serving.certificate);
    const bundle = Buffer.from((await clientConfig())?.caBundle ?? "", "base64").toString();
    expect(bundle).toBe(first["ca.crt"]);
    await clock.advance(600_000);
    await waitFor("its certificate", async () => (await secret())["tls.crt"] !== first["tls.crt"]);
    expect((await apply(refusedByUs, "--dry-run=server")).text).toContain(refusal);
  });

  test("and the configuration come back when somebody deletes or clobbers them", async () => {
    const clock = manualClock(Date.now());
    await start({ clock });
    await untilAsked();
    await client.delete(resourceTypes.Secret, { namespace, name: certificateSecretName });
    await client.mergePatch(
      resourceTypes.ValidatingWebhookConfiguration,
      { name: configurationName },
      { webhooks: [] },
    );
    await clock.advance(600_000);
    await waitFor("the configuration", async () => (await clientConfig()) !== undefined);
    await untilAsked();
  });
});

test("a configuration that leads to a Service is turned to an address, and back", async () => {
  const service = { namespace, name: "gatewright-webhook", path: "/x", port: 443 };
  await client.create({
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "ValidatingWebhookConfiguration",
    metadata: { name: configurationName },
    webhooks: [
      {
        name: "vlanguagecluster.kb.io",
        admissionReviewVersions: ["v1"],
        clientConfig: { service },
        sideEffects: "None",
      },
    ],
  });
  await start();
  await untilAsked();
  expect(await url()).toMatch(/^https:\/\/127\.0\.0\.1/u);
  running.push(
    await startWebhook({
      client,
      port: await freePort(),
      host: "127.0.0.1",
      namespace,
      stores,
      logger: silent,
    }),
  );
  const config = await clientConfig();
  expect(config?.url).toBeUndefined();
  expect(config?.service).toMatchObject({ name: "gatewright-webhook", namespace });
  const { "tls.crt": shown = "" } = await secret();
  expect(new X509Certificate(shown).subjectAltName).toContain(`DNS:gatewright-webhook.${namespace}.svc,`);
});

test("a start without rights goes on, and tries again", async () => {
  const user = await connect({
    kubeconfig: await kubernetes.kubeconfigFor(await kubernetes.tokenFor("developer")),
    userAgent: "webhook-test",
  });
  const clock = manualClock(Date.now());
  const warnings: string[] = [];
  const logger: Logger = {
    ...silent,
    warn: (fields, message) => warnings.push(`${message} ${JSON.stringify(fields)}`),
  };
  const webhook = await start({ client: createClient(user.transport), clock, logger });
  expect(warnings).toEqual([expect.stringMatching(/could not be seen to .*gatewright-webhook-certificate/u)]);
  await clock.advance(1_000);
  await waitFor("a second try", () => warnings.length === 2);
  await webhook.close();
  await user.transport.close();
});

interface ClientConfig {
  readonly url?: string;
  readonly service?: object;
  readonly caBundle?: string;
}

async function clientConfig(): Promise<ClientConfig | undefined> {
  const object = await client.get(resourceTypes.ValidatingWebhookConfiguration, { name: configurationName });
  return ((object?.["webhooks"] ?? []) as readonly { clientConfig: ClientConfig }[])[0]?.clientConfig;
}

/** Serial number of the certificate that a new connection gets. */
async function shownAt(port: number): Promise<string | undefined> {
  const socket = connectTls({ host: "127.0.0.1", port, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const serial = socket.getPeerX509Certificate()?.serialNumber;
  socket.destroy();
  return serial;
}

async function url(): Promise<string | undefined> {
  return (await clientConfig())?.url?.replace(/\/validate-.*$/u, "");
}
