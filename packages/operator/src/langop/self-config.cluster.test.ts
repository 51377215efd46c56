import {
  clusterOf,
  conditionOf,
  faultAnswers,
  freePort,
  type Kubernetes,
  type LiveObject,
  type MortalOperator,
  namespaceOf,
  type RecordedApiRequest,
  startKubernetes,
  startMortalOperator,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

/*
 * Agents that ask to change themselves (langop.md §2.6). A server of our own: who may ask for whom is for the webhook to
 * say, which stands in everybody's way. No pod ever starts.
 */

const group = "/apis/langop.io/v1alpha1/namespaces";
const everything = ["tools", "models", "envVars", "instructions", "roleRules"];

let kubernetes: Kubernetes;
let operator: MortalOperator;
let port: number;
let count = 0;

async function startAnew(): Promise<void> {
  operator = await startMortalOperator(kubernetes, { webhook: { port, url: `https://127.0.0.1:${port}` } });
}

beforeAll(async () => {
  kubernetes = await startKubernetes({
    definitions: [new URL("../../../../deploy/crds/", import.meta.url).pathname],
  });
  port = await freePort();
  await startAnew();
  await apply(namespaceOf("alone"));
  await waitFor("the webhook", async () => {
    const { code, stderr } = await apply(manifestOf("LanguageAgent", "a.b", {}));
    return code !== 0 && stderr.includes("is also the name of a Service");
  });
});
afterEach(() => operator.transport.revive());
afterAll(async () => {
  await operator?.close();
  await kubernetes?.stop();
});

const manifestOf = (kind: string, name: string, spec: object, namespace = "alone") => ({
  apiVersion: "langop.io/v1alpha1",
  kind,
  metadata: { name, namespace },
  spec,
});

async function apply(manifest: object, token?: string) {
  const of = token === undefined ? {} : { token };
  return kubernetes.kubectl(["apply", "-f", "-"], { input: JSON.stringify(manifest), ...of });
}

/** Members of a spec, as a person changes them. */
const edit = (path: string, spec: object) => kubernetes.api("PATCH", path, { spec });

const read = async (path: string): Promise<LiveObject> => {
  const { status, body } = await kubernetes.api("GET", path);
  return status === 200 ? body : undefined;
};

/** An agent of its own for a test, which may change everything unless it says otherwise. */
async function agent(spec: object = {}): Promise<{ readonly name: string; readonly path: string }> {
  count += 1;
  const name = `agent-${count}`;
  const may = { selfConfigure: { enabled: true, allowedActions: everything } };
  expect(await apply(manifestOf("LanguageAgent", name, { ...may, ...spec }))).toMatchObject({ code: 0 });
  return { name, path: `${group}/alone/languageagents/${name}` };
}

/** Asks for a change; the path of the request. */
async function ask(name: string, instanceRef: string, change: object): Promise<string> {
  const path = `${group}/alone/languageagentselfconfigs`;
  const manifest = manifestOf("LanguageAgentSelfConfig", name, { instanceRef, ...change });
  const { status, body } = await kubernetes.api("POST", path, manifest);
  expect([status, body.message]).toEqual([201, undefined]);
  return `${path}/${name}`;
}

const decided = (path: string, phase: string): Promise<LiveObject> =>
  waitFor(
    `${path} to be ${phase}`,
    async () => {
      const request = await read(path);
      return request?.status?.phase === phase ? request : undefined;
    },
    { capMilliseconds: 30_000, detail: () => operator.log.slice(-5).join("") },
  );

const changesOf =
  (plural: string, suffix = "") =>
  ({ method, path }: RecordedApiRequest): boolean =>
    method === "PATCH" && path.includes(`/${plural}/`) && path.endsWith(suffix);

test("everything that is allowed is changed, in a namespace without a cluster too", async () => {
  const { name, path } = await agent({
    instructions: "Be long.",
    tools: [{ name: "old" }, { name: "kept" }],
    deployment: { replicas: 1, env: [{ name: "A", value: "1" }] },
  });
  const request = await ask("all", name, {
    addTools: ["new"],
    removeTools: ["old"],
    addModels: [{ name: "claude", role: "fallback" }],
    addEnvVars: [{ name: "B", value: "hidden" }],
    updateInstructions: "Be brief.",
    addRoleRules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
  });
  const { status, metadata } = await decided(request, "Applied");
  const { spec } = await read(path);
  expect(spec).toMatchObject({
    instructions: "Be brief.",
    tools: [
      { name: "kept", enabled: true },
      { name: "new", enabled: true },
    ],
    models: [{ name: "claude", role: "fallback" }],
    deployment: {
      replicas: 1,
      env: [
        { name: "A", value: "1" },
        { name: "B", value: "hidden" },
      ],
      roleRules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
    },
    selfConfigure: { enabled: true, allowedActions: everything },
  });
  expect(status).toMatchObject({ observedGeneration: metadata.generation, message: expect.any(String) });
  expect(Date.now() - Date.parse(status.completionTime)).toBeLessThan(60_000);
  expect(conditionOf({ status }, "Ready")).toMatchObject({ status: "True", reason: "Applied" });
  expect(status.message).toContain("tool new added; tool old removed");
  expect(JSON.stringify(status)).not.toContain("hidden");
  const event = await waitFor("an Event about the agent", async () => {
    const { items } = await read("/apis/events.k8s.io/v1/namespaces/alone/events");
    return items.find(
      ({ reason, regarding }: LiveObject) => reason === "SelfConfigured" && regarding.name === name,
    );
  });
  expect(event.note).toContain("LanguageAgentSelfConfig all asked for it");
});

test("what is not allowed is denied as a whole, and named", async () => {
  const { name, path } = await agent({ selfConfigure: { enabled: true, allowedActions: ["instructions"] } });
  const { metadata } = await read(path);
  const denied = await decided(
    await ask("denied", name, { updateInstructions: "x", addTools: ["web"], addEnvVars: [{ name: "A" }] }),
    "Denied",
  );
  expect(denied.status.message).toContain("may not change its tools, envVars");
  expect(conditionOf(denied, "Ready")).toMatchObject({ status: "False", reason: "ActionNotAllowed" });
  const off = await agent({ selfConfigure: { allowedActions: everything } });
  const disabled = await decided(await ask("disabled", off.name, { updateInstructions: "x" }), "Denied");
  expect(conditionOf(disabled, "Ready").reason).toBe("SelfConfigureDisabled");
  expect((await read(path)).metadata.generation).toBe(metadata.generation);
});

test("for an agent that is not there it fails, and an agent that comes later is left alone", async () => {
  const request = await ask("nobody", `agent-${count + 1}`, { updateInstructions: "x" });
  const { status } = await decided(request, "Failed");
  expect(conditionOf({ status }, "Ready").reason).toBe("AgentNotFound");
  const { path } = await agent();
  await decided(await ask("later", `agent-${count}`, { addTools: ["web"] }), "Applied");
  expect((await read(path)).spec.instructions).toBeUndefined();
});

test("requests are carried out in the order in which they came", async () => {
  const { name, path } = await agent();
  // What is asked for meanwhile waits for the first one.
  operator.transport.inject({
    when: changesOf("languageagents"),
    times: 1,
    fault: { kind: "delay", milliseconds: 1_000 },
  });
  const requests = [
    await ask("z-first", name, { addTools: ["a", "b"], updateInstructions: "one" }),
    await ask("y-second", name, { removeTools: ["a"], updateInstructions: "two" }),
    await ask("x-third", name, { addTools: ["c"], updateInstructions: "three" }),
  ];
  for (const request of requests) await decided(request, "Applied");
  const { spec } = await read(path);
  expect([spec.instructions, ...spec.tools.map((tool: LiveObject) => tool.name)]).toEqual([
    "three",
    "b",
    "c",
  ]);
});

test("a change of somebody else at the same moment is not lost", async () => {
  const { name, path } = await agent({ tools: [{ name: "a" }] });
  operator.transport.forget();
  operator.transport.inject({
    when: changesOf("languageagents", `/${name}`),
    times: 1,
    fault: { kind: "delay", milliseconds: 1_000 },
  });
  const request = await ask("race", name, { addTools: ["c"] });
  await waitFor("the change under way", () =>
    operator.transport.writes.some(
      (write) => changesOf("languageagents", `/${name}`)(write) && "spec" in (write.body as object),
    ),
  );
  expect((await edit(path, { tools: [{ name: "a" }, { name: "b" }] })).status).toBe(200);
  await decided(request, "Applied");
  expect((await read(path)).spec.tools.map((tool: LiveObject) => tool.name)).toEqual(["a", "b", "c"]);
});

describe("the outcome stands", () => {
  test("whatever becomes of the request and of the agent, also over a restart", async () => {
    const { name, path } = await agent();
    const applied = await ask("stands", name, { updateInstructions: "asked" });
    const { status } = await decided(applied, "Applied");
    expect((await edit(path, { instructions: "mine" })).status).toBe(200);
    expect((await edit(applied, { updateInstructions: "again" })).status).toBe(200);
    await operator.close();
    await startAnew();
    await operator.quiet(1_000);
    await decided(await ask("afterwards", name, { addTools: ["web"] }), "Applied");
    expect((await read(path)).spec.instructions).toBe("mine");
    expect((await read(applied)).status).toEqual(status);
  });

  test("killed between the change and its status: the change happens once, and is told", async () => {
    const { name, path } = await agent();
    const { generation } = (await read(path)).metadata;
    const dead = operator.dieAt("before", changesOf("languageagentselfconfigs", "/status"), 1);
    const request = await ask("killed", name, { addTools: ["web"], addEnvVars: [{ name: "A", value: "1" }] });
    await dead;
    expect((await read(request)).status).toBeUndefined();
    expect((await read(path)).metadata.generation).toBe(generation + 1);
    await operator.close();
    await startAnew();
    const { status } = await decided(request, "Applied");
    expect(status.message).toContain("was so already");
    const { metadata, spec } = await read(path);
    expect(metadata.generation).toBe(generation + 1);
    expect(spec.tools).toHaveLength(1);
  });
});

test("what the API server refuses fails, and what it cannot do now waits", async () => {
  const { name, path } = await agent();
  const when = changesOf("languageagents", `/${name}`);
  await waitFor("its finalizer", async () => (await read(path)).metadata.finalizers !== undefined);
  operator.transport.inject({ when, times: 1, fault: faultAnswers.forbidden() });
  const refused = await decided(await ask("refused", name, { updateInstructions: "x" }), "Failed");
  expect(refused.status.message).toContain("The API server refuses it");
  const remove = operator.transport.inject({ when, fault: faultAnswers.serverError() });
  const waiting = await ask("waits", name, { updateInstructions: "x" });
  const pending = await decided(waiting, "Pending");
  expect(pending.status.completionTime).toBeUndefined();
  expect(pending.status.message).toContain("could not be carried out yet");
  remove();
  await decided(waiting, "Applied");
  expect((await read(path)).spec.instructions).toBe("x");
});

describe("an hour after it was decided", () => {
  const decidedAt = (path: string, millisecondsAgo: number) =>
    kubernetes.api("PATCH", `${path}/status`, {
      status: { completionTime: new Date(Date.now() - millisecondsAgo).toISOString() },
    });

  test("a request is deleted, not before, and also by an operator that was not there", async () => {
    const { name } = await agent();
    const paths = [
      await ask("soon", name, { updateInstructions: "a" }),
      await ask("overdue", name, { updateInstructions: "b" }),
      await ask("stays", name, { updateInstructions: "c" }),
    ] as const;
    for (const path of paths) await decided(path, "Applied");
    const [soon, overdue, stays] = paths;
    await operator.close();
    await decidedAt(overdue, 7_200_000);
    const end = Date.now() + 4_000;
    await decidedAt(soon, 3_596_000);
    await startAnew();
    await waitFor("the one to go", async () => (await read(overdue)) === undefined);
    await waitFor("the other to go", async () => (await read(soon)) === undefined);
    expect(Date.now()).toBeGreaterThanOrEqual(end - 1_000);
    expect((await read(stays)).status.phase).toBe("Applied");
  });

  test("a finalizer of the replaced operator does not keep it", async () => {
    const { name } = await agent();
    const path = await ask("adopted", name, { updateInstructions: "a" });
    await decided(path, "Applied");
    await kubernetes.api("PATCH", path, { metadata: { finalizers: ["langop.io/finalizer"] } });
    await decidedAt(path, 7_200_000);
    await waitFor("it to go", async () => (await read(path)) === undefined);
  });
});

describe("an agent with the token of its own ServiceAccount", () => {
  const path = `${group}/home/languageagentselfconfigs`;
  const asking = (name: string, instanceRef: string) =>
    manifestOf("LanguageAgentSelfConfig", name, { instanceRef, updateInstructions: "Be brief." }, "home");
  const tokens: { [agent: string]: string } = {};

  beforeAll(async () => {
    await apply(clusterOf("home", {}));
    await waitFor("the namespace", async () => (await read("/api/v1/namespaces/home")) !== undefined);
    const spec = { image: "example.com/agent:1" };
    const selfConfigure = { enabled: true, allowedActions: ["instructions"] };
    await apply(manifestOf("LanguageAgent", "writer", { ...spec, selfConfigure }, "home"));
    await apply(manifestOf("LanguageAgent", "other", { ...spec, selfConfigure }, "home"));
    await apply(manifestOf("LanguageAgent", "bound", spec, "home"));
    for (const name of ["writer", "bound"]) {
      const rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/home/rolebindings";
      await waitFor("its Role", async () => (await read(`${rbac}/language-agent-${name}`)) !== undefined);
      tokens[name] = await kubernetes.tokenFor(`system:serviceaccount:home:language-agent-${name}`);
    }
  });

  const post = (name: string, as: string, instanceRef: string) =>
    kubernetes.client(tokens[as]).api("POST", path, asking(name, instanceRef));

  test("changes itself", async () => {
    // Authorization hears of the Role a moment later.
    await waitFor("its rights", async () => (await post("mine", "writer", "writer")).status !== 403);
    await decided(`${path}/mine`, "Applied");
    const { spec } = await read(`${group}/home/languageagents/writer`);
    expect(spec.instructions).toBe("Be brief.");
  });

  test("changes no other agent, though that one may change itself", async () => {
    const { status, body } = await post("theirs", "writer", "other");
    expect([status, body.message]).toEqual([422, expect.stringContaining("an agent may only change itself")]);
    expect((await read(`${group}/home/languageagents/other`)).spec.instructions).toBeUndefined();
  });

  test("has no right to ask when it may not change itself", async () => {
    expect((await post("bound", "bound", "bound")).status).toBe(403);
  });

  test("may not edit what it asked for, nor its own resource", async () => {
    const client = kubernetes.client(tokens["writer"]);
    const own = `${group}/home/languageagents/writer`;
    for (const target of [`${path}/mine`, own]) {
      expect((await client.api("PATCH", target, { spec: { instanceRef: "other" } })).status).toBe(403);
    }
  });
});
