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
  type RunningAgent,
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
 * From one `kubectl apply` to agents that work: each is a process that knows of the gateway only what its pod is told
 * (langop.md §2.2, §2.3), and what it gets is asked of itself. Names of models are those of their providers and of their
 * resources; wires are OpenAI's and Anthropic's.
 */

const team = uniqueName("agents");
const runtime = uniqueName("runtime");

let kubernetes: Awaited<ReturnType<typeof sharedKubernetes>>;
let stage: LangopStage;

const model = (name: string, modelName: string, more: { readonly [field: string]: unknown } = {}): Manifest =>
  upstreamModel(stage, team, name, modelName, more);

const agents: Readonly<Record<string, { readonly spec: object; readonly models: readonly string[] }>> = {
  writer: {
    spec: {
      models: [{ name: "small" }, { name: "claude", role: "fallback", priority: 2 }],
      persona: "poet",
      tools: [{ name: "web" }, { name: "beside" }],
      instructions: "Write a $(HOME) poem.",
    },
    models: ["llama3.2", "claude-sonnet-4-5"],
  },
  "first-generation": { spec: { modelRef: { name: "large" } }, models: ["qwen/qwen3:32b"] },
  "by-name": { spec: { modelRef: "small" }, models: ["llama3.2"] },
  "of-a-runtime": {
    spec: { image: undefined, runtime, models: [{ name: "large" }], persona: "poet" },
    models: ["qwen/qwen3:32b"],
  },
  picker: { spec: { models: [{ name: "catalogue", model: "tiny" }] }, models: ["catalogue/tiny"] },
};

const running = (name: string, port?: number): Promise<RunningAgent> => stage.agent(team, name, port);
const ready = (name: string): Promise<LiveObject> =>
  memberCondition(stage, { kind: "LanguageAgent", namespace: team, name }, "Ready", { status: "True" });

beforeAll(async () => {
  kubernetes = await sharedKubernetes();
  stage = await startLangopStage(kubernetes, { prefix: team, images: { "agent:test": agentImage } });
  const said = await stage.apply(
    namespaceOf(team) as Manifest,
    clusterOf(team, {}) as Manifest,
    runtimeManifest(runtime, {
      image: "agent:test",
      ports: [{ name: "http", port: 8090 }],
      deployment: { env: [{ name: "PORT", value: "8090" }] },
    }),
    secretOf(team, "keys", { "api-key": "sk-provider" }) as Manifest,
    model("small", "llama3.2"),
    model("large", "qwen/qwen3:32b"),
    model("claude", "claude-sonnet-4-5", { provider: "anthropic" }),
    model("catalogue", "*"),
    personaManifest(team, "poet", { tone: "warm", personality: "curious.", expertise: "verse" }),
    toolManifest(team, "web"),
    toolManifest(team, "beside", {
      deploymentMode: "sidecar",
      port: 8085,
      deployment: { env: [{ name: "PORT", value: "8085" }] },
    }),
    ...Object.entries(agents).map(([name, { spec }]) => agentManifest(team, name, { ...spec })),
  );
  expect(said).not.toContain("Warning");
  await stage.ready(team);
});
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
  await kubernetes.kubectl(["delete", "namespace", team, "--wait=false", "--ignore-not-found"]);
});

