import process from "node:process";
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
  modelOf,
  namespaceOf,
  personaManifest,
  readMember,
  secretOf,
  sharedKubernetes,
  startLangopStage,
  startTestOperator,
  toolManifest,
  uniqueName,
  upstreamModel,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/*
 * Agents that run to their end (langop.md §2.1 execution, §6.2-20): Jobs and CronJobs of Kubernetes' own, run by its
 * controllers and the kubelet of tests, where the replaced operator needed Argo Workflows.
 */

const team = uniqueName("tasks");

let kubernetes: Awaited<ReturnType<typeof sharedKubernetes>>;
let stage: LangopStage;

const task = (name: string, execution: object = {}, more: object = {}) =>
  agentManifest(team, name, {
    models: [{ name: "small" }],
    execution: { mode: "task", ...execution },
    ...more,
  });
/** Runs until the test says that it is enough. */
const patient = {
  deployment: { command: ["/bin/sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.05; done"] },
};

beforeAll(async () => {
  kubernetes = await sharedKubernetes();
  stage = await startLangopStage(kubernetes, { prefix: team, images: { "agent:test": agentImage } });
  await stage.apply(
    namespaceOf(team) as Manifest,
    clusterOf(team, { domain: "ai.example.test" }) as Manifest,
    secretOf(team, "keys", { "api-key": "sk-provider" }) as Manifest,
    upstreamModel(stage, team, "small", "small-1"),
    personaManifest(team, "warm", { tone: "warm" }),
    toolManifest(team, "beside", {
      deploymentMode: "sidecar",
      port: 8085,
      deployment: { env: [{ name: "PORT", value: "8085" }] },
    }),
    // Due at the next full minute; looked at in the last test.
    task("minutely", { schedule: "* * * * *" }),
  );
  await stage.ready(team);
});
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
  await kubernetes.kubectl(["delete", "namespace", team, "--wait=false", "--ignore-not-found"]);
});

const agent = (name: string) => ({ kind: "LanguageAgent", namespace: team, name }) as const;
const condition = (name: string, want: Partial<Condition>): Promise<LiveObject> =>
  memberCondition(stage, agent(name), "Ready", want);
const succeeded = (name: string): Promise<LiveObject> =>
  waitFor(
    `${name} to succeed`,
    async () => {
      const { metadata, status } = await readMember(stage, agent(name));
      return status?.phase === "Succeeded" && status.observedGeneration === metadata.generation
        ? status
        : undefined;
    },
    { capMilliseconds: 60_000, detail: () => stage.operator.log.slice(-5).join("") },
  );

async function jobsOf(name: string): Promise<readonly LiveObject[]> {
  const labels = encodeURIComponent(`langop.io/kind=LanguageAgent,app.kubernetes.io/name=${name}`);
  return (await stage.read(`/apis/batch/v1/namespaces/${team}/jobs?labelSelector=${labels}`)).items;
}

async function podsOf(name: string): Promise<readonly LiveObject[]> {
  const labels = encodeURIComponent(`langop.io/kind=LanguageAgent,app.kubernetes.io/name=${name}`);
  return (await stage.read(`/api/v1/namespaces/${team}/pods?labelSelector=${labels}`)).items;
}

/** What a run has said: its one line of answers. */
async function saidBy(name: string): Promise<LiveObject> {
  const [pod] = await podsOf(name);
  return JSON.parse(await stage.kubelet.logs(team, pod.metadata.name, "agent"));
}

/** The process of an agent that runs. */
const runningProcess = (name: string) =>
  waitFor("its process", () => {
    const pod = stage.kubelet.pods().find((one) => one.namespace === team && one.name.startsWith(name));
    const pid = pod?.containers.find((container) => container.name === "agent")?.pid;
    return pod === undefined || pid === undefined ? undefined : { uid: pod.uid, pid };
  });

