import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type AuditEvent, freePort, type Kubernetes, startKubernetes, waitFor } from "@gatewright/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AccessRule } from "../packages/operator/src/access-rule.ts";
import { accessRules } from "../packages/operator/src/access-rules.ts";
import { run } from "./bundle.ts";

/*
 * The operator under the very rights that the install files give it, through the life of clusters and models that use
 * everything: nothing is denied, and what its rules allow is what it does. A server of its own, for its audit log and
 * because the install file changes admission.
 */

const file = (name: string): string => fileURLToPath(new URL(`../deploy/${name}`, import.meta.url));
const serviceAccount = "system:serviceaccount:gatewright-system:gatewright";

/** Rights whose use no request shows, or not in every run. */
const unseen: readonly { readonly right: RegExp; readonly why: string }[] = [
  { right: /^(get|list|watch) /, why: "which of the three a reader needs depends on what it has seen" },
  { right: /^(bind|escalate) /, why: "asked for by the API server itself when a Role is written" },
  { right: /^create (\/events|langop.io\/languageagentselfconfigs)$/, why: "held to be granted to agents" },
  {
    right: /^update langop.io\/\w+\/finalizers$/,
    why: "asked for by an admission plugin that not all API servers run",
  },
  { right: /^patch events.k8s.io\/events$/, why: "only when the same event comes again" },
];

const clusterPath = "/apis/langop.io/v1alpha1/languageclusters";

/** A kind of an API that a plain server does not have. */
function definition(group: string, kind: string, plural: string, version: string): object {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: {
      name: `${plural}.${group}`,
      annotations: { "api-approved.kubernetes.io": "unapproved, for a test" },
    },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, plural },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
        },
      ],
    },
  };
}

const definitions = [
  definition("cilium.io", "CiliumNetworkPolicy", "ciliumnetworkpolicies", "v2"),
  definition("gateway.networking.k8s.io", "HTTPRoute", "httproutes", "v1"),
];

/** What tells the operator that network policies are enforced here. */
const networkPlugin = {
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name: "cilium", namespace: "kube-system" },
  spec: {
    selector: { matchLabels: { app: "cilium" } },
    template: {
      metadata: { labels: { app: "cilium" } },
      spec: { containers: [{ name: "agent", image: "agent" }] },
    },
  },
};

const model = (namespace: string, name: string): object => ({
  apiVersion: "langop.io/v1alpha1",
  kind: "LanguageModel",
  metadata: { name, namespace },
  spec: { provider: "openai", modelName: name, apiKeySecretRef: { name: "keys" } },
});

const member = (kind: string, namespace: string, name: string, spec: object, more: object = {}): object => ({
  apiVersion: "langop.io/v1alpha1",
  kind,
  metadata: { name, namespace, ...more },
  spec,
});

const image = "example/agent:1";
const rights = [{ apiGroups: [""], resources: ["events"], verbs: ["create"] }];
const scaled = { autoscaling: { minReplicas: 2, maxReplicas: 3 }, roleRules: rights };
const tight = { egress: [{ to: [{ dns: ["example.com"] }], ports: [{ port: 443 }] }] };
const task = { image, execution: { mode: "task" }, workspace: { enabled: false } };

/** Agents of all forms, tools, a persona, and what an agent asks for. */
const company = (namespace: string): readonly object[] => [
  member("LanguageTool", namespace, "tool", { image, deployment: scaled, networkPolicies: tight }),
  member("LanguagePersona", namespace, "persona", { tone: "warm" }),
  member("LanguageAgent", namespace, "agent", {
    image,
    models: [{ name: "m" }],
    tools: [{ name: "tool" }],
    persona: "persona",
    workspace: { accessMode: "ReadWriteMany", initialFiles: { a: "a" } },
    credentials: [{ name: "TOKEN", value: "not-a-secret" }],
    selfConfigure: { enabled: true, allowedActions: ["instructions"] },
    deployment: scaled,
    networkPolicies: tight,
  }),
  member("LanguageAgent", namespace, "task", task),
  member("LanguageAgent", namespace, "daily", {
    ...task,
    execution: { ...task.execution, schedule: "0 6 * * *" },
  }),
  // As one that the replaced operator has seen.
  member(
    "LanguageAgentSelfConfig",
    namespace,
    "wish",
    { instanceRef: "agent", updateInstructions: "Do it." },
    { finalizers: ["langop.io/finalizer"] },
  ),
];

