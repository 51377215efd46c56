import { type KubernetesObject, type ResourceType, resourceTypes } from "@gatewright/reconcile";
import {
  createUser,
  type KubernetesAccess,
  leaveBehind,
  type MortalOperator,
  sharedKubernetes,
  startMortalOperator,
  theirAgentSecret,
  type User,
  uniqueName,
  waitFor,
} from "@gatewright/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { langopTypes } from "./langop/langop-types.ts";

/*
 * A cluster as the replaced operator left it is taken over where it stands: nothing is deleted or made anew, its fields
 * become ours, and clients of an open gateway are not locked out until an annotation says so.
 */

const { LanguageCluster, LanguageModel } = langopTypes;
const { Deployment, Secret } = resourceTypes;

let kubernetes: KubernetesAccess;
let user: User;

beforeAll(async () => {
  kubernetes = await sharedKubernetes();
  user = await createUser(kubernetes);
});
afterAll(() => user?.close());

const start = (name: string): Promise<MortalOperator> =>
  startMortalOperator(kubernetes, { watchNamespaces: [name], nameServers: ["127.0.0.1:9"] });

/** Everything that stands in a namespace and belongs to its cluster, by kind and name. */
async function standing(name: string): Promise<ReadonlyMap<string, KubernetesObject>> {
  const found = new Map<string, KubernetesObject>();
  const kinds = Object.values<ResourceType>(resourceTypes).filter(({ scope }) => scope === "Namespaced");
  for (const type of [...kinds, LanguageModel]) {
    const objects = await user.list(type, { namespace: name }).catch(() => []);
    for (const object of objects) {
      if (object.kind !== "LanguageModel" && object.metadata.ownerReferences?.[0]?.kind !== "LanguageCluster")
        continue;
      found.set(`${object.kind} ${object.metadata.name}`, object);
    }
  }
  for (const type of [resourceTypes.Namespace, LanguageCluster]) {
    const object = await user.get(type, { name });
    if (object !== undefined) found.set(object.kind, object);
  }
  return found;
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into objects; a wrong member fails the test.
const deploymentOf = async (name: string): Promise<any> =>
  user.get(Deployment, { namespace: name, name: "gateway" });

interface Access {
  readonly document: string;
  readonly open: { readonly status: string; readonly reason: string } | undefined;
}

async function accessOf(name: string): Promise<Access> {
  const { body } = await kubernetes.api("GET", `/apis/langop.io/v1alpha1/languageclusters/${name}`);
  const config = await kubernetes.api("GET", `/api/v1/namespaces/${name}/configmaps/gateway-config`);
  return {
    document: config.body.data["config.yaml"] ?? "",
    open: body.status.conditions?.find(({ type }: { type: string }) => type === "GatewayOpen"),
  };
}

async function takeDown(operator: MortalOperator, name: string): Promise<void> {
  await user.delete(LanguageCluster, { name });
  await waitFor(
    "the cluster to be gone",
    async () => (await user.get(LanguageCluster, { name })) === undefined,
  );
  await operator.close();
}

describe.each(["B", "C"] as const)("a gateway of generation %s", (generation) => {
  const name = uniqueName("adopt");
  let before: ReadonlyMap<string, KubernetesObject>;
  let after: ReadonlyMap<string, KubernetesObject>;
  let operator: MortalOperator;

  beforeAll(async () => {
    await leaveBehind(user, name, { generation });
    // What people did to their objects meanwhile.
    for (const args of [
      ["rollout", "restart", "deployment/gateway"],
      ["annotate", "deployment/gateway", "example.test/note=kept"],
      ["label", "service/gateway", "example.test/team=kept"],
      ["annotate", "ingress/gateway", "nginx.ingress.kubernetes.io/proxy-read-timeout=3600"],
    ]) {
      expect(await kubernetes.kubectl(["-n", name, ...args])).toMatchObject({ code: 0 });
    }
    before = await standing(name);
    operator = await start(name);
    await operator.quiet(1_500);
    after = await standing(name);
  });
  afterAll(() => takeDown(operator, name));

  test("nothing is deleted or made anew", () => {
    for (const [place, { metadata }] of before) {
      expect(after.get(place)?.metadata.uid, place).toBe(metadata.uid);
      expect(after.get(place)?.metadata.deletionTimestamp, place).toBeUndefined();
    }
    expect(operator.transport.writes.filter(({ method }) => method === "DELETE")).toEqual([]);
  });

  test("the fields of the replaced operator are ours, so that it keeps nothing alive", () => {
    for (const [place, { kind, metadata }] of after) {
      if (kind.startsWith("Language") || place === "Secret gateway-auth") continue;
      const writers = (metadata.managedFields ?? [])
        .filter(({ subresource }) => subresource === undefined)
        .map(({ manager, operation }) => `${manager} ${operation}`);
      expect(writers, place).toContain("gatewright-languagecluster Apply");
      expect(writers, place).not.toContain("manager Update");
      expect(metadata.labels, place).toHaveProperty(["gatewright.dev/dialect"], "langop");
    }
  });

  test("what it wrote and we do not want is gone", async () => {
    const { spec } = await deploymentOf(name);
    expect(spec.template.metadata.annotations ?? {}).not.toHaveProperty(["langop.io/config-hash"]);
    const [container] = spec.template.spec.containers;
    expect(container.env ?? []).toEqual([]);
    expect(container.image).toBe("gatewright:test");
    expect(container.readinessProbe.periodSeconds).toBe(5);
    expect(container.readinessProbe.initialDelaySeconds ?? 0).toBe(0);
    expect(spec.template.spec.volumes.map((volume: { name: string }) => volume.name).sort()).toEqual([
      "gateway-credentials",
      "models-config",
    ]);
    const config = after.get("ConfigMap gateway-config")?.["data"];
    expect(Object.keys(config as object).sort()).toEqual(["config.yaml", "model__gpt.json", "runtime.json"]);
    expect(after.get(`NetworkPolicy ${name}-agents`)?.["spec"]).not.toMatchObject({
      egress: [{ to: [{ ipBlock: { cidr: "198.51.100.7/32" } }] }],
    });
    expect(after.get("ResourceQuota langop-quota")?.["spec"]).toEqual({
      hard: { "count/languageagents.langop.io": "20", "count/languagemodels.langop.io": "10" },
    });
    expect(after.get("Ingress gateway")?.metadata.annotations).not.toHaveProperty([
      "cert-manager.io/cluster-issuer",
    ]);
  });

  test("what people did stays, and the number of pods the autoscaler came to", async () => {
    const { metadata, spec } = await deploymentOf(name);
    expect(spec.template.metadata.annotations).toHaveProperty(["kubectl.kubernetes.io/restartedAt"]);
    expect(metadata.annotations).toMatchObject({ "example.test/note": "kept" });
    expect(spec.replicas).toBe(3);
    expect(after.get("Service gateway")?.metadata.labels).toMatchObject({ "example.test/team": "kept" });
    expect(after.get("Ingress gateway")?.metadata.annotations).toMatchObject({
      "nginx.ingress.kubernetes.io/proxy-read-timeout": "3600",
    });
  });

  test("a second pass and a restart write nothing new", async () => {
    const versions = async () =>
      [...(await standing(name))]
        .filter(
          ([, { kind }]) =>
            !["Deployment", "HorizontalPodAutoscaler", "ResourceQuota", "PodDisruptionBudget"].includes(kind),
        )
        .map(([place, { metadata }]) => `${place} ${metadata.resourceVersion}`);
    const stood = await versions();
    await operator.close();
    operator = await start(name);
    await operator.quiet(1_000);
    expect(await versions()).toEqual(stood);
    expect(
      operator.stateWrites.filter(({ contentType }) => contentType !== "application/apply-patch+yaml"),
    ).toEqual([]);
  });

  if (generation === "C") {
    test("agent keys go on being checked, with the Secret that signed those that agents have", async () => {
      const { document, open } = await accessOf(name);
      expect(document).toContain("agent_keys");
      expect(open).toBeUndefined();
      const hmac = Buffer.from(theirAgentSecret).toString("base64");
      const auth = await user.get(Secret, { namespace: name, name: "gateway-auth" });
      expect(auth?.["data"]).toEqual({ "hmac-secret": hmac });
      const credentials = await user.get(Secret, { namespace: name, name: "gateway-credentials" });
      expect(credentials?.["data"]).toMatchObject({ LANGOP_GATEWAY_HMAC_SECRET: hmac });
    });
    return;
  }

  const annotate = (value: string | null) =>
    user.mergePatch(
      LanguageCluster,
      { name },
      { metadata: { annotations: { "gatewright.dev/agent-keys": value } } },
    );
  const comesTo = (what: string, wanted: (access: Access) => boolean) =>
    waitFor(what, async () => wanted(await accessOf(name)));

  test("it stays open, and a condition says so", async () => {
    const { document, open } = await accessOf(name);
    expect(document).not.toContain("agent_keys");
    expect(open).toMatchObject({ status: "True", reason: "AdoptedOpen" });
  });

  test("it stays open when its Deployment is deleted, by an operator that has seen neither", async () => {
    await operator.close();
    const { metadata } = await deploymentOf(name);
    await user.delete(Deployment, { namespace: name, name: "gateway" });
    operator = await start(name);
    await waitFor("a new Deployment", async () => {
      const made = await deploymentOf(name);
      return made !== undefined && made.metadata.uid !== metadata.uid;
    });
    await operator.quiet(1_000);
    const { document, open } = await accessOf(name);
    expect(document).not.toContain("agent_keys");
    expect(open).toMatchObject({ status: "True", reason: "AdoptedOpen" });
  });

  test("the annotation closes it, and without the annotation it does not open again", async () => {
    await annotate("required");
    await comesTo(
      "a closed gateway",
      ({ document, open }) => document.includes("agent_keys") && open?.status === "False",
    );
    await annotate(null);
    await comesTo("no condition", ({ open }) => open === undefined);
    await operator.quiet(1_000);
    expect((await accessOf(name)).document).toContain("agent_keys");
  });

  test("the annotation opens it", async () => {
    await annotate("open");
    await comesTo(
      "an open gateway",
      ({ document, open }) => !document.includes("agent_keys") && open?.reason === "OpenByAnnotation",
    );
  });
});

test("a namespace that was there before its cluster stays when the cluster that was taken over goes", async () => {
  const name = uniqueName("adopt");
  await leaveBehind(user, name, { generation: "B", namespace: "found" });
  const operator = await start(name);
  await operator.quiet(1_000);
  await takeDown(operator, name);
  const { body } = await kubernetes.api("GET", `/api/v1/namespaces/${name}`);
  expect(body.metadata.deletionTimestamp).toBeUndefined();
  expect(Object.keys(body.metadata.labels)).toEqual(["kubernetes.io/metadata.name"]);
});
