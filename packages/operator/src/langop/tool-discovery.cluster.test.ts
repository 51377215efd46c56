import {
  clusterOf,
  conditionOf,
  type LangopStage,
  type LiveObject,
  type Manifest,
  sharedKubernetes,
  startLangopStage,
  startTestOperator,
  type TestOperator,
  toolImage,
  uniqueName,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/*
 * What tools offer (langop.md §2.6), asked of MCP servers that run as processes, as the pods of LanguageTools. They give one
 * tool a page, in a stream that stays open, and only in a session.
 */

const team = uniqueName("discovers");
const langop = `/apis/langop.io/v1alpha1/namespaces/${team}`;

let kubernetes: Awaited<ReturnType<typeof sharedKubernetes>>;
let stage: LangopStage;
let restarted: TestOperator | undefined;

beforeAll(async () => {
  kubernetes = await sharedKubernetes();
  stage = await startLangopStage(kubernetes, { prefix: team, images: { "tool:test": toolImage } });
  await stage.apply(clusterOf(team, {}) as Manifest);
  await waitFor("the namespace", async () => (await stage.read(`/api/v1/namespaces/${team}`)) !== undefined);
});
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
  await restarted?.close();
});

const toolOf = (
  name: string,
  environment: { readonly [name: string]: string },
  spec: object = {},
): Manifest =>
  ({
    apiVersion: "langop.io/v1alpha1",
    kind: "LanguageTool",
    metadata: { name, namespace: team },
    spec: {
      image: "tool:test",
      ...spec,
      deployment: {
        env: Object.entries(environment).map(([variable, value]) => ({ name: variable, value })),
        ...(spec as { readonly deployment?: object }).deployment,
      },
    },
  }) as Manifest;

const tool = (name: string): Promise<LiveObject> => stage.read(`${langop}/languagetools/${name}`);

/** Waits until the status speaks of the present spec, and its condition SchemasDiscovered has this reason. */
const discovered = (name: string, reason: string): Promise<LiveObject> => {
  let last: LiveObject;
  return waitFor(
    `SchemasDiscovered of ${name} for ${reason}`,
    async () => {
      last = await tool(name);
      const condition = conditionOf(last, "SchemasDiscovered");
      const current = condition?.observedGeneration === last?.metadata.generation;
      return current && condition.reason === reason ? last : undefined;
    },
    { capMilliseconds: 60_000, detail: () => JSON.stringify(last?.status) },
  );
};

describe("a tool with pods of its own", () => {
  test("lists what its server offers, with the schemas as the API server can keep them", async () => {
    await stage.apply(toolOf("web", { TOOLS: "search,fetch,read" }));
    const { status } = await discovered("web", "ReconcileSuccess");
    expect(status.availableTools).toEqual(["search", "fetch", "read"]);
    expect(status.toolSchemas[1]).toEqual({
      name: "fetch",
      description: "Does fetch.",
      inputSchema: { type: "object", properties: { query: { type: ["string", "null"] } } },
    });
    expect(conditionOf({ status }, "SchemasDiscovered").message).toBe("The server offers 3 tools.");
    expect(conditionOf({ status }, "Ready").status).toBe("True");
  });

  test("is asked again when its pods change, and pods of before have no say", async () => {
    await stage.apply(toolOf("web", { TOOLS: "search,draw" }));
    const listed = await waitFor("the new tools", async () => {
      const { status } = await tool("web");
      return status.availableTools.includes("draw") ? status : undefined;
    });
    expect(listed.availableTools).toEqual(["search", "draw"]);
    expect(listed.toolSchemas.map(({ name }: LiveObject) => name)).toEqual(["search", "draw"]);
  });

  test("scaled, it still offers the same, and nothing is written twice", async () => {
    await stage.apply(toolOf("web", { TOOLS: "search,draw" }, { deployment: { replicas: 2 } }));
    await waitFor("two pods", async () => (await tool("web")).status.readyReplicas === 2);
    const { status, metadata } = await discovered("web", "ReconcileSuccess");
    expect(status.availableTools).toEqual(["search", "draw"]);
    await stage.apply({
      ...toolOf("web", { TOOLS: "search,draw" }, { deployment: { replicas: 2 } }),
      metadata: { name: "web", namespace: team, labels: { looked: "again" } },
    } as Manifest);
    // A pass that comes after the one for the label has nothing to write either.
    await stage.apply(toolOf("later", { TOOLS: "a" }));
    await discovered("later", "ReconcileSuccess");
    const { managedFields } = (await tool("web")).metadata;
    const writers = managedFields.filter(({ subresource }: LiveObject) => subresource === "status");
    expect(writers).toEqual(
      metadata.managedFields.filter(({ subresource }: LiveObject) => subresource === "status"),
    );
  });

  test("may be called by the operator, as its network policy says", async () => {
    const policy = await stage.object("NetworkPolicy", team, "web");
    expect(policy.spec.ingress[0].from).toContainEqual({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "default" } },
    });
  });
});

test("a server that does not answer: why is said, the tool is ready, and it is asked until it does", async () => {
  await stage.apply(toolOf("mute", { TOOLS: "a", OUT_OF_ORDER: "1" }));
  const { status } = await discovered("mute", "ServerSilent");
  expect(conditionOf({ status }, "SchemasDiscovered")).toMatchObject({
    status: "False",
    message: "What it offers is not known: the server answers initialize with status 503.",
  });
  expect(status.availableTools).toBeUndefined();
  await waitFor(
    "the tool to be ready",
    async () => conditionOf(await tool("mute"), "Ready").status === "True",
  );
  await stage.apply(toolOf("mute", { TOOLS: "a,b" }));
  expect((await discovered("mute", "ReconcileSuccess")).status.availableTools).toEqual(["a", "b"]);
});

test("a sidecar and a server of another protocol are not asked", async () => {
  await stage.apply(
    toolOf("beside", { TOOLS: "a" }, { deploymentMode: "sidecar" }),
    toolOf("open", { TOOLS: "a" }, { type: "openapi" }),
  );
  for (const name of ["beside", "open"]) {
    const { status } = await waitFor(`${name} to be ready`, async () => {
      const found = await tool(name);
      return conditionOf(found, "Ready")?.status === "True" ? found : undefined;
    });
    expect(conditionOf({ status }, "SchemasDiscovered")).toBeUndefined();
    expect(status.availableTools).toBeUndefined();
  }
});

test("after a restart their statuses stay as they are", async () => {
  await stage.operator.close();
  const before = await tool("web");
  const { kubelet } = stage;
  restarted = await startTestOperator(kubernetes, {
    reach: (address, port) => kubelet.resolve(address, port),
    nameServers: [stage.names.address],
  });
  await stage.apply(toolOf("later", { TOOLS: "a,b" }));
  await waitFor("the new tools", async () => (await tool("later")).status.availableTools.length === 2);
  expect((await tool("web")).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
});
