import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type Kubernetes, startKubernetes, waitFor } from "@gatewright/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { webhookConfiguration } from "../packages/operator/src/webhook/webhook-configuration.ts";

/*
 * The install files on a server of their own: what they change (admission, roles, definitions) would reach every other
 * test of a shared one.
 */

const file = (name: string): string => fileURLToPath(new URL(`../deploy/${name}`, import.meta.url));
const namespace = "gatewright-system";
const serviceAccount = `system:serviceaccount:${namespace}:gatewright`;

let kubernetes: Kubernetes;

beforeAll(async () => {
  kubernetes = await startKubernetes();
});
afterAll(() => kubernetes.stop());

async function kubectl(args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await kubernetes.kubectl(args, input === undefined ? {} : { input });
  expect(code, `kubectl ${args.join(" ")}: ${stderr}`).toBe(0);
  expect(stderr, `kubectl ${args.join(" ")} warns`).toBe("");
  return stdout;
}

/** Whether a user may do it, as the API server decides. */
async function may(user: string, groups: readonly string[], attributes: Attributes): Promise<boolean> {
  const answer = await kubernetes.api("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SubjectAccessReview",
    spec: { user, groups, resourceAttributes: attributes },
  });
  expect(answer.status).toBe(201);
  return answer.body.status.allowed as boolean;
}

interface Attributes {
  readonly verb: string;
  readonly group?: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** `verb group/resource/subresource name`, of which group, subresource and name may be missing. */
function attributesOf(right: string, at: string | undefined): Attributes {
  const [verb = "", thing = "", name] = right.split(" ");
  const [group = "", resource = "", subresource] = thing.includes("/") ? thing.split("/") : ["", thing];
  return {
    verb,
    group,
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    ...(at === undefined ? {} : { namespace: at }),
    ...(name === undefined ? {} : { name }),
  };
}

interface Case {
  readonly right: string;
  readonly at?: string;
  readonly allowed: boolean;
}

const yes = (at: string | undefined, ...rights: string[]): Case[] =>
  rights.map((right) => ({ right, ...(at === undefined ? {} : { at }), allowed: true }));
const no = (at: string | undefined, ...rights: string[]): Case[] =>
  rights.map((right) => ({ right, ...(at === undefined ? {} : { at }), allowed: false }));

async function checkRights(
  cases: readonly Case[],
  user = serviceAccount,
  groups: readonly string[] = [],
): Promise<void> {
  const shown = ({ right, at }: Case): string => `${right}${at === undefined ? "" : ` in ${at}`}`;
  const found = await Promise.all(
    cases.map(
      async (entry) => `${shown(entry)}: ${await may(user, groups, attributesOf(entry.right, entry.at))}`,
    ),
  );
  expect(found).toEqual(cases.map((entry) => `${shown(entry)}: ${entry.allowed}`));
}

/** Applies an object as the bearer of a token, the way the operator does. */
async function applyAs(
  token: string,
  path: string,
  object: object,
): Promise<{ status: number; message: string }> {
  const answer = await kubernetes
    .client(token)
    .api(
      "PATCH",
      `${path}?fieldManager=gatewright-languagecluster&force=true`,
      object,
      "application/apply-patch+yaml",
    );
  return { status: answer.status, message: String(answer.body.message ?? "") };
}

async function operatorPods(): Promise<
  readonly { metadata: { name: string }; spec: { containers: { image: string }[] } }[]
> {
  const answer = await kubernetes.api("GET", `/api/v1/namespaces/${namespace}/pods`);
  return answer.body.items;
}

describe("install.yaml", () => {
  beforeAll(async () => {
    await kubectl(["apply", "--validate=strict", "-f", file("install.yaml")]);
  });

  test("applied again it changes nothing", async () => {
    const said = await kubectl(["apply", "--validate=strict", "-f", file("install.yaml")]);
    expect(
      said
        .trim()
        .split("\n")
        .filter((line) => !line.endsWith(" unchanged")),
      // kubectl always sends the selector of a disruption budget again, and says so.
    ).toEqual(["poddisruptionbudget.policy/gatewright-operator configured"]);
  });

  test("goes in by server-side apply too, on top, without a conflict or a warning", async () => {
    await kubectl([
      "apply",
      "--server-side",
      "--force-conflicts",
      "--validate=strict",
      "-f",
      file("install.yaml"),
    ]);
    await kubectl(["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"]);
  });

  test("Pod Security lets both pods of the operator in, and nothing less restricted", async () => {
    const pods = await waitFor("two pods of the operator", async () => {
      const found = await operatorPods();
      return found.length === 2 && found;
    });
    const { spec } = pods[0] ?? {};
    const { containers = [] } = spec ?? {};
    const loose = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "loose" },
      spec: { containers: containers.map(({ image }) => ({ name: "loose", image })) },
    };
    const refused = await kubernetes.api("POST", `/api/v1/namespaces/${namespace}/pods?dryRun=All`, loose);
    expect(refused.body.message).toContain('violates PodSecurity "restricted:latest"');
  });

