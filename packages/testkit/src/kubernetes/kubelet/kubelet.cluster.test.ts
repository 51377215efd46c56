import process from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type TemporaryFolder, temporaryFolder } from "../../temporary-folder.ts";
import { waitFor } from "../../wait.ts";
import type { KubernetesAccess } from "../kubernetes.ts";
import { sharedKubernetes, uniqueName } from "../shared-kubernetes.ts";
import { startKubernetes } from "../start-kubernetes.ts";
import type { Pod } from "./pod.ts";
import { type Kubelet, startKubelet } from "./start-kubelet.ts";

/**
 * An image: answers every request with what it was given (environment, arguments, files). `/toggle` turns `/ready` off
 * and on, `/exit` ends it, `/slow` answers after a second. On SIGTERM it says so, and ends if it is told to.
 */
const server = `
import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
const [, , port, folder, manners] = process.argv;
let ready = true;
const read = () => {
  try {
    const names = readdirSync(folder, { recursive: true }).filter((name) => !name.startsWith(".."));
    const files = names.filter((name) => statSync(folder + "/" + name).isFile());
    return Object.fromEntries(files.map((name) => [name, readFileSync(folder + "/" + name, "utf8")]));
  } catch (error) {
    return { error: error.message };
  }
};
createServer((request, response) => {
  if (request.url === "/toggle") ready = !ready;
  if (request.url === "/exit") setTimeout(() => process.exit(3), 10);
  if (request.url === "/ready" && !ready) response.statusCode = 503;
  const answer = () => response.end(JSON.stringify({ environment: process.env, files: read() }));
  if (request.url === "/slow") {
    console.log("slowly");
    setTimeout(answer, 1000);
  }
  else answer();
}).listen(Number(port), "127.0.0.1", () => console.log("listening"));
process.on("SIGTERM", () => {
  console.log("terminated");
  if (manners !== "stubborn") process.exit(0);
});
`;

const image = "registry.example/echo:1";

