import { connect, type Transport } from "@gatewright/reconcile";
import {
  agentOf,
  clusterOf,
  comesTo,
  createUser,
  type Death,
  deathsIn,
  die,
  faultAnswers,
  gatewayPodOf,
  inLanes,
  isWrite,
  type Kubernetes,
  leaveBehind,
  type MortalOperator,
  type MortalWay,
  namespaceOf,
  type RecordedApiRequest,
  readWorld,
  secretOf,
  startKubernetes,
  startMortalOperator,
  teamAgents,
  teamModels,
  toolOf,
  type User,
  uniqueName,
  type World,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { langopTypes } from "./langop/langop-types.ts";

/*
 * The operator dies at each of its writes, and another one takes over with an empty memory. Whatever that finds, it must
 * come to the world that an operator comes to that lives. Or it lives, and its requests fail.
 * A server of its own: nobody but the operator under test makes anything here, so that all worlds compare.
 */

let kubernetes: Kubernetes;
let user: User;
let way: Transport;

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
  way = (await connect({ kubeconfig: kubernetes.kubeconfig, userAgent: "gatewright/0.0.0-test" })).transport;
});
afterAll(async () => {
  await user?.close();
  await way?.close();
  await kubernetes?.stop();
});

const lanes = 4;
const capMilliseconds = 60_000;

const worldOf = (name: string): Promise<World> =>
  readWorld(kubernetes, { namespaces: [name], words: { [name]: "NAME" } });

const operatorFor = (name: string, prepare: (way: MortalWay) => void = () => {}): Promise<MortalOperator> =>
  startMortalOperator(kubernetes, {
    way,
    prepare,
    watchNamespaces: [name],
    standaloneAfterSeconds: 0,
    // Nobody listens there: no name resolves, wherever this runs.
    nameServers: ["127.0.0.1:9"],
  });

const Namespace = {
  group: "",
  version: "v1",
  kind: "Namespace",
  plural: "namespaces",
  scope: "Cluster",
} as const;

/** A namespace in which pods can be made. */
async function putNamespace(name: string): Promise<void> {
  await user.put(namespaceOf(name), {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "default", namespace: name },
  });
}

interface Scenario {
  readonly name: string;
  /** Which deaths there are; default all. What all clusters write alike is died at often enough. */
  readonly died?: RegExp;
  /** What there is before the operator runs. */
  readonly before: (name: string) => Promise<void>;
  /** What people do while it runs. */
  readonly meanwhile?: (name: string) => Promise<void>;
}

const scenarios: readonly Scenario[] = [
  {
    name: "a cluster in a namespace that was there",
    async before(name) {
      await putNamespace(name);
      await user.put(gatewayPodOf(name, "gateway-1"), ...teamModels(name), clusterOf(name));
    },
  },
  {
    name: "a cluster whose namespace it makes, and models that come then",
    before: (name) => user.put(clusterOf(name)),
    async meanwhile(name) {
      await waitFor(`the namespace ${name}`, () => user.get(Namespace, { name }), { capMilliseconds });
      await user.put(...teamModels(name));
    },
  },
  {
    name: "an open gateway of another operator its own",
    before: (name) => leaveBehind(user, name, { generation: "B" }),
  },
  {
    name: "a cluster with an agent, its tools and its persona",
    died: /languageagents|languagetools|languagepersonas|helper|search/,
    async before(name) {
      await putNamespace(name);
      await user.put(...teamModels(name), clusterOf(name), ...teamAgents(name));
    },
  },
  {
    name: "a model without a cluster",
    async before(name) {
      await putNamespace(name);
      await user.put(gatewayPodOf(name, "gpt-1", "gpt"), ...teamModels(name).slice(0, 4));
    },
  },
];

/** Runs an operator, by whom nothing is disturbed, to its end. */
async function undisturbed(scenario: Scenario): Promise<{ world: World; deaths: readonly Death[] }> {
  const name = uniqueName("kill");
  await scenario.before(name);
  const operator = await operatorFor(name);
  await scenario.meanwhile?.(name);
  await operator.quiet(1_000);
  const result = { world: await worldOf(name), deaths: deathsOf(scenario, name, operator) };
  await operator.close();
  return result;
}

