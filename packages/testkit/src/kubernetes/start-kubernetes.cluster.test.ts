import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { temporaryFolder } from "../temporary-folder.ts";
import { waitFor } from "../wait.ts";
import type { KubernetesAccess } from "./kubernetes.ts";
import { sharedKubernetes, uniqueName } from "./shared-kubernetes.ts";
import { startKubernetes } from "./start-kubernetes.ts";

const GARBAGE_MILLISECONDS = 90_000;

describe("the shared server", () => {
  const namespace = uniqueName("launcher");
  const core = `/api/v1/namespaces/${namespace}`;
  let kubernetes: KubernetesAccess;

  beforeAll(async () => {
    kubernetes = await sharedKubernetes();
    expect((await kubernetes.kubectl(["create", "namespace", namespace])).code).toBe(0);
  });
  afterAll(() => kubernetes.kubectl(["delete", "namespace", namespace, "--wait=false"]));

  test("gives ServiceAccounts tokens that may what their roles say", async () => {
    const { kubectl, tokenFor } = kubernetes;
    await waitFor(
      "the ServiceAccount",
      async () => (await kubernetes.api("GET", `${core}/serviceaccounts/default`)).status === 200,
    );
    const token = await tokenFor(`system:serviceaccount:${namespace}:default`);
    const denied = await kubectl(["-n", namespace, "get", "configmaps"], { token });
    expect(denied.code).toBe(1);
    expect(denied.stderr).toContain(`"system:serviceaccount:${namespace}:default" cannot list`);
    const binding = ["create", "rolebinding", "see", "--clusterrole=view"];
    await kubectl(["-n", namespace, ...binding, `--serviceaccount=${namespace}:default`]);
    await waitFor(
      "the role to hold",
      async () => (await kubectl(["-n", namespace, "get", "configmaps"], { token })).code === 0,
    );
    const developer = await kubectl(["auth", "whoami", "-o", "json"], { token: await tokenFor("developer") });
    expect(JSON.parse(developer.stdout).status.userInfo.username).toBe("developer");
    await expect(tokenFor("nobody")).rejects.toThrow(/no token of nobody/);
  });

  test("makes Pods of a Deployment, and takes them away with it", async () => {
    const labels = { app: "web" };
    const made = await kubernetes.api("POST", `/apis/apps/v1/namespaces/${namespace}/deployments`, {
      metadata: { name: "web" },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: "web", image: "nothing" }] } },
      },
    });
    expect(made.status).toBe(201);
    const pods = async (): Promise<number> =>
      (await kubernetes.api("GET", `${core}/pods?labelSelector=app%3Dweb`)).body.items.length;
    await waitFor("two Pods", async () => (await pods()) === 2);
    expect((await kubernetes.kubectl(["-n", namespace, "delete", "deployment", "web"])).code).toBe(0);
    await waitFor("no Pods", async () => (await pods()) === 0, { capMilliseconds: GARBAGE_MILLISECONDS });
  });

  test("refuses a server-side apply that takes another manager's field", async () => {
    const apply = (manager: string, value: string): Promise<{ status: number; body: { reason?: string } }> =>
      kubernetes.api(
        "PATCH",
        `${core}/configmaps/contested?fieldManager=${manager}`,
        { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "contested" }, data: { key: value } },
        "application/apply-patch+yaml",
      );
    expect((await apply("one", "1")).status).toBe(201);
    const second = await apply("two", "2");
    expect(second.status).toBe(409);
    expect(second.body.reason).toBe("Conflict");
    expect((await apply("two", "1")).status).toBe(200);
  });

  test("counts requests", async () => {
    const position = await kubernetes.auditPosition();
    const token = await kubernetes.tokenFor("developer");
    const client = kubernetes.client(token);
    await client.api("GET", `${core}/configmaps/none`);
    const stop = new AbortController();
    const mine = kubernetes.client().watch(`${core}/secrets?watch=true`, stop.signal);
    await mine;
    const events = await waitFor("both events", async () => {
      const found = (await kubernetes.auditEvents(position)).filter((event) => event.namespace === namespace);
      return found.some(({ verb }) => verb === "watch") && found;
    });
    stop.abort();
    expect(events.filter(({ user }) => user === "developer")).toMatchObject([
      { verb: "get", group: "", resource: "configmaps", name: "none", code: 403 },
    ]);
    expect(events.filter(({ verb }) => verb === "watch")).toMatchObject([{ resource: "secrets", code: 200 }]);
    expect(events.map(({ time }) => time).every((time) => !Number.isNaN(Date.parse(time)))).toBe(true);
  });
});

