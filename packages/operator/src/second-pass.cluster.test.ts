import { type ObjectKey, type ResourceType, resourceTypes } from "@gatewright/reconcile";
import {
  clusterOf,
  createUser,
  differences,
  fullSpec,
  type KubernetesAccess,
  type MortalOperator,
  namespaceOf,
  readWorld,
  sharedKubernetes,
  startMortalOperator,
  taskAgents,
  teamAgents,
  teamModels,
  type User,
  uniqueName,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { langopTypes } from "./langop/langop-types.ts";

/*
 * What a pass costs that finds everything as it should be. Counted are requests, not seconds.
 */

let kubernetes: KubernetesAccess;
let user: User;
let operator: MortalOperator;
const team = uniqueName("second");
const alone = uniqueName("second");

/** People sign in to the agents. */
const connectors = [{ type: "github", id: "github", name: "GitHub", config: { clientSecret: "hidden" } }];

const start = (): Promise<MortalOperator> =>
  startMortalOperator(kubernetes, {
    watchNamespaces: [team, alone],
    standaloneAfterSeconds: 0,
    nameServers: ["127.0.0.1:9"],
    leaderElection: true,
    leaderElectionIds: { langop: team },
    // Handed over when it closes. A short one would be lost on a busy machine, and the operator with it.
    lease: { durationMilliseconds: 30_000, deadlineMilliseconds: 20_000, retryMilliseconds: 500 },
  });

beforeAll(async () => {
  kubernetes = await sharedKubernetes();
  user = await createUser(kubernetes);
  const cluster = clusterOf(team, { ...fullSpec, auth: { enabled: true, oidc: { dex: { connectors } } } });
  await user.put(namespaceOf(team), ...teamModels(team), cluster, ...teamAgents(team), ...taskAgents(team));
  await user.put(namespaceOf(alone), ...teamModels(alone).slice(0, 4));
  operator = await start();
  await operator.working;
  await settled();
});

afterAll(async () => {
  await user.delete(langopTypes.LanguageCluster, { name: team });
  await user.delete(langopTypes.LanguageModel, { namespace: alone, name: "gpt" });
  await waitFor(
    "the cluster to be gone",
    async () => (await user.get(langopTypes.LanguageCluster, { name: team })) === undefined,
  );
  await operator?.close();
  await user?.close();
});

beforeEach(() => operator.transport.forget());

/** The Deployments have been looked at by the controllers of Kubernetes, and the operator has nothing more to do. */
async function settled(): Promise<void> {
  for (const [namespace, name, pods] of [
    // The autoscaler asks for two, some seconds later.
    [team, "gateway", 2],
    [team, "helper", 1],
    [team, "search", 1],
    [team, "auth", 1],
    [alone, "gpt", 1],
  ] as const) {
    await waitFor(
      `pods of ${namespace}/${name}`,
      async () => {
        const { body } = await kubernetes.api(
          "GET",
          `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`,
        );
        return body.status?.observedGeneration === body.metadata.generation && body.status.replicas === pods;
      },
      { capMilliseconds: 60_000, detail: () => operator.log.slice(-10).join("") },
    );
  }
  await waitFor("the run of the task, in its status", async () => {
    const agent = await user.get(LanguageAgent, { namespace: team, name: "once" });
    return (agent?.["status"] as { readonly lastRunTime?: string } | undefined)?.lastRunTime !== undefined;
  });
  await operator.quiet(1_000);
}

/** What was asked, watches and the Lease aside. */
function asked(): readonly string[] {
  return operator.transport.requests
    .filter(({ watch, path }) => !watch && !path.includes("/leases"))
    .map(({ method, path }) => `${method} ${path}`);
}

/** How many passes of a controller ended, whatever they came to. */
async function passes(controller: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${operator.metricsPort}/metrics`)).text();
  const found = text.matchAll(
    new RegExp(`^controller_runtime_reconcile_total\\{.*controller="${controller}".*\\} (\\d+)$`, "gm"),
  );
  return [...found].reduce((sum, [, count]) => sum + Number(count), 0);
}

interface Poke {
  readonly what: string;
  /** Who has to look at it. */
  readonly controller:
    | "languagecluster"
    | "languagemodel"
    | "languageagent"
    | "languagetool"
    | "languagepersona";
  readonly type: ResourceType;
  readonly key: ObjectKey;
}

const { LanguageCluster, LanguageModel, LanguageAgent, LanguageTool, LanguagePersona } = langopTypes;
const { CronJob, Deployment, Ingress, Secret, Service } = resourceTypes;

const pokes: readonly Poke[] = [
  { what: "the cluster", controller: "languagecluster", type: LanguageCluster, key: { name: team } },
  ...["gpt", "azure", "claude"].map((name) => ({
    what: `the model ${name} of the cluster`,
    controller: "languagemodel" as const,
    type: LanguageModel,
    key: { namespace: team, name },
  })),
  {
    what: "a model with a gateway of its own",
    controller: "languagemodel",
    type: LanguageModel,
    key: { namespace: alone, name: "gpt" },
  },
  {
    what: "a Service of the gateway",
    controller: "languagecluster",
    type: Service,
    key: { namespace: team, name: "gateway" },
  },
  ...["helper", "once", "yearly"].map((name) => ({
    what: `the agent ${name}`,
    controller: "languageagent" as const,
    type: LanguageAgent,
    key: { namespace: team, name },
  })),
  ...["search", "shell"].map((name) => ({
    what: `the tool ${name}`,
    controller: "languagetool" as const,
    type: LanguageTool,
    key: { namespace: team, name },
  })),
  {
    what: "the persona",
    controller: "languagepersona",
    type: LanguagePersona,
    key: { namespace: team, name: "analyst" },
  },
  {
    what: "a persona that an agent takes on",
    controller: "languageagent",
    type: LanguagePersona,
    key: { namespace: team, name: "analyst" },
  },
  ...[Deployment, Ingress, Service].map((type) => ({
    what: `the ${type.kind} of an agent`,
    controller: "languageagent" as const,
    type,
    key: { namespace: team, name: "helper" },
  })),
  {
    what: "the CronJob of an agent",
    controller: "languageagent",
    type: CronJob,
    key: { namespace: team, name: "yearly" },
  },
  {
    what: "the Service of a tool",
    controller: "languagetool",
    type: Service,
    key: { namespace: team, name: "search" },
  },
  {
    what: "the sign-in page",
    controller: "languagecluster",
    type: Deployment,
    key: { namespace: team, name: "auth" },
  },
  {
    what: "a Service of a model's own gateway",
    controller: "languagemodel",
    type: Service,
    key: { namespace: alone, name: "gpt" },
  },
];

test.each(pokes)("somebody's annotation on $what is looked at and costs no request", async (poke) => {
  const before = await passes(poke.controller);
  const metadata = { annotations: { "example.test/poke": uniqueName("poke") } };
  await user.mergePatch(poke.type, poke.key, { metadata }, { manager: "kubectl-annotate" });
  await waitFor("a pass", async () => (await passes(poke.controller)) > before);
  await operator.quiet(500);
  expect(asked()).toEqual([]);
});

test("a Secret that models refer to and that changed in nothing is read, and nothing is written", async () => {
  const before = await passes("languagecluster");
  const metadata = { annotations: { "example.test/poke": uniqueName("poke") } };
  await user.mergePatch(Secret, { namespace: team, name: "openai-credentials" }, { metadata });
  await waitFor("a pass", async () => (await passes("languagecluster")) > before);
  await operator.quiet(500);
  expect(operator.stateWrites).toEqual([]);
  // The names of its keys, and once each the three Secrets that are merged, whose values nobody keeps.
  expect(asked().length).toBeLessThanOrEqual(4);
});

test("at rest nothing is asked for", async () => {
  await operator.quiet(1_000);
  operator.transport.forget();
  const from = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 20_000));
  const seconds = (performance.now() - from) / 1000;
  // Two controllers, five a minute each, are what is allowed.
  expect(asked().length).toBeLessThanOrEqual(Math.floor((2 * 5 * seconds) / 60));
  expect(operator.stateWrites).toEqual([]);
});

test("an operator that starts writes each object at most once, and changes none", async () => {
  const before = await versions();
  const world = await worldNow();
  await operator.close();
  operator = await start();
  await operator.working;
  await operator.quiet(1_000);
  expect(await versions()).toEqual(before);
  expect(differences(world, await worldNow())).toEqual([]);
  const writes = operator.transport.writes.filter(({ path }) => !path.includes("/leases"));
  const applied = writes.map(({ contentType, path }) => `${contentType} ${path}`);
  expect(applied.filter((write) => !write.startsWith("application/apply-patch+yaml"))).toEqual([]);
  expect(applied).toHaveLength(new Set(applied).size);
  expect(applied.length).toBeLessThanOrEqual(before.size);
});

const worldNow = (): ReturnType<typeof readWorld> => readWorld(kubernetes, { namespaces: [team, alone] });

/**
 * Versions of everything the operator wrote. Where the controllers of Kubernetes write too, as of Deployments, what
 * counts is which fields were last changed when.
 */
async function versions(): Promise<ReadonlyMap<string, unknown>> {
  const found = new Map<string, unknown>();
  for (const type of Object.values<ResourceType>({ ...resourceTypes, ...langopTypes })) {
    const shared = sharedKinds.has(type.kind);
    const all = type.group === LanguageCluster.group;
    const selector = all ? {} : { labelSelector: "gatewright.dev/dialect" };
    const objects = await user.list(type, selector).catch(() => []);
    for (const { metadata } of objects) {
      if (![metadata.namespace, metadata.name].some((name) => name === team || name === alone)) continue;
      const { resourceVersion, managedFields = [] } = metadata;
      const ours = managedFields.filter(({ manager = "" }) => manager.startsWith("gatewright"));
      found.set(`${type.kind} ${metadata.namespace} ${metadata.name}`, shared ? ours : resourceVersion);
    }
  }
  return found;
}

const sharedKinds: ReadonlySet<string> = new Set([
  "CronJob",
  "Deployment",
  "HorizontalPodAutoscaler",
  "Job",
  "PersistentVolumeClaim",
  "PodDisruptionBudget",
  "ReplicaSet",
  "Pod",
  "ResourceQuota",
]);
