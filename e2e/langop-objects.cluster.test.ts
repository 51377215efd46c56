import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  differences,
  type Kubernetes,
  type NameServer,
  type PretendGateways,
  pretendGateways,
  startKubernetes,
  startNameServer,
  startTestOperator,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { defaultLitellmImage } from "../packages/cli/src/default-image.ts";
import { run } from "./bundle.ts";
import { type Langop, type Live, langopOf, patience } from "./langop.ts";
import { expectGolden, liveObjects, placeOf, titleOf, yamlOf } from "./live-objects.ts";

/*
 * What stands in a cluster when manifests were applied as they are: every object of langop.md §3 name by name, with
 * everything the API server makes of it, and every status. Pods run in name only, but say what they serve. A server of
 * its own: the manifests' names are what they are.
 */

const root = fileURLToPath(new URL("../", import.meta.url));
const example = `${root}examples/langop/`;

let kubernetes: Kubernetes;
let pods: PretendGateways;
let names: NameServer;
let langop: Langop;
const stack = new AsyncDisposableStack();

beforeAll(async () => {
  kubernetes = stack.use(
    await startKubernetes({
      audit: false,
      definitions: [`${root}deploy/crds/`],
      controllerManagerFlags: ["--horizontal-pod-autoscaler-sync-period=1s"],
    }),
  );
  pods = stack.use(await pretendGateways(kubernetes));
  names = stack.use(
    await startNameServer(
      {
        "github.com": ["192.0.2.7"],
        "api.github.com": ["192.0.2.8"],
        "api.openai.com": ["192.0.2.10"],
        "test-validation.ai.example.com": ["192.0.2.9"],
      },
      { ttlSeconds: 300 },
    ),
  );
  langop = langopOf(kubernetes, { resolve: pods.reach });
});
afterAll(() => stack.disposeAsync());

const operatorOf = (engine: "native" | "litellm") =>
  startTestOperator(kubernetes, {
    engines: { langop: engine },
    litellmImage: defaultLitellmImage,
    nameServers: [names.address],
    reach: pods.reach,
    validateDomains: true,
    standaloneAfterSeconds: 0,
  });

/** Reasons of what is not yet, but soon will be. */
const passing: ReadonlySet<string> = new Set([
  "PodsNotReady",
  "ConfigPending",
  "NotReachable",
  "Pending",
  "Progressing",
]);

/** The kinds of `langop.io` that have a status at once. */
const hasStatus: ReadonlySet<string> = new Set([
  ...["LanguageCluster", "LanguageModel", "LanguageAgent", "LanguageTool", "LanguagePersona"],
]);

/** All there is in some namespaces once their statuses speak of the present and nothing is still to come. */
async function settled(namespaces: readonly string[]): Promise<readonly Live[]> {
  let before = "";
  let open: readonly string[] = [];
  return waitFor(
    `${namespaces.join(", ")} to settle`,
    async () => {
      const objects = (await liveObjects(kubernetes)).filter((object) =>
        namespaces.includes(placeOf(object)),
      );
      open = objects
        .filter(({ kind, status }) => hasStatus.has(kind) && !isDecided(status))
        .map((one) => `${titleOf(one)} ${JSON.stringify(one.status?.conditions)}`);
      const text = JSON.stringify(objects);
      const still = text === before;
      before = text;
      return open.length === 0 && still && objects;
    },
    { ...patience, detail: () => open.join("\n") },
  );
}

function isDecided({ observedGeneration, conditions }: Live = {}): boolean {
  return (
    conditions !== undefined &&
    observedGeneration === undefined &&
    conditions.some(({ type }: Live) => type === "Ready") &&
    conditions.every(
      ({ type, reason, observedGeneration: of }: Live) =>
        // No ingress controller runs here, so no route of an agent ever has an address.
        of === undefined && (!passing.has(reason) || type === "WebhookRouteReady"),
    )
  );
}

const readyOf = ({ status }: Live): Live => status.conditions.find(({ type }: Live) => type === "Ready");
const ofKind = (objects: readonly Live[], kind: string): readonly Live[] =>
  objects.filter((object) => object.kind === kind);

/** What each model says of itself, by name. */
function modelsOf(objects: readonly Live[]): object {
  return Object.fromEntries(
    ofKind(objects, "LanguageModel").map((model) => [
      model.metadata.name,
      `${model.status.phase} ${readyOf(model).status} ${readyOf(model).reason}`,
    ]),
  );
}

/** Which resources were refused because of which fields; kubectl tells the fields of one in any order. */
function refusals(said: string): string {
  const lines = said.split("\n").map((line) => {
    const [, kind = "", name = ""] = /(\w+)\.langop\.io "([^"]+)" is invalid/.exec(line) ?? [];
    if (name === "") return line;
    const fields = new Set(line.match(/\bspec[.\w[\]-]*(?=: )/g) ?? []);
    return `${kind} ${name}: ${[...fields].sort().join(", ")}`;
  });
  return `${lines.sort().join("\n")}\n`;
}

const ready = "Ready True ReconcileSuccess";