  test("the operator may do what its rules say, and nothing else", async () => {
    await checkRights([
      ...yes(
        undefined,
        ...["list langop.io/languageclusters", "patch langop.io/languageclusters/status team"],
        ...["patch langop.io/languageclusters team", "update langop.io/languageclusters/finalizers team"],
        ...["create namespaces", "delete namespaces team", "patch namespaces team"],
        ...["watch apiextensions.k8s.io/customresourcedefinitions"],
        ...["watch secrets", "watch apps/deployments", "list langop.io/languagemodels"],
        "patch admissionregistration.k8s.io/validatingwebhookconfigurations gatewright-langop",
      ),
      ...yes(
        "team",
        ...[
          "create configmaps",
          "patch secrets gateway-credentials",
          "delete services gateway",
          "patch pods p",
        ],
        ...["create apps/deployments", "create policy/poddisruptionbudgets", "create resourcequotas"],
        ...["create networking.k8s.io/ingresses", "create networking.k8s.io/networkpolicies"],
        ...["create autoscaling/horizontalpodautoscalers", "create events.k8s.io/events"],
        ...["create rbac.authorization.k8s.io/roles", "escalate rbac.authorization.k8s.io/roles gateway"],
        ...["patch langop.io/languagemodels m", "delete langop.io/languageagents a"],
      ),
      ...yes(namespace, "create coordination.k8s.io/leases", "update coordination.k8s.io/leases any"),
      ...no(
        undefined,
        ...["create langop.io/languageclusters", "delete langop.io/languageclusters team"],
        ...[
          "create apiextensions.k8s.io/customresourcedefinitions",
          "patch rbac.authorization.k8s.io/clusterroles x",
        ],
        ...["create rbac.authorization.k8s.io/clusterrolebindings", "get nodes", "impersonate users"],
        "patch admissionregistration.k8s.io/validatingwebhookconfigurations another",
        "create admissionregistration.k8s.io/validatingwebhookconfigurations",
      ),
      ...no(
        "team",
        ...[
          "create pods",
          "delete pods p",
          "create pods/exec",
          "get pods/log",
          "create serviceaccounts/token",
        ],
        ...[
          "escalate rbac.authorization.k8s.io/roles another",
          "bind rbac.authorization.k8s.io/roles another",
        ],
        ...["bind rbac.authorization.k8s.io/clusterroles cluster-admin", "create langop.io/languagemodels"],
        ...["create coordination.k8s.io/leases", "deletecollection secrets", "create apps/statefulsets"],
        ...["update litellm.palena.ai/litellminstances", "get runtime.agentic-layer.ai/aigateways"],
      ),
    ]);
  });

