import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FakeUpstream, startFakeUpstream } from "../../fake-upstream/fake-upstream.ts";
import { waitFor } from "../../wait.ts";
import { type Kubelet, startKubelet } from "../kubelet/start-kubelet.ts";
import type { KubernetesAccess } from "../kubernetes.ts";
import { sharedKubernetes, uniqueName } from "../shared-kubernetes.ts";
import { agentImage } from "./agent-image.ts";
import { type RunningAgent, runningAgent } from "./running-agent.ts";

/*
 * Agents as containers of a Pod see the cluster: a native gateway of the sources stands behind the Service `gateway`,
 * and what the agents know of it is in their environment and files.
 */

const gatewayEntry = fileURLToPath(new URL("../../../../cli/src/main.ts", import.meta.url));

// biome-ignore lint/suspicious/noExplicitAny: tests look into objects; a wrong member fails the test.
type Live = any;

describe("an agent of tests", () => {
  const namespace = uniqueName("agents");
  const core = `/api/v1/namespaces/${namespace}`;
  const batch = `/apis/batch/v1/namespaces/${namespace}`;
  let kubernetes: KubernetesAccess;
  let kubelet: Kubelet;
  let upstream: FakeUpstream;

  beforeAll(async () => {
    kubernetes = await sharedKubernetes();
    upstream = await startFakeUpstream();
    kubelet = await startKubelet(kubernetes, {
      images: { "gateway:test": { command: [process.execPath, gatewayEntry] }, "agent:test": agentImage },
      accepts: ({ metadata }) => metadata.namespace === namespace,
      restartBackoffSeconds: 0,
    });
    await kubernetes.kubectl(["create", "namespace", namespace]);
    await waitFor(
      "the ServiceAccount",
      async () => (await kubernetes.api("GET", `${core}/serviceaccounts/default`)).status === 200,
    );
    const model = (name: string): object => ({
      model_name: name,
      litellm_params: { model: `openai/${name}`, api_base: `${upstream.url}/v1`, api_key: "sk-upstream" },
    });
    await create(`${core}/configmaps`, {
      metadata: { name: "gateway" },
      data: {
        "config.yaml": JSON.stringify({
          model_list: [model("small"), model("large")],
          general_settings: { master_key: "sk-right" },
        }),
      },
    });
    await create(`${core}/secrets`, { metadata: { name: "key" }, stringData: { MODEL_API_KEY: "sk-right" } });
    await deploy("gateway", {
      containers: [
        {
          name: "gateway",
          image: "gateway:test",
          args: ["gateway", "--config", "/etc/models/config.yaml", "--host", "127.0.0.1", "--port", "4000"],
          ports: [{ name: "http", containerPort: 4000 }],
          readinessProbe: { httpGet: { path: "/health/readiness", port: "http" }, periodSeconds: 1 },
          volumeMounts: [{ name: "config", mountPath: "/etc/models" }],
        },
      ],
      volumes: [{ name: "config", configMap: { name: "gateway" } }],
    });
    await create(`${core}/services`, {
      metadata: { name: "gateway" },
      spec: { selector: { app: "gateway" }, ports: [{ name: "http", port: 8000, targetPort: "http" }] },
    });
    await ready("gateway");
  });
  afterAll(async () => {
    await kubernetes.kubectl(["delete", "namespace", namespace, "--wait=false"]);
    await kubelet.stop();
    await upstream.close();
  });

  const create = async (path: string, body: object): Promise<void> => {
    const answer = await kubernetes.api("POST", path, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  };
  const template = (app: string, spec: object): object => ({ metadata: { labels: { app } }, spec });
  const deploy = (name: string, spec: object): Promise<void> =>
    create(`/apis/apps/v1/namespaces/${namespace}/deployments`, {
      metadata: { name },
      spec: { selector: { matchLabels: { app: name } }, template: template(name, spec) },
    });
  const podOf = async (app: string): Promise<Live> => {
    const { body } = await kubernetes.api("GET", `${core}/pods?labelSelector=app=${app}`);
    const live = body.items.filter(({ metadata }: Live) => metadata.deletionTimestamp === undefined);
    expect(live).toHaveLength(1);
    return live[0];
  };
  const ready = (app: string): Promise<Live> =>
    waitFor(
      `${app} to be ready`,
      async () => {
        const pod = await podOf(app);
        const isReady = pod.status.conditions?.some(
          ({ type, status }: Live) => type === "Ready" && status === "True",
        );
        return isReady && pod;
      },
      { capMilliseconds: 60_000 },
    );
  /** It answers once it is ready: it has a probe. */
  const agentOf = async (app: string): Promise<RunningAgent> =>
    runningAgent(kubelet.resolve((await ready(app)).status.podIP, 8080));
  const container = (more: { readonly env?: readonly object[]; readonly [field: string]: unknown } = {}) => ({
    name: "agent",
    image: "agent:test",
    ports: [{ containerPort: 8080 }],
    readinessProbe: { httpGet: { path: "/health", port: 8080 }, periodSeconds: 1 },
    ...more,
    env: [
      { name: "MODEL_ENDPOINT", value: `http://gateway.${namespace}.svc.cluster.local:8000` },
      { name: "LLM_MODEL", value: "small,large" },
      {
        name: "MODEL_API_KEY",
        valueFrom: { secretKeyRef: { name: "key", key: "MODEL_API_KEY", optional: true } },
      },
      ...(more.env ?? []),
    ],
  });
  const claim = (name: string): Promise<void> =>
    create(`${core}/persistentvolumeclaims`, {
      metadata: { name },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    });

  test("asks its models through the Service, and is refused with a wrong key", async () => {
    await deploy("asking", { containers: [container()] });
    const agent = await agentOf("asking");
    const answers = await agent.ask();
    expect(answers).toMatchObject([
      { model: "small", status: 200 },
      { model: "large", status: 200 },
    ]);
    for (const { text } of answers) expect(text).not.toBe("");
    expect(await agent.ask({ model: "small", path: "/v1/messages" })).toMatchObject([{ status: 200 }]);
    expect(await agent.ask({ model: "small", key: "sk-wrong" })).toMatchObject([{ status: 401 }]);
    expect(upstream.requests.map(({ model }) => model)).toEqual(["small", "large", "small"]);
    expect((await agent.environment())["MODEL_API_KEY"]).toBe("sk-right");
  });

  test("finds Services by every name they have, Pods by their addresses, itself at localhost", async () => {
    await create(`${core}/services`, {
      metadata: { name: "headless" },
      spec: { clusterIP: "None", selector: { app: "gateway" }, ports: [{ port: 4000 }] },
    });
    await create(`${core}/services`, {
      metadata: { name: "nobody" },
      spec: { selector: { app: "none" }, ports: [{ port: 8000 }] },
    });
    await deploy("looking", { containers: [container()] });
    const agent = await agentOf("looking");
    const { spec } = (await kubernetes.api("GET", `${core}/services/gateway`)).body;
    const { status } = await podOf("gateway");
    await waitFor(
      "the endpoints of the headless Service",
      async () =>
        (await agent.fetch("http://headless:4000/health/readiness").catch(() => undefined)) !== undefined,
    );
    for (const place of [
      "gateway:8000",
      `gateway.${namespace}:8000`,
      `gateway.${namespace}.svc:8000`,
      `${spec.clusterIP}:8000`,
      `${status.podIP}:4000`,
      `headless.${namespace}.svc.cluster.local:4000`,
    ]) {
      expect(await agent.fetch(`http://${place}/health/readiness`), place).toMatchObject({ status: 200 });
    }
    expect(await agent.fetch("http://localhost:8080/health")).toEqual({ status: 200, text: '"ok"' });
    for (const nowhere of ["none", "nobody:8000", "gateway:8001", `gateway.kube-system.svc:8000`]) {
      await expect(agent.fetch(`http://${nowhere}/`), nowhere).rejects.toThrow("502");
    }
  });

  test("runs after its init containers, with its files, and keeps what it claimed over restarts", async () => {
    await create(`${core}/configmaps`, {
      metadata: { name: "files" },
      data: { "config.yaml": "agent: {name: filed}\n" },
    });
    const mounts = [
      { name: "workspace", mountPath: "/workspace" },
      { name: "config", mountPath: "/etc/agent" },
    ];
    const step = (name: string, script: string): object => ({
      name,
      image: "agent:test",
      command: ["/bin/sh", "-c", script],
      volumeMounts: mounts,
    });
    await deploy("filed", {
      initContainers: [
        step("first", "sleep 0.3; echo one > /workspace/order"),
        step(
          "second",
          "echo two >> /workspace/order; [ -e /workspace/again ] || { touch /workspace/again; exit 1; }",
        ),
        container({ name: "asks", args: ["once"], readinessProbe: undefined }),
      ],
      containers: [container({ volumeMounts: mounts, env: [{ name: "NOTES", value: "/workspace/notes" }] })],
      volumes: [
        { name: "workspace", persistentVolumeClaim: { claimName: "filed" } },
        { name: "config", configMap: { name: "files" } },
      ],
    });
    // The claim is later than the Pod, which waits for it.
    await waitFor("the Pod to be there", async () => (await podOf("filed")) !== undefined);
    expect((await podOf("filed")).spec.nodeName).toBeUndefined();
    await claim("filed");
    const agent = await agentOf("filed");
    expect((await kubernetes.api("GET", `${core}/persistentvolumeclaims/filed`)).body.status).toMatchObject({
      phase: "Bound",
      capacity: { storage: "1Gi" },
    });
    // The second init container failed once, and was started again; the third asked its models.
    expect(await agent.files("/workspace", "/etc/agent")).toEqual({
      "/workspace/order": "one\ntwo\ntwo\n",
      "/workspace/again": "",
      "/etc/agent/config.yaml": "agent: {name: filed}\n",
    });
    expect(await agent.config()).toEqual({ agent: { name: "filed" } });
    const pod = await podOf("filed");
    expect(JSON.parse(await kubelet.logs(namespace, pod.metadata.name, "asks"))).toMatchObject([
      { status: 200 },
      { status: 200 },
    ]);

    await agent.write("/workspace/notes", "remembered");
    await agent.exit(3);
    await waitFor(
      "the restart",
      async () => (await podOf("filed")).status.containerStatuses[0].restartCount === 1,
    );
    const again = await agentOf("filed");
    expect((await podOf("filed")).status.containerStatuses[0].lastState.terminated.exitCode).toBe(3);
    expect(await again.files("/workspace")).toMatchObject({ "/workspace/notes": "remembered" });
    await kubernetes.api("DELETE", `${core}/pods/${pod.metadata.name}`);
    await waitFor("another Pod", async () => (await podOf("filed")).metadata.uid !== pod.metadata.uid);
    expect(await (await agentOf("filed")).files("/workspace")).toMatchObject({
      "/workspace/notes": "remembered",
    });

    await kubernetes.kubectl(["-n", namespace, "delete", "deployment", "filed"]);
    await kubernetes.kubectl(["-n", namespace, "delete", "pvc", "filed", "--timeout=30s"]);
    expect((await kubernetes.api("GET", `${core}/persistentvolumeclaims/filed`)).status).toBe(404);
  });

  test("as a task of a CronJob it asks once, beside a sidecar, and the Job is complete", async () => {
    await create(`${batch}/cronjobs`, {
      metadata: { name: "nightly" },
      spec: {
        schedule: "0 0 1 1 *",
        jobTemplate: {
          spec: {
            backoffLimit: 0,
            template: template("nightly", {
              restartPolicy: "Never",
              terminationGracePeriodSeconds: 5,
              initContainers: [
                {
                  name: "tool",
                  image: "agent:test",
                  restartPolicy: "Always",
                  ports: [{ containerPort: 8080 }],
                },
              ],
              containers: [
                container({
                  ports: [],
                  readinessProbe: undefined,
                  env: [{ name: "AGENT_EXECUTION_MODE", value: "task" }],
                }),
              ],
            }),
          },
        },
      },
    });
    await kubernetes.kubectl(["-n", namespace, "create", "job", "tonight", "--from=cronjob/nightly"]);
    const done = ["-n", namespace, "wait", "--for=condition=complete", "job/tonight", "--timeout=60s"];
    expect(await kubernetes.kubectl(done)).toMatchObject({ code: 0 });
    const { metadata, status } = await podOf("nightly");
    expect(status.phase).toBe("Succeeded");
    expect(JSON.parse(await kubelet.logs(namespace, metadata.name, "agent"))).toMatchObject([
      { model: "small", status: 200 },
      { model: "large", status: 200 },
    ]);
  });

  test("a Job whose agent is refused fails, and one that may try again does so in the same Pod", async () => {
    const job = (name: string, restartPolicy: string, spec: object): Promise<void> =>
      create(`${batch}/jobs`, {
        metadata: { name },
        spec: { backoffLimit: 2, template: template(name, { restartPolicy, ...spec }) },
      });
    const wrong = container({
      args: ["once"],
      readinessProbe: undefined,
      env: [{ name: "LLM_MODEL", value: "none" }],
    });
    await create(`${batch}/jobs`, {
      metadata: { name: "refused" },
      spec: {
        backoffLimit: 0,
        template: template("refused", { restartPolicy: "Never", containers: [wrong] }),
      },
    });
    await job("stumbling", "OnFailure", {
      containers: [
        {
          name: "agent",
          image: "agent:test",
          command: ["/bin/sh", "-c", "[ -e /work/tried ] || { touch /work/tried; exit 4; }"],
          volumeMounts: [{ name: "work", mountPath: "/work" }],
        },
      ],
      volumes: [{ name: "work", emptyDir: {} }],
    });
    const wait = (condition: string, name: string) =>
      kubernetes.kubectl([
        "-n",
        namespace,
        "wait",
        `--for=condition=${condition}`,
        `job/${name}`,
        "--timeout=60s",
      ]);
    expect(await wait("failed", "refused")).toMatchObject({ code: 0 });
    expect((await podOf("refused")).status).toMatchObject({
      phase: "Failed",
      containerStatuses: [{ state: { terminated: { exitCode: 1 } } }],
    });
    expect(await wait("complete", "stumbling")).toMatchObject({ code: 0 });
    expect((await podOf("stumbling")).status).toMatchObject({
      phase: "Succeeded",
      containerStatuses: [{ restartCount: 1, lastState: { terminated: { exitCode: 4 } } }],
    });
    const { failed } = (await kubernetes.api("GET", `${batch}/jobs/stumbling`)).body.status;
    expect(failed ?? 0).toBe(0);
  });
});
