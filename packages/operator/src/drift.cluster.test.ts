import { type KubernetesObject, resourceTypes } from "@gatewright/reconcile";
import {
  clusterOf,
  comesTo,
  createUser,
  fullSpec,
  type Kubernetes,
  type MortalOperator,
  modelOf,
  namespaceOf,
  readWorld,
  secretOf,
  startKubernetes,
  startMortalOperator,
  taskAgents,
  teamAgents,
  teamModels,
  type User,
  uniqueName,
  type World,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { langopTypes } from "./langop/langop-types.ts";

/*
 * What people do with kubectl to objects that the operator wrote: what is the operator's is put right, what is theirs
 * stays. A server of its own, on which nobody else writes: whole worlds are compared.
 */

const { ConfigMap, Secret, Service } = resourceTypes;
const team = uniqueName("drift");
const alone = uniqueName("drift");

let kubernetes: Kubernetes;
let user: User;
let operator: MortalOperator;
let world: World;

const look = (): Promise<World> =>
  readWorld(kubernetes, { namespaces: [team, alone], words: { [team]: "TEAM", [alone]: "ALONE" } });

async function kubectl(...args: readonly string[]): Promise<void> {
  const { code, stderr } = await kubernetes.kubectl(args);
  if (code !== 0) throw new Error(stderr);
}

beforeAll(async () => {
  kubernetes = await startKubernetes({
    audit: false,
    definitions: [new URL("../../../deploy/crds/", import.meta.url).pathname],
    controllers: [
      "garbage-collector-controller",
      "namespace-controller",
      // Without it no volume claim is ever gone.
      "persistentvolumeclaim-protection-controller",
      "serviceaccount-controller",
    ],
  });
  user = await createUser(kubernetes);
  await user.put(namespaceOf(team), ...teamModels(team), clusterOf(team), ...teamAgents(team));
  // A run that is deleted is not made again, so of tasks only a schedule.
  await user.put(...taskAgents(team).filter(({ metadata }) => metadata.name === "yearly"));
  await user.put(namespaceOf(alone), ...teamModels(alone).slice(0, 4));
  operator = await startMortalOperator(kubernetes, {
    standaloneAfterSeconds: 0,
    nameServers: ["127.0.0.1:9"],
  });
  await operator.quiet(1_000);
  world = await look();
});
afterAll(async () => {
  await operator?.close();
  await user?.close();
  await kubernetes?.stop();
});

/** What somebody does wrong to each kind, as a JSON merge patch. */
const edits: { readonly [kind: string]: object } = {
  ConfigMap: { data: { "config.yaml": "model_list: []\n" } },
  CronJob: { spec: { schedule: "* * * * *" } },
  Deployment: { spec: { replicas: 0, template: { spec: { terminationGracePeriodSeconds: 60 } } } },
  HorizontalPodAutoscaler: { spec: { maxReplicas: 99 } },
  Ingress: { spec: { rules: [{ host: "elsewhere.example.test" }] } },
  Namespace: { metadata: { labels: { "langop.io/cluster": "other" } } },
  NetworkPolicy: { spec: { egress: [{}] } },
  PersistentVolumeClaim: { metadata: { labels: { "app.kubernetes.io/name": "other" } } },
  PodDisruptionBudget: { spec: { maxUnavailable: "100%" } },
  ResourceQuota: { spec: { hard: { "count/languagemodels.langop.io": "1000" } } },
  Role: { rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }] },
  RoleBinding: { subjects: [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "somebody" }] },
  Secret: { data: { openai_2dcredentials_2fapi_2dkey: "d3Jvbmc=" } },
  Service: { spec: { selector: { "langop.io/kind": "other" } } },
  ServiceAccount: { metadata: { annotations: { "example.test/identity": "somebody else" } } },
};

/** The same of objects that do not have what others of their kind have: what is nobody's else would stay. */
const otherEdits: { readonly [place: string]: object } = {
  "ConfigMap helper-seed": { data: { "file-0": "wrong" } },
  "Secret helper-gateway-key": { data: { MODEL_API_KEY: "d3Jvbmc=" } },
  "Secret yearly-gateway-key": { data: { MODEL_API_KEY: "d3Jvbmc=" } },
  "Secret helper-runtime": { data: { IN_CLEAR: "d3Jvbmc=" } },
  "ServiceAccount language-agent-helper": { metadata: { labels: { "langop.io/kind": "other" } } },
  "ServiceAccount language-agent-yearly": { metadata: { labels: { "langop.io/kind": "other" } } },
  "Deployment helper": {
    spec: { replicas: 0, template: { spec: { securityContext: { runAsNonRoot: false } } } },
  },
  "Deployment search": {
    spec: { replicas: 0, template: { spec: { securityContext: { runAsNonRoot: false } } } },
  },
  // The autoscaler's number of pods is not the operator's.
  "Deployment gateway": { spec: { template: { spec: { terminationGracePeriodSeconds: 60 } } } },
};