/** Waits until the operator has looked at an agent after everything that was done before. */
async function lookedAt(name: string): Promise<void> {
  const marker = uniqueName("marker");
  await stage.apply(agentManifest(team, marker, { models: [{ name: "nobody" }] }));
  await memberCondition(stage, agent(marker), "Ready", { reason: "DeploymentError" });
  await kubernetes.kubectl(["delete", "lagent", marker, "-n", team]);
  expect(await readMember(stage, agent(name))).toBeDefined();
}

describe("a task without a schedule", () => {
  test("is a Job that asks its models and ends, beside its sidecar, and its status says so", async () => {
    await stage.apply(
      task("once", {}, { tools: [{ name: "beside" }], persona: "warm", instructions: "Do it." }),
    );
    const status = await succeeded("once");
    const [job, ...others] = await jobsOf("once");
    expect(others).toEqual([]);
    expect(status).toMatchObject({
      activeReplicas: 0,
      lastRunName: job.metadata.name,
      lastRunTime: job.status.startTime,
      lastRunPhase: "Succeeded",
    });
    expect(status.activeWorkflowName).toBeUndefined();
    expect(conditionOf({ status }, "Ready")).toMatchObject({
      status: "True",
      message: `${job.metadata.name} has run to its end.`,
    });
    expect(await saidBy("once")).toMatchObject([{ model: "small-1", status: 200 }]);
    const [pod] = await podsOf("once");
    const [{ env }] = pod.spec.containers;
    expect(env).toContainEqual({ name: "AGENT_EXECUTION_MODE", value: "task" });
    expect(pod.spec.restartPolicy).toBe("Never");
  });

  test("has neither Deployment nor Service nor Ingress, and a policy like every agent", async () => {
    for (const kind of ["Deployment", "Service", "Ingress", "CronJob"] as const) {
      expect(await stage.object(kind, team, "once"), kind).toBeUndefined();
    }
    expect(await stage.object("NetworkPolicy", team, "once")).toBeDefined();
    const { managedResources } = (await readMember(stage, agent("once"))).status;
    expect(managedResources.map(({ kind }: LiveObject) => kind)).toEqual([
      "ServiceAccount",
      "Role",
      "RoleBinding",
      "ConfigMap",
      "NetworkPolicy",
      "Job",
    ]);
  });

  test("runs again when it is changed, and not for anything else", async () => {
    const [before] = await jobsOf("once");
    expect(await kubernetes.kubectl(["label", "lagent", "once", "-n", team, "a=b"])).toMatchObject({
      code: 0,
    });
    const again = await startTestOperator(kubernetes, { watchNamespaces: [team] });
    await lookedAt("once");
    await again.close();
    expect((await jobsOf("once")).map(({ metadata }) => metadata.uid)).toEqual([before.metadata.uid]);

    await stage.apply(
      task("once", {}, { tools: [{ name: "beside" }], persona: "warm", instructions: "Do more." }),
    );
    const { lastRunName } = await succeeded("once");
    expect(lastRunName).not.toBe(before.metadata.name);
    await waitFor("the first run to go", async () => (await jobsOf("once")).length === 1);
    expect((await jobsOf("once"))[0].metadata.name).toBe(lastRunName);
  });

  test("is not run again because its persona goes and comes, and says that it is missing", async () => {
    const [before] = await jobsOf("once");
    expect(await kubernetes.kubectl(["delete", "lpersona", "warm", "-n", team])).toMatchObject({ code: 0 });
    await memberCondition(stage, agent("once"), "Degraded", { reason: "ReferenceMissing" });
    expect((await readMember(stage, agent("once"))).status).toMatchObject({
      phase: "Succeeded",
      lastRunName: before.metadata.name,
    });
    await stage.apply(personaManifest(team, "warm", { tone: "warm" }));
    await memberCondition(stage, agent("once"), "Degraded", undefined);
    expect((await jobsOf("once")).map(({ metadata }) => metadata.uid)).toEqual([before.metadata.uid]);
  });

  test("that is removed by its time stays Succeeded, and is not run again", async () => {
    await stage.apply(task("brief", { ttlSecondsAfterFinished: 0 }, { persona: "warm" }));
    const { lastRunName, lastRunTime } = await succeeded("brief");
    await waitFor("its Job to go", async () => (await jobsOf("brief")).length === 0, {
      capMilliseconds: 60_000,
    });
    const expectKept = async (): Promise<void> => {
      await lookedAt("brief");
      expect((await readMember(stage, agent("brief"))).status).toMatchObject({
        phase: "Succeeded",
        lastRunName,
        lastRunTime,
        lastRunPhase: "Succeeded",
      });
      expect(await jobsOf("brief")).toEqual([]);
    };
    await expectKept();
    expect(await kubernetes.kubectl(["delete", "lpersona", "warm", "-n", team])).toMatchObject({ code: 0 });
    await memberCondition(stage, agent("brief"), "Degraded", { reason: "ReferenceMissing" });
    await expectKept();
    await stage.apply(personaManifest(team, "warm", { tone: "warm" }));
    await memberCondition(stage, agent("brief"), "Degraded", undefined);
    await expectKept();
    await stage.apply(
      task("brief", { ttlSecondsAfterFinished: 0 }, { persona: "warm", instructions: "Again." }),
    );
    await waitFor(
      "another run",
      async () => {
        const { status } = await readMember(stage, agent("brief"));
        return status.lastRunName !== lastRunName && status.phase === "Succeeded";
      },
      { capMilliseconds: 60_000 },
    );
  });

  test("that somebody removes while it runs is not run again, and its status says so", async () => {
    await stage.apply(task("removed", {}, patient));
    const { status } = await condition("removed", { status: "True" });
    expect(await kubernetes.kubectl(["delete", "job", status.lastRunName, "-n", team])).toMatchObject({
      code: 0,
    });
    const lost = await condition("removed", { status: "False", reason: "RunLost" });
    expect(lost.status).toMatchObject({
      phase: "Failed",
      lastRunName: status.lastRunName,
      message: expect.stringContaining(status.lastRunName),
    });
    expect([lost.status.lastRunPhase, await jobsOf("removed")]).toEqual([undefined, []]);
    await stage.apply(task("removed", {}, { instructions: "Now." }));
    await succeeded("removed");
  });

  test("that fails is tried as often as it may be, and its status says why it gave up", async () => {
    const deployment = { command: ["/bin/sh", "-c", "exit 3"] };
    await stage.apply(task("failing", { retryLimit: 0 }, { deployment }));
    const { status } = await condition("failing", { status: "False", reason: "RunFailed" });
    const [job] = await jobsOf("failing");
    expect(status).toMatchObject({ phase: "Failed", lastRunPhase: "Failed", lastRunName: job.metadata.name });
    expect(status.message).toContain("backoff limit");
    expect(job.spec.backoffLimit).toBe(0);
    expect(await podsOf("failing")).toHaveLength(1);
  });

  test("that takes too long is ended", async () => {
    await stage.apply(task("endless", { activeDeadlineSeconds: 1, retryLimit: 0 }, patient));
    const { status } = await condition("endless", { status: "False", reason: "RunFailed" });
    expect(status.message).toContain("longer than specified deadline");
    await waitFor("its process to end", () =>
      stage.kubelet.pods().every(({ namespace, name }) => namespace !== team || !name.startsWith("endless")),
    );
  });
});

