import type { JsonObject } from "@gatewright/plan";
import { describe, expect, test } from "vitest";
import type { Resource } from "../../resource.ts";
import { type AdmissionWorld, admit } from "./admit.ts";

interface Row {
  readonly name: string;
  readonly why: string;
  readonly spec?: JsonObject;
  readonly called?: string;
  readonly annotations?: { readonly [key: string]: string };
  /** The beginning of the refusal or warning, after `LanguageAgent demo/<name> `. */
  readonly want: string;
}

function resourceOf(kind: string, name: string, spec: JsonObject): Resource {
  return { apiVersion: "langop.io/v1alpha1", kind, metadata: { name, namespace: "demo" }, spec };
}

const known: AdmissionWorld = {
  clusterExists: () => true,
  runtimeExists: (name) => name === "preset",
  models: () => [
    resourceOf("LanguageModel", "claude", { provider: "anthropic", modelName: "claude" }),
    resourceOf("LanguageModel", "all", { provider: "openai", modelName: "*" }),
  ],
  agents: () => [],
  tools: () => [
    resourceOf("LanguageTool", "web", { image: "web:1" }),
    resourceOf("LanguageTool", "shell", { image: "shell:1", deploymentMode: "sidecar" }),
  ],
};

const image = { image: "ghcr.io/example/agent:1.0" };

function agentOf({
  spec = {},
  called = "helper",
  annotations,
}: Pick<Row, "spec" | "called" | "annotations">): Resource {
  const agent = resourceOf("LanguageAgent", called, { ...image, ...spec });
  return annotations === undefined ? agent : { ...agent, metadata: { ...agent.metadata, annotations } };
}

function review(row: Pick<Row, "spec" | "called" | "annotations">, old?: Resource, world = known) {
  return admit("LanguageAgent", agentOf(row), old, world);
}

function expectStart(
  texts: readonly string[],
  { called = "helper", want }: Pick<Row, "called" | "want">,
): void {
  const prefix = `LanguageAgent demo/${called} `;
  expect(texts.map((text) => text.slice(prefix.length, prefix.length + want.length))).toContain(want);
}

const task = (more: JsonObject = {}): JsonObject => ({ execution: { mode: "task", ...more } });
const workspace = (block: JsonObject): JsonObject => ({ workspace: block });
const tool = (block: JsonObject): JsonObject => ({ tools: [{ name: "mcp", ...block }] });
const credential = (block: JsonObject): JsonObject => ({ credentials: [{ name: "TOKEN", ...block }] });
const deployment = (block: JsonObject): JsonObject => ({ deployment: block });
const egress = (peer: JsonObject): JsonObject => ({ networkPolicies: { egress: [{ to: [peer] }] } });