describe("one kubectl apply comes to agents that are Ready and ask their models", () => {
  test.each(Object.entries(agents))("%s", async (name, { models }) => {
    const { status, metadata } = await ready(name);
    expect(status).toMatchObject({
      phase: "Running",
      activeReplicas: 1,
      readyReplicas: 1,
      uuid: metadata.uid,
    });
    const agent = await running(name, name === "of-a-runtime" ? 8090 : 8080);
    const told = await agent.environment();
    expect(told).toMatchObject({
      MODEL_ENDPOINT: `http://gateway.${team}.svc.cluster.local:8000`,
      LLM_MODEL: models.join(","),
      MODEL_API_KEY: await stage.agentKey(team, metadata.uid),
      AGENT_UUID: metadata.uid,
      AGENT_CLUSTER_NAME: team,
    });
    expect(await agent.ask()).toEqual(
      models.map((asked) => ({ model: asked, status: 200, text: expect.stringMatching(/./u) })),
    );
    // Adapters that speak Anthropic's wire use the same address and key.
    for (const asked of models) {
      expect(await agent.ask({ model: asked, path: "/v1/messages" })).toMatchObject([{ status: 200 }]);
    }
    expect(await agent.ask({ model: models[0] ?? "", key: "sk-langop-proxy" })).toMatchObject([
      { status: 401 },
    ]);
    const { key, model: sent } = stage.upstream.requests.at(-1) ?? {};
    expect([key, sent]).toEqual(["sk-provider", models.at(-1)?.replace("catalogue/", "")]);
  });

  test("tools are Running, personas Ready, all by the columns of kubectl", async () => {
    const list = async (kind: string): Promise<string> =>
      (await kubernetes.kubectl(["get", kind, "-n", team])).stdout;
    await memberCondition(stage, { kind: "LanguageTool", namespace: team, name: "web" }, "Ready", {
      status: "True",
    });
    expect(await list("ltool")).toMatch(
      new RegExp(
        `^web\\s+mcp\\s+agent:test\\s+Running\\s+http://web\\.${team}\\.svc\\.cluster\\.local:8080/mcp\\s`,
        "mu",
      ),
    );
    expect(await list("lpersona")).toMatch(/^poet\s+curious\.\s+warm\s+Ready\s/mu);
    expect(await list("lagent")).toMatch(/^writer\s+Running\s+1\s+1\s+[0-9a-f-]{36}\s/mu);
  });
});

describe("what an agent finds in its container", () => {
  test("its persona, instructions and tools, as variables and in /etc/agent/config.yaml", async () => {
    await ready("writer");
    const agent = await running("writer");
    const web = `http://web.${team}.svc.cluster.local:8080/mcp`;
    expect(await agent.environment()).toMatchObject({
      AGENT_PERSONA: "Tone: warm. Personality: curious. Expertise: verse.",
      // As it was written: no variable of the container is put in.
      AGENT_INSTRUCTIONS: "Write a $(HOME) poem.",
      MCP_SERVERS: `${web},http://localhost:8085/mcp`,
    });
    const endpoint = `http://gateway.${team}.svc.cluster.local:8000`;
    expect(await agent.config()).toEqual({
      agent: { name: "writer", namespace: team },
      instructions: "Write a $(HOME) poem.",
      models: {
        claude: {
          role: "fallback",
          priority: 2,
          provider: "anthropic",
          model: "claude-sonnet-4-5",
          endpoint,
        },
        small: { role: "primary", provider: "openai-compatible", model: "llama3.2", endpoint },
      },
      personas: [{ name: "poet", tone: "warm", personality: "curious.", expertise: "verse" }],
      tools: {
        beside: { endpoint: "http://localhost:8085/mcp", protocol: "mcp" },
        web: { endpoint: web, protocol: "mcp" },
      },
    });
  });

  test("its tools answer at those addresses, and so do other agents", async () => {
    await ready("writer");
    await memberCondition(stage, { kind: "LanguageTool", namespace: team, name: "web" }, "Ready", {
      status: "True",
    });
    const agent = await running("writer");
    const { MCP_SERVERS = "" } = await agent.environment();
    expect(MCP_SERVERS).not.toBe("");
    for (const address of [...MCP_SERVERS.split(","), `http://by-name.${team}.svc.cluster.local:8080/`]) {
      // The program of tests has no MCP: that it is the one asked shows at its health.
      expect(await agent.fetch(new URL("/health", address).href), address).toEqual({
        status: 200,
        text: '"ok"',
      });
    }
  });

  test("old images find the addresses of their models and a key of OpenAI's", async () => {
    await ready("first-generation");
    const agent = await running("first-generation");
    const { MODEL_ENDPOINTS = "", OPENAI_API_KEY, MODEL_API_KEY } = await agent.environment();
    expect([MODEL_ENDPOINTS, OPENAI_API_KEY]).toEqual([
      `http://large.${team}.svc.cluster.local:8000`,
      MODEL_API_KEY,
    ]);
    expect(await agent.fetch(`${MODEL_ENDPOINTS}/health/readiness`)).toMatchObject({ status: 200 });
  });
});