describe("a task that is under way", () => {
  const end = async (name: string): Promise<void> => {
    process.kill((await runningProcess(name)).pid, "SIGTERM");
    await waitFor(
      "its end",
      async () => (await readMember(stage, agent(name))).status.lastRunPhase === "Succeeded",
      {
        capMilliseconds: 60_000,
      },
    );
  };

  test("is Running, with the name of its run", async () => {
    await stage.apply(task("long", {}, { ...patient, persona: "warm" }));
    const { status } = await condition("long", { status: "True" });
    const [job] = await jobsOf("long");
    expect(status).toMatchObject({
      phase: "Running",
      activeReplicas: 1,
      activeWorkflowName: job.metadata.name,
      lastRunPhase: "Running",
    });
  });

  test.each([
    ["persona", () => personaManifest(team, "warm", { tone: "warm" })],
    [
      "model",
      () =>
        modelOf(team, "small", {
          provider: "openai-compatible",
          modelName: "small-1",
          endpoint: stage.upstream.url,
          apiKeySecretRef: { name: "keys" },
        }),
    ],
  ] as const)("goes on when its %s is deleted, and when it is back", async (kind, manifest) => {
    const before = await runningProcess("long");
    const { name } = manifest().metadata;
    expect(await kubernetes.kubectl(["delete", `language${kind}`, name, "-n", team])).toMatchObject({
      code: 0,
    });
    const { status } = await condition("long", { status: "False", reason: "ReferenceMissing" });
    expect(status.phase).toBe("Degraded");
    expect(await runningProcess("long")).toEqual(before);
    await stage.apply(manifest() as Manifest);
    await condition("long", { status: "True" });
    expect(await runningProcess("long")).toEqual(before);
    expect(await jobsOf("long")).toHaveLength(1);
  });

  test("goes on when the agent is suspended, which then is Suspended, and has run when it no longer is", async () => {
    const before = await runningProcess("long");
    await stage.apply(task("long", { suspend: true }, { ...patient, persona: "warm" }));
    expect((await condition("long", { status: "True" })).status.phase).toBe("Running");
    expect(await runningProcess("long")).toEqual(before);
    const [job] = await jobsOf("long");
    await end("long");
    expect((await condition("long", { reason: "Suspended" })).status.phase).toBe("Suspended");
    await stage.apply(task("long", {}, { ...patient, persona: "warm" }));
    expect((await succeeded("long")).lastRunName).toBe(job.metadata.name);
    expect((await jobsOf("long")).map(({ metadata }) => metadata.uid)).toEqual([job.metadata.uid]);
  });

  test("is ended when the agent is changed: the new run takes its place", async () => {
    await stage.apply(task("long", {}, { ...patient, persona: "warm", instructions: "One." }));
    const before = await runningProcess("long");
    await stage.apply(task("long", {}, { ...patient, persona: "warm", instructions: "Two." }));
    await waitFor("another process", async () => (await runningProcess("long")).uid !== before.uid, {
      capMilliseconds: 60_000,
    });
    await waitFor("one run", async () => (await jobsOf("long")).length === 1);
    await end("long");
  });

  test("is ended when the agent is deleted", async () => {
    await stage.apply(task("long", {}, { ...patient, instructions: "Three." }));
    await condition("long", { status: "True" });
    expect(await kubernetes.kubectl(["delete", "lagent", "long", "-n", team])).toMatchObject({ code: 0 });
    await waitFor(
      "its process to end",
      () =>
        stage.kubelet.pods().every(({ namespace, name }) => namespace !== team || !name.startsWith("long")),
      { capMilliseconds: 60_000 },
    );
    await waitFor("no Job", async () => (await jobsOf("long")).length === 0);
  });
});