function deathsOf({ died = /./ }: Scenario, name: string, { stateWrites }: MortalOperator): readonly Death[] {
  return deathsIn(name, stateWrites).filter(({ write }) => died.test(write));
}

/** Ends the operator at its death, or, when this life never comes to that write, when it has nothing more to do. */
async function end(operator: MortalOperator, death: Promise<void>, people?: Promise<void>): Promise<boolean> {
  const idle = (people ?? Promise.resolve()).then(() => operator.quiet(500)).catch(() => {});
  const died = await Promise.race([death.then(() => true), idle.then(() => false)]);
  await operator.close();
  return died;
}

/** Two controllers write at once, so no two lives are the same: some do not come to the write they should die at. */
const enough = 0.75;

test.each(scenarios)("killed at any write while it makes $name", { timeout: 300_000 }, async (scenario) => {
  const { world, deaths } = await undisturbed(scenario);
  let died = 0;
  const wrong = await inLanes(deaths, lanes, async () => async (how) => {
    const name = uniqueName("kill");
    await scenario.before(name);
    let death = Promise.resolve();
    const first = await operatorFor(name, (mortal) => {
      death = die(mortal, name, how);
    });
    const people = scenario.meanwhile?.(name);
    if (await end(first, death, people)) died += 1;
    const second = await operatorFor(name);
    await people;
    const found = await comesTo(second, () => worldOf(name), world);
    await second.close();
    return found;
  });
  expect(wrong).toEqual([]);
  expect(died).toBeGreaterThan(deaths.length * enough);
});

const misfortunes: readonly { readonly name: string; readonly befall: (way: MortalWay) => void }[] = [
  {
    name: "every write fails once",
    befall: ({ transport }) => transport.inject({ when: firstOfEach(), fault: { kind: "unreachable" } }),
  },
  {
    name: "every write is carried out and its answer lost once",
    befall: ({ transport }) => transport.inject({ when: firstOfEach(), fault: { kind: "answerLost" } }),
  },
  {
    name: "every write is refused with 409 once",
    befall: ({ transport }) => transport.inject({ when: firstOfEach(), fault: faultAnswers.conflict() }),
  },
  ...[1, 2, 3].map((seed) => ({
    name: `a third of the first requests fails, in order ${seed}`,
    befall({ transport }: MortalWay) {
      const random = randomNumbers(seed);
      transport.inject({ when: () => random() < 0.15, times: 20, fault: { kind: "unreachable" } });
      transport.inject({
        when: (request) => isWrite(request) && random() < 0.2,
        times: 20,
        fault: { kind: "answerLost" },
      });
    },
  })),
];

/** True for the first request of each method, path and kind of patch that writes. */
function firstOfEach(): (request: RecordedApiRequest) => boolean {
  const seen = new Set<string>();
  return (request) => {
    const { method, path, contentType } = request;
    const write = `${method} ${path} ${contentType}`;
    if (!isWrite(request) || seen.has(write)) return false;
    seen.add(write);
    return true;
  };
}

/** The same numbers in [0, 1) for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

test.each(scenarios)("comes to the same world through failing requests: $name", async (scenario) => {
  const { world } = await undisturbed(scenario);
  const wrong = await inLanes(misfortunes, lanes, async () => async ({ befall }) => {
    const name = uniqueName("fail");
    await scenario.before(name);
    const operator = await operatorFor(name, befall);
    await scenario.meanwhile?.(name);
    const found = await comesTo(operator, () => worldOf(name), world);
    await operator.close();
    return found;
  });
  expect(wrong).toEqual([]);
});

/** What people change, one after the other; each time all at once. */
interface Course {
  readonly name: string;
  readonly before: (name: string) => Promise<void>;
  readonly edits: readonly {
    readonly edit: (name: string) => Promise<void>;
    /** Places of the world, and whether there is something then. */
    readonly makes: { readonly [place: string]: boolean };
  }[];
}

