import {
  agentImage,
  agentManifest,
  type Condition,
  clusterOf,
  conditionOf,
  type LangopStage,
  type LiveObject,
  type Manifest,
  memberCondition,
  namespaceOf,
  personaManifest,
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
 * Something that agents use is deleted: those that use it say so and run on as they were, in the same process, and are
 * well again when it is back; the others do not notice (langop.md §2.3, where a missing model made an agent fail).
 */

const team = uniqueName("used");
const runtime = uniqueName("runtime");

let kubernetes: Awaited<ReturnType<typeof sharedKubernetes>>;
let stage: LangopStage;

const model = (name: string, modelName: string): Manifest => upstreamModel(stage, team, name, modelName);
const beside = () =>
  toolManifest(team, "beside", {
    deploymentMode: "sidecar",
    port: 8085,
    deployment: { env: [{ name: "PORT", value: "8085" }] },
  });

/** What is deleted, what it is called in messages, and the agents that use it. */
const cases: readonly {
  readonly what: string;
  readonly kind: string;
  readonly name: string;
  readonly users: readonly string[];
  readonly manifest: () => Manifest;
}[] = [
  {
    what: "a tool",
    kind: "LanguageTool",
    name: "web",
    users: ["whole"],
    manifest: () => toolManifest(team, "web"),
  },
  {
    what: "a sidecar tool",
    kind: "LanguageTool",
    name: "beside",
    users: ["whole", "free"],
    manifest: beside,
  },
  {
    what: "a persona",
    kind: "LanguagePersona",
    name: "warm",
    users: ["whole"],
    manifest: () => personaManifest(team, "warm", { tone: "warm" }),
  },
  {
    what: "a model",
    kind: "LanguageModel",
    name: "small",
    users: ["whole", "old"],
    manifest: () => model("small", "small-1"),
  },
  {
    what: "a runtime",
    kind: "LanguageAgentRuntime",
    name: runtime,
    users: ["based"],
    manifest: () => runtimeManifest(runtime, { image: "agent:test" }),
  },
];

const agents: Readonly<Record<string, { readonly [field: string]: unknown }>> = {
  whole: {
    models: [{ name: "large" }, { name: "small", role: "fallback" }],
    persona: "warm",
    tools: [{ name: "web" }, { name: "beside" }],
  },
  old: { modelRef: "small" },
  free: { models: [{ name: "large" }], tools: [{ name: "beside" }, { name: "web", enabled: false }] },
  based: { image: undefined, runtime, models: [{ name: "large" }] },
};
const names = Object.keys(agents);

beforeAll(async () => {
  kubernetes = await sharedKubernetes();
  stage = await startLangopStage(kubernetes, { prefix: team, images: { "agent:test": agentImage } });
  await stage.apply(
    namespaceOf(team) as Manifest,
    clusterOf(team, {}) as Manifest,
    secretOf(team, "keys", { "api-key": "sk-provider" }) as Manifest,
    model("large", "large-1"),
    ...cases.map(({ manifest }) => manifest()),
    ...names.map((name) => agentManifest(team, name, { ...agents[name] })),
  );
  await stage.ready(team);
  for (const name of names) await condition(name, "Ready", { status: "True" });
});
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
  await kubernetes.kubectl(["delete", "namespace", team, "--wait=false", "--ignore-not-found"]);
});

const condition = (name: string, type: string, want: Partial<Condition> | undefined): Promise<LiveObject> =>
  memberCondition(stage, { kind: "LanguageAgent", namespace: team, name }, type, want);

/** Who runs: the process of each container of each pod that is no gateway's. */
const processes = () =>
  stage.kubelet
    .pods()
    .filter(
      ({ namespace, containers }) => namespace === team && containers.some(({ name }) => name === "agent"),
    )
    .map(({ name, uid, containers }) => [name, uid, containers] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));