describe("the process kubelet", () => {
  const namespace = uniqueName("kubelet");
  const core = `/api/v1/namespaces/${namespace}`;
  let kubernetes: KubernetesAccess;
  let kubelet: Kubelet;
  let scripts: TemporaryFolder;

  beforeAll(async () => {
    kubernetes = await sharedKubernetes();
    scripts = await temporaryFolder({ "server.mjs": server });
    kubelet = await startKubelet(kubernetes, {
      images: { [image]: { command: [process.execPath, `${scripts.path}/server.mjs`] } },
      accepts: ({ metadata }) => metadata.namespace === namespace,
      restartBackoffSeconds: 0,
    });
    await kubernetes.kubectl(["create", "namespace", namespace]);
    await waitFor(
      "the ServiceAccount",
      async () => (await kubernetes.api("GET", `${core}/serviceaccounts/default`)).status === 200,
    );
  });
  afterAll(async () => {
    await kubernetes.kubectl(["delete", "namespace", namespace, "--wait=false"]);
    await kubelet.stop();
    await scripts.remove();
  });

  const create = async (path: string, body: object): Promise<void> => {
    const answer = await kubernetes.api("POST", path, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  };
  const configMap = (name: string, data: object): Promise<void> =>
    create(`${core}/configmaps`, { metadata: { name }, data });
  const podOf = async (name: string): Promise<Pod> =>
    (await kubernetes.api("GET", `${core}/pods/${name}`)).body;
  const readyIs = async (name: string, status: string): Promise<boolean> =>
    (await podOf(name)).status?.conditions?.find(({ type }) => type === "Ready")?.status === status;
  const ask = async (name: string, path = "/"): Promise<{ environment: NodeJS.ProcessEnv; files: Texts }> => {
    const { host, port } = kubelet.resolve((await podOf(name)).status?.podIP ?? "", 8080);
    return (await fetch(`http://${host}:${port}${path}`)).json() as never;
  };
  const container = (more: object = {}): object => ({
    name: "echo",
    image,
    args: ["8080", "/etc/files"],
    ports: [{ name: "http", containerPort: 8080 }],
    readinessProbe: { httpGet: { path: "/ready", port: "http" }, periodSeconds: 1, failureThreshold: 1 },
    ...more,
  });
  const pod = (name: string, spec: object): Promise<void> =>
    create(`${core}/pods`, { metadata: { name, labels: { app: name } }, spec });
  const running = (name: string) => kubelet.pods().find((each) => each.name === name)?.containers[0];

  test("runs a Deployment, and rolls it, with hooks and grace", async () => {
    const labels = { app: "web" };
    const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    await create(deployments, {
      metadata: { name: "web" },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [container({ lifecycle: { preStop: { sleep: { seconds: 1 } } } })] },
        },
      },
    });
    const rolled = ["-n", namespace, "rollout", "status", "deployment/web", "--timeout=60s"];
    expect(await kubernetes.kubectl(rolled)).toMatchObject({ code: 0 });
    const before = kubelet.pods().filter(({ name }) => name.startsWith("web-"));
    expect(before).toHaveLength(2);
    const [first] = before;
    // What is being answered when the roll-out begins ends well: the hook keeps the process that long.
    const slow = ask(first?.name ?? "", "/slow");
    const log = (): Promise<string> => kubelet.logs(namespace, first?.name ?? "");
    await waitFor("the request to be there", async () => (await log()).includes("slowly"));
    expect(await kubernetes.kubectl(["-n", namespace, "rollout", "restart", "deployment/web"])).toMatchObject(
      {
        code: 0,
      },
    );
    expect((await slow).files).toBeDefined();
    expect(await kubernetes.kubectl(rolled)).toMatchObject({ code: 0 });
    await waitFor("the old Pods to be gone", () =>
      before.every(({ uid }) => kubelet.pods().every((each) => each.uid !== uid)),
    );
    expect(await log()).toBe("listening\nslowly\nterminated\n");
    await kubernetes.api("DELETE", `${deployments}/web`);
  });

  test("brings a changed ConfigMap to a running Pod when an annotation is touched, but never its environment", async () => {
    await configMap("settings", { colour: "red", "deep.txt": "x" });
    await pod("settled", {
      containers: [
        container({
          env: [
            { name: "COLOUR", valueFrom: { configMapKeyRef: { name: "settings", key: "colour" } } },
            { name: "PLACE", value: "at $(COLOUR) /etc/files/colour" },
            { name: "ADDRESS", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
            {
              name: "MEMORY",
              valueFrom: { resourceFieldRef: { resource: "limits.memory", divisor: "1Mi" } },
            },
          ],
          envFrom: [{ prefix: "S_", configMapRef: { name: "settings" } }],
          resources: { limits: { memory: "64Mi" } },
          volumeMounts: [
            { name: "files", mountPath: "/etc/files" },
            { name: "files", mountPath: "/etc/one", subPath: "colour" },
          ],
        }),
      ],
      volumes: [
        {
          name: "files",
          projected: {
            sources: [
              { configMap: { name: "settings" } },
              { downwardAPI: { items: [{ path: "pod/name", fieldRef: { fieldPath: "metadata.name" } }] } },
            ],
          },
        },
      ],
    });
    await waitFor("the Pod to be ready", () => readyIs("settled", "True"));
    const { environment, files } = await ask("settled");
    expect(files).toEqual({ colour: "red", "deep.txt": "x", "pod/name": "settled" });
    expect(environment).toMatchObject({
      COLOUR: "red",
      S_colour: "red",
      MEMORY: "64",
      HOSTNAME: "settled",
      ADDRESS: (await podOf("settled")).status?.podIP,
    });
    expect(environment["PLACE"]).toMatch(/^at red .+\/volumes\/files\/colour$/);

    await kubernetes.api("PATCH", `${core}/configmaps/settings`, { data: { colour: "blue" } });
    await pod("newer", {
      containers: [container({ volumeMounts: [{ name: "files", mountPath: "/etc/files" }] })],
      volumes: [{ name: "files", configMap: { name: "settings" } }],
    });
    await waitFor("a newer Pod to be ready", () => readyIs("newer", "True"));
    expect((await ask("newer")).files).toMatchObject({ colour: "blue" });
    expect((await ask("settled")).files).toMatchObject({ colour: "red" });
    await kubernetes.api("PATCH", `${core}/pods/settled`, { metadata: { annotations: { touched: "1" } } });
    const changed = await waitFor("the new value", async () => {
      const answer = await ask("settled");
      return answer.files["colour"] === "blue" && answer;
    });
    expect(changed.environment["COLOUR"]).toBe("red");
    for (const name of ["settled", "newer"]) await kubernetes.api("DELETE", `${core}/pods/${name}`);
  });

  test("waits for what is missing and not optional, and shows later what was optional", async () => {
    await pod("waiting", {
      containers: [
        container({
          env: [
            { name: "KEY", valueFrom: { secretKeyRef: { name: "needed", key: "key" } } },
            { name: "MAYBE", valueFrom: { secretKeyRef: { name: "none", key: "key", optional: true } } },
          ],
          volumeMounts: [{ name: "files", mountPath: "/etc/files" }],
        }),
      ],
      volumes: [{ name: "files", secret: { secretName: "later", optional: true } }],
    });
    const state = async () => (await podOf("waiting")).status?.containerStatuses?.[0]?.state;
    await waitFor(
      "the container to wait",
      async () => "CreateContainerConfigError" in wordsOf(await state()),
    );
    expect(await readyIs("waiting", "False")).toBe(true);
    await create(`${core}/secrets`, { metadata: { name: "needed" }, stringData: { key: "k" } });
    await waitFor("the Pod to be ready", () => readyIs("waiting", "True"));
    const { environment, files } = await ask("waiting");
    expect([environment["KEY"], environment["MAYBE"], files]).toEqual(["k", undefined, {}]);

    await create(`${core}/secrets`, { metadata: { name: "later" }, stringData: { token: "t" } });
    await kubernetes.api("PATCH", `${core}/pods/waiting`, { metadata: { annotations: { touched: "1" } } });
    await waitFor("the Secret", async () => (await ask("waiting")).files["token"] === "t");
    await kubernetes.api("DELETE", `${core}/pods/waiting`);
  });

  test("tells what probes find, and starts again what ends or fails them", async () => {
    await pod("probed", {
      terminationGracePeriodSeconds: 1,
      containers: [
        container({
          startupProbe: { httpGet: { port: 8080 }, periodSeconds: 1, failureThreshold: 30 },
          livenessProbe: { exec: { command: ["test", "!", "-e", "/etc/files/broken"] }, periodSeconds: 1 },
          volumeMounts: [{ name: "files", mountPath: "/etc/files" }],
        }),
      ],
      volumes: [{ name: "files", configMap: { name: "health", optional: true } }],
    });
    await waitFor("the Pod to be ready", () => readyIs("probed", "True"));
    await ask("probed", "/toggle");
    await waitFor("the Pod not to be ready", () => readyIs("probed", "False"));
    expect(running("probed")).toMatchObject({ restarts: 0, ready: false });
    await ask("probed", "/toggle");
    await waitFor("the Pod to be ready again", () => readyIs("probed", "True"));

    await ask("probed", "/exit");
    await waitFor("the first restart", () => running("probed")?.restarts === 1 && running("probed")?.ready);
    const { status } = await podOf("probed");
    expect(status?.containerStatuses?.[0]).toMatchObject({
      restartCount: 1,
      lastState: { terminated: { exitCode: 3, reason: "Error" } },
    });
    await configMap("health", { broken: "" });
    await kubernetes.api("PATCH", `${core}/pods/probed`, { metadata: { annotations: { touched: "1" } } });
    await waitFor("the restart for want of liveness", () => running("probed")?.restarts === 2);
    await kubernetes.api("DELETE", `${core}/pods/probed`);
  });

  test("kills what does not end by its grace, and lets a second deletion shorten it", async () => {
    const stubborn = { args: ["8080", "/none", "stubborn"] };
    await pod("stubborn", { terminationGracePeriodSeconds: 600, containers: [container(stubborn)] });
    await waitFor("the Pod to be ready", () => readyIs("stubborn", "True"));
    const pid = running("stubborn")?.pid ?? 0;
    await kubernetes.api("DELETE", `${core}/pods/stubborn`);
    await waitFor("SIGTERM", async () => (await kubelet.logs(namespace, "stubborn")).includes("terminated"));
    expect(process.kill(pid, 0)).toBe(true);
    await kubernetes.api("DELETE", `${core}/pods/stubborn`, { gracePeriodSeconds: 1 });
    await waitFor(
      "the Pod to be gone",
      async () => (await kubernetes.api("GET", `${core}/pods/stubborn`)).status === 404,
    );
    expect(() => process.kill(pid, 0)).toThrow();
  });

  test("runs init containers first, in order, and Jobs to their end", async () => {
    const shell = (name: string, script: string): object => ({
      name,
      image,
      command: ["/bin/sh", "-c", script],
      volumeMounts: [{ name: "work", mountPath: "/work" }],
    });
    await create(`/apis/batch/v1/namespaces/${namespace}/jobs`, {
      metadata: { name: "sum" },
      spec: {
        template: {
          spec: {
            restartPolicy: "Never",
            initContainers: [shell("one", "echo 1 > /work/out"), shell("two", "echo 2 >> /work/out")],
            containers: [shell("main", "cat /work/out")],
            volumes: [{ name: "work", emptyDir: {} }],
          },
        },
      },
    });
    const done = ["-n", namespace, "wait", "--for=condition=complete", "job/sum", "--timeout=60s"];
    expect(await kubernetes.kubectl(done)).toMatchObject({ code: 0 });
    const name = kubelet.pods().find((each) => each.name.startsWith("sum-"))?.name ?? "";
    expect(await kubelet.logs(namespace, name, "main")).toBe("1\n2\n");
    expect((await podOf(name)).status?.phase).toBe("Succeeded");
  });

  test("says of images it does not know that they run, and forgets them when they are deleted", async () => {
    const labels = { app: "many" };
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
    await create(path, {
      metadata: { name: "many" },
      spec: {
        replicas: 100,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: "x", image: "unknown" }] } },
      },
    });
    const available = async (): Promise<number> =>
      (await kubernetes.api("GET", `${path}/many`)).body.status?.availableReplicas ?? 0;
    await waitFor("100 available Pods", async () => (await available()) === 100, { capMilliseconds: 60_000 });
    expect(kubelet.pods({ all: true }).filter(({ name }) => name.startsWith("many-"))).toHaveLength(100);
    await kubernetes.api("DELETE", `${path}/many`);
    await waitFor(
      "all to be gone",
      () => kubelet.pods({ all: true }).every(({ name }) => !name.startsWith("many-")),
      {
        capMilliseconds: 60_000,
      },
    );
  });
});