/** `Kind namespace name` of all that the operator wrote, but resources that are people's, and the Secret of agent keys. */
function written(): readonly { kind: string; namespace: string; name: string }[] {
  return Object.keys(world).flatMap((place) => {
    const [kind = "", second = "", third] = place.split(" ");
    const real = (word: string): string => word.replaceAll("TEAM", team).replaceAll("ALONE", alone);
    if (kind.startsWith("Language") || third === "gateway-auth") return [];
    return [{ kind, namespace: real(second), name: real(third ?? second) }];
  });
}

test("every object it wrote is put right after an edit, and has no trace of it", {
  timeout: 300_000,
}, async () => {
  const kinds = new Set(written().map(({ kind }) => kind));
  expect([...kinds].sort()).toEqual(Object.keys(edits).sort());
  for (const { kind, namespace, name } of written()) {
    // The policy of a namespace of ours is a label.
    if (kind === "Namespace" && namespace === alone) continue;
    const patch = JSON.stringify(otherEdits[`${kind} ${name}`] ?? edits[kind]);
    await kubectl("-n", namespace, "patch", kind, name, "--type=merge", "-p", patch);
    expect(await comesTo(operator, look, world), `${kind} ${namespace}/${name}`).toEqual([]);
  }
});

test("every object it wrote comes back after it was deleted", { timeout: 300_000 }, async () => {
  for (const { kind, namespace, name } of written()) {
    if (kind === "Namespace") continue;
    await kubectl("-n", namespace, "delete", kind, name, "--wait=false");
    expect(await comesTo(operator, look, world), `${kind} ${namespace}/${name}`).toEqual([]);
  }
});

test("all of them come back after they were deleted at once", async () => {
  for (const namespace of [team, alone]) {
    const kinds = Object.keys(edits).filter((kind) => kind !== "Namespace");
    await kubectl("-n", namespace, "delete", kinds.join(), "-l", "gatewright.dev/dialect", "--wait=false");
  }
  expect(await comesTo(operator, look, world)).toEqual([]);
});

test("an object without its label or without its owner gets them back, whatever the kind", {
  timeout: 300_000,
}, async () => {
  const losses = { label: { labels: { "gatewright.dev/dialect": null } }, owner: { ownerReferences: null } };
  for (const metadata of Object.values(losses)) {
    for (const { kind, namespace, name } of written()) {
      if (kind === "Namespace") continue;
      await kubectl("-n", namespace, "patch", kind, name, "--type=merge", "-p", JSON.stringify({ metadata }));
    }
    expect(await comesTo(operator, look, world)).toEqual([]);
  }
});

test("labels, annotations and settings of others survive, also when the operator writes the object again", async () => {
  const marks = { labels: { "example.test/team": "a" }, annotations: { "example.test/note": "b" } };
  const marked = written().filter(({ namespace, kind }) => namespace === team && kind !== "Namespace");
  for (const { kind, namespace, name } of marked) {
    await kubectl(
      "-n",
      namespace,
      "patch",
      kind,
      name,
      "--type=merge",
      "-p",
      JSON.stringify({ metadata: marks }),
    );
  }
  await kubectl("-n", team, "rollout", "restart", "deployment/gateway");
  await kubectl("-n", team, "scale", "deployment/gateway", "--replicas=3");
  await kubectl(
    "-n",
    team,
    "patch",
    "service",
    "gateway",
    "--type=merge",
    "-p",
    '{"spec":{"sessionAffinity":"ClientIP"}}',
  );
  await operator.quiet(1_000);
  const resources = { requests: { cpu: "250m" } };
  const deployment = {
    ...fullSpec.gateway.deployment,
    resources,
    serviceAnnotations: { "example.test/own": "c" },
  };
  await user.put(clusterOf(team, { ...fullSpec, domain: "new.example.test", gateway: { deployment } }));
  await waitFor("the edit to be applied", async () => {
    const { body } = await kubernetes.api("GET", `/apis/apps/v1/namespaces/${team}/deployments/gateway`);
    return body.spec.template.spec.containers[0].resources.requests.cpu === "250m";
  });
  await operator.quiet(1_000);
  // biome-ignore lint/suspicious/noExplicitAny: tests look into objects.
  const now = (await look()) as { readonly [place: string]: any };
  for (const { kind, name } of marked) {
    const { metadata } = now[`${kind} TEAM ${name.replaceAll(team, "TEAM")}`];
    expect(metadata.labels, `${kind} ${name}`).toMatchObject(marks.labels);
    expect(metadata.annotations, `${kind} ${name}`).toMatchObject(marks.annotations);
  }
  const { spec } = now["Deployment TEAM gateway"];
  expect(spec.template.metadata.annotations).toHaveProperty(["kubectl.kubernetes.io/restartedAt"]);
  expect(spec.replicas).toBe(3);
  expect(now["Service TEAM gateway"].spec.sessionAffinity).toBe("ClientIP");
  expect(now["Service TEAM gateway"].metadata.annotations).toMatchObject({ "example.test/own": "c" });
});