const keys = (namespace: string): object => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "keys", namespace },
  stringData: { "api-key": "sk-1" },
});

/** Everything that makes an object of its own. */
const everything = {
  domain: "example.com",
  ingress: { enabled: true },
  capacity: { maxModels: 5 },
  networkPolicies: { egress: [{ to: [{ dns: ["example.com"] }], ports: [{ port: 443 }] }] },
  gateway: {
    deployment: {
      autoscaling: { minReplicas: 2, maxReplicas: 3 },
      roleRules: [{ apiGroups: ["batch"], resources: ["jobs"], verbs: ["create"] }],
    },
  },
};

let kubernetes: Kubernetes;

beforeAll(async () => {
  // Before the controllers start: the one for quotas looks for new kinds but now and then.
  kubernetes = await startKubernetes({ definitions: [file("crds/")] });
  await kubectl(["apply", "-f", "-"], [...definitions, networkPlugin]);
});
afterAll(() => kubernetes.stop());

async function kubectl(args: readonly string[], input: readonly object[] | string = ""): Promise<void> {
  const text =
    typeof input === "string" ? input : input.map((object) => JSON.stringify(object)).join("\n---\n");
  const { code, stderr } = await kubernetes.kubectl(args, { input: text });
  expect(code, `kubectl ${args.join(" ")}: ${stderr}`).toBe(0);
}

async function stands(path: string): Promise<boolean> {
  return (await kubernetes.api("GET", path)).status === 200;
}

/** Of an operator that has ended nobody would answer it. */
function withoutWebhook(): Promise<void> {
  return kubectl(["delete", "validatingwebhookconfigurations", "gatewright-langop", "--ignore-not-found"]);
}

/** What the operator asked for since a position of the audit log; fails when it was denied anything. */
async function requestsSince(position: number): Promise<readonly AuditEvent[]> {
  const events = (await kubernetes.auditEvents(position)).filter(({ user }) => user === serviceAccount);
  const denied = events.filter(({ code }) => code === 403).map(describeEvent);
  expect([...new Set(denied)]).toEqual([]);
  return events;
}