test("the kubelet goes on after a restart of the server, and takes its processes with it when it stops", async () => {
  await using scripts = await temporaryFolder({ "server.mjs": server });
  await using own = await startKubernetes();
  const kubelet = await startKubelet(own, {
    syncSeconds: 1,
    images: { [image]: { command: [process.execPath, `${scripts.path}/server.mjs`] } },
  });
  const pods = "/api/v1/namespaces/default/pods";
  const make = async (name: string): Promise<void> => {
    const volumeMounts = [{ name: "files", mountPath: "/files" }];
    const args = ["8080", "/files"];
    const containers = [{ name: "echo", image, args, ports: [{ containerPort: 8080 }], volumeMounts }];
    const volumes = [{ name: "files", configMap: { name: "late", optional: true } }];
    const spec = { containers, volumes };
    expect((await own.api("POST", pods, { metadata: { name }, spec })).status).toBe(201);
    await waitFor("the Pod to run", async () => {
      const { status } = (await own.api("GET", `${pods}/${name}`)).body as Pod;
      return status?.phase === "Running";
    });
  };
  await make("before");
  await own.restartApiServer("SIGKILL");
  await make("after");
  // Nothing but time passes here: the volume is brought up to date all the same.
  const after = kubelet.pods().find(({ name }) => name === "after")?.address ?? "";
  await own.api("POST", "/api/v1/namespaces/default/configmaps", {
    metadata: { name: "late" },
    data: { a: "1" },
  });
  const { host, port } = kubelet.resolve(after, 8080);
  await waitFor("the ConfigMap to arrive", async () => {
    const answer = (await (await fetch(`http://${host}:${port}`)).json()) as { files: object };
    return "a" in answer.files;
  });
  await own.api("DELETE", `${pods}/before`);
  await waitFor("the first to be gone", () => kubelet.pods().length === 1);
  const pid = kubelet.pods()[0]?.containers[0]?.pid ?? 0;
  expect(process.kill(pid, 0)).toBe(true);
  await kubelet.stop();
  expect(() => process.kill(pid, 0)).toThrow();
  expect((await own.api("GET", `/api/v1/nodes/${kubelet.nodeName}`)).status).toBe(404);
});

type Texts = { readonly [name: string]: string };

/** The reasons in a container's state, to look for one. */
function wordsOf(state: object | undefined): object {
  const reasons = Object.values(state ?? {}).map((each: { reason?: string }) => [each.reason ?? "", true]);
  return Object.fromEntries(reasons);
}
