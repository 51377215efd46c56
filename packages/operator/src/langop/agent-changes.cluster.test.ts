import {
  agentImage,
  agentManifest,
  clusterOf,
  type LangopStage,
  type LiveObject,
  type Manifest,
  memberCondition,
  namespaceOf,
  personaManifest,
  readMember,
  runtimeManifest,
  secretOf,
  sharedKubernetes,
  startLangopStage,
  toolManifest,
  uniqueName,
  upstreamModel,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/*
 * What a change replaces (langop.md §2.4, §8-5): the pods of the agents that use what has changed, and no others. After
 * each change every agent of the team is looked at; another agent, which is changed and awaited last of all, shows that
 * the operator has had its time.
 */

const team = uniqueName("changes");
const runtime = uniqueName("runtime");

let kubernetes: Awaited<ReturnType<typeof sharedKubernetes>>;
let stage: LangopStage;

const model = (name: string, modelName: string, more: { readonly [field: string]: unknown } = {}): Manifest =>
  upstreamModel(stage, team, name, modelName, more);
const persona = (name: string, tone: string) => personaManifest(team, name, { tone });
const runtimeWith = (text: string) =>
  runtimeManifest(runtime, {
    image: "agent:test",
    deployment: { env: [{ name: "OF_RUNTIME", value: text }] },
    credentials: [{ name: "RUNTIME_TOKEN", valueFrom: { name: "runtime-token", key: "token" } }],
  });

const agents: Readonly<Record<string, { readonly [field: string]: unknown }>> = {
  poet: { models: [{ name: "small" }], persona: "warm" },
  clerk: { models: [{ name: "large" }], persona: "cold", tools: [{ name: "web" }] },
  old: { modelRef: "small", tools: [{ name: "beside" }] },
  keyed: {
    models: [{ name: "large" }],
    credentials: [
      { name: "TOKEN", valueFrom: { name: "their-token", key: "token" } },
      { name: "IN_CLEAR", value: "one" },
    ],
  },
  based: { runtime, image: undefined },
  off: { models: [{ name: "large" }], tools: [{ name: "web", enabled: false }] },
};

beforeAll(async () => {
  kubernetes = await sharedKubernetes();
  stage = await startLangopStage(kubernetes, { prefix: team, images: { "agent:test": agentImage } });
  await stage.apply(
    namespaceOf(team) as Manifest,
    clusterOf(team, {}) as Manifest,
    runtimeWith("one"),
    secretOf(team, "keys", { "api-key": "sk-provider" }) as Manifest,
    secretOf(team, "their-token", { token: "first", other: "x" }) as Manifest,
    model("small", "small-1"),
    model("large", "large-1"),
    persona("warm", "warm"),
    persona("cold", "cold"),
    toolManifest(team, "web"),
    toolManifest(team, "beside", {
      deploymentMode: "sidecar",
      port: 8085,
      deployment: { env: [{ name: "PORT", value: "8085" }] },
    }),
    agentManifest(team, "last", { instructions: "0" }),
    ...Object.entries(agents).map(([name, spec]) => agentManifest(team, name, spec)),
  );
  await stage.ready(team);
  await Promise.all([...Object.keys(agents), "last"].map(settled));
});
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
  await kubernetes.kubectl(["delete", "namespace", team, "--wait=false", "--ignore-not-found"]);
});

/** An agent whose pods are those of its present spec, and no others are left. */
async function settled(name: string): Promise<State> {
  return waitFor(
    `${name} to be settled`,
    async () => {
      const { status, metadata } = await readMember(stage, { kind: "LanguageAgent", namespace: team, name });
      if (status?.phase !== "Running" || status.observedGeneration !== metadata.generation) return undefined;
      const deployment = await stage.object("Deployment", team, name);
      const { replicas, updatedReplicas, readyReplicas, observedGeneration } = deployment.status;
      if (observedGeneration !== deployment.metadata.generation) return undefined;
      if ([replicas, updatedReplicas, readyReplicas].some((count) => count !== 1)) return undefined;
      const pods = await podsOf(name);
      if (pods.length !== 1) return undefined;
      const { annotations } = deployment.spec.template.metadata;
      const hash = annotations["langop.io/config-hash"];
      return { generation: deployment.metadata.generation, pod: pods[0].metadata.uid, hash };
    },
    { capMilliseconds: 60_000 },
  );
}

interface State {
  readonly generation: number;
  readonly pod: string;
  readonly hash: string;
}

async function podsOf(name: string): Promise<readonly LiveObject[]> {
  const labels = encodeURIComponent(`langop.io/kind=LanguageAgent,app.kubernetes.io/name=${name}`);
  return (await stage.read(`/api/v1/namespaces/${team}/pods?labelSelector=${labels}`)).items;
}