const { LanguageAgent, LanguagePersona, LanguageTool } = langopTypes;

const courses: readonly Course[] = [
  {
    name: "things are switched off, removed, rotated, and back again",
    before: (name) => scenarioOf("a cluster in a namespace").before(name),
    edits: [
      {
        async edit(name) {
          const deployment = { replicas: 2, serviceAccountName: "someone" };
          await user.put(
            clusterOf(name, { domain: "ai.example.test", gateway: { deployment } }),
            secretOf(name, "openai-credentials", { "api-key": "sk-two" }),
            secretOf(name, "anthropic-credentials", { "api-key": "found" }),
          );
          await user.delete(langopTypes.LanguageModel, { namespace: name, name: "azure" });
        },
        makes: { "Ingress NAME gateway": false },
      },
      {
        edit: (name) => user.put(...teamModels(name), clusterOf(name)),
        makes: { "Ingress NAME gateway": true },
      },
    ],
  },
  {
    name: "an agent loses most of what it has, goes with all that is its, and comes back",
    before: (name) => scenarioOf("a cluster with an agent").before(name),
    edits: [
      {
        async edit(name) {
          await user.put(
            agentOf(name, "helper", {
              image: "agent:two",
              tools: [{ name: "search" }],
              workspace: { size: "1Gi" },
            }),
            toolOf(name, "search", { image: "search:two", deploymentMode: "sidecar" }),
          );
        },
        makes: {
          "Deployment NAME helper": true,
          "Secret NAME helper-gateway-key": true,
          "Secret NAME helper-runtime": false,
          "ConfigMap NAME helper-seed": false,
          "Deployment NAME search": false,
        },
      },
      {
        async edit(name) {
          await user.delete(LanguageAgent, { namespace: name, name: "helper" });
          await user.delete(LanguagePersona, { namespace: name, name: "analyst" });
          for (const tool of ["search", "shell"])
            await user.delete(LanguageTool, { namespace: name, name: tool });
        },
        makes: {
          "LanguageAgent NAME helper": false,
          "Deployment NAME helper": false,
          "PersistentVolumeClaim NAME helper-workspace": false,
          "Secret NAME helper-gateway-key": false,
          "NetworkPolicy NAME search": false,
        },
      },
      {
        edit: (name) => user.put(...teamAgents(name)),
        makes: {
          "Deployment NAME helper": true,
          "Deployment NAME search": true,
          "Ingress NAME helper": true,
          "NetworkPolicy NAME helper": true,
          "PersistentVolumeClaim NAME helper-workspace": true,
          "Secret NAME helper-gateway-key": true,
          "Secret NAME helper-runtime": true,
          "Service NAME helper": true,
        },
      },
    ],
  },
];

function scenarioOf(beginning: string): Scenario {
  const found = scenarios.find(({ name }) => name.startsWith(beginning));
  if (found === undefined) throw new Error(`there is no scenario ${beginning}`);
  return found;
}

test.each(courses)("killed at any write while $name", { timeout: 300_000 }, async ({ before, edits }) => {
  const first = uniqueName("edit");
  await before(first);
  const operator = await operatorFor(first);
  await operator.quiet(1_000);
  const steps: { edit: (name: string) => Promise<void>; world: World; deaths: readonly Death[] }[] = [];
  for (const { edit, makes } of edits) {
    operator.transport.forget();
    await edit(first);
    let wrong: readonly string[] = [];
    const world = await waitFor(
      "what the edit is to make",
      async () => {
        await operator.quiet(1_000);
        const now = await worldOf(first);
        wrong = Object.keys(makes).filter((place) => place in now !== makes[place]);
        return wrong.length === 0 && now;
      },
      { detail: () => `still wrong: ${wrong.join(", ")}` },
    );
    steps.push({ edit, world, deaths: deathsIn(first, operator.stateWrites) });
  }
  await operator.close();

  const rounds = Array.from({ length: Math.max(...steps.map(({ deaths }) => deaths.length)) }, (_, index) =>
    steps.map((step) => ({ ...step, how: step.deaths[index % step.deaths.length] })),
  );
  let died = 0;
  const wrong = await inLanes([...rounds.keys()], lanes, async () => {
    const name = uniqueName("edit");
    await before(name);
    let current = await operatorFor(name);
    await current.quiet(500);
    return async (index) => {
      const found: string[] = [];
      for (const { edit, world, how } of rounds[index] ?? []) {
        if (how === undefined) continue;
        const death = die(current, name, how);
        if (await end(current, death, edit(name))) died += 1;
        current = await operatorFor(name);
        const different = await comesTo(current, () => worldOf(name), world);
        if (different.length > 0) found.push(JSON.stringify(how), ...different);
      }
      return found;
    };
  });
  expect(wrong).toEqual([]);
  expect(died).toBeGreaterThan(rounds.length * steps.length * enough);
});