test("the operator is never denied what it asks for, and asks for all that it may", {
  timeout: 300_000,
}, async () => {
  await kubectl(["apply", "-f", file("install.yaml")]);
  await kubectl(["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"]);
  const port = await freePort();
  const address = `https://127.0.0.1:${port}`;
  await using operator = await runOperator(["--webhook-port", String(port), "--webhook-url", address]);

  // A cluster that makes its namespace, one that finds it, and a model without a cluster.
  await waitFor("admission answers", async () => {
    const answer = await kubernetes.api("POST", clusterPath, cluster("made", everything, published));
    return answer.status === 201 || answer.status === 409;
  });
  await kubectl(["create", "namespace", "found"]);
  await kubectl(["create", "namespace", "alone"]);
  await kubectl(["apply", "-f", "-"], [cluster("found", {})]);
  await waitFor("the namespace", () => stands("/api/v1/namespaces/made"));
  const members = [
    ...["made", "alone"].flatMap((namespace) => [keys(namespace), model(namespace, "m")]),
    ...company("made"),
  ];
  // A quota lets nothing in before it has been counted.
  await waitFor("members go in", () => kubectl(["apply", "-f", "-"], members).then(() => true), {
    capMilliseconds: 60_000,
  });
  const within = {
    "/api/v1": [
      "services/gateway",
      "configmaps/gateway-config",
      "resourcequotas/langop-quota",
      "services/m",
      "serviceaccounts/gateway",
      "persistentvolumeclaims/agent-workspace",
      "secrets/agent-gateway-key",
      "secrets/agent-runtime",
    ],
    "/apis/apps/v1": ["deployments/gateway", "deployments/agent", "deployments/tool"],
    "/apis/batch/v1": ["cronjobs/daily"],
    "/apis/autoscaling/v2": ["horizontalpodautoscalers/gateway"],
    "/apis/policy/v1": ["poddisruptionbudgets/gateway"],
    "/apis/networking.k8s.io/v1": ["ingresses/gateway"],
    "/apis/cilium.io/v2": ["ciliumnetworkpolicies/made-agents"],
    "/apis/gateway.networking.k8s.io/v1": ["httproutes/gateway"],
    "/apis/rbac.authorization.k8s.io/v1": ["roles/agents", "roles/gateway", "rolebindings/gateway"],
  };
  const paths = Object.entries(within).flatMap(([api, names]) =>
    names.map((name) => `${api}/namespaces/made/${name}`),
  );
  for (const path of paths) await waitFor(path, () => stands(path), { capMilliseconds: 60_000 });
  const jobs = async () =>
    (await kubernetes.api("GET", "/apis/batch/v1/namespaces/made/jobs")).body.items.map(
      ({ metadata }: { readonly metadata: { readonly name: string } }) => metadata.name,
    );
  await waitFor("the run of the task", async () => (await jobs()).length === 1);
  const [first] = await jobs();
  const wish = "/apis/langop.io/v1alpha1/namespaces/made/languageagentselfconfigs/wish";
  await waitFor(
    "the wish of the agent",
    async () => (await kubernetes.api("GET", wish)).body.status?.phase === "Applied",
  );
  const alone = "/apis/apps/v1/namespaces/alone/deployments/m";
  await waitFor("the gateway of a model alone", () => stands(alone), { capMilliseconds: 90_000 });

  // Everything is switched off again, a key changes, models go, one gets a cluster after all.
  const plain = { gateway: { deployment: { serviceAccountName: "default" } } };
  await kubectl(["replace", "-f", "-"], [cluster("made", plain)]);
  await kubectl(["delete", "languagemodel", "m", "-n", "made"]);
  await kubectl(
    ["apply", "-f", "-"],
    [
      member("LanguageAgent", "made", "task", { ...task, instructions: "Otherwise." }),
      member("LanguageAgent", "made", "daily", task),
    ],
  );
  const daily = "/apis/batch/v1/namespaces/made/cronjobs/daily";
  await waitFor("the schedule to go", async () => !(await stands(daily)));
  await waitFor("the outdated run to go", async () => !(await jobs()).includes(first));
  const off =
    /quota|horizontal|ingresses|httproutes|accounts|roles\/gateway|rolebindings\/gateway|budget|services\/m$/;
  for (const path of paths.filter((name) => off.test(name))) {
    await waitFor(`no ${path}`, async () => !(await stands(path)), { capMilliseconds: 60_000 });
  }
  await kubernetes.api("PATCH", "/api/v1/namespaces/alone/secrets/keys", {
    stringData: { "api-key": "sk-2" },
  });
  await kubectl(["apply", "-f", "-"], [cluster("alone", {})]);
  await waitFor("no gateway of the model", async () => !(await stands(alone)), { capMilliseconds: 60_000 });

  // And away with it all.
  await kubectl(["delete", "languagecluster", "made", "found", "alone", "--timeout=120s"]);
  await waitFor("the namespace is gone", async () => !(await stands("/api/v1/namespaces/made")), {
    capMilliseconds: 60_000,
  });
  expect(await stands("/api/v1/namespaces/found")).toBe(true);
  expect(await operator.stop()).toEqual({ code: 0, signal: null });

  const events = await requestsSince(0);
  const used = new Set(events.flatMap(rightsOf));
  const unused = [...new Set(accessRules.flatMap(({ rules }) => rules).flatMap(granted))].filter(
    (right) => !used.has(right) && !unseen.some((entry) => entry.right.test(right)),
  );
  expect(unused).toEqual([]);
});