/** The LanguageModels of examples/langop. */
const models = ["azure", "claude", "embeddings", "gemini", "gpt", "local", "nova", "openai", "vertex"];

/** Objects with names that every LanguageCluster of the examples has, and those of its models. */
const exampleObjects = (engine: "native" | "litellm"): readonly string[] =>
  [
    "Namespace research",
    ...["Role agents", "RoleBinding agents", "NetworkPolicy research-agents", "ConfigMap gateway-config"],
    ...["ServiceAccount gateway", "Deployment gateway", "Service gateway", "PodDisruptionBudget gateway"],
    ...["Ingress gateway", "ResourceQuota langop-quota"],
    ...(engine === "native" ? ["Secret gateway-auth", "Secret gateway-credentials"] : []),
    ...models.map((name) => `Service ${name}`),
    ...memberObjects(engine),
  ].sort();

/** Those of the agents and the tool of the examples. */
function memberObjects(engine: "native" | "litellm"): readonly string[] {
  const ofAgent = (name: string): readonly string[] => [
    ...["ServiceAccount", "Role", "RoleBinding"].map((kind) => `${kind} language-agent-${name}`),
    ...[`ConfigMap ${name}-agent`, `NetworkPolicy ${name}`],
    ...(engine === "native" ? [`Secret ${name}-gateway-key`] : []),
  ];
  return [
    ...["researcher", "digest"].flatMap(ofAgent),
    ...["PersistentVolumeClaim researcher-workspace", "ConfigMap researcher-seed"],
    ...["Deployment", "Service", "Ingress"].map((kind) => `${kind} researcher`),
    "CronJob digest",
    ...["NetworkPolicy", "Deployment", "Service"].map((kind) => `${kind} archive`),
  ];
}

describe.each(["native", "litellm"] as const)("examples/langop with engine %s", (engine) => {
  test("applies unchanged, becomes Ready, and has the objects of the spec, name by name", async () => {
    const operator = await operatorOf(engine);
    try {
      await langop.applyAll(["-f", example]);
      const objects = await settled(["research"]);
      const [cluster] = ofKind(objects, "LanguageCluster");
      expect(cluster.status).toMatchObject({ phase: "Ready", gatewayReady: true });
      expect(readyOf(cluster)).toMatchObject({ status: "True", reason: "ReconcileSuccess" });
      expect(modelsOf(objects)).toEqual(Object.fromEntries(models.map((name) => [name, ready])));
      expect(
        objects
          .filter(({ kind }) => !kind.startsWith("Language"))
          .map(({ kind, metadata }) => `${kind} ${metadata.name}`)
          .sort(),
      ).toEqual(exampleObjects(engine));
      await expectGolden(`langop/examples-${engine}.yaml`, yamlOf(objects));
      await sameAsTranslated(engine, objects);
    } finally {
      // The next one meets nothing of this one.
      await langop.kubectl(["delete", "languagecluster", "research", "--timeout=100s"]);
      const gone = async (): Promise<boolean> =>
        (await langop.get("/api/v1/namespaces/research")) === undefined;
      await waitFor("the namespace to go", gone, patience);
      await operator.close();
    }
  });
});

/** `gatewright translate` prints those objects: applied by the operator's own manager, they would change nothing. */
async function sameAsTranslated(engine: string, live: readonly Live[]): Promise<void> {
  const translate = run(["translate", "-o", "kubernetes", "--engine", engine, example], {
    environment: { GATEWRIGHT_IMAGE: "gatewright:test" },
  });
  expect(await translate.exited).toEqual({ code: 0, signal: null });
  const translated = parseAllDocuments(translate.stdout).map((document): Live => document.toJS());
  const compared = live.filter(({ kind }) => kind !== "Secret" && !kind.startsWith("Language"));
  expect(translated.map(titleOf).sort()).toEqual(compared.map(titleOf).sort());
  const found: string[] = [];
  for (const object of translated) {
    const path = await pathOf(object);
    const { status, body } = await kubernetes.api(
      "PATCH",
      `${path}?dryRun=All&fieldManager=${managerOf(object)}&force=true`,
      object,
      "application/apply-patch+yaml",
    );
    expect(status, JSON.stringify(body)).toBe(200);
    found.push(...differences(comparable(await langop.get(path)), comparable(body), titleOf(object)));
  }
  // What nobody can know who has only the manifests: the address of a name, the namespace of the operator, who agents are
  // (their UIDs and generations), and, where pods have to be replaced for a new key, the values of keys.
  const hash = "metadata/annotations/langop.io/config-hash";
  const ofAgent = (workload: string, template: string): readonly string[] => [
    `${workload}/annotations/gatewright.dev/agent-generation`,
    `${workload}/${template}/metadata/annotations/gatewright.dev/secrets-hash`,
    `${workload}/${template}/spec/containers/0/env`,
  ];
  const unknowable = [
    "NetworkPolicy research research-agents/spec/egress",
    "NetworkPolicy research archive/spec/ingress/0/from",
    ...ofAgent("CronJob research digest", "spec/jobTemplate/spec/template"),
    ...ofAgent("Deployment research researcher", "spec/template"),
    ...(engine === "native"
      ? [
          "ConfigMap research gateway-config/data/config.yaml",
          `Deployment research gateway/${hash.replace("metadata/", "")}`,
        ]
      : [`Deployment research gateway/spec/template/${hash}`]),
  ];
  expect(found.map((line) => line.replace(/: .*/, "")).sort()).toEqual(unknowable.sort());
}