test("the number of pods is the operator's again once the autoscaler is switched off", async () => {
  await user.put(clusterOf(team, { ...fullSpec, gateway: { deployment: { replicas: 2 } } }));
  const replicas = async (): Promise<number> => {
    const { body } = await kubernetes.api("GET", `/apis/apps/v1/namespaces/${team}/deployments/gateway`);
    return body.spec.replicas;
  };
  await waitFor("two pods", async () => (await replicas()) === 2);
  await kubectl("-n", team, "scale", "deployment/gateway", "--replicas=5");
  await waitFor("two pods again", async () => (await replicas()) === 2);
});

test("what is switched off is removed, and nothing else", async () => {
  await user.put(clusterOf(team, {}));
  await operator.quiet(1_000);
  const left = Object.keys(await look()).filter((place) => place.includes("TEAM"));
  const members = [
    "ConfigMap TEAM helper-agent",
    "ConfigMap TEAM helper-seed",
    "ConfigMap TEAM yearly-agent",
    "CronJob TEAM yearly",
    "Deployment TEAM helper",
    "Deployment TEAM search",
    "LanguageAgent TEAM helper",
    "LanguageAgent TEAM yearly",
    "LanguagePersona TEAM analyst",
    "LanguageTool TEAM search",
    "LanguageTool TEAM shell",
    "NetworkPolicy TEAM helper",
    "NetworkPolicy TEAM search",
    "NetworkPolicy TEAM yearly",
    "PersistentVolumeClaim TEAM helper-workspace",
    "Role TEAM language-agent-helper",
    "Role TEAM language-agent-yearly",
    "RoleBinding TEAM language-agent-helper",
    "RoleBinding TEAM language-agent-yearly",
    "Secret TEAM helper-gateway-key",
    "Secret TEAM helper-runtime",
    "Secret TEAM yearly-gateway-key",
    "Service TEAM helper",
    "Service TEAM search",
    "ServiceAccount TEAM language-agent-helper",
    "ServiceAccount TEAM language-agent-yearly",
  ];
  const gateway = [
    "ConfigMap TEAM gateway-config",
    "Deployment TEAM gateway",
    "LanguageCluster TEAM",
    "LanguageModel TEAM azure",
    "LanguageModel TEAM claude",
    "LanguageModel TEAM gpt",
    "Namespace TEAM",
    "NetworkPolicy TEAM TEAM-agents",
    "Role TEAM agents",
    "RoleBinding TEAM agents",
    "Secret TEAM gateway-auth",
    "Secret TEAM gateway-credentials",
    "Service TEAM azure",
    "Service TEAM claude",
    "Service TEAM gateway",
    "Service TEAM gpt",
    "ServiceAccount TEAM gateway",
  ];
  // An agent is published under the domain of its cluster.
  expect(left.sort()).toEqual([...gateway, ...members].sort());
});

test("the key that agent keys are signed with is the user's to change, and made anew only when it is gone", async () => {
  const stored = async (name: string): Promise<{ readonly [key: string]: string }> =>
    ((await user.get(Secret, { namespace: team, name }))?.["data"] ?? {}) as {
      readonly [key: string]: string;
    };
  const delivered = async (): Promise<string | undefined> =>
    (await stored("gateway-credentials"))["LANGOP_GATEWAY_HMAC_SECRET"];
  const agents = async (): Promise<string | undefined> =>
    (await stored("helper-gateway-key"))["MODEL_API_KEY"];
  const mine = Buffer.from("my own").toString("base64");
  const first = await agents();
  await kubectl(
    "-n",
    team,
    "patch",
    "secret",
    "gateway-auth",
    "-p",
    JSON.stringify({ data: { "hmac-secret": mine } }),
  );
  await waitFor("the user's to be delivered", async () => (await delivered()) === mine);
  await waitFor("a key of the agent's that is signed with it", async () => (await agents()) !== first);
  await operator.quiet(500);
  const second = await agents();
  expect(await stored("gateway-auth")).toEqual({ "hmac-secret": mine });

  await kubectl("-n", team, "delete", "secret", "gateway-auth");
  const made = await waitFor("a new one", async () => (await stored("gateway-auth"))["hmac-secret"]);
  expect(Buffer.from(made, "base64").toString()).toMatch(/^[0-9a-f]{64}$/);
  await waitFor("the new one to be delivered", async () => (await delivered()) === made);
  await waitFor("another key of the agent's", async () => (await agents()) !== second);
});