async function everybody(): Promise<Readonly<Record<string, State>>> {
  const names = Object.keys(agents);
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await settled(name)] as const)),
  );
}

let edits = 0;

/** Does something, and expects that the pods of these agents are replaced, once, and of no others. */
async function replaces(names: readonly string[], change: () => Promise<unknown>): Promise<void> {
  const before = await everybody();
  await change();
  for (const name of names) {
    await waitFor(`another pod of ${name}`, async () => (await settled(name)).pod !== before[name]?.pod, {
      capMilliseconds: 60_000,
    });
  }
  const last = await settled("last");
  edits += 1;
  await stage.apply(agentManifest(team, "last", { instructions: String(edits) }));
  await waitFor("the last agent to follow", async () => (await settled("last")).pod !== last.pod, {
    capMilliseconds: 60_000,
  });
  const after = await everybody();
  const changed = Object.keys(agents).filter((name) => after[name]?.pod !== before[name]?.pod);
  expect(changed.sort()).toEqual([...names].sort());
  for (const name of Object.keys(agents)) {
    const steps = (after[name]?.generation ?? 0) - (before[name]?.generation ?? 0);
    expect(steps, `generations of ${name}`).toBe(names.includes(name) ? 1 : 0);
  }
}

const environment = async (name: string) => (await stage.agent(team, name)).environment();

describe("a change replaces the pods of those that use it, once, and of nobody else", () => {
  test("a model's modelName: those that list it, by models or modelRef", async () => {
    const before = await everybody();
    await replaces(["poet", "old"], () => stage.apply(model("small", "small-2")));
    expect(await environment("old")).toMatchObject({ LLM_MODEL: "small-2" });
    const agent = await stage.agent(team, "poet");
    expect(await agent.ask()).toMatchObject([{ model: "small-2", status: 200 }]);
    expect(await agent.config()).toMatchObject({ models: { small: { model: "small-2" } } });
    const after = await everybody();
    expect(after["poet"]?.hash).not.toBe(before["poet"]?.hash);
    expect(after["clerk"]?.hash).toBe(before["clerk"]?.hash);
  });

  test("a persona", async () => {
    await replaces(["poet"], () => stage.apply(persona("warm", "warmer")));
    expect(await environment("poet")).toMatchObject({ AGENT_PERSONA: "Tone: warmer." });
  });

  test("a tool's port: the agents that have it on, not those that have it off", async () => {
    await replaces(["clerk"], () =>
      stage.apply(
        toolManifest(team, "web", { port: 8081, deployment: { env: [{ name: "PORT", value: "8081" }] } }),
      ),
    );
    const web = `http://web.${team}.svc.cluster.local:8081`;
    expect(await environment("clerk")).toMatchObject({ MCP_SERVERS: `${web}/mcp` });
    const agent = await stage.agent(team, "clerk");
    await waitFor(
      "the tool at its new port",
      async () => (await agent.fetch(`${web}/health`)).status === 200,
    );
  });

  test("a tool's own settings: its pods, no agent's; those of a sidecar are the agent's", async () => {
    const port = { port: 8081 };
    const env = [{ name: "PORT", value: "8081" }];
    await replaces([], () =>
      stage.apply(
        toolManifest(team, "web", { ...port, deployment: { env: [...env, { name: "A", value: "b" }] } }),
      ),
    );
    await replaces(["old"], () =>
      stage.apply(
        toolManifest(team, "beside", {
          deploymentMode: "sidecar",
          port: 8085,
          deployment: {
            env: [
              { name: "PORT", value: "8085" },
              { name: "A", value: "b" },
            ],
          },
        }),
      ),
    );
  });

  test("a runtime", async () => {
    await replaces(["based"], () => stage.apply(runtimeWith("two")));
    expect(await environment("based")).toMatchObject({ OF_RUNTIME: "two" });
  });

  test("the agent's own instructions", async () => {
    await replaces(["off"], () =>
      stage.apply(agentManifest(team, "off", { ...agents["off"], instructions: "Go." })),
    );
  });
});

