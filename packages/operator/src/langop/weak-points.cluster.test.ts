import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import {
  clusterOf,
  conditionOf,
  type LangopStage,
  type Manifest,
  modelOf,
  namespaceOf,
  secretOf,
  sharedKubernetes,
  startLangopStage,
  startProcess,
  temporaryFolder,
  uniqueName,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/*
 * The weak points of the replaced operator that Gatewright claims to be without: one or more tests for each row of
 * langop.md §6.2 that concerns clusters, models or the gateway; here those that a running gateway shows, in
 * weak-points-objects.cluster.test.ts (6.2-8, 9, 15, 16, 19) those that objects show. Nowhere here:
 * - 6.2-1 (limits are not enforced) and 6.2-10 (budgets, costs, usage): issue 5.
 * - 6.2-18 (/v1/models of wildcards): issue 6, with the client APIs.
 * - what concerns agents and tools: agent-weak-points.cluster.test.ts, and what that names.
 */

/** Gateways of this cluster run. */
const team = uniqueName("weak");
/** Pods of namespaces that begin otherwise never start. */
const idle = uniqueName("idle");

let kubernetes: Awaited<ReturnType<typeof sharedKubernetes>>;
let stage: LangopStage;

beforeAll(async () => {
  kubernetes = await sharedKubernetes();
  stage = await startLangopStage(kubernetes, { prefix: team });
  await stage.apply(clusterOf(team, {}), clusterOf(idle, {}));
  await waitFor("the namespace", () => stage.read(`/api/v1/namespaces/${team}`));
  await stage.apply(
    secretOf(team, "good", { "api-key": "sk-good-1" }),
    compatible("good", "good-model", "good"),
  );
  await stage.ready(team);
});
afterAll(() => stage?.[Symbol.asyncDispose]());

/** A model behind the fake upstream. */
function compatible(name: string, modelName: string, secret?: string, more: object = {}): Manifest {
  return modelOf(team, name, {
    provider: "openai-compatible",
    modelName,
    endpoint: stage.upstream.url,
    ...(secret === undefined ? {} : { apiKeySecretRef: { name: secret } }),
    ...more,
  }) as Manifest;
}

/** Waits until a model answers as wanted. */
const answers = (model: string, status: number) =>
  waitFor(
    `${status} from ${model}`,
    async () => {
      const answer = await stage.chat(team, model);
      return answer.status === status ? answer : undefined;
    },
    { capMilliseconds: 60_000 },
  );

test("6.2-2: a rotated key is used by the running pod, with no restart and no roll-out", async () => {
  const before = await stage.gateway(team);
  const { spec } = await stage.object("Deployment", team, "gateway");
  expect(await stage.chat(team, "good-model")).toMatchObject({ status: 200 });
  expect(stage.upstream.requests.at(-1)?.key).toBe("sk-good-1");
  await stage.apply(secretOf(team, "good", { "api-key": "sk-good-2" }));
  await waitFor("the new key upstream", async () => {
    await stage.chat(team, "good-model");
    return stage.upstream.requests.at(-1)?.key === "sk-good-2";
  });
  const after = await stage.gateway(team);
  expect([after.uid, after.containers]).toEqual([before.uid, before.containers]);
  expect((await stage.object("Deployment", team, "gateway")).spec).toEqual(spec);
});

describe("6.2-3: one bad Secret takes down only its model", () => {
  test("its status names the Secret or the key, and the others are served", async () => {
    await stage.apply(
      secretOf(team, "half", { other: "x" }),
      compatible("absent", "absent-model", "nowhere"),
      compatible("keyless", "keyless-model", "half"),
    );
    expect(
      (await stage.condition(`${team}/absent`, "Ready", { reason: "SecretNotFound" })).message,
    ).toContain(`${team}/nowhere`);
    expect(
      (await stage.condition(`${team}/keyless`, "Ready", { reason: "SecretKeyMissing" })).message,
    ).toMatch(/"api-key".*it has other/u);
    expect(await stage.model(team, "absent")).toMatchObject({ status: { phase: "Failed" } });
    expect(await answers("absent-model", 400)).toBeDefined();
    expect(await stage.chat(team, "good-model")).toMatchObject({ status: 200 });
    expect(await stage.model(team, "good")).toMatchObject({ status: { phase: "Ready" } });
    expect(conditionOf(await stage.ready(team), "Degraded")).toMatchObject({
      status: "True",
      reason: "SecretNotFound",
    });
  });

  test("new pods start all the same", async () => {
    const old = await stage.gateway(team);
    await kubernetes.kubectl(["delete", "pod", "-n", team, old.name, "--wait=false"]);
    await waitFor("another pod", async () => (await stage.gateway(team)).uid !== old.uid, {
      capMilliseconds: 60_000,
    });
    expect(await stage.chat(team, "good-model")).toMatchObject({ status: 200 });
  });

  test("when the key comes, the model is served without a restart", async () => {
    const before = await stage.gateway(team);
    await stage.apply(secretOf(team, "half", { other: "x", "api-key": "sk-half" }));
    await answers("keyless-model", 200);
    expect(stage.upstream.requests.at(-1)?.key).toBe("sk-half");
    await stage.condition(`${team}/keyless`, "Ready", { reason: "ReconcileSuccess" });
    expect((await stage.gateway(team)).containers).toEqual(before.containers);
    await kubernetes.kubectl(["delete", "lmodel", "-n", team, "absent", "keyless", "--wait=false"]);
  });
});

describe("6.2-4: a change of models restarts nothing", () => {
  test("a model with a new Secret forces no roll-out, is served at once, and cuts no stream", async () => {
    const before = await stage.gateway(team);
    const old = await stage.object("Deployment", team, "gateway");
    const stream = await stage.ask(team, "/v1/chat/completions", {
      body: {
        model: "good-model",
        stream: true,
        messages: [{ role: "user", content: "hi" }],
        fake: { held: true, interval: 20 },
      },
    });
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    await reader?.read();
    await stage.apply(secretOf(team, "brand-new", { token: "sk-new" }));
    await stage.apply(
      compatible("new", "new-model", undefined, { apiKeySecretRef: { name: "brand-new", key: "token" } }),
    );
    await answers("new-model", 200);
    expect(stage.upstream.requests.at(-1)?.key).toBe("sk-new");
    await kubernetes.kubectl(["delete", "lmodel", "-n", team, "new"]);
    await answers("new-model", 400);
    const after = await stage.gateway(team);
    expect([after.uid, after.containers]).toEqual([before.uid, before.containers]);
    const now = await stage.object("Deployment", team, "gateway");
    expect(now.spec).toEqual(old.spec);
    expect(now.metadata.resourceVersion).not.toBe(old.metadata.resourceVersion);
    stage.upstream.release();
    let text = "";
    for (let part = await reader?.read(); part?.done === false; part = await reader?.read())
      text += part.value;
    expect(text).toMatch(/data: \[DONE\]\s*$/u);
  });

  test("the hash of the configuration stands on the Deployment, not on the template, and probes look often", async () => {
    const { metadata, spec } = await stage.object("Deployment", team, "gateway");
    expect(metadata.annotations["langop.io/config-hash"]).toMatch(/^[0-9a-f]{16}$/u);
    expect(spec.template.metadata.annotations?.["langop.io/config-hash"]).toBeUndefined();
    const [{ livenessProbe, readinessProbe, startupProbe }] = spec.template.spec.containers;
    expect(livenessProbe).toMatchObject({ periodSeconds: 10, httpGet: { path: "/health/liveliness" } });
    expect(readinessProbe).toMatchObject({ periodSeconds: 5, httpGet: { path: "/health/readiness" } });
    expect(readinessProbe.initialDelaySeconds).toBeUndefined();
    expect(startupProbe).toMatchObject({ periodSeconds: 1 });
  });
});

describe("6.2-5: Ready and gatewayReady say what is", () => {
  test("no pod that serves, no gatewayReady", async () => {
    await stage.condition(idle, "Ready", { status: "False", reason: "PodsNotReady" });
    const { status } = await stage.cluster(idle);
    expect(status).toMatchObject({ phase: "Pending", gatewayReady: false });
    expect(conditionOf({ status }, "GatewayReady")).toMatchObject({
      status: "False",
      reason: "PodsNotReady",
    });
    expect((await stage.cluster(team)).status).toMatchObject({ phase: "Ready", gatewayReady: true });
  });

  test.each([
    {
      step: "an Ingress",
      reason: "GatewayIngressError",
      type: "GatewayReady",
      path: "ingresses.networking.k8s.io/gateway",
      theirs: {
        apiVersion: "networking.k8s.io/v1",
        kind: "Ingress",
        metadata: { name: "gateway", namespace: team },
        spec: { defaultBackend: { service: { name: "shop", port: { number: 80 } } } },
      },
      spec: { domain: "ai.example.test", ingress: { enabled: true } },
    },
    {
      step: "a quota",
      reason: "CapacityError",
      type: "CapacityReady",
      path: "resourcequotas/langop-quota",
      theirs: {
        apiVersion: "v1",
        kind: "ResourceQuota",
        metadata: { name: "langop-quota", namespace: team },
        spec: { hard: { pods: "100" } },
      },
      spec: { capacity: { maxModels: 50 } },
    },
  ])("$step that cannot be written makes Ready False with the same reason", async (row) => {
    await stage.apply(row.theirs, clusterOf(team, row.spec));
    await stage.condition(team, "Ready", { status: "False", reason: row.reason });
    await stage.condition(team, row.type, { status: "False", reason: row.reason });
    expect((await stage.cluster(team)).status.phase).toBe("Failed");
    // What is theirs stays theirs, and the gateway goes on.
    expect(await stage.chat(team, "good-model")).toMatchObject({ status: 200 });
    await kubernetes.kubectl(["delete", "-n", team, row.path]);
    await stage.condition(team, "Ready", { status: "True" });
    await stage.apply(clusterOf(team, {}));
    await stage.ready(team);
  });
});

describe("6.2-6: names", () => {
  test("clients may use modelName or the name of the resource", async () => {
    for (const name of ["good-model", "good"])
      expect(await stage.chat(team, name)).toMatchObject({ status: 200 });
    expect(stage.upstream.requests.slice(-2).map(({ model }) => model)).toEqual(["good-model", "good-model"]);
  });

  test("two models of one name are told in the status of both the model and the cluster", async () => {
    await stage.apply(
      modelOf(team, "other", {
        provider: "openai",
        modelName: "good-model",
        endpoint: stage.upstream.url,
      }) as Manifest,
    );
    const { message } = await stage.condition(`${team}/other`, "Degraded", { reason: "ModelNameShared" });
    expect(message).toContain("good-model");
    await stage.condition(team, "Degraded", { reason: "ModelNameShared" });
    await kubernetes.kubectl(["delete", "lmodel", "-n", team, "other"]);
    await stage.condition(team, "Degraded", undefined);
  });
});

describe("6.2-7: the gateway is closed", () => {
  test("nobody gets in without a key that was signed for an agent of this cluster", async () => {
    const key = await stage.agentKey(team);
    for (const wrong of [
      "",
      "sk-langop-proxy",
      "sk-langop-agent-1",
      `${key.slice(0, -1)}${key.endsWith("0") ? "1" : "0"}`,
    ]) {
      expect(await stage.chat(team, "good-model", wrong), wrong).toMatchObject({ status: 401 });
    }
    expect(await stage.chat(team, "good-model", key)).toMatchObject({ status: 200 });
    expect(conditionOf(await stage.cluster(team), "GatewayOpen")).toBeUndefined();
  });

  test("an annotation opens it, a condition says so, and without the annotation it is closed again", async () => {
    const pod = await stage.gateway(team);
    await stage.apply(clusterOf(team, {}, { "gatewright.dev/agent-keys": "open" }) as Manifest);
    await waitFor(
      "an open gateway",
      async () => (await stage.chat(team, "good-model", "sk-langop-proxy")).status === 200,
    );
    await stage.condition(team, "GatewayOpen", { status: "True", reason: "OpenByAnnotation" });
    await stage.apply(clusterOf(team, {}));
    await waitFor(
      "a closed gateway",
      async () => (await stage.chat(team, "good-model", "sk-langop-proxy")).status === 401,
    );
    await stage.condition(team, "GatewayOpen", undefined);
    expect((await stage.gateway(team)).containers).toEqual(pod.containers);
  });

  test("a Secret of the user's is kept and followed; one without its key is told, since it would let nobody in", async () => {
    const own = `${idle}-own`;
    await stage.apply(namespaceOf(own) as Manifest, secretOf(own, "gateway-auth", { other: "x" }));
    await stage.apply(clusterOf(own, {}));
    const { message } = await stage.condition(own, "Ready", { reason: "GatewayError" });
    expect(message).toContain(`${own}/gateway-auth has no key hmac-secret`);
    for (const value of ["mine", "mine, rotated"]) {
      await stage.apply(secretOf(own, "gateway-auth", { "hmac-secret": value }));
      await waitFor("the value at the gateway", async () => {
        const { data } = await stage.object("Secret", own, "gateway-credentials");
        return data.LANGOP_GATEWAY_HMAC_SECRET === Buffer.from(value).toString("base64");
      });
      await stage.condition(own, "Ready", { reason: "PodsNotReady" });
    }
  });
});

describe("6.2-11: keys stand in Secrets and nowhere else", () => {
  test("no other object, no log and no status holds one", async () => {
    await stage.apply(secretOf(team, "good", { "api-key": "sk-nowhere-else" }));
    await waitFor("the new key upstream", async () => {
      await stage.chat(team, "good-model");
      return stage.upstream.requests.at(-1)?.key === "sk-nowhere-else";
    });
    const kinds =
      "configmaps,pods,deployments,replicasets,services,events,lmodel,serviceaccounts,networkpolicies";
    const { stdout } = await kubernetes.kubectl(["get", kinds, "-n", team, "-o", "yaml"]);
    expect(stdout).toContain("os.environ/good_2fapi_2dkey");
    const { name } = await stage.gateway(team);
    const hmac = (await stage.read(`/api/v1/namespaces/${team}/secrets/gateway-auth`)).data["hmac-secret"];
    const everything = [stdout, await stage.kubelet.logs(team, name), ...stage.operator.log].join("\n");
    for (const secret of ["sk-nowhere-else", hmac, Buffer.from(hmac, "base64").toString()]) {
      expect(everything.includes(secret), secret.slice(0, 5)).toBe(false);
    }
  });

  test("`gatewright config` prints what is in clear in a user's own configuration without it", async () => {
    await using folder = await temporaryFolder();
    const own = "\n  master_key: sk-in-clear\n";
    const config = await folder.write(
      "config.yaml",
      (await stage.document(team)).replace(/(general_settings:)\n/u, `$1${own}`),
    );
    const secrets = await folder.write("secrets/good_2fapi_2dkey", "sk-from-a-file");
    const { pathname } = new URL("../../../cli/src/main.ts", import.meta.url);
    const args = [pathname, "config", "--config", config, "--secrets", dirname(secrets)];
    const run = startProcess(process.execPath, args, { name: "gatewright config" });
    await run.exited;
    expect(run.stdout).toContain("master_key: '[redacted]'");
    expect(run.stdout).toContain("os.environ/good_2fapi_2dkey");
    expect(run.stdout).not.toMatch(/sk-in-clear|sk-from-a-file/u);
  });
});

test("6.2-12: an OpenAI-compatible model beside them changes nothing for the others", async () => {
  const strict = {
    provider: "openai",
    modelName: "strict-model",
    endpoint: `${stage.upstream.url}/v1`,
    apiKeySecretRef: { name: "good" },
  };
  const alone = `${team}-strict`;
  await stage.apply(clusterOf(alone, {}));
  await waitFor("the namespace", () => stage.read(`/api/v1/namespaces/${alone}`));
  await stage.apply(
    secretOf(alone, "good", { "api-key": "sk" }),
    modelOf(alone, "strict", strict) as Manifest,
    modelOf(team, "strict", strict) as Manifest,
  );
  await stage.ready(alone);
  await answers("strict-model", 200);
  // LiteLLM has these switches for the whole process only; the document says so, for the engine that obeys it.
  expect(await stage.document(team)).toContain("disable_strict_validation: true");
  expect(await stage.document(alone)).not.toContain("disable_strict_validation");
  // The native engine's requests and answers are the same bytes either way: there is nothing to loosen.
  const body = {
    model: "strict-model",
    messages: [{ role: "user", content: "hi" }],
    unheard_of: { a: 1 },
    fake: { model: "x", headers: {} },
  };
  const seen = [];
  for (const namespace of [alone, team]) {
    const response = await stage.ask(namespace, "/v1/chat/completions", { body });
    const text = (await response.text()).replace(/"(id|created)":("[^"]*"|\d+)/gu, "");
    seen.push([response.status, text, stage.upstream.requests.at(-1)?.bodyText]);
  }
  expect(seen[0]).toEqual(seen[1]);
  await kubernetes.kubectl(["delete", "lmodel", "-n", team, "strict"]);
  await kubernetes.kubectl(["delete", "languagecluster", alone, "--wait=false"]);
});

test("6.2-13: azure, bedrock and vertex are configured model by model", async () => {
  const cloud = `${idle}-cloud`;
  await stage.apply(clusterOf(cloud, {}, { "gatewright.dev/engine": "litellm" }) as Manifest);
  await waitFor("the namespace", () => stage.read(`/api/v1/namespaces/${cloud}`));
  const azure = (apiVersion: string) => ({
    provider: "azure",
    modelName: `gpt-${apiVersion}`,
    endpoint: stage.upstream.url,
    apiVersion,
    apiKeySecretRef: { name: "good" },
  });
  await stage.apply(
    secretOf(cloud, "good", { "api-key": "sk" }),
    secretOf(cloud, "aws", { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "secret" }),
    ...([
      modelOf(cloud, "nova", {
        provider: "bedrock",
        modelName: "nova",
        region: "eu-central-1",
        credentialsSecretRef: { name: "aws" },
      }),
      modelOf(cloud, "gemini", {
        provider: "vertex",
        modelName: "gemini",
        project: "mine",
        location: "europe-west4",
      }),
      modelOf(cloud, "old", azure("2024-10-21")),
      modelOf(cloud, "new", azure("2025-01-01-preview")),
    ] as Manifest[]),
  );
  const text = await waitFor("all four", async () => {
    const found = await stage.document(cloud);
    return ["nova", "gemini", "old", "new"].every((id) => found.includes(`id: ${id}\n`)) ? found : undefined;
  });
  for (const line of [
    "aws_region_name: eu-central-1",
    "aws_access_key_id: os.environ/aws_2fAWS_5fACCESS_5fKEY_5fID",
    "vertex_project: mine",
    "vertex_location: europe-west4",
    "api_version: 2024-10-21",
    "api_version: 2025-01-01-preview",
  ]) {
    expect(text.replaceAll('"', "")).toContain(line);
  }
  // What the native engine calls itself goes out that way.
  await stage.apply(modelOf(team, "azure", azure("2025-01-01-preview")) as Manifest);
  await answers("gpt-2025-01-01-preview", 200);
  expect(stage.upstream.requests.at(-1)?.query).toContain("api-version=2025-01-01-preview");
  await kubernetes.kubectl(["delete", "lmodel", "-n", team, "azure"]);
});

describe("6.2-14: defects of the first generation's generator", () => {
  test("a timeout in milliseconds, a path that ends in /v1/, and a fallback to nobody keep nothing from being served", async () => {
    await stage.apply(
      compatible("quick", "quick-model", "good", {
        endpoint: `${stage.upstream.url}/v1/`,
        timeout: "2500ms",
        fallbacks: [{ modelRef: "nobody" }, { modelRef: "good" }],
      }),
    );
    await answers("quick-model", 200);
    expect(stage.upstream.requests.at(-1)?.path).toBe("/v1/chat/completions");
    const text = await stage.document(team);
    expect(text).toContain("timeout: 2.5\n");
    expect(text).toMatch(/fallbacks:\s+- quick-model:\s+- good-model\n/u);
    expect(conditionOf(await stage.model(team, "quick"), "Degraded")?.message).toContain("nobody");
    await kubernetes.kubectl(["delete", "lmodel", "-n", team, "quick"]);
  });

  test("endpoints share the limits of their model instead of multiplying them", async () => {
    const endpoints = [1, 2, 3].map((each) => ({ url: `${stage.upstream.url}/${each}/v1` }));
    await stage.apply(
      compatible("spread", "spread-model", "good", {
        endpoint: undefined,
        rateLimits: { requestsPerMinute: 300 },
        loadBalancing: { endpoints },
      }),
    );
    await answers("spread-model", 200);
    const text = await stage.document(team);
    expect(text.match(/^ {4}rpm: 100$/gmu)).toHaveLength(3);
    expect(text).toContain("requests_per_minute: 300");
    await kubernetes.kubectl(["delete", "lmodel", "-n", team, "spread"]);
  });

  test("/health costs nothing, and metrics are there without being asked for", async () => {
    await stage.apply(compatible("watched", "watched-model", "good", { observability: { metrics: true } }));
    await answers("watched-model", 200);
    stage.upstream.forget();
    for (const path of ["/health", "/health/readiness", "/health/liveliness", "/health/liveness"]) {
      expect((await stage.ask(team, path)).status).toBe(200);
    }
    expect(stage.upstream.requests).toEqual([]);
    expect(await stage.document(team)).not.toContain("prometheus");
    expect(await (await stage.ask(team, "/metrics")).text()).toContain("watched-model");
    await kubernetes.kubectl(["delete", "lmodel", "-n", team, "watched"]);
  });
});

test("6.2-17: a gateway is small, spreads, starts and ends with care", async () => {
  await stage.apply(clusterOf(idle, { gateway: { deployment: { replicas: 3 } } }));
  const { spec: budget } = await waitFor("a budget", () =>
    stage.read(`/apis/policy/v1/namespaces/${idle}/poddisruptionbudgets/gateway`),
  );
  expect(budget.maxUnavailable).toBe(1);
  const { spec } = (await stage.object("Deployment", idle, "gateway")).spec.template;
  const [{ lifecycle, startupProbe, resources }] = spec.containers;
  expect(lifecycle).toEqual({ preStop: { sleep: { seconds: 5 } } });
  expect(startupProbe.failureThreshold).toBe(60);
  expect(spec.terminationGracePeriodSeconds).toBe(3630);
  expect(spec.topologySpreadConstraints).toMatchObject([
    { topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway" },
  ]);
  expect(resources.limits.memory).toBe("512Mi");
  const { containers } = await stage.gateway(team);
  const status = await readFile(`/proc/${containers[0]?.pid}/status`, "utf8").catch(() => "VmRSS: 0 kB");
  expect(Number(/VmRSS:\s+(\d+) kB/u.exec(status)?.[1])).toBeLessThan(256 * 1024);
  await stage.apply(clusterOf(idle, {}));
  await waitFor(
    "no budget",
    async () =>
      (await stage.read(`/apis/policy/v1/namespaces/${idle}/poddisruptionbudgets/gateway`)) === undefined,
  );
});

test("6.2-20: nothing of all this needs Argo Workflows", async () => {
  expect(await stage.read("/apis/argoproj.io/v1alpha1")).toBeUndefined();
  const asked = await kubernetes.auditEvents();
  expect(asked.filter(({ group }) => group === "argoproj.io")).toEqual([]);
  expect((await stage.ready(team)).status.phase).toBe("Ready");
});