interface Taken {
  readonly what: string;
  readonly object: (namespace: string, owner: string) => KubernetesObject;
  /** What it is taken to be. */
  readonly type: typeof ConfigMap | typeof Service | typeof Secret;
  readonly name: string;
  readonly condition: { readonly type: string; readonly status: string; readonly reason?: string };
}

const someonesService = {
  apiVersion: "v1",
  kind: "Service",
  spec: { selector: { app: "someone" }, ports: [{ port: 80, targetPort: 80, protocol: "TCP" }] },
};

const taken: readonly Taken[] = [
  {
    what: "a ConfigMap gateway-config with an owner",
    object: (namespace, uid) => ({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: "gateway-config",
        namespace,
        ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "someone", uid, controller: true }],
      },
      data: { mine: "yes" },
    }),
    type: ConfigMap,
    name: "gateway-config",
    condition: { type: "GatewayReady", status: "False", reason: "GatewayError" },
  },
  {
    what: "a Service gateway that somebody applied",
    object: (namespace) => ({ ...someonesService, metadata: { name: "gateway", namespace } }),
    type: Service,
    name: "gateway",
    condition: { type: "GatewayReady", status: "False", reason: "GatewayError" },
  },
  {
    what: "a Secret gateway-credentials that somebody applied",
    object: (namespace) => secretOf(namespace, "gateway-credentials", { mine: "yes" }),
    type: Secret,
    name: "gateway-credentials",
    condition: { type: "GatewayReady", status: "False", reason: "GatewayError" },
  },
  {
    what: "a Service of a model's name",
    object: (namespace) => ({ ...someonesService, metadata: { name: "gpt", namespace } }),
    type: Service,
    name: "gpt",
    condition: { type: "Degraded", status: "True" },
  },
];

test.each(taken)(
  "$what is not seized, the condition says so, and its place is taken when it is free",
  async (one) => {
    const name = uniqueName("taken");
    await user.put(namespaceOf(name));
    const owner = await user.create({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "someone", namespace: name },
    });
    await user.put(one.object(name, owner.metadata.uid ?? ""));
    const before = await user.get(one.type, { namespace: name, name: one.name });
    await user.put(...teamModels(name), clusterOf(name, {}));
    const found = await waitFor("the condition", async () => {
      const { body } = await kubernetes.api("GET", `/apis/langop.io/v1alpha1/languageclusters/${name}`);
      const conditions: readonly { type: string; status: string; message: string }[] =
        body.status?.conditions ?? [];
      return conditions.find(
        ({ type, status }) => type === one.condition.type && status === one.condition.status,
      );
    });
    expect(found).toMatchObject(one.condition);
    const after = await user.get(one.type, { namespace: name, name: one.name });
    expect(after?.metadata.resourceVersion).toBe(before?.metadata.resourceVersion);
    // Everything else is there.
    expect(Object.keys(await readWorld(kubernetes, { namespaces: [name] }))).toContain(
      `Deployment ${name} gateway`,
    );

    await user.delete(one.type, { namespace: name, name: one.name });
    await waitFor(
      "ours in its place",
      async () => {
        const object = await user.get(one.type, { namespace: name, name: one.name });
        return object?.metadata.labels?.["gatewright.dev/dialect"] === "langop";
      },
      { capMilliseconds: 60_000 },
    );
    await user.delete(langopTypes.LanguageCluster, { name });
  },
);

test("a model that goes takes its Service and its place in the configuration with it", async () => {
  await user.put(
    modelOf(team, "extra", { provider: "openai-compatible", modelName: "x", endpoint: "http://192.0.2.1:1" }),
  );
  await waitFor("its Service", () => user.get(Service, { namespace: team, name: "extra" }));
  await user.delete(langopTypes.LanguageModel, { namespace: team, name: "extra" });
  await waitFor(
    "no Service",
    async () => (await user.get(Service, { namespace: team, name: "extra" })) === undefined,
  );
});
