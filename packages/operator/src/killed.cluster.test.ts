import { connect, type Transport } from "@gatewright/reconcile";
import {
  clusterOf,
  comesTo,
  createUser,
  type Death,
  deathsIn,
  die,
  differences,
  gatewayPodOf,
  inLanes,
  type Kubernetes,
  type MortalOperator,
  modelOf,
  namespaceOf,
  readWorld,
  secretOf,
  startKubernetes,
  startMortalOperator,
  teamModels,
  type User,
  uniqueName,
  type World,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { langopTypes } from "./langop/langop-stores.ts";

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
    controllers: ["garbage-collector-controller", "namespace-controller", "serviceaccount-controller"],
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

const operatorFor = (name: string): Promise<MortalOperator> =>
  startMortalOperator(kubernetes, { way, watchNamespaces: [name], standaloneAfterSeconds: 0 });

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
  const result = { world: await worldOf(name), deaths: deathsIn(name, operator.stateWrites) };
  await operator.close();
  return result;
}

/** Ends the operator at its death, or, when this life never comes to that write, when it has nothing more to do. */
async function ended(operator: MortalOperator, death: Promise<void>, people?: Promise<void>): Promise<boolean> {
  const idle = (people ?? Promise.resolve()).then(() => operator.quiet(500)).catch(() => {});
  const died = await Promise.race([death.then(() => true), idle.then(() => false)]);
  await operator.close();
  return died;
}

test.each(scenarios)("killed at any write while it makes $name", { timeout: 300_000 }, async (scenario) => {
  const { world, deaths } = await undisturbed(scenario);
  let died = 0;
  const wrong = await inLanes(deaths, lanes, async () => async (death) => {
    const name = uniqueName("kill");
    await scenario.before(name);
    const first = await operatorFor(name);
    const death1 = die(first, name, death);
    const people = scenario.meanwhile?.(name);
    if (await ended(first, death1, people)) died += 1;
    const second = await operatorFor(name);
    await people;
    const found = await comesTo(second, () => worldOf(name), world);
    await second.close();
    return found;
  });
  expect(wrong).toEqual([]);
  // Two controllers write at once, so that no two lives are the same: some do not come to the write they should die at.
  expect(died).toBeGreaterThan(deaths.length * 0.75);
});