test("an agent that asks for more rights than the operator has is not given them, and says so", async () => {
  await withoutWebhook();
  await using operator = await runOperator(["--disable-webhooks"]);
  await kubectl(["apply", "-f", "-"], [cluster("bold", {})]);
  await waitFor("the namespace", () => stands("/api/v1/namespaces/bold"));
  const beyond = [{ apiGroups: ["apps"], resources: ["statefulsets"], verbs: ["create"] }];
  const agent = { image, deployment: { roleRules: beyond }, workspace: { enabled: false } };
  await kubectl(["apply", "-f", "-"], [member("LanguageAgent", "bold", "bold", agent)]);
  const path = "/apis/langop.io/v1alpha1/namespaces/bold/languageagents/bold";
  const refused = await waitFor("the condition", async () => {
    const { body } = await kubernetes.api("GET", path);
    const conditions: readonly { readonly type: string; readonly reason: string }[] =
      body.status?.conditions ?? [];
    return conditions.find(({ type, reason }) => type === "Ready" && reason === "RBACError");
  });
  expect(refused).toMatchObject({
    status: "False",
    message: expect.stringMatching(/cannot grant rights that it does not have: .*serviceAccountName/u),
  });
  const role = "/apis/rbac.authorization.k8s.io/v1/namespaces/bold/roles/language-agent-bold";
  expect(await stands(role)).toBe(false);
  await kubectl(["delete", "languagecluster", "bold", "--timeout=120s"]);
  expect(await operator.stop()).toEqual({ code: 0, signal: null });
});

test("an operator of one namespace is not denied anything either, and looks nowhere else", {
  timeout: 300_000,
}, async () => {
  await withoutWebhook();
  await kubectl(["create", "namespace", "blue"]);
  await kubectl(["create", "namespace", "red"]);
  const text = await readFile(file("install-namespaced.yaml"), "utf8");
  await kubectl(["apply", "-f", "-"], text.replaceAll("team-a", "blue"));
  const position = await kubernetes.auditPosition();
  await using operator = await runOperator(["--watch-namespaces", "blue", "--disable-webhooks"]);
  await kubectl(["apply", "-f", "-"], [cluster("blue", everything, published), keys("blue")]);
  const quota = "/api/v1/namespaces/blue/resourcequotas/langop-quota";
  await waitFor("the last step of the cluster", () => stands(quota), { capMilliseconds: 60_000 });
  await waitFor("members go in", () =>
    kubectl(["apply", "-f", "-"], [model("blue", "m"), model("red", "m")]).then(() => true),
  );
  await waitFor("the model is served", () => stands("/api/v1/namespaces/blue/services/m"), {
    capMilliseconds: 60_000,
  });
  await kubectl(["delete", "languagecluster", "blue", "--timeout=120s"]);
  expect(await stands("/api/v1/namespaces/blue")).toBe(true);
  expect(await operator.stop()).toEqual({ code: 0, signal: null });

  const events = await requestsSince(position);
  const elsewhere = events.filter(
    ({ namespace, group, resource }) =>
      !["", "blue", "gatewright-system"].includes(namespace) &&
      !(namespace === "default" && group === "events.k8s.io") &&
      !(namespace === "kube-system" && resource === "daemonsets"),
  );
  // A namespace itself counts as inside of itself.
  expect(elsewhere.map(describeEvent)).toEqual([]);
});

const published = { "gatewright.dev/gateway-parent": "edge/public" };

const cluster = (name: string, spec: object, annotations: object = {}): object => ({
  apiVersion: "langop.io/v1alpha1",
  kind: "LanguageCluster",
  metadata: { name, annotations },
  spec,
});

async function runOperator(args: readonly string[]) {
  const token = await kubernetes.tokenFor(serviceAccount);
  const operator = run(
    [
      ...["operator", "--leader-elect", "--kubeconfig", await kubernetes.kubeconfigFor(token)],
      "--require-network-policy",
      ...["--health-probe-bind-address", "0", "--metrics-bind-address", "0", ...args],
    ],
    { environment: { POD_NAMESPACE: "gatewright-system", DISABLE_DNS_VALIDATION: "true" } },
  );
  await operator.line(/operator runs/);
  return operator;
}

function granted({ groups, resources, verbs }: AccessRule): string[] {
  return groups.flatMap((group) =>
    resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
  );
}

/** The rights that a request took; an apply that made its object took two. */
function rightsOf({ verb, group, resource, subresource, code }: AuditEvent): string[] {
  const right = (name: string): string =>
    `${name} ${group}/${resource}${subresource === "" ? "" : `/${subresource}`}`;
  return verb === "patch" && code === 201 ? [right("patch"), right("create")] : [right(verb)];
}

function describeEvent({ verb, group, resource, subresource, namespace, name }: AuditEvent): string {
  const place = namespace === "" ? "" : ` in ${namespace}`;
  return `${verb} ${group}/${resource}${subresource === "" ? "" : `/${subresource}`} ${name}${place}`;
}