const refused: readonly Row[] = [
  // Names
  {
    name: "a name with a dot",
    why: "no Service can be called so",
    called: "a.b",
    want: "metadata.name is also the name of a Service",
  },
  {
    name: "a digit in front",
    why: "as a dot",
    called: "1st",
    want: "metadata.name is also the name of a Service",
  },
  {
    name: "64 characters",
    why: "labels end at 63",
    called: "a".repeat(64),
    want: "metadata.name is also the name of a Service",
  },
  {
    name: "gateway",
    why: "its Deployment and Service would be the gateway's",
    called: "gateway",
    want: "metadata.name is the name of the gateway's own",
  },
  {
    name: "the name of a tool",
    why: "both have a Service of that name",
    called: "web",
    want: "metadata.name is the name of a LanguageTool of this namespace",
  },
  // Image and references
  {
    name: "an image that is none",
    why: "no pod could start",
    spec: { image: "my agent" },
    want: "spec.image cannot be used: it must be an image",
  },
  {
    name: "a runtime that is no name",
    why: "there can be none",
    spec: { runtime: "My Runtime" },
    want: "spec.runtime cannot be used: it must be the name",
  },
  {
    name: "a role that does not exist",
    why: "a typo",
    spec: { models: [{ name: "claude", role: "main" }] },
    want: "spec.models[0].role cannot be used: it must be one of primary",
  },
  {
    name: "a tool at no URL",
    why: "nobody to ask",
    spec: tool({ url: "mcp.example" }),
    want: "spec.tools[0].url must be a URL that begins with http",
  },
  {
    name: "a tool by ftp",
    why: "MCP is HTTP",
    spec: tool({ url: "ftp://mcp.example" }),
    want: "spec.tools[0].url must be a URL",
  },
  {
    name: "a header with a space",
    why: "no header",
    spec: tool({ url: "https://m.example", headers: { "X Y": "1" } }),
    want: "spec.tools[0].headers[X Y] is no name",
  },
  {
    name: "a header of two lines",
    why: "it would be two headers",
    spec: tool({ url: "https://m.example", headers: { "x-y": "1\nx: 2" } }),
    want: "spec.tools[0].headers.x-y has a value that no HTTP header can have",
  },
  // Credentials
  {
    name: "a credential twice over",
    why: "which one?",
    spec: credential({ value: "SECRET", valueFrom: { name: "s" } }),
    want: "spec.credentials[0] has both value and valueFrom",
  },
  {
    name: "a Secret with capitals",
    why: "no Secret can be called so",
    spec: credential({ valueFrom: { name: "My_Secret" } }),
    want: "spec.credentials[0].valueFrom.name can be the name of no object",
  },
  {
    name: "a key with a space",
    why: "no Secret can have it",
    spec: credential({ valueFrom: { name: "s", key: "a b" } }),
    want: "spec.credentials[0].valueFrom.key can be no key",
  },
  {
    name: "a credential that is no variable",
    why: "no program could read it",
    spec: { credentials: [{ name: "MY-TOKEN", value: "SECRET" }] },
    want: "spec.credentials[0].name cannot be used: it must be the name of an environment variable",
  },
  {
    name: "two credentials of one name",
    why: "a variable has one value",
    spec: {
      credentials: [
        { name: "A", valueFrom: { name: "s" } },
        { name: "A", valueFrom: { name: "t" } },
      ],
    },
    want: "spec.credentials[1].name is the name of a credential before it",
  },
  // Ports
  {
    name: "two ports of one name",
    why: "the Service would be refused",
    spec: {
      ports: [
        { name: "http", port: 80 },
        { name: "http", port: 81 },
      ],
    },
    want: "spec.ports[1].name is the name of a port before it",
  },
  {
    name: "one port twice",
    why: "the Service would be refused",
    spec: {
      ports: [
        { name: "a", port: 80 },
        { name: "b", port: 80 },
      ],
    },
    want: "spec.ports[1].port (80/TCP) is a port before it",
  },
  {
    name: "a port name that ends with a dash",
    why: "the pod would be refused",
    spec: { ports: [{ name: "http-", port: 80 }] },
    want: "spec.ports[0].name must not end with -",
  },
  {
    name: "a long port name",
    why: "pods take 15 characters",
    spec: { ports: [{ name: "a".repeat(16), port: 80 }] },
    want: "spec.ports[0].name cannot be used: it must have at most 15",
  },
  // Execution
  {
    name: "four fields of a schedule",
    why: "the CronJob would be refused",
    spec: task({ schedule: "0 * * *" }),
    want: "spec.execution.schedule cannot be used: it must have five fields",
  },
  {
    name: "an hour of 24",
    why: "as four fields",
    spec: task({ schedule: "0 24 * * *" }),
    want: 'spec.execution.schedule cannot be used: "24" is no hour',
  },
  {
    name: "Sunday as 7",
    why: "crontab takes it, Kubernetes does not",
    spec: task({ schedule: "0 0 * * 7" }),
    want: 'spec.execution.schedule cannot be used: "7" is no day of the week',
  },
  {
    name: "@reboot",
    why: "there is none to a CronJob",
    spec: task({ schedule: "@reboot" }),
    want: "spec.execution.schedule cannot be used: @reboot is not known",
  },
  {
    name: "a time zone in the schedule",
    why: "the CronJob would be refused",
    spec: task({ schedule: "TZ=UTC 0 0 * * *" }),
    want: "spec.execution.schedule cannot be used: the time zone belongs",
  },
  {
    name: "a time zone that does not exist",
    why: "the CronJob would be refused",
    spec: task({ schedule: "@daily", timezone: "Europe/Atlantis" }),
    want: "spec.execution.timezone is no time zone",
  },
  {
    name: "a time zone without its capitals",
    why: "Kubernetes reads them from files",
    spec: task({ schedule: "@daily", timezone: "europe/berlin" }),
    want: "spec.execution.timezone is no time zone",
  },
  {
    name: "ports of a task",
    why: "generation C refused them too",
    spec: { ...task(), ports: [{ name: "http", port: 80 }] },
    want: "spec.ports cannot be used with the mode task",
  },
  {
    name: "replicas of a task",
    why: "a run is one pod",
    spec: { ...task(), ...deployment({ replicas: 2 }) },
    want: "spec.deployment.replicas cannot be used with the mode task",
  },
  {
    name: "a task that scales",
    why: "a run is one pod",
    spec: { ...task(), ...deployment({ autoscaling: { maxReplicas: 2 } }) },
    want: "spec.deployment.autoscaling cannot be used with the mode task",
  },
  // Workspace
  {
    name: "a size of nothing",
    why: "no volume is so small",
    spec: workspace({ size: "0" }),
    want: "spec.workspace.size must be more than 0",
  },
  {
    name: "a size that is none",
    why: "the claim would be refused",
    spec: workspace({ size: "10 GB" }),
    want: "spec.workspace.size cannot be used",
  },
  ...["workspace", "/a:b", "/work/../etc"].map((mountPath) => ({
    name: `a workspace at ${mountPath}`,
    why: "no place for a volume",
    spec: workspace({ mountPath }),
    want: "spec.workspace.mountPath must be an absolute path",
  })),
  ...["/", "/tmp/", "/etc/agent", "/etc/agent/work", "/proc/x", "//dev"].map((mountPath) => ({
    name: `a workspace at ${mountPath}`,
    why: "something else is there",
    spec: workspace({ mountPath }),
    want: "spec.workspace.mountPath must not be /",
  })),
  ...["/etc/passwd", "../up", "a/../../b", "a//b", "a/"].map((path) => ({
    name: `a first file at ${path}`,
    why: "it would be outside of the workspace, or nowhere",
    spec: workspace({ initialFiles: { [path]: "x" } }),
    want: `spec.workspace.initialFiles[${path}] must be a path inside the workspace`,
  })),
  {
    name: "a first file that is a folder",
    why: "it cannot be both",
    spec: workspace({ initialFiles: { a: "x", "a/b": "y" } }),
    want: "spec.workspace.initialFiles.a is a file here and a folder",
  },
  {
    name: "files of more than a ConfigMap",
    why: "it would be refused",
    spec: workspace({ initialFiles: { a: "x".repeat(1_000_001) } }),
    want: "spec.workspace.initialFiles must have at most 1000000 bytes",
  },
  {
    name: "a ConfigMap with capitals",
    why: "there can be none",
    spec: workspace({ seedConfigMapRef: { name: "Files" } }),
    want: "spec.workspace.seedConfigMapRef.name can be the name of no object",
  },
  {
    name: "a storage class with a space",
    why: "there can be none",
    spec: workspace({ storageClassName: "my class" }),
    want: "spec.workspace.storageClassName can be the name of no object",
  },
  // Network and pods
  {
    name: "an address that is no range",
    why: "the policy would be refused",
    spec: egress({ cidr: "10.0.0.1" }),
    want: "spec.networkPolicies.egress[0].to[0].cidr is no IP range",
  },
  {
    name: "an address in the flat form",
    why: "the path is that of the form",
    spec: { networkPolicies: [{ from: { group: "a b" } }] },
    want: "spec.networkPolicies[0].from[0].group is no label value",
  },
  {
    name: "a request above its limit",
    why: "the pod would be refused",
    spec: deployment({ resources: { requests: { cpu: 2 }, limits: { cpu: 1 } } }),
    want: "spec.deployment.resources.requests.cpu is more than limits.cpu",
  },
  {
    name: "a mount of no volume",
    why: "the pod would be refused",
    spec: deployment({ volumeMounts: [{ name: "x", mountPath: "/x" }] }),
    want: "spec.deployment.volumeMounts[0].name must be the name",
  },
  {
    name: "an init container called agent",
    why: "as the agent's own",
    spec: deployment({ initContainers: [{ name: "agent", image: "a" }] }),
    want: "spec.deployment.initContainers[0].name is the name of another container",
  },
  {
    name: "rights to URLs",
    why: "Roles have none",
    spec: deployment({ roleRules: [{ nonResourceURLs: ["/x"], verbs: ["get"] }] }),
    want: "spec.deployment.roleRules[0].nonResourceURLs is for ClusterRoles only",
  },
  {
    name: "a right with a typo",
    why: "without resourceNames it would be a larger one",
    spec: deployment({
      roleRules: [{ apiGroups: [""], resources: ["secrets"], resourceName: ["a"], verbs: ["get"] }],
    }),
    want: "spec.deployment.roleRules[0].resourceName is no member of a rule",
  },
  {
    name: "a right to do nothing",
    why: "the Role would be refused",
    spec: deployment({ roleRules: [{ apiGroups: [""], resources: ["pods"], verbs: [] }] }),
    want: "spec.deployment.roleRules[0].verbs must be a list",
  },
];