describe("suspend", () => {
  test("a task that is created suspended runs when it no longer is", async () => {
    await stage.apply(task("later", { suspend: true }));
    expect((await condition("later", { status: "False", reason: "Suspended" })).status).toMatchObject({
      phase: "Suspended",
      message: "No run is started.",
    });
    expect(await jobsOf("later")).toEqual([]);
    await stage.apply(task("later", { suspend: false }));
    await succeeded("later");
    expect(await jobsOf("later")).toHaveLength(1);
  });

  test("a service has no pods, and has them again", async () => {
    const service = (suspend: boolean) =>
      agentManifest(team, "service", { models: [{ name: "small" }], execution: { suspend } });
    await stage.apply(service(false));
    await condition("service", { status: "True" });
    await stage.apply(service(true));
    expect((await condition("service", { reason: "Suspended" })).status).toMatchObject({
      phase: "Suspended",
      activeReplicas: 0,
    });
    await waitFor("no pods", async () => (await podsOf("service")).length === 0, { capMilliseconds: 60_000 });
    await stage.apply(service(false));
    await condition("service", { status: "True" });
    expect(await (await stage.agent(team, "service")).ask()).toMatchObject([{ status: 200 }]);
  });
});

describe("a task on a schedule", () => {
  const nightly = (execution: object = {}) => task("nightly", { schedule: "0 3 * * *", ...execution });
  const cronJob = (): Promise<LiveObject> => stage.object("CronJob", team, "nightly");

  test("is a CronJob with the agent's settings, that waits for its time", async () => {
    await stage.apply(
      nightly({
        timezone: "Europe/Berlin",
        concurrencyPolicy: "Replace",
        retryLimit: 2,
        activeDeadlineSeconds: 600,
        ttlSecondsAfterFinished: 3600,
      }),
    );
    const { status } = await condition("nightly", { status: "True" });
    expect(status).toMatchObject({
      phase: "Running",
      activeReplicas: 0,
      message: expect.stringContaining("schedule"),
    });
    expect((await cronJob()).spec).toMatchObject({
      schedule: "0 3 * * *",
      timeZone: "Europe/Berlin",
      concurrencyPolicy: "Replace",
      suspend: false,
      jobTemplate: {
        spec: {
          backoffLimit: 2,
          activeDeadlineSeconds: 600,
          ttlSecondsAfterFinished: 3600,
          template: { spec: { restartPolicy: "Never" } },
        },
      },
    });
    expect(await jobsOf("nightly")).toEqual([]);
  });

  test("by default one run excludes the next", async () => {
    await stage.apply(nightly());
    await waitFor("the policy", async () => (await cronJob()).spec.concurrencyPolicy === "Forbid");
    await condition("nightly", { status: "True" });
  });

  test("the status follows a run, of its own or started by hand", async () => {
    const made = await kubernetes.kubectl(["create", "job", "by-hand", "--from=cronjob/nightly", "-n", team]);
    expect(made).toMatchObject({ code: 0 });
    const status = await succeeded("nightly");
    const [job] = await jobsOf("nightly");
    expect(status).toMatchObject({
      lastRunName: "by-hand",
      lastRunTime: job.status.startTime,
      lastRunPhase: "Succeeded",
    });
    expect(await saidBy("nightly")).toMatchObject([{ model: "small-1", status: 200 }]);
  });

  test("suspended it starts no runs, and keeps what is known of the last one", async () => {
    await stage.apply(nightly({ suspend: true }));
    expect((await condition("nightly", { reason: "Suspended" })).status).toMatchObject({
      phase: "Suspended",
      lastRunName: "by-hand",
    });
    expect((await cronJob()).spec.suspend).toBe(true);
    await stage.apply(nightly());
    await waitFor("the schedule to go on", async () => (await cronJob()).spec.suspend === false);
  });

  test("becomes a service, and a service a task: what was before goes", async () => {
    await stage.apply(agentManifest(team, "nightly", { models: [{ name: "small" }] }));
    await condition("nightly", { status: "True" });
    expect(await cronJob()).toBeUndefined();
    expect((await stage.agent(team, "nightly")) !== undefined).toBe(true);
    await stage.apply(task("nightly"));
    await succeeded("nightly");
    for (const kind of ["Deployment", "Service", "Ingress"] as const) {
      expect(await stage.object(kind, team, "nightly"), kind).toBeUndefined();
    }
  });

  test("is run by Kubernetes when it is due", async () => {
    const status = await waitFor(
      "a run",
      async () => {
        const { status: found } = await readMember(stage, agent("minutely"));
        return found?.lastRunPhase === "Succeeded" ? found : undefined;
      },
      { capMilliseconds: 100_000 },
    );
    expect(status.lastRunName).toMatch(/^minutely-\d+$/u);
    expect(await saidBy("minutely")).toMatchObject([{ model: "small-1", status: 200 }]);
  });
});

test("nothing of all this needs Argo Workflows (§6.2-20)", async () => {
  const { body } = await kubernetes.api("GET", "/apis");
  expect(body.groups.map(({ name }: { name: string }) => name)).not.toContain("argoproj.io");
  const path = `/apis/batch/v1/namespaces/${team}/jobs`;
  expect((await stage.read(path)).items.length).toBeGreaterThan(0);
});
