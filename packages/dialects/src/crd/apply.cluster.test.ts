import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type KubernetesAccess, sharedKubernetes, uniqueName, waitFor } from "@gatewright/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dialects } from "../dialects.ts";
import type { Kind } from "../kind.ts";
import { readManifests } from "../manifest.ts";
import { readSpec } from "../spec.ts";

const root = new URL("../../../../", import.meta.url);
const kinds = dialects.flatMap((dialect) => dialect.kinds);
let kubernetes: KubernetesAccess;

beforeAll(async () => {
  kubernetes = await sharedKubernetes();
  const { code, stderr } = await kubernetes.kubectl([
    "apply",
    "-f",
    fileURLToPath(new URL("deploy/crds", root)),
  ]);
  expect(code, stderr).toBe(0);
  expect(stderr, "the server warns of what it would ignore").not.toContain("unrecognized");
});

describe.each(kinds)("$kind", (kind) => {
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${kind.plural}.${kind.group}`;

  test("is established and structural", async () => {
    const conditions = await waitFor(`${kind.kind} is established`, async () => {
      const { body } = await kubernetes.api("GET", path);
      const all = (body.status?.conditions ?? []) as { type: string; status: string; message: string }[];
      return all.some(({ type, status }) => type === "Established" && status === "True") ? all : undefined;
    });
    expect(conditions.filter(({ type }) => /NonStructural|Terminating|KubernetesAPI/.test(type))).toEqual([]);
    expect(conditions.filter(({ status }) => status !== "True")).toEqual([]);
  });

  test("is stored as it was written", async () => {
    const { stdout, code } = await kubernetes.kubectl([
      "diff",
      "-f",
      fileURLToPath(new URL(`deploy/crds/${kind.group}_${kind.plural}.yaml`, root)),
    ]);
    expect(stdout).toBe("");
    expect(code).toBe(0);
  });
});

/** Durations that only hand-written model files can have: they never passed an API server (`durationText`). */
const durations = /spec\.(timeout|caching\.ttl): Invalid value: .* should match/;

/**
 * Where API server and reader disagree, by `<folder>/<name>`: what the server says to what the reader takes, or why the
 * server takes what the reader refuses.
 */
const serverRefuses: Readonly<Record<string, RegExp>> = {
  "langop/engine-litellm/local": durations,
  "langop/timeouts/h-fraction": durations,
  "langop/timeouts/i-days": durations,
  "langop/timeouts/j-words": durations,
  "langop/timeouts/k-empty": durations,
};
const serverAccepts: Readonly<Record<string, string>> = {
  "agentic-layer/fields-invalid/no-spec": "the dialect's CRDs never required `spec` (agentic-layer.md §1)",
};

describe.each(folders())("$folder", ({ folder, files }) => {
  const read = readManifests(files.map((path) => ({ path, text: readFileSync(path, "utf8") })));
  const ours = read.manifests.flatMap(({ resource }) => {
    const kind = kinds.find(
      ({ group, version, kind: name }) =>
        resource.apiVersion === `${group}/${version}` && resource.kind === name,
    );
    return kind === undefined ? [] : [{ kind, resource, name: resource.metadata.name }];
  });

  test.skipIf(ours.length === 0)(
    "the API server takes what the reader takes, and loses nothing",
    async () => {
      for (const { kind, resource, name } of ours) {
        const place = `${folder}/${name}`;
        const { status, body } = await create(kind, name, resource.spec);
        const problems = readSpec(kind, resource).findings;
        const refusal = serverRefuses[place];
        if (refusal !== undefined) {
          expect(body.message, place).toMatch(refusal);
          continue;
        }
        const good = problems.length === 0 || serverAccepts[place] !== undefined;
        expect
          .soft(good ? 201 : [400, 422], `${place}: ${body.message}`)
          .toEqual(good ? status : expect.arrayContaining([status]));
        if (status === 201)
          expect.soft(body.spec ?? {}, place).toMatchObject(withoutNulls(resource.spec ?? {}) as object);
        // The server stops at unknown fields before it looks at the others.
        const unknown = problems.filter(({ code }) => code === "UnknownField");
        for (const { origin } of unknown.length > 0 ? unknown : problems) {
          if (status !== 201) expect.soft(body.message, place).toMatch(told(origin.path ?? ""));
        }
      }
    },
  );
});

const model = languageKind("LanguageModel");
const cluster = languageKind("LanguageCluster");

function languageKind(name: string): Kind {
  const kind = kinds.find((candidate) => candidate.kind === name);
  if (kind === undefined) throw new Error(`${name} is no kind`);
  return kind;
}

const openai = { provider: "openai", modelName: "gpt-4o" };
const rule = { description: "models", to: { dns: ["api.example"] }, ports: [{ port: 443 }] };

const accepted: readonly { name: string; why: string; kind: Kind; spec: object; want: object }[] = [
  {
    name: "a model's defaults",
    why: "people see them",
    kind: model,
    spec: { ...openai, apiKeySecretRef: { name: "keys" } },
    want: { ...openai, apiKeySecretRef: { name: "keys", key: "api-key" }, timeout: "5m" },
  },
  {
    name: "parameters of any depth",
    why: "LiteLLM's are not ours to know",
    kind: model,
    spec: { ...openai, params: { extra_body: { a: [{ b: null }] }, seed: 1 } },
    want: { params: { extra_body: { a: [{ b: null }] }, seed: 1 } },
  },
  { name: "an empty cluster", why: "`spec: {}` is a cluster", kind: cluster, spec: {}, want: {} },
  {
    name: "a flat list of network rules",
    why: "early releases had it; ports get their default there too",
    kind: cluster,
    spec: { networkPolicies: [rule] },
    want: { networkPolicies: [{ ...rule, ports: [{ port: 443, protocol: "TCP" }] }] },
  },
  {
    name: "network rules by direction",
    why: "the form of the dialect",
    kind: cluster,
    spec: { networkPolicies: { egress: [{ to: [{ cidr: "10.0.0.0/8" }], ports: [{ port: 1 }] }] } },
    want: {
      networkPolicies: { egress: [{ to: [{ cidr: "10.0.0.0/8" }], ports: [{ port: 1, protocol: "TCP" }] }] },
    },
  },
  {
    name: "quantities",
    why: "numbers and text",
    kind: cluster,
    spec: { capacity: { maxCPU: 4, maxMemory: "16Gi" } },
    want: { capacity: { maxCPU: 4, maxMemory: "16Gi" } },
  },
];

test.each(accepted)("accepts $name: $why", async ({ kind, spec, want }) => {
  const { status, body } = await create(kind, "sample", spec);
  expect(status, body.message).toBe(201);
  expect(body.spec).toMatchObject(want);
});

const refused: readonly { name: string; kind: Kind; object?: string; spec: object; says: string }[] = [
  {
    name: "no provider",
    kind: model,
    spec: { modelName: "m" },
    says: "exactly one of provider and litellmProvider",
  },
  {
    name: "two providers",
    kind: model,
    spec: { ...openai, litellmProvider: "groq" },
    says: "exactly one of provider and litellmProvider",
  },
  {
    name: "a provider's prefix in upper case",
    kind: model,
    spec: { litellmProvider: "Groq", modelName: "m" },
    says: 'spec.litellmProvider: Invalid value: "Groq": it must consist of lower-case letters',
  },
  {
    name: "half a wildcard",
    kind: model,
    spec: { provider: "openai", modelName: "gpt-*" },
    says: "it must be a model name, or * alone",
  },
  {
    name: "an empty model name",
    kind: model,
    spec: { provider: "openai", modelName: "" },
    says: "spec.modelName",
  },
  {
    name: "a credential in params",
    kind: model,
    spec: { ...openai, params: { api_key: "sk-secret-value" } },
    says: "api_key: a credential must come from apiKeySecretRef",
  },
  {
    name: "a credential in the old parameters",
    kind: model,
    spec: { ...openai, configuration: { additionalParameters: { vertex_credentials: "sk-secret-value" } } },
    says: "vertex_credentials: a credential must come from",
  },
  {
    name: "a timeout of two units",
    kind: model,
    spec: { ...openai, timeout: "1h30m" },
    says: "spec.timeout",
  },
  { name: "no spec", kind: model, spec: {}, says: "spec.modelName: Required value" },
  {
    name: "a domain in upper case",
    kind: cluster,
    spec: { domain: "AI.example" },
    says: "it must be a DNS name in lower case",
  },
  {
    name: "a domain with an underscore",
    kind: cluster,
    spec: { domain: "a_b" },
    says: "it must be a DNS name",
  },
  { name: "a long domain", kind: cluster, spec: { domain: "a.".repeat(127) }, says: "spec.domain" },
  {
    name: "a port by direction",
    kind: cluster,
    spec: { networkPolicies: { ingress: [{ ports: [{ port: 70_000 }] }] } },
    says: "spec.networkPolicies.ingress[0].ports[0].port",
  },
  {
    name: "a port in a flat list",
    kind: cluster,
    spec: { networkPolicies: [{ ...rule, ports: [{ port: 0 }] }] },
    says: "spec.networkPolicies[0].ports[0].port",
  },
  {
    name: "a quantity",
    kind: cluster,
    spec: { capacity: { maxMemory: "16 GB" } },
    says: "spec.capacity.maxMemory",
  },
  {
    name: "a count that is none",
    kind: cluster,
    spec: { capacity: { maxAgents: -1 } },
    says: "spec.capacity.maxAgents",
  },
  {
    name: "too many pods to count",
    kind: cluster,
    spec: { gateway: { deployment: { replicas: 3e9 } } },
    says: "replicas",
  },
  {
    name: "a name that is no namespace's",
    kind: cluster,
    object: "a.b",
    spec: {},
    says: "the name of its namespace",
  },
  {
    name: "a name too long for a namespace",
    kind: cluster,
    object: "a".repeat(64),
    spec: {},
    says: "at most 63",
  },
];

test.each(refused)("refuses $name", async ({ kind, object = "sample", spec, says }) => {
  const { status, body } = await create(kind, object, spec);
  expect(status).toBe(422);
  expect(body.message).toContain(says);
  expect(body.message, "an answer goes to logs").not.toContain("sk-secret-value");
});

describe("the status of a LanguageModel", () => {
  const name = uniqueName("crd");
  const path = `/apis/langop.io/v1alpha1/namespaces/default/languagemodels/${name}`;
  const ready = {
    type: "Ready",
    status: "True",
    reason: "ReconcileSuccess",
    message: "The model is registered.",
    lastTransitionTime: "2026-11-21T10:00:00Z",
    observedGeneration: 1,
  };

  beforeAll(async () => {
    const object = {
      apiVersion: "langop.io/v1alpha1",
      kind: "LanguageModel",
      metadata: { name },
      spec: openai,
    };
    expect((await kubernetes.api("POST", path.replace(/\/[^/]*$/, ""), object)).status).toBe(201);
  });

  afterAll(() => kubernetes.api("DELETE", path));

  test("is written through the sub-resource, whole", async () => {
    const status = { phase: "Ready", observedGeneration: 1, conditions: [ready], message: "served" };
    const answer = await kubernetes.api("PATCH", `${path}/status?fieldValidation=Strict`, { status });
    expect(answer.status, answer.body.message).toBe(200);
    expect(answer.body.status).toEqual(status);
    expect(answer.body.metadata.generation).toBe(1);
    const table = await kubernetes.kubectl(["get", "lmodel", name]);
    expect(table.stdout).toMatch(/NAME +PROVIDER +MODEL +PHASE +AGE\n.* +openai +gpt-4o +Ready +/);
  });

  test.each([
    { name: "a phase that is none", status: { phase: "Running" }, says: "status.phase" },
    { name: "two conditions of a type", status: { conditions: [ready, ready] }, says: "Duplicate value" },
    {
      name: "a condition without reason",
      status: { conditions: [{ ...ready, reason: "" }] },
      says: "status.conditions[0].reason",
    },
  ])("refuses $name", async ({ status, says }) => {
    const answer = await kubernetes.api("PATCH", `${path}/status`, { status });
    expect(answer.status).toBe(422);
    expect(answer.body.message).toContain(says);
  });
});

test("kubectl knows the short names and explains fields", async () => {
  const { stdout, stderr } = await kubernetes.kubectl(["get", "lmodel,li,lm,lc", "-n", "kube-public"]);
  expect(stderr).toContain("No resources found");
  expect(stdout).toBe("");
  const explained = await kubernetes.kubectl(["explain", "languagemodels.spec.apiKeySecretRef.key"]);
  expect(explained.stdout).toContain("Key inside the Secret.");
});

/** Creates without creating: unknown fields are errors, and nothing is stored. */
function create(kind: Kind, name: string, spec: object | undefined) {
  const namespace = kind.scope === "Namespaced" ? "namespaces/default/" : "";
  return kubernetes.api(
    "POST",
    `/apis/${kind.group}/${kind.version}/${namespace}${kind.plural}?dryRun=All&fieldValidation=Strict`,
    {
      apiVersion: `${kind.group}/${kind.version}`,
      kind: kind.kind,
      metadata: { name },
      ...(spec === undefined ? {} : { spec }),
    },
  );
}

/** A field as the server names it: of a key in a map the map, of a rule across fields perhaps the whole spec. */
function told(path: string): RegExp {
  if (/^spec\.(provider|masterKey\.secretRef|workload\.endpoint)$/.test(path)) return /\bspec(\.provider)?: /;
  const field = path.replace(/^(spec\.(params|configuration\.additionalParameters))\..*$/, "$1");
  return new RegExp(RegExp.escape(field));
}

/** A `null` is a field that is not there, but not where anything may stand. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([key, member]) => [key, withoutNulls(member)]),
  );
}

/** Every case of `fixtures/` and every folder of `examples/` that holds resources. */
function folders(): readonly { readonly folder: string; readonly files: readonly string[] }[] {
  return dialects.flatMap(({ name: dialect }) => {
    const examples = new URL(`examples/${dialect}/`, root);
    const fixtures = new URL(`fixtures/${dialect}/`, root);
    return [
      {
        folder: `examples/${dialect}`,
        files: readdirSync(examples)
          .filter((file) => file.endsWith(".yaml"))
          .map((file) => fileURLToPath(new URL(file, examples))),
      },
      ...readdirSync(fixtures).map((name) => ({
        folder: `${dialect}/${name}`,
        files: [fileURLToPath(new URL(`${name}/input.yaml`, fixtures))],
      })),
    ];
  });
}