describe("a server of one's own", () => {
  test("can be restarted, killed, frozen and stopped, and keeps its state", async () => {
    let folder = "";
    {
      await using own = await startKubernetes({ controllerManager: false });
      folder = own.connection.folder;
      const path = "/api/v1/namespaces/default/configmaps";
      expect((await own.api("POST", path, { metadata: { name: "kept" } })).status).toBe(201);
      const stop = new AbortController();
      const watch = await own.client().watch(`${path}?watch=true`, stop.signal);
      const broken = (async () => {
        for await (const _ of watch);
      })().catch(() => {});
      await own.restartApiServer("SIGKILL");
      await broken;
      expect((await own.api("GET", `${path}/kept`)).status).toBe(200);
      const start = await own.stopApiServer();
      await expect(own.api("GET", `${path}/kept`)).rejects.toThrow();
      await start();
      expect((await own.api("GET", `${path}/kept`)).status).toBe(200);

      const stalled = own.stallApiServer(1);
      const asked = performance.now();
      expect((await own.api("GET", `${path}/kept`)).status).toBe(200);
      expect(performance.now() - asked).toBeGreaterThan(500);
      await stalled;
    }
    await waitFor("its folder to be gone", () => !existsSync(folder));
  });

  test("collects at once what the owner of a kind leaves behind that it was started with", async () => {
    const schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
    const crd = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "owners.gatewright.example" },
      spec: {
        group: "gatewright.example",
        scope: "Cluster",
        names: { plural: "owners", singular: "owner", kind: "Owner" },
        versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }],
      },
    };
    await using files = await temporaryFolder({ "crd.json": JSON.stringify(crd) });
    await using own = await startKubernetes({ definitions: [files.path] });
    const [apiVersion, kind, name] = ["gatewright.example/v1", "Owner", "one"];
    const owners = `/apis/${apiVersion}/owners`;
    const owner = await own.api("POST", owners, { apiVersion, kind, metadata: { name } });
    expect(owner.status).toBe(201);
    const configMaps = "/api/v1/namespaces/default/configmaps";
    const ownerReferences = [{ apiVersion, kind, name, uid: owner.body.metadata.uid }];
    await own.api("POST", configMaps, { metadata: { name: "owned", ownerReferences } });
    expect((await own.api("DELETE", `${owners}/one`)).status).toBe(200);
    await waitFor(
      "the end of the ConfigMap",
      async () => (await own.api("GET", `${configMaps}/owned`)).status === 404,
    );
  });

  test("ends with its owner, however that one ends", async () => {
    const module = new URL("./start-kubernetes.ts", import.meta.url).href;
    const code = `const { startKubernetes } = await import(${JSON.stringify(module)});
      const own = await startKubernetes({ controllerManager: false });
      console.log(own.url, own.connection.folder);
      setInterval(() => {}, 1000);`;
    const owner = spawn(process.execPath, ["--input-type=module", "-e", code], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    owner.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    const [, url = "", folder = ""] = await waitFor("the server", () => /^(\S+) (\S+)\n/.exec(said), {
      capMilliseconds: 60_000,
    });
    const reachable = (): Promise<boolean> =>
      fetch(url).then(
        () => true,
        (error: Error & { cause?: { code?: string } }) => error.cause?.code !== "ECONNREFUSED",
      );
    expect(await reachable()).toBe(true);
    owner.kill("SIGKILL");
    await waitFor("the server to be gone", async () => !(await reachable()) && !existsSync(folder));
  });
});