describe("keys", () => {
  test("of other agents, other clusters, nobody, and with one character changed", async () => {
    const agent = await running("by-name");
    const { MODEL_API_KEY: own = "" } = await agent.environment();
    const other = (await (await running("writer")).environment())["MODEL_API_KEY"] ?? "";
    const swapped = `${own.slice(0, own.lastIndexOf("."))}${other.slice(other.lastIndexOf("."))}`;
    const changed = `${own.slice(0, -1)}${own.endsWith("0") ? "1" : "0"}`;
    for (const key of [swapped, changed, own.slice(0, own.lastIndexOf(".")), "sk-wrong"]) {
      expect(await agent.ask({ key, model: "llama3.2" }), key).toMatchObject([{ status: 401 }]);
    }
    // A key is whoever has it: an agent that is there answers for what is done with it.
    expect(await agent.ask({ key: other, model: "llama3.2" })).toMatchObject([{ status: 200 }]);
  });
});

describe("an agent limited by gatewright.dev/limits", () => {
  const limits = (text?: string) =>
    agentManifest(
      team,
      "by-name",
      { ...agents["by-name"]?.spec },
      text === undefined ? {} : { "gatewright.dev/limits": text },
    );

  test("gets 429 that names it, others do not, and nothing is restarted", async () => {
    const pods = () =>
      stage.kubelet
        .pods()
        .filter(({ namespace }) => namespace === team)
        .map(({ uid, containers }) => [uid, containers.map(({ pid }) => pid)]);
    const [limited, free] = [await running("by-name"), await running("first-generation")];
    const before = pods();
    await stage.apply(limits("requests-per-minute=0"));
    const refusal = await waitFor(
      "a refusal",
      async () => {
        const [answer] = await limited.ask();
        return answer?.status === 429 && answer;
      },
      { capMilliseconds: 60_000 },
    );
    expect(refusal.text).toContain("by-name");
    expect(await limited.ask({ model: "llama3.2", path: "/v1/messages" })).toMatchObject([{ status: 429 }]);
    expect(await free.ask()).toMatchObject([{ status: 200 }]);
    expect(await free.ask({ model: "llama3.2" })).toMatchObject([{ status: 200 }]);
    expect(
      (await readMember(stage, { kind: "LanguageAgent", namespace: team, name: "by-name" })).status,
    ).toMatchObject({
      phase: "Running",
    });

    await stage.apply(limits());
    await waitFor("no limit", async () => (await limited.ask())[0]?.status === 200, {
      capMilliseconds: 60_000,
    });
    expect(pods()).toEqual(before);
  });

  test("a limit a minute lets so many requests through", async () => {
    const limited = await running("by-name");
    const passed = () => stage.upstream.requests.length;
    await stage.apply(limits("requests-per-minute=2"));
    await waitFor("the limit", async () => (await limited.ask())[0]?.status === 429, {
      capMilliseconds: 60_000,
    });
    const before = passed();
    const answers = await Promise.all(Array.from({ length: 10 }, () => limited.ask()));
    const allowed = answers.flat().filter(({ status }) => status === 200).length;
    // A minute may begin meanwhile.
    expect(allowed).toBeLessThanOrEqual(2);
    expect(passed() - before).toBe(allowed);
    expect(await (await running("writer")).ask()).toMatchObject([{ status: 200 }, { status: 200 }]);
  });

  test("words that are none are told on the agent's cluster, and hold the agent back all the same", async () => {
    const limited = await running("by-name");
    await stage.apply(limits("requests-per-minute=many"));
    await waitFor("the limit", async () => (await limited.ask())[0]?.status === 429, {
      capMilliseconds: 60_000,
    });
    const { message } = await stage.condition(team, "Degraded", { reason: "LimitUnreadable" });
    expect(message).toContain("requests-per-minute=many");
    await stage.apply(limits());
    await stage.condition(team, "Degraded", undefined);
  });
});