/** Which of the operator's managers writes an object. */
function managerOf({ metadata }: Live): string {
  const kind = { agent: "languageagent", tool: "languagetool" }[
    metadata.labels["langop.io/component"] as string
  ];
  return `gatewright-${kind ?? "languagecluster"}`;
}

/** All but what the API server, kubectl and owners bring. */
function comparable({ metadata, spec, data, rules, subjects, roleRef }: Live): Live {
  const { labels, annotations: { "deployment.kubernetes.io/revision": _, ...annotations } = {} } = metadata;
  return { labels, annotations, spec, data, rules, subjects, roleRef };
}

let paths: Promise<ReadonlyMap<string, string>> | undefined;

/** The API path of an object, by what the server says of its kinds. */
async function pathOf({ apiVersion, kind, metadata }: Live): Promise<string> {
  paths ??= pluralsOf();
  const plural = (await paths).get(kind);
  const base = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const at = metadata.namespace === undefined ? "" : `/namespaces/${metadata.namespace}`;
  return `${base}${at}/${plural}/${metadata.name}`;
}

async function pluralsOf(): Promise<ReadonlyMap<string, string>> {
  const rows = (await langop.kubectl(["api-resources", "--no-headers"])).trim().split("\n");
  return new Map(rows.map((row) => [row.trim().split(/\s+/).at(-1) ?? "", row.split(/\s+/)[0] ?? ""]));
}

/** A case whose LanguageCluster the API server refuses: its members have nowhere to go. */
const refused = "invalid-cluster";

interface Case {
  readonly name: string;
  readonly input: string;
  readonly namespaces: readonly string[];
  /** Other namespaces its manifests need. */
  readonly beside: readonly string[];
  /** What its manifests declare, by title. */
  readonly declared: ReadonlySet<string>;
  /** Whether all objects are compared, or their names only. */
  readonly whole: boolean;
}

/** What cannot go in as it is: uids, and quotas that let no pod and no model in. */
const obstacles = /^ +(maxModels: 0|maxCPU: .*|maxMemory: .*|uid: .*)\n/gm;

const cases: readonly Case[] = readdirSync(`${root}fixtures/langop`)
  .filter((name) => name !== refused)
  .map((name) => {
    const text = readFileSync(`${root}fixtures/langop/${name}/input.yaml`, "utf8");
    // Most of them use one name.
    const input = text.replaceAll(/\bdemo\b/g, `demo-${name}`).replaceAll(obstacles, "");
    const objects: readonly Live[] = parseAllDocuments(input).map((document) => document.toJS());
    const clusters = ofKind(objects, "LanguageCluster").map(placeOf);
    const homeless = new Set(["Namespace", "LanguageAgentRuntime"]);
    const all = new Set(objects.filter(({ kind }) => !homeless.has(kind)).map(placeOf));
    const beside = [...all].filter((namespace) => !clusters.includes(namespace));
    const whole = text.includes("# objects: yes");
    return { name, input, namespaces: [...all], beside, declared: new Set(objects.map(titleOf)), whole };
  });

describe("fixtures/langop with engine native", () => {
  let objects: readonly Live[];
  let said = "";

  beforeAll(async () => {
    const operator = await operatorOf("native");
    stack.defer(() => operator.close());
    for (const { beside } of cases) {
      for (const namespace of beside) await kubernetes.kubectl(["create", "namespace", namespace]);
    }
    // A ServiceAccount that gateway-deployment wants its pods to run as.
    const workload = {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "workload", namespace: "litellm" },
    };
    const input = [...cases.map((one) => one.input), JSON.stringify(workload)].join("\n---\n");
    said = await langop.applyAll(["-f", "-"], { input, refusals: "told" });
    objects = await settled(cases.flatMap(({ namespaces }) => namespaces));
  });

  test("what the API server refuses", () => expectGolden("langop/refused.txt", refusals(said)));

  test.each(cases)("$name", async ({ name, namespaces, declared, whole }) => {
    const resources = objects.filter(
      (object) => namespaces.includes(placeOf(object)) && object.kind.startsWith("Language"),
    );
    // A Secret that people and the operator may make is whose came first.
    const written = objects.filter(
      (object) =>
        namespaces.includes(placeOf(object)) && !resources.includes(object) && !declared.has(titleOf(object)),
    );
    const list = written.map(titleOf).sort();
    const text = whole
      ? yamlOf([...resources, ...written])
      : `${yamlOf(resources)}--- # objects\n${list.map((one) => `- ${one}\n`).join("")}`;
    await expectGolden(`langop/${name}.yaml`, text.replaceAll(`demo-${name}`, "demo"));
  });
});