describe("is refused", () => {
  test.each(refused)("$name ($why)", (row) => {
    const { allowed, reasons } = review(row);
    expect(allowed).toBe(false);
    expectStart(reasons, row);
    expect(reasons.join()).not.toContain("SECRET");
  });
});

const warned: readonly Row[] = [
  {
    name: "a credential without a value",
    why: "runtimes of the replaced operator have them",
    spec: credential({}),
    want: "spec.credentials[0] has neither value nor valueFrom",
  },
  {
    name: "53 characters with a schedule",
    why: "a CronJob appends eleven to the name",
    called: "a".repeat(53),
    spec: task({ schedule: "@daily" }),
    want: "metadata.name is too long for the CronJob of its schedule",
  },
  {
    name: "auth",
    why: "Dex is called so, where there is one",
    called: "auth",
    want: "metadata.name is the name of Dex's Deployment",
  },
  {
    name: "the name of a model",
    why: "its old address leads to the agent then",
    called: "claude",
    want: "metadata.name is also the name of a LanguageModel",
  },
  {
    name: "a runtime that is not there",
    why: "one apply may create both",
    spec: { runtime: "later" },
    want: "spec.runtime names LanguageAgentRuntime later, which does not exist",
  },
  {
    name: "the tag latest",
    why: "pods of one agent may differ",
    spec: { image: "agent:latest" },
    want: "spec.image has the tag latest",
  },
  {
    name: "no tag, a registry with a port",
    why: "the port is no tag",
    spec: { image: "registry.example:5000/agent" },
    want: "spec.image has no tag",
  },
  {
    name: "a model twice",
    why: "the first mention counts",
    spec: { models: [{ name: "claude" }], modelRef: "claude" },
    want: "spec.modelRef names the model claude again",
  },
  {
    name: "a catalogue without a model",
    why: "which one?",
    spec: { models: [{ name: "all" }] },
    want: "spec.models[0] names LanguageModel all, which stands for a whole catalogue",
  },
  {
    name: "a tool twice",
    why: "the first one is used",
    spec: { tools: [{ name: "web" }, { name: "web" }] },
    want: "spec.tools[1] repeats the tool web",
  },
  {
    name: "a password in a URL",
    why: "readers of the agent see it",
    spec: tool({ url: "https://a:SECRET@m.example" }),
    want: "spec.tools[0].url has a user name or password in it",
  },
  {
    name: "headers for a LanguageTool",
    why: "nobody sends them",
    spec: tool({ headers: { "x-team": "a" } }),
    want: "spec.tools[0].headers has no effect without `url`",
  },
  ...["Authorization", "x-api-key", "Cookie", "X-Auth-Token"].map((header) => ({
    name: `the header ${header}`,
    why: "readers of the agent see it",
    spec: tool({ url: "https://m.example", headers: { [header]: "SECRET" } }),
    want: `spec.tools[0].headers.${header} looks like a credential`,
  })),
  {
    name: "a credential in clear",
    why: "readers of the agent see it",
    spec: credential({ value: "SECRET" }),
    want: "spec.credentials[0].value is in clear text",
  },
  {
    name: "two ports exposed",
    why: "there is one Ingress",
    spec: {
      ports: [
        { name: "a", port: 80, expose: true },
        { name: "b", port: 81, expose: true },
      ],
    },
    want: "spec.ports expose more than one port",
  },
  {
    name: "a schedule of a service",
    why: "it runs anyway",
    spec: { execution: { schedule: "@daily" } },
    want: "spec.execution.schedule has no effect with the mode service",
  },
  {
    name: "a time zone without a schedule",
    why: "a zone of nothing",
    spec: task({ timezone: "Europe/Berlin" }),
    want: "spec.execution.timezone has no effect without",
  },
  {
    name: "files without a workspace",
    why: "nowhere to put them",
    spec: workspace({ enabled: false, initialFiles: { a: "b" } }),
    want: "spec.workspace.initialFiles has no effect while",
  },
  {
    name: "a limit of 0",
    why: "it means none",
    spec: deployment({ resources: { limits: { cpu: 0 } } }),
    want: "spec.deployment.resources.limits.cpu is 0, which means no limit",
  },
  {
    name: "an agent that may be root",
    why: "a protection less",
    spec: deployment({ securityContext: { runAsNonRoot: false } }),
    want: "spec.deployment.securityContext.runAsNonRoot lets the container run as root",
  },
  {
    name: "an init container that is root",
    why: "a protection less",
    spec: deployment({ initContainers: [{ name: "i", image: "i", securityContext: { runAsUser: 0 } }] }),
    want: "spec.deployment.initContainers[0].securityContext.runAsUser lets",
  },
  {
    name: "actions that are off",
    why: "nothing is allowed",
    spec: { selfConfigure: { allowedActions: ["tools"] } },
    want: "spec.selfConfigure.allowedActions has no effect while",
  },
  {
    name: "no actions that are on",
    why: "nothing is allowed",
    spec: { selfConfigure: { enabled: true } },
    want: "spec.selfConfigure.allowedActions is empty",
  },
  {
    name: "monitoring",
    why: "no such object is written",
    spec: { monitoring: { rules: { a: 1 } } },
    want: "spec.monitoring.rules has no effect",
  },
  {
    name: "a repository",
    why: "it is not cloned",
    spec: { repository: { url: "https://git.example/a" } },
    want: "spec.repository is not cloned",
  },
  {
    name: "a limit with a typo",
    why: "it must not go unseen",
    annotations: { "gatewright.dev/limits": "requests-per-second=5" },
    want: 'metadata.annotations[gatewright.dev/limits] has "requests-per-second=5", which is no limit',
  },
  {
    name: "hosts in an ingress rule",
    why: "connections come from addresses",
    spec: { networkPolicies: { ingress: [{ from: [{ dns: ["a.example"] }] }] } },
    want: "spec.networkPolicies.ingress[0].from[0].dns has no effect",
  },
  {
    name: "a field that does not exist",
    why: "it would be pruned in silence",
    spec: { model: "claude" },
    want: "spec.model is not a field of LanguageAgent",
  },
];