describe.each(cases)("$what in use is deleted", ({ kind, name, users, manifest }) => {
  const command = [
    "delete",
    kind.toLowerCase(),
    name,
    ...(kind === "LanguageAgentRuntime" ? [] : ["-n", team]),
  ];
  let before: ReturnType<typeof processes>;

  test("its users say so: Ready False, ReferenceMissing, with its name", async () => {
    for (const agent of names) await condition(agent, "Ready", { status: "True" });
    before = processes();
    expect(before).toHaveLength(names.length);
    expect(await kubernetes.kubectl(command)).toMatchObject({ code: 0 });
    for (const user of users) {
      const found = await condition(user, "Ready", { status: "False", reason: "ReferenceMissing" });
      expect(conditionOf(found, "Ready").message).toBe(
        `What runs is left as it is, because ${kind} ${name} is missing.`,
      );
      expect(found.status).toMatchObject({ phase: "Degraded", readyReplicas: 1 });
      const { reason, message } = conditionOf(found, "Degraded");
      expect([reason, message]).toEqual([
        "ReferenceMissing",
        expect.stringMatching(
          new RegExp(
            `spec\\.(tools|persona|models|modelRef|runtime)\\S* .*${name}, which does not exist`,
            "u",
          ),
        ),
      ]);
    }
    if (kind === "LanguageAgentRuntime") {
      const found = await condition("based", "RuntimeResolved", {
        status: "False",
        reason: "RuntimeNotFound",
      });
      expect(conditionOf(found, "RuntimeResolved").message).toContain(runtime);
    }
  });

  test("nothing that runs is touched: the same processes, which still ask their models", async () => {
    if (kind === "LanguageModel") {
      await waitFor("the model to go", async () => (await stage.chat(team, "small-1")).status === 400);
    }
    for (const agent of names) {
      const answers = await (await stage.agent(team, agent)).ask();
      const gone = kind === "LanguageModel" ? "small-1" : "";
      for (const { model: asked, status } of answers) {
        expect([agent, asked, status]).toEqual([agent, asked, asked === gone ? 400 : 200]);
      }
      expect(answers.length).toBeGreaterThan(0);
    }
    expect(processes()).toEqual(before);
  });

  test("other agents do not notice", async () => {
    for (const agent of names.filter((one) => !users.includes(one))) {
      await condition(agent, "Ready", { status: "True" });
      await condition(agent, "Degraded", undefined);
    }
  });

  test("when it is back all are well, and nothing has been restarted", async () => {
    await stage.apply(manifest());
    for (const user of users) {
      expect((await condition(user, "Ready", { status: "True" })).status.phase).toBe("Running");
      await condition(user, "Degraded", undefined);
    }
    if (kind === "LanguageModel") {
      await waitFor("the model to answer", async () => (await stage.chat(team, "small-1")).status === 200);
    }
    expect(processes()).toEqual(before);
  });
});

describe("an agent that is new, or is edited, while something is missing", () => {
  test("without its model it is not deployed, and says why; with it, it is", async () => {
    await stage.apply(agentManifest(team, "early", { models: [{ name: "late" }] }));
    const { status } = await condition("early", "Ready", { status: "False", reason: "DeploymentError" });
    expect(status).toMatchObject({
      phase: "Failed",
      message: "It is not deployed yet, because LanguageModel late is missing.",
    });
    expect(await stage.object("Deployment", team, "early")).toBeUndefined();
    await stage.apply(model("late", "late-1"));
    expect((await condition("early", "Ready", { status: "True" })).status.phase).toBe("Running");
    const agent = await stage.agent(team, "early");
    await waitFor("an answer", async () => (await agent.ask())[0]?.status === 200);
  });

  test("without its tool or persona it runs, with what is there, and says what is not", async () => {
    await stage.apply(
      agentManifest(team, "partly", {
        models: [{ name: "large" }],
        persona: "later",
        tools: [{ name: "later" }, { name: "web" }],
      }),
    );
    const found = await condition("partly", "Degraded", { reason: "ReferenceMissing" });
    expect(conditionOf(found, "Degraded").message).toMatch(/LanguagePersona later.*LanguageTool later/u);
    const agent = await stage.agent(team, "partly");
    const told = await agent.environment();
    expect(told["MCP_SERVERS"]).toBe(`http://web.${team}.svc.cluster.local:8080/mcp`);
    expect(told["AGENT_PERSONA"]).toBeUndefined();
    expect(await agent.config()).toMatchObject({ tools: { web: {} } });
    const [first] = processes().filter(([name]) => name.startsWith("partly"));
    await stage.apply(personaManifest(team, "later", { tone: "late" }), toolManifest(team, "later"));
    await condition("partly", "Degraded", undefined);
    await condition("partly", "Ready", { status: "True" });
    await waitFor(
      "a pod with all",
      async () => {
        const { AGENT_PERSONA, MCP_SERVERS } = await (await stage.agent(team, "partly")).environment();
        return AGENT_PERSONA === "Tone: late." && MCP_SERVERS?.split(",").length === 2;
      },
      { capMilliseconds: 60_000 },
    );
    await waitFor("the first pod to end", () => processes().every(([, uid]) => uid !== first?.[1]));
  });

  test("an edit is followed without what is missing, rather than put off", async () => {
    await kubernetes.kubectl(["delete", "languagetool/later", "-n", team]);
    await condition("partly", "Ready", { reason: "ReferenceMissing" });
    await stage.apply(
      agentManifest(team, "partly", {
        models: [{ name: "large" }],
        persona: "later",
        tools: [{ name: "later" }, { name: "web" }],
        instructions: "Go on.",
      }),
    );
    await waitFor(
      "a pod of the edit",
      async () => {
        const told = await (await stage.agent(team, "partly")).environment();
        return told["AGENT_INSTRUCTIONS"] === "Go on." && told["MCP_SERVERS"]?.includes("later") === false;
      },
      { capMilliseconds: 60_000 },
    );
    await condition("partly", "Degraded", { reason: "ReferenceMissing" });
  });
});