const takenDown = scenarios.filter(({ name }) => !name.startsWith("an open gateway"));

test.each(takenDown)(
  "killed at any write while it takes down $name",
  { timeout: 300_000 },
  async (scenario) => {
    const takeDown = async (name: string): Promise<void> => {
      const { models, cluster } = await resourcesOf(name);
      if (cluster === undefined) for (const key of models) await user.delete(langopTypes.LanguageModel, key);
      else await user.delete(langopTypes.LanguageCluster, { name });
    };
    /** Nothing is left that is ours; a namespace that we made is gone, or on its way. */
    const leftOver = async (name: string): Promise<World> => {
      const namespace = await user.get(Namespace, { name });
      const { "Namespace NAME": _, ...world } = await worldOf(name);
      if (namespace === undefined || namespace.metadata.deletionTimestamp !== undefined) {
        const cluster = world["LanguageCluster NAME"];
        return cluster === undefined ? {} : { "LanguageCluster NAME": cluster };
      }
      const labels = Object.keys(namespace.metadata.labels ?? {});
      const left = Object.entries({ ...world, labels }).filter(([place]) => !place.startsWith("Pod "));
      return Object.fromEntries(left);
    };
    const alive = async (name: string): Promise<MortalOperator> => {
      await scenario.before(name);
      const operator = await operatorFor(name);
      await scenario.meanwhile?.(name);
      await operator.quiet(500);
      return operator;
    };

    const first = uniqueName("down");
    const operator = await alive(first);
    operator.transport.forget();
    await takeDown(first);
    await waitFor("an end", async () => (await resourcesOf(first)).count === 0);
    await operator.quiet(1_000);
    const deaths = deathsOf(scenario, first, operator);
    const world = await waitFor("nothing of ours to be left", async () => {
      const left = await leftOver(first);
      return Object.keys(left).every((place) => place === "labels") && left;
    });
    await operator.close();

    let died = 0;
    const wrong = await inLanes(deaths, lanes, async () => async (how) => {
      const found: string[] = [];
      // Two writes may come together as one, and then there is no second one to die at: another try mostly has it.
      for (let attempts = 0, dead = false; attempts < 2 && !dead; attempts++) {
        const name = uniqueName("down");
        const mortal = await alive(name);
        const death = die(mortal, name, how);
        dead = await end(mortal, death, takeDown(name));
        if (dead) died += 1;
        const second = await operatorFor(name);
        found.push(...(await comesTo(second, () => leftOver(name), world)));
        await second.close();
      }
      return found;
    });
    expect(wrong).toEqual([]);
    expect(died).toBeGreaterThan(deaths.length * enough);
  },
);

async function resourcesOf(name: string) {
  const cluster = await user.get(langopTypes.LanguageCluster, { name });
  const models = await user.list(langopTypes.LanguageModel, { namespace: name });
  const members = await Promise.all(
    [LanguageAgent, LanguagePersona, LanguageTool].map((type) => user.list(type, { namespace: name })),
  );
  return {
    cluster,
    models: models.map(({ metadata }) => ({ namespace: name, name: metadata.name })),
    count: models.length + members.flat().length + (cluster === undefined ? 0 : 1),
  };
}