describe("ends as a warning", () => {
  test.each(warned)("$name ($why)", (row) => {
    const { allowed, reasons, warnings } = review(row);
    expect({ allowed, reasons }).toEqual({ allowed: true, reasons: [] });
    expectStart(warnings, row);
    expect(warnings.join()).not.toContain("SECRET");
  });

  test("neither image nor runtime: nothing is deployed", () => {
    const agent = resourceOf("LanguageAgent", "helper", {});
    const { allowed, warnings } = admit("LanguageAgent", agent, undefined, known);
    expect([allowed, warnings]).toEqual([
      true,
      [expect.stringContaining("spec.image is not set, and neither is")],
    ]);
  });

  test("a namespace without a LanguageCluster, where that is known", () => {
    const want = "metadata.namespace is no LanguageCluster, so the agent is not deployed";
    expectStart(review({}, undefined, { ...known, clusterExists: () => false }).warnings, { want });
    for (const unknown of ["clusterExists", "runtimeExists"] as const) {
      const world = { ...known, [unknown]: () => "unknown" };
      expect(review({ spec: { runtime: "preset" } }, undefined, world).warnings).toEqual([]);
    }
  });
});

describe("is admitted without a word", () => {
  test.each<Pick<Row, "name" | "spec" | "called">>([
    { name: "an image", spec: {} },
    { name: "a digest without a tag", spec: { image: `agent@sha256:${"a".repeat(64)}` } },
    { name: "the name of a sidecar", called: "shell" },
    { name: "a name of 63 characters", called: "a".repeat(63) },
    { name: "a long name of a task without a schedule", called: "a".repeat(60), spec: task() },
    {
      name: "a volume of the runtime",
      spec: { runtime: "preset", ...deployment({ volumeMounts: [{ name: "x", mountPath: "/x" }] }) },
    },
    {
      name: "a mount of the workspace",
      spec: deployment({ volumeMounts: [{ name: "workspace", mountPath: "/data", subPath: "d" }] }),
    },
    {
      name: "a model of a catalogue",
      spec: {
        models: [
          { name: "all", model: "gpt" },
          { name: "all", model: "o1" },
        ],
      },
    },
    {
      name: "a tool that is off, twice",
      spec: { tools: [{ name: "web" }, { name: "web", enabled: false }] },
    },
    {
      name: "a port for two protocols",
      spec: {
        ports: [
          { name: "dns", port: 53 },
          { name: "dns-udp", port: 53, protocol: "UDP" },
        ],
      },
    },
    {
      name: "a service that scales",
      spec: { execution: { mode: "service", suspend: true }, ...deployment({ replicas: 2 }) },
    },
    { name: "a workspace below /tmp", spec: workspace({ mountPath: "/tmp/work" }) },
    {
      name: "files in folders",
      spec: workspace({ initialFiles: { "docs/..a.md": "x", "docs/b.md": "y", ".env": "z" } }),
    },
    ...[
      "*/15 8-18/2 1,15 jan-mar MON-fri",
      "? 0 * * sun",
      "@hourly",
      "@every 1h30m",
      "5/10 * * * *",
      " 0  0 * * * ",
    ].map((schedule) => ({
      name: `the schedule "${schedule}"`,
      spec: task({ schedule, timezone: "Europe/Berlin" }),
    })),
    ...["UTC", "Etc/UTC", "Asia/Calcutta", "America/Argentina/Buenos_Aires"].map((timezone) => ({
      name: `the time zone ${timezone}`,
      spec: task({ schedule: "@daily", timezone }),
    })),
  ])("$name", ({ spec = {}, called = "helper" }) => {
    expect(review({ spec, called })).toEqual({ allowed: true, reasons: [], warnings: [] });
  });
});