describe("credentials", () => {
  test("a Secret that a credential names: its agent alone, when that key's value changes", async () => {
    expect(await environment("keyed")).toMatchObject({ TOKEN: "first", IN_CLEAR: "one" });
    await replaces(["keyed"], () =>
      stage.apply(secretOf(team, "their-token", { token: "second", other: "x" }) as Manifest),
    );
    expect(await environment("keyed")).toMatchObject({ TOKEN: "second" });
    await replaces([], () =>
      stage.apply(secretOf(team, "their-token", { token: "second", other: "y" }) as Manifest),
    );
    await replaces([], () => kubernetes.kubectl(["label", "-n", team, "secret/their-token", "a=b"]));
  });

  test("one that comes later, by way of a runtime", async () => {
    expect((await environment("based"))["RUNTIME_TOKEN"]).toBeUndefined();
    await replaces(["based"], () =>
      stage.apply(secretOf(team, "runtime-token", { token: "late" }) as Manifest),
    );
    expect(await environment("based")).toMatchObject({ RUNTIME_TOKEN: "late" });
  });

  test("one in clear", async () => {
    const [token] = (agents["keyed"]?.["credentials"] ?? []) as readonly object[];
    const credentials = [token, { name: "IN_CLEAR", value: "two" }];
    await replaces(["keyed"], () =>
      stage.apply(agentManifest(team, "keyed", { ...agents["keyed"], credentials })),
    );
    expect(await environment("keyed")).toMatchObject({ TOKEN: "second", IN_CLEAR: "two" });
  });

  test("a key of a provider: nobody, since the gateway alone has it", async () => {
    await replaces([], async () => {
      await stage.apply(secretOf(team, "keys", { "api-key": "sk-rotated" }) as Manifest);
      await waitFor("the new key upstream", async () => {
        await stage.chat(team, "large-1");
        return stage.upstream.requests.at(-1)?.key === "sk-rotated";
      });
    });
  });
});

describe("what replaces nobody's pods", () => {
  test("a model that nobody lists: added, edited, deleted", async () => {
    await replaces([], async () => {
      await stage.apply(model("extra", "extra-1"));
      await waitFor("the model", async () => (await stage.chat(team, "extra-1")).status === 200);
      await stage.apply(model("extra", "extra-2"));
      await waitFor("the model", async () => (await stage.chat(team, "extra-2")).status === 200);
      await kubernetes.kubectl(["delete", "lmodel", "-n", team, "extra"]);
      await waitFor("no model", async () => (await stage.chat(team, "extra-2")).status === 400);
    });
    // Those that were there all the time may use it at once, too: their keys are good for every model.
  });

  test("settings of a model in use that agents do not see", async () => {
    await replaces([], async () => {
      await stage.apply(
        model("small", "small-2", { timeout: "30s", rateLimits: { requestsPerMinute: 500 } }),
      );
      await stage.condition(`${team}/small`, "Ready", { status: "True" });
    });
  });

  test("the status of a model, a tool or a persona, and labels of theirs", async () => {
    await replaces([], async () => {
      await stage.apply(model("large", "large-1", { apiKeySecretRef: { name: "nowhere" } }));
      await stage.condition(`${team}/large`, "Ready", { reason: "SecretNotFound" });
      await stage.apply(model("large", "large-1"));
      await stage.condition(`${team}/large`, "Ready", { status: "True" });
      for (const of of ["lmodel/small", "ltool/web", "lpersona/warm"]) {
        expect(await kubernetes.kubectl(["label", "-n", team, of, "looked-at=yes"])).toMatchObject({
          code: 0,
        });
      }
    });
  });

  test("other agents, tools and personas that come and go", async () => {
    await replaces([], async () => {
      await stage.apply(
        agentManifest(team, "guest", { models: [{ name: "small" }] }),
        toolManifest(team, "spare"),
        persona("spare", "none"),
      );
      await memberCondition(stage, { kind: "LanguageAgent", namespace: team, name: "guest" }, "Ready", {
        status: "True",
      });
      await kubernetes.kubectl(["delete", "lagent/guest", "ltool/spare", "lpersona/spare", "-n", team]);
    });
  });

  test("the cluster's gateway: its settings and its pods", async () => {
    await replaces([], async () => {
      const gateway = await stage.gateway(team);
      await stage.apply(
        clusterOf(team, { gateway: { deployment: { podLabels: { looked: "at" } } } }) as Manifest,
      );
      await waitFor("another gateway", async () => (await stage.gateway(team)).uid !== gateway.uid, {
        capMilliseconds: 60_000,
      });
    });
  });
});

test("a new signing secret replaces all agents that have a key, and their new keys are taken", async () => {
  const before = await everybody();
  await stage.apply(secretOf(team, "gateway-auth", { "hmac-secret": "another" }) as Manifest);
  for (const name of Object.keys(agents)) {
    await waitFor(`another pod of ${name}`, async () => (await settled(name)).pod !== before[name]?.pod, {
      capMilliseconds: 60_000,
    });
  }
  const agent = await stage.agent(team, "clerk");
  await waitFor("the new key to be taken", async () => (await agent.ask())[0]?.status === 200, {
    capMilliseconds: 60_000,
  });
});