  test("it grants the roleRules of a gateway, and cannot raise itself by another Role or binding", async () => {
    await kubectl(["create", "namespace", "roles"]);
    const token = await kubernetes.tokenFor(serviceAccount);
    const rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/roles";
    const role = (name: string, rules: object[]) => ({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: { name, namespace: "roles" },
      rules,
    });
    const binding = (name: string, kind: string, to: string) => ({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name, namespace: "roles" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name: to },
      subjects: [{ kind: "ServiceAccount", name: "default", namespace: "roles" }],
    });
    const beyond = [{ apiGroups: ["apps"], resources: ["statefulsets"], verbs: ["create", "delete"] }];
    const events = [{ apiGroups: [""], resources: ["events"], verbs: ["create"] }];
    const attempts = [
      await applyAs(token, `${rbac}/roles/agents`, role("agents", events)),
      await applyAs(token, `${rbac}/rolebindings/agents`, binding("agents", "Role", "agents")),
      await applyAs(token, `${rbac}/roles/gateway`, role("gateway", beyond)),
      await applyAs(token, `${rbac}/rolebindings/gateway`, binding("gateway", "Role", "gateway")),
      await applyAs(token, `${rbac}/roles/other`, role("other", beyond)),
      await applyAs(token, `${rbac}/rolebindings/other`, binding("other", "ClusterRole", "cluster-admin")),
    ];
    expect(attempts.map(({ status }) => status)).toEqual([201, 201, 201, 201, 403, 403]);
    for (const { message } of attempts.slice(4)) expect(message).toContain("not currently held");
  });

  test.each([
    {
      role: "langop-admin",
      allowed: [
        "create langop.io/languagemodels",
        "deletecollection langop.io/languageagents",
        "get langop.io/languagemodels/status",
      ],
      denied: ["patch langop.io/languagemodels/status", "get secrets", "create langop.io/languageclusters"],
    },
    {
      role: "langop-cluster-admin",
      allowed: [
        "create langop.io/languageclusters",
        "delete langop.io/languageclusters c",
        "create langop.io/languagemodels",
      ],
      denied: ["patch langop.io/languageclusters/status c", "get secrets", "create namespaces"],
    },
    {
      role: "langop-cluster-viewer",
      allowed: [
        "list langop.io/languageclusters",
        "watch langop.io/languageagents",
        "get langop.io/languageclusters/status c",
      ],
      denied: ["create langop.io/languagemodels", "patch langop.io/languageclusters c", "get secrets"],
    },
  ])("people with $role", async ({ role, allowed, denied }) => {
    const user = `${role}-user`;
    await kubectl(["create", "clusterrolebinding", user, `--clusterrole=${role}`, `--user=${user}`]);
    await checkRights([...yes(undefined, ...allowed), ...no(undefined, ...denied)], user);
  });

  test("Kubernetes' own admin manages members but no clusters; edit and view get nothing", async () => {
    await kubectl(["create", "namespace", "people"]);
    for (const role of ["admin", "edit", "view"]) {
      await kubectl([
        "create",
        "rolebinding",
        role,
        "-n",
        "people",
        `--clusterrole=${role}`,
        `--user=${role}`,
      ]);
    }
    await waitFor("the aggregation of roles", () =>
      may("admin", [], attributesOf("create langop.io/languagemodels", "people")),
    );
    await checkRights(
      no("people", "create langop.io/languageclusters", "patch langop.io/languageclusters people"),
      "admin",
    );
    await checkRights(no("elsewhere", "create langop.io/languagemodels"), "admin");
    await checkRights(no("people", "create langop.io/languagemodels"), "edit");
    await checkRights(no("people", "get langop.io/languageagents"), "view");
  });

  test("applied again it leaves the authority that the operator wrote", async () => {
    const hook = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/gatewright-langop";
    const place = { kind: "service", namespace, name: "gatewright-webhook" } as const;
    const token = await kubernetes.tokenFor(serviceAccount);
    const written = webhookConfiguration(place, kubernetes.certificateAuthority);
    expect(await applyAs(token, hook, written)).toMatchObject({ status: 200 });
    const authorities = async (): Promise<unknown> =>
      (await kubernetes.api("GET", hook)).body.webhooks.map(
        ({ clientConfig }: { clientConfig: { caBundle?: string } }) => clientConfig.caBundle,
      );
    const standing = await authorities();
    // One of each kind that is reviewed.
    expect(standing).toEqual((written["webhooks"] as readonly unknown[]).map(() => expect.any(String)));
    for (const way of [[], ["--server-side", "--force-conflicts"]]) {
      await kubectl(["apply", ...way, "-f", file("install.yaml")]);
      expect(await authorities()).toEqual(standing);
    }
  });

  test("until the operator answers, admission lets no change of a spec through, but metadata and deletion", async () => {
    const cluster = {
      apiVersion: "langop.io/v1alpha1",
      kind: "LanguageCluster",
      metadata: { name: "held", finalizers: ["langop.io/finalizer"] },
      spec: {},
    };
    const path = "/apis/langop.io/v1alpha1/languageclusters";
    const hook = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/gatewright-langop";
    const refused = await waitFor("admission is asked", async () => {
      const answer = await kubernetes.api("POST", `${path}?dryRun=All`, cluster);
      return answer.status !== 201 && answer;
    });
    expect(refused.body.message).toContain("vlanguagecluster.kb.io");
    // Stored before there was an admission, as the clusters of a replaced operator are.
    const { body: standing } = await kubernetes.api("GET", hook);
    await kubernetes.api("DELETE", hook);
    await waitFor(
      "admission is not asked",
      async () => (await kubernetes.api("POST", path, cluster)).status === 201,
    );
    const { resourceVersion: _, uid: __, ...metadata } = standing.metadata;
    await kubernetes.api("POST", hook.replace(/\/[^/]+$/, ""), { ...standing, metadata });
    await waitFor(
      "admission is asked again",
      async () =>
        (await kubernetes.api("PATCH", `${path}/held?dryRun=All`, { spec: { domain: "example.com" } }))
          .status !== 200,
    );
    const labelled = await kubernetes.api("PATCH", `${path}/held`, { metadata: { labels: { a: "b" } } });
    expect(labelled.status).toBe(200);
    await kubernetes.api("DELETE", `${path}/held`);
    const released = await kubernetes.api("PATCH", `${path}/held`, { metadata: { finalizers: null } });
    expect(released.status).toBe(200);
    await waitFor(
      "the cluster is gone",
      async () => (await kubernetes.api("GET", `${path}/held`)).status === 404,
    );
  });

  test("removed by its label it leaves the definitions and the resources", async () => {
    const hook = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/gatewright-langop";
    await kubernetes.api("DELETE", hook);
    const path = "/apis/langop.io/v1alpha1/languageclusters";
    const cluster = {
      apiVersion: "langop.io/v1alpha1",
      kind: "LanguageCluster",
      metadata: { name: "stays" },
      spec: {},
    };
    await waitFor(
      "admission is not asked",
      async () => (await kubernetes.api("POST", path, cluster)).status === 201,
    );
    await kubectl([
      ...["delete", "--ignore-not-found", "-f", file("install.yaml")],
      ...["-l", "app.kubernetes.io/name=gatewright", "--timeout=100s"],
    ]);
    expect((await kubernetes.api("GET", `/api/v1/namespaces/${namespace}`)).status).toBe(404);
    expect(
      (await kubernetes.api("GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles/langop-admin")).status,
    ).toBe(404);
    expect((await kubernetes.api("GET", `${path}/stays`)).status).toBe(200);
  });
});

