import {
  createFaultyTransport,
  type FaultyTransport,
  faultAnswers,
  type KubernetesAccess,
  manualClock,
  sharedKubernetes,
  uniqueName,
} from "@gatewright/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  connect,
  createClient,
  createRecorder,
  type EventIntent,
  type Logger,
  type Recorder,
} from "./index.ts";

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const namespace = uniqueName("events");
const failed: EventIntent = { type: "Warning", reason: "SecretMissing", action: "Reconcile", note: "no key" };

let kubernetes: KubernetesAccess;
let transport: FaultyTransport;
let recorder: Recorder;
let object: { apiVersion: string; kind: string; metadata: { name: string; namespace?: string; uid: string } };
const clock = manualClock(Date.now());

beforeAll(async () => {
  kubernetes = await sharedKubernetes();
  await kubernetes.api("POST", "/api/v1/namespaces", { metadata: { name: namespace } });
});

afterAll(() => kubernetes.api("DELETE", `/api/v1/namespaces/${namespace}`));

beforeEach(async () => {
  const { transport: real } = await connect({ kubeconfig: kubernetes.kubeconfig, userAgent: "events-test" });
  transport = createFaultyTransport(real);
  recorder = createRecorder({
    client: createClient(transport),
    clock,
    logger: silent,
    controller: "gatewright.dev/langop",
    instance: "operator-0",
  });
  object = {
    apiVersion: "langop.io/v1alpha1",
    kind: "LanguageModel",
    metadata: { name: uniqueName("model"), namespace, uid: crypto.randomUUID() },
  };
});

afterEach(async () => {
  recorder.stop();
  await transport.close();
});

// biome-ignore lint/suspicious/noExplicitAny: the server's own form of events.
async function written(where = namespace): Promise<any[]> {
  await recorder.settled();
  const { body } = await kubernetes.api("GET", `/apis/events.k8s.io/v1/namespaces/${where}/events`);
  return body.items.filter(
    ({ regarding }: { regarding: { uid: string } }) => regarding.uid === object.metadata.uid,
  );
}

describe("the event recorder", () => {
  it("writes what kubectl describe shows", async () => {
    recorder.event(object, failed);
    expect(await written()).toMatchObject([
      { ...failed, reportingController: "gatewright.dev/langop", reportingInstance: "operator-0" },
    ]);
    const described = await kubernetes.kubectl(["-n", namespace, "get", "events", "-o", "wide"]);
    expect(described.stdout).toMatch(
      new RegExp(`Warning\\s+SecretMissing\\s+languagemodel/${object.metadata.name}`),
    );
  });

  it("counts the same said again in one event, written at most once a minute", async () => {
    for (let count = 0; count < 5; count += 1) recorder.event(object, failed);
    await recorder.settled();
    expect(transport.writes.map(({ method }) => method)).toEqual(["POST", "PATCH"]);
    expect(await written()).toMatchObject(
      [{ series: { count: 2 } }].map(() => ({ reason: "SecretMissing" })),
    );
    await clock.advance(60_000);
    expect(await written()).toMatchObject([{ series: { count: 5 } }]);
    expect(transport.writes).toHaveLength(3);
    recorder.event(object, { ...failed, note: "another" });
    expect(await written()).toHaveLength(2);
  });

  it("begins a new event when the server has forgotten the old one", async () => {
    recorder.event(object, failed);
    const [first] = await written();
    await kubernetes.api(
      "DELETE",
      `/apis/events.k8s.io/v1/namespaces/${namespace}/events/${first.metadata.name}`,
    );
    recorder.event(object, failed);
    expect(await written()).toMatchObject([{ series: { count: 2 } }]);
  });

  it("writes no more than 25 about an object that never stops, and then one in five minutes", async () => {
    for (let count = 0; count < 40; count += 1) recorder.event(object, { ...failed, note: `${count}` });
    expect(await written()).toHaveLength(25);
    await clock.advance(300_000);
    for (let count = 40; count < 50; count += 1) recorder.event(object, { ...failed, note: `${count}` });
    expect(await written()).toHaveLength(26);
  });

  it("puts events of objects without a namespace into default, and cuts what is too long", async () => {
    delete object.metadata.namespace;
    recorder.event(object, { ...failed, note: "ü".repeat(2000) });
    const [event] = await written("default");
    expect(Buffer.byteLength(event.note)).toBeLessThanOrEqual(1024);
    expect(event.note).toMatch(/^ü+…$/);
  });

  it("loses what cannot be written, and nothing else", async () => {
    transport.inject({ times: 1, fault: faultAnswers.forbidden() });
    recorder.event(object, failed);
    recorder.event(object, { ...failed, reason: "Later" });
    expect(await written()).toMatchObject([{ reason: "Later" }]);
  });
});