describe("an update", () => {
  const rows: readonly {
    readonly name: string;
    readonly why: string;
    readonly from: JsonObject;
    readonly to: JsonObject;
    readonly want?: string;
    readonly allowed: boolean;
  }[] = [
    {
      name: "shrinks the volume",
      why: "no volume can",
      from: { size: "20Gi" },
      to: { size: "10Gi" },
      allowed: false,
      want: "spec.workspace.size must not be less than 20Gi",
    },
    {
      name: "shrinks one of the size nobody gave",
      why: "it is 10Gi",
      from: {},
      to: { size: "9Gi" },
      allowed: false,
      want: "spec.workspace.size must not be less than 10Gi",
    },
    {
      name: "writes the size differently",
      why: "it is the same",
      from: { size: "1Gi" },
      to: { size: "1024Mi" },
      allowed: true,
    },
    {
      name: "lets the volume grow",
      why: "it can",
      from: { size: "1Gi" },
      to: { size: "2Gi" },
      allowed: true,
    },
    {
      name: "changes the access mode",
      why: "a claim keeps its own",
      from: {},
      to: { accessMode: "ReadWriteMany" },
      allowed: false,
      want: "spec.workspace.accessMode cannot change",
    },
    {
      name: "changes the storage class",
      why: "a claim keeps its own",
      from: { storageClassName: "a" },
      to: { storageClassName: "b" },
      allowed: false,
      want: "spec.workspace.storageClassName cannot change",
    },
    {
      name: "takes the storage class away",
      why: "a claim keeps its own",
      from: { storageClassName: "a" },
      to: {},
      allowed: false,
      want: "spec.workspace.storageClassName cannot change",
    },
    {
      name: "names a storage class",
      why: "it may be the one by default",
      from: {},
      to: { storageClassName: "a" },
      allowed: true,
      want: "spec.workspace.storageClassName counts for a new volume only",
    },
    {
      name: "shrinks what was off",
      why: "there is no volume",
      from: { enabled: false, size: "20Gi" },
      to: { size: "1Gi" },
      allowed: true,
    },
  ];
  test.each(rows)("that $name ($why)", ({ from, to, allowed, want }) => {
    const answer = review({ spec: workspace(to) }, agentOf({ spec: workspace(from) }));
    expect(answer.allowed).toBe(allowed);
    if (want === undefined) expect(answer.warnings).toEqual([]);
    else expectStart(allowed ? answer.warnings : answer.reasons, { want });
  });

  test("of one of two that have a name is open to repair", () => {
    const old = agentOf({ called: "web" });
    const { allowed, warnings } = review({ called: "web", spec: { instructions: "x" } }, old);
    expect(allowed).toBe(true);
    expectStart(warnings, { called: "web", want: "metadata.name is the name of a LanguageTool" });
  });
});

test("large lists are looked through once, and not once for each of their members", () => {
  const paths = Array.from({ length: 80_000 }, (_, index) => [`d/${index}`, ""]);
  const modelRefs = Array.from({ length: 20_000 }, () => ({ name: "claude" }));
  const { allowed, warnings } = review({
    spec: { ...workspace({ initialFiles: Object.fromEntries(paths) }), modelRefs },
  });
  expect(allowed).toBe(true);
  expect(warnings.at(-1)).toBe("And 19990 more.");
});