describe("install-namespaced.yaml", () => {
  beforeAll(async () => {
    await kubectl(["create", "namespace", "blue"]);
    const text = await readFile(file("install-namespaced.yaml"), "utf8");
    await kubectl(["apply", "--validate=strict", "-f", "-"], text.replaceAll("team-a", "blue"));
  });

  test("the operator's pods come up in its namespace", async () => {
    await waitFor("two pods of the operator", async () => (await operatorPods()).length === 2);
  });

  test("it has rights in its namespace, and reads what it must elsewhere", async () => {
    await checkRights([
      ...yes(
        undefined,
        ...[
          "list langop.io/languageclusters",
          "watch namespaces",
          "list apiextensions.k8s.io/customresourcedefinitions",
        ],
        ...[
          "patch langop.io/languageclusters blue",
          "patch langop.io/languageclusters/status blue",
          "patch namespaces blue",
        ],
      ),
      ...yes(
        "blue",
        "list secrets",
        "create apps/deployments",
        "patch langop.io/languagemodels m",
        "watch pods",
      ),
      ...yes("default", "create events.k8s.io/events"),
      ...yes(namespace, "create coordination.k8s.io/leases"),
      ...no(
        undefined,
        ...[
          "list secrets",
          "watch pods",
          "list langop.io/languagemodels",
          "create namespaces",
          "delete namespaces blue",
        ],
        ...[
          "patch langop.io/languageclusters red",
          "patch langop.io/languageclusters/status red",
          "patch namespaces red",
        ],
        "patch admissionregistration.k8s.io/validatingwebhookconfigurations gatewright-langop",
      ),
      ...no(
        "red",
        "get secrets s",
        "create apps/deployments",
        "patch langop.io/languagemodels m",
        "patch pods p",
      ),
      ...no("default", "get secrets s", "create configmaps"),
      ...no(namespace, "create secrets", "get secrets s", "create configmaps"),
    ]);
  });
});
