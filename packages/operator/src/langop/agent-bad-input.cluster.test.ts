import {
  clusterOf,
  freePort,
  type Kubernetes,
  type Manifest,
  modelOf,
  namespaceOf,
  startKubernetes,
  startMortalOperator,
  startTestOperator,
  type TestOperator,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/*
 * What is wrong in a spec of an agent and of what belongs to agents: refused or warned of, with the field and what to do,
 * by an operator with its webhook; then by the definitions' own rules alone. Nothing of it ends the operator. A server of
 * its own: a webhook stands in everybody's way.
 */

type Kind =
  | "LanguageAgent"
  | "LanguageTool"
  | "LanguagePersona"
  | "LanguageAgentRuntime"
  | "LanguageAgentSelfConfig";

interface Outcome {
  /** Part of the refusal. */
  readonly refused?: string;
  /** Part of the warning of what is admitted; without either nothing is said. */
  readonly warned?: string;
  /** The definition refuses it by itself. */
  readonly bySchema?: true;
  /** Name of the object, where it matters. */
  readonly called?: string;
  readonly annotations?: { readonly [name: string]: string };
  /** In a namespace without a LanguageCluster. */
  readonly alone?: true;
}

/** What is wrong (and why it is), the `spec`, and what comes of it. */
type Row = readonly [name: string, spec: object, want: Outcome];

const image = "ghcr.io/example/agent:1.0";
const agent = (fields: object): object => ({ image, ...fields });
const task = (fields: object = {}, more: object = {}): object =>
  agent({ execution: { mode: "task", ...fields }, ...more });
const workspace = (fields: object): object => agent({ workspace: fields });
const deployment = (fields: object): object => agent({ deployment: fields });
const outside = (fields: object): object => agent({ tools: [{ name: "mcp", ...fields }] });
const credential = (fields: object): object => agent({ credentials: [{ name: "TOKEN", ...fields }] });
const port = (name: string, number: number, more: object = {}): object => ({ name, port: number, ...more });
const ask = (fields: object): object => ({ instanceRef: "served", ...fields });

const agents: readonly Row[] = [
  [
    "a name with a dot (no Service)",
    agent({}),
    { called: "a.b", refused: "metadata.name is also the name of a Service" },
  ],
  [
    "a name of 64 characters (no label)",
    agent({}),
    { called: "a".repeat(64), refused: "at most 63 lower-case letters" },
  ],
  [
    "a name with a digit in front (no Service)",
    agent({}),
    { called: "1st", refused: "with a letter in front" },
  ],
  ["gateway (the gateway is called so)", agent({}), { called: "gateway", refused: "Use another name" }],
  [
    "the name of a tool (one Service for two)",
    agent({}),
    { called: "web", refused: "is the name of a LanguageTool" },
  ],
  [
    "the name of a model (its old address)",
    agent({}),
    { called: "claude", warned: "is also the name of a LanguageModel" },
  ],
  [
    "a field that does not exist (a typo)",
    agent({ model: "claude" }),
    { refused: 'unknown field "spec.model"', bySchema: true },
  ],
  ["an image with a space (no pod starts)", { image: "my agent" }, { refused: "spec.image", bySchema: true }],
  [
    "an image without a tag (it may change)",
    { image: "registry.test:5000/agent" },
    { warned: "spec.image has no tag" },
  ],
  [
    "neither image nor runtime (nothing to start)",
    {},
    { warned: "spec.image is not set, and neither is spec.runtime" },
  ],
  [
    "a runtime that is not there (it may come)",
    { runtime: "later" },
    { warned: "later, which does not exist" },
  ],
  [
    "a runtime with capitals (there is none)",
    { runtime: "Later" },
    { refused: "spec.runtime", bySchema: true },
  ],
  [
    "a namespace without a cluster (it may come)",
    agent({}),
    { alone: true, warned: "Create a LanguageCluster named alone" },
  ],
  [
    "a role that does not exist (a typo)",
    agent({ models: [{ name: "claude", role: "main" }] }),
    { refused: "Unsupported value", bySchema: true },
  ],
  [
    "a model without a name (which?)",
    agent({ models: [{ role: "primary" }] }),
    { refused: "name: Required value", bySchema: true },
  ],
  [
    "a model twice (the first counts)",
    agent({ models: [{ name: "claude" }, { name: "claude" }] }),
    { warned: "spec.models[1] names the model claude again" },
  ],
  [
    "a tool twice (the first counts)",
    agent({ tools: [{ name: "web" }, { name: "web" }] }),
    { warned: "spec.tools[1] repeats the tool web" },
  ],
  [
    "a tool at no URL (nobody to ask)",
    outside({ url: "mcp.test" }),
    { refused: "spec.tools[0].url must be a URL" },
  ],
  [
    "a password in a URL (readers see it)",
    outside({ url: "https://a:SECRET@mcp.test" }),
    { warned: "spec.tools[0].url has a user name" },
  ],
  [
    "headers without a URL (nobody sends them)",
    outside({ headers: { "x-team": "a" } }),
    { warned: "headers has no effect without `url`" },
  ],
  [
    "a header that is a credential (readers see it)",
    outside({ url: "https://mcp.test", headers: { Authorization: "SECRET" } }),
    { warned: "headers.Authorization looks like a credential" },
  ],
  [
    "a header of two lines (it would be two)",
    outside({ url: "https://mcp.test", headers: { "x-a": "1\nx-b: 2" } }),
    { refused: "headers.x-a has a value" },
  ],
  [
    "a credential twice over (which?)",
    credential({ value: "SECRET", valueFrom: { name: "s" } }),
    { refused: "has both value and valueFrom. Remove one" },
  ],
  [
    "a credential without a value (nothing to give)",
    credential({}),
    { warned: "Name a Secret in valueFrom" },
  ],
  [
    "a credential in clear (readers see it)",
    credential({ value: "SECRET" }),
    { warned: "spec.credentials[0].value is in clear text" },
  ],
  [
    "a credential that is no variable (nobody reads it)",
    agent({ credentials: [{ name: "my-token", value: "x" }] }),
    { refused: "spec.credentials[0].name", bySchema: true },
  ],
  [
    "a credential of a Secret with capitals (none)",
    credential({ valueFrom: { name: "Keys" } }),
    { refused: "valueFrom.name can be the name of no object" },
  ],
  [
    "two ports of one name (no Service)",
    agent({ ports: [port("a", 80), port("a", 81)] }),
    { refused: "Give each port a name of its own" },
  ],
  [
    "one port twice (no Service)",
    agent({ ports: [port("a", 80), port("b", 80)] }),
    { refused: "spec.ports[1].port (80/TCP)" },
  ],
  [
    "two ports exposed (one Ingress)",
    agent({ ports: [port("a", 80, { expose: true }), port("b", 81, { expose: true })] }),
    { warned: "expose more than one port" },
  ],
  [
    "port 0 (there is none)",
    agent({ ports: [port("a", 0)] }),
    { refused: "greater than or equal to 1", bySchema: true },
  ],
  [
    "a schedule of a service (it runs anyway)",
    agent({ execution: { schedule: "@daily" } }),
    { warned: "execution.schedule has no effect with the mode service" },
  ],
  [
    "a schedule of four fields (no CronJob)",
    task({ schedule: "0 * * *" }),
    { refused: "must have five fields" },
  ],
  [
    "a schedule at hour 24 (no CronJob)",
    task({ schedule: "0 24 * * *" }),
    { refused: '"24" is no hour, which is between 0 and 23' },
  ],
  [
    "a time zone that does not exist (no CronJob)",
    task({ schedule: "@daily", timezone: "Mars/Base" }),
    { refused: "an example is Europe/Berlin" },
  ],
  [
    "a mode that does not exist (a typo)",
    agent({ execution: { mode: "job" } }),
    { refused: "Unsupported value", bySchema: true },
  ],
  [
    "ports of a task (nobody listens)",
    task({}, { ports: [port("a", 80)] }),
    { refused: "spec.ports cannot be used with the mode task" },
  ],
  [
    "replicas of a task (a run is one pod)",
    task({}, { deployment: { replicas: 2 } }),
    { refused: "spec.deployment.replicas cannot be used" },
  ],
  [
    "a task that scales (a run is one pod)",
    task({}, { deployment: { autoscaling: { maxReplicas: 2 } } }),
    { refused: "spec.deployment.autoscaling cannot be used" },
  ],
  [
    "a long name with a schedule (a CronJob adds to it)",
    task({ schedule: "@daily" }),
    { called: "b".repeat(53), warned: "too long for the CronJob" },
  ],
  [
    "a workspace without an absolute place (where?)",
    workspace({ mountPath: "work" }),
    { refused: "must be an absolute path" },
  ],
  ["a workspace at /tmp (taken)", workspace({ mountPath: "/tmp" }), { refused: "must not be /tmp" }],
  [
    "a workspace at /etc/agent (taken)",
    workspace({ mountPath: "/etc/agent/" }),
    { refused: "must not be /etc/agent" },
  ],
  [
    "a file outside of the workspace (not its matter)",
    workspace({ initialFiles: { "../x": "y" } }),
    { refused: "must be a path inside the workspace" },
  ],
  [
    "a size that is none (no claim)",
    workspace({ size: "10 GB" }),
    { refused: "spec.workspace.size", bySchema: true },
  ],
  [
    "a size of 0 (no claim)",
    workspace({ size: "0" }),
    { refused: "spec.workspace.size must be more than 0" },
  ],
  [
    "an address that is no range (no policy)",
    agent({ networkPolicies: { egress: [{ to: [{ cidr: "10.0.0.1" }] }] } }),
    { refused: "is no IP range (here probably 10.0.0.1/32)" },
  ],
  [
    "a rule without direction (which?)",
    agent({ networkPolicies: [{ ports: [{ port: 443 }] }] }),
    { refused: "needs `from`" },
  ],
  [
    "a request above its limit (no pod)",
    deployment({ resources: { requests: { cpu: 2 }, limits: { cpu: 1 } } }),
    { refused: "is more than limits.cpu" },
  ],
  [
    "a limit of 0 (it means none)",
    deployment({ resources: { limits: { memory: "0" } } }),
    { warned: "limits.memory is 0, which means no limit" },
  ],
  [
    "root (a protection less)",
    deployment({ securityContext: { runAsNonRoot: false } }),
    { warned: "runAsNonRoot lets the container run as root" },
  ],
  [
    "a mount of no volume (no pod)",
    deployment({ volumeMounts: [{ name: "x", mountPath: "/x" }] }),
    { refused: "must be the name of one of the volumes" },
  ],
  [
    "a second container called agent (no pod)",
    deployment({ initContainers: [{ name: "agent", image }] }),
    { refused: "is the name of another container of the pod" },
  ],
  [
    "rights to URLs (no Role)",
    deployment({ roleRules: [{ nonResourceURLs: ["/x"], verbs: ["get"] }] }),
    { refused: "nonResourceURLs is for ClusterRoles only" },
  ],
  [
    "a label of 64 characters (no pod)",
    deployment({ podLabels: { team: "a".repeat(64) } }),
    { refused: "podLabels.team has no label value" },
  ],
  [
    "actions that are off (nothing is allowed)",
    agent({ selfConfigure: { allowedActions: ["tools"] } }),
    { warned: "has no effect while selfConfigure.enabled is false" },
  ],
  [
    "an action that does not exist (a typo)",
    agent({ selfConfigure: { enabled: true, allowedActions: ["files"] } }),
    { refused: "Unsupported value", bySchema: true },
  ],
  [
    "monitoring (no such object is written)",
    agent({ monitoring: { rules: { a: 1 } } }),
    { warned: "spec.monitoring.rules has no effect" },
  ],
  [
    "a repository (it is not cloned)",
    agent({ repository: { url: "https://git.test/a" } }),
    { warned: "spec.repository is not cloned" },
  ],
  [
    "a limit with a typo (it must not go unseen)",
    agent({}),
    { annotations: { "gatewright.dev/limits": "requests=5" }, warned: '"requests=5", which is no limit' },
  ],
];

const tools: readonly Row[] = [
  ["a tool without an image (nothing to start)", {}, { refused: "image: Required value", bySchema: true }],
  [
    "a tool of the tag latest (it may change)",
    { image: "tool:latest" },
    { warned: "spec.image has the tag latest" },
  ],
  ["a tool called gateway (the gateway is)", { image }, { called: "gateway", refused: "Use another name" }],
  [
    "a tool with the name of an agent (one Service)",
    { image },
    { called: "served", refused: "is the name of a LanguageAgent" },
  ],
  [
    "a tool with a dot (no Service)",
    { image },
    { called: "c.d", refused: "metadata.name is also the name of a Service" },
  ],
  [
    "a sidecar with a dot (it may become a service)",
    { image, deploymentMode: "sidecar" },
    { called: "e.f", refused: "also the name of a Service" },
  ],
  [
    "a sidecar with replicas (each agent has one)",
    { image, deploymentMode: "sidecar", replicas: 2 },
    { warned: "spec.replicas has no effect on a sidecar" },
  ],
  [
    "replicas twice (one counts)",
    { image, replicas: 1, deployment: { replicas: 2 } },
    { warned: "no effect beside deployment.replicas" },
  ],
  [
    "a protocol that does not exist (a typo)",
    { image, type: "grpc" },
    { refused: "Unsupported value", bySchema: true },
  ],
  [
    "a tool that reaches no range (no policy)",
    { image, egress: [{ to: { cidr: "a.test" } }] },
    { refused: "spec.egress[0].to[0].cidr is no IP range" },
  ],
  ["a tool in no cluster (it may come)", { image }, { alone: true, warned: "so the tool is not deployed" }],
];

const personas: readonly Row[] = [
  ["a persona of nothing (it says nothing)", {}, { warned: "set tone, personality or expertise" }],
  ["a tone that is a number (YAML)", { tone: 7 }, { refused: "must be of type string", bySchema: true }],
];

const runtimes: readonly Row[] = [
  ["a preset without a tag (it may change)", { image: "agent" }, { warned: "spec.image has no tag" }],
  [
    "a preset with one port twice (no Service)",
    { ports: [port("a", 80), port("b", 80)] },
    { refused: "spec.ports[1].port (80/TCP)" },
  ],
  [
    "a preset's credential without a value",
    { credentials: [{ name: "A" }] },
    { warned: "has neither value nor valueFrom" },
  ],
  [
    "a preset that is privileged (it has the node)",
    { deployment: { initContainers: [{ name: "i", image, securityContext: { privileged: true } }] } },
    { warned: "privileged gives the container the whole node" },
  ],
  [
    "a preset with a variable of two sources",
    {
      deployment: {
        env: [{ name: "A", value: "b", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
      },
    },
    { refused: "has both value and valueFrom" },
  ],
];

const selfConfigs: readonly Row[] = [
  [
    "a tool by its name, which is not allowed (it will be denied)",
    ask({ addTools: ["web"] }),
    { warned: "does not allow tools" },
  ],
  ["a change of nothing", ask({}), { refused: "asks for no change: set one of addTools" }],
  ["a change of nobody", { removeTools: ["a"] }, { refused: "instanceRef: Required value", bySchema: true }],
  [
    "a variable with an equals sign (no pod)",
    ask({ addEnvVars: [{ name: "A=B" }] }),
    { refused: "addEnvVars[0].name is no name of a variable" },
  ],
  [
    "a tool both ways (which?)",
    ask({ addTools: [{ name: "a" }], removeTools: ["a"] }),
    { refused: "names a, which is to be added too" },
  ],
  [
    "a right without resources (no Role)",
    ask({ addRoleRules: [{ apiGroups: [""], verbs: ["get"] }] }),
    { refused: "addRoleRules[0].resources must be a list" },
  ],
  [
    "a change that is not allowed (it will be denied)",
    ask({ updateInstructions: "x" }),
    { warned: "does not allow instructions" },
  ],
];

interface Case extends Outcome {
  readonly name: string;
  readonly manifest: Manifest;
}

const clusterScoped: readonly Kind[] = ["LanguageAgentRuntime"];

function manifestOf(
  kind: Kind,
  name: string,
  spec: object,
  { alone, annotations = {} }: Outcome = {},
): Manifest {
  const namespace = clusterScoped.includes(kind) ? {} : { namespace: alone === true ? "alone" : "home" };
  const metadata = { name, annotations, ...namespace };
  return { apiVersion: "langop.io/v1alpha1", kind, metadata, spec } as Manifest;
}

const tables = {
  LanguageAgent: agents,
  LanguageTool: tools,
  LanguagePersona: personas,
  LanguageAgentRuntime: runtimes,
  LanguageAgentSelfConfig: selfConfigs,
} satisfies { readonly [K in Kind]: readonly Row[] };

const cases: readonly Case[] = Object.entries(tables).flatMap(([kind, rows]) =>
  rows.map(([name, spec, want], index): Case => {
    const called = want.called ?? `${kind.toLowerCase().slice(8)}-${index}`;
    return { name, ...want, manifest: manifestOf(kind as Kind, called, spec, want) };
  }),
);

let kubernetes: Kubernetes;
let operator: TestOperator;

beforeAll(async () => {
  kubernetes = await startKubernetes({
    definitions: [new URL("../../../../deploy/crds/", import.meta.url).pathname],
  });
  const port = await freePort();
  operator = await startTestOperator(kubernetes, {
    webhook: { port, url: `https://127.0.0.1:${port}` },
  });
  await waitFor(
    "the webhook",
    async () => !(await apply(manifestOf("LanguageAgent", "a.b", { image }))).accepted,
  );
  await expectApplied(namespaceOf("alone") as Manifest, clusterOf("home", {}) as Manifest);
  await waitFor(
    "the namespace",
    async () => (await kubernetes.api("GET", "/api/v1/namespaces/home")).status === 200,
  );
  await expectApplied(
    modelOf("home", "claude", { provider: "anthropic", modelName: "claude" }) as Manifest,
    manifestOf("LanguageTool", "web", { image }),
    manifestOf("LanguageAgent", "served", agent({ models: [{ name: "claude" }], tools: [{ name: "web" }] })),
  );
  // The reviews know what the watches show, a moment later.
  await waitFor("the agent in the watch", async () => {
    const { text } = await apply(manifestOf("LanguageTool", "served", { image }), "--dry-run=server");
    return text.includes("is the name of a LanguageAgent");
  });
});

afterAll(async () => {
  await operator?.close();
  await kubernetes?.stop();
});

async function apply(manifest: Manifest, ...flags: readonly string[]) {
  const input = JSON.stringify(manifest);
  const { code, stdout, stderr } = await kubernetes.kubectl(["apply", "-f", "-", ...flags], { input });
  return { accepted: code === 0, text: stdout + stderr };
}

async function expectApplied(...manifests: readonly Manifest[]): Promise<void> {
  for (const manifest of manifests) {
    const { accepted, text } = await apply(manifest);
    expect([accepted, text]).toEqual([true, expect.not.stringContaining("Warning")]);
  }
}

async function expectAlive(): Promise<void> {
  const { status } = await fetch(`http://127.0.0.1:${operator.healthPort}/healthz`);
  expect(status).toBe(200);
}

describe("with the webhook", () => {
  test.concurrent.each(cases)("$name", async ({ manifest, refused, warned }) => {
    const { accepted, text } = await apply(manifest);
    expect([accepted, text]).toEqual([
      refused === undefined,
      expect.stringContaining(refused ?? warned ?? ""),
    ]);
    if (accepted) expect(text).toContain("Warning: ");
    expect(text).not.toContain("SECRET");
    await expectAlive();
  });

  describe("an update", () => {
    const rows: readonly (readonly [name: string, from: object, to: object, want: Outcome])[] = [
      ["shrinks the volume", { size: "2Gi" }, { size: "1Gi" }, { refused: "must not be less than 2Gi" }],
      ["lets the volume grow", { size: "1Gi" }, { size: "2Gi" }, {}],
      [
        "changes the access mode",
        {},
        { accessMode: "ReadWriteMany" },
        { refused: "give the agent another name" },
      ],
      [
        "changes the storage class",
        { storageClassName: "a" },
        { storageClassName: "b" },
        { refused: "give the agent another name" },
      ],
      ["names a storage class", {}, { storageClassName: "a" }, { warned: "counts for a new volume only" }],
    ];
    test.concurrent.each(rows)("that %s", async (name, from, to, { refused, warned = "" }) => {
      const called = name.replaceAll(" ", "-");
      await expectApplied(manifestOf("LanguageAgent", called, workspace(from)));
      const { accepted, text } = await apply(manifestOf("LanguageAgent", called, workspace(to)));
      expect([accepted, text]).toEqual([refused === undefined, expect.stringContaining(refused ?? warned)]);
      expect(text.includes("Warning")).toBe(warned !== "");
    });

    test("of a request of an agent comes too late, perhaps", async () => {
      const first = ask({ removeTools: ["a"] });
      const path = (spec: object) => manifestOf("LanguageAgentSelfConfig", "edited", spec);
      expect((await apply(path(first))).accepted).toBe(true);
      const { accepted, text } = await apply(path(ask({ removeTools: ["b"] })));
      expect([accepted, text]).toEqual([true, expect.stringContaining("Create another object instead")]);
    });
  });
});

describe("without the webhook", () => {
  beforeAll(async () => {
    await operator.close();
    await kubernetes.kubectl(["delete", "validatingwebhookconfiguration", "gatewright-langop"]);
    operator = await startTestOperator(kubernetes, {});
    await waitFor(
      "no webhook",
      async () =>
        (await apply(manifestOf("LanguageTool", "free", { image, egress: [{ to: { cidr: "x" } }] })))
          .accepted,
    );
  });

  test.concurrent.each(cases.filter(({ refused }) => refused !== undefined))(
    "$name",
    async ({ manifest, bySchema }) => {
      expect((await apply(manifest)).accepted).toBe(bySchema !== true);
      await expectAlive();
    },
  );

  test("with all of it standing, the operator lives and has little to do, also after a start", async () => {
    await expectAlive();
    await operator.close();
    const started = await startMortalOperator(kubernetes);
    operator = started;
    // Of what can stand, the first pass writes everything once more; what cannot is tried again at once, at first.
    await started.quiet(1_000);
    await expectAlive();
    started.transport.forget();
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    const asked = started.transport.requests
      .filter(({ watch }) => !watch)
      .map(({ method, path }) => `${method} ${path}`);
    // Each of them is tried again ever more seldom; a loop without a pause would ask hundreds of times,
    expect(asked.length).toBeLessThan(3 * cases.length);
    // and two that undo each other's work would ask for one object at least twice a second. What several of them need
    // has no name of one of them in it.
    const often = new Map<string, number>();
    for (const request of asked) often.set(request, (often.get(request) ?? 0) + 1);
    expect([...often].filter(([, times]) => times > 5)).toEqual([]);
  });
});

test("the table has at least 60 cases, and no two of one name", () => {
  expect(cases.length).toBeGreaterThanOrEqual(60);
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
});
