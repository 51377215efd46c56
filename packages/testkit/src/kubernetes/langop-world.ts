import type { KubernetesObject } from "@gatewright/reconcile";
import type { ApiAnswer, ApiClient } from "./api-client.ts";
import type { LiveObject } from "./langop-stage.ts";
import { agentOf, personaOf, toolOf } from "./team-agents.ts";

/**
 * LanguageClusters `<prefix>-<n>` with models `model-<n>` and agents `agent-<n>`, one provider Secret each: what scale is
 * measured with.
 */
export interface LangopWorld {
  readonly clusters: number;
  readonly models: number;
  /** Where there are some, the cluster has a tool and a persona, which all of them use; default none. */
  readonly agents?: number;
  readonly prefix: string;
}

/** Name of the nth cluster, and so of its namespace. */
export function clusterName({ prefix }: LangopWorld, index: number): string {
  return `${prefix}-${String(index).padStart(3, "0")}`;
}

export function modelName(index: number): string {
  return `model-${index}`;
}

export function agentName(index: number): string {
  return `agent-${index}`;
}

/**
 * Creates the clusters from `from` on. The operator that runs meanwhile makes the namespaces; the rest follows as soon
 * as they are there. Every model has a key of its own in the one Secret of its namespace.
 * @throws when the API server refuses anything.
 */
export async function createLangopWorld(client: ApiClient, world: LangopWorld, from = 0): Promise<void> {
  const indexes = Array.from({ length: world.clusters - from }, (_, index) => from + index);
  await inParallel(indexes, async (index) => {
    const name = clusterName(world, index);
    must(
      await client.api("POST", "/apis/langop.io/v1alpha1/languageclusters", {
        apiVersion: "langop.io/v1alpha1",
        kind: "LanguageCluster",
        metadata: { name },
        spec: { networkPolicies: { egress: [{ to: [{ cidr: "192.0.2.0/24" }] }] } },
      }),
    );
    await present(client, `/api/v1/namespaces/${name}`);
    const models = Array.from({ length: world.models }, (_, model) => modelName(model));
    must(
      await client.api("POST", `/api/v1/namespaces/${name}/secrets`, {
        apiVersion: "v1",
        kind: "Secret",
        metadata: { name: "providers" },
        stringData: Object.fromEntries(models.map((model) => [model, `sk-${name}-${model}`])),
      }),
    );
    for (const model of models) {
      must(
        await client.api("POST", `/apis/langop.io/v1alpha1/namespaces/${name}/languagemodels`, {
          apiVersion: "langop.io/v1alpha1",
          kind: "LanguageModel",
          metadata: { name: model, namespace: name },
          spec: {
            provider: "openai",
            modelName: "gpt-4o",
            apiKeySecretRef: { name: "providers", key: model },
            rateLimits: { requestsPerMinute: 600 },
            timeout: "1m",
          },
        }),
      );
    }
    for (const member of members(name, world)) {
      const path = `/apis/langop.io/v1alpha1/namespaces/${name}/${member.kind.toLowerCase()}s`;
      must(await client.api("POST", path, member));
    }
  });
}

/** The agents of a cluster with what they use, as people have them: with a volume, and all that is there unless said. */
function members(namespace: string, { agents = 0 }: LangopWorld): readonly KubernetesObject[] {
  if (agents === 0) return [];
  return [
    personaOf(namespace, "analyst", { tone: "dry" }),
    // The port at which pretended pods are asked.
    toolOf(namespace, "search", { image: "search:test", port: 4000 }),
    ...Array.from({ length: agents }, (_, index) =>
      agentOf(namespace, agentName(index), {
        image: "agent:test",
        models: [{ name: modelName(0) }],
        tools: [{ name: "search" }],
        persona: "analyst",
        instructions: "Answer what is asked.",
      }),
    ),
  ];
}

/** Edits an agent so that its ConfigMap holds `value`, and its pods are replaced. */
export function editInstructions(
  client: ApiClient,
  namespace: string,
  agent: string,
  value: string,
): Promise<void> {
  return editAgent(client, namespace, agent, { instructions: value });
}

/** Edits an agent so that its NetworkPolicy holds the range, and nothing else of it changes. */
export function editRules(client: ApiClient, namespace: string, agent: string, cidr: string): Promise<void> {
  return editAgent(client, namespace, agent, { networkPolicies: { egress: [{ to: [{ cidr }] }] } });
}

async function editAgent(client: ApiClient, namespace: string, agent: string, spec: object): Promise<void> {
  const path = `/apis/langop.io/v1alpha1/namespaces/${namespace}/languageagents/${agent}`;
  must(await client.api("PATCH", path, { spec }));
}

/** Edits a model so that its gateway's document holds `value`. */
export async function editModel(
  client: ApiClient,
  namespace: string,
  model: string,
  value: string,
): Promise<void> {
  const path = `/apis/langop.io/v1alpha1/namespaces/${namespace}/languagemodels/${model}`;
  must(await client.api("PATCH", path, { spec: { modelName: value } }));
}

/** Names of clusters and `namespace/name` of members that are not Ready for their present generation, of this world. */
export async function unready(client: ApiClient, world: LangopWorld): Promise<readonly string[]> {
  const kinds = ["languageclusters", "languagemodels", "languagetools", "languageagents"];
  const lists = await Promise.all(kinds.map((kind) => client.api("GET", `/apis/langop.io/v1alpha1/${kind}`)));
  const ready = new Set(
    lists
      .flatMap((list) => must(list).body.items as readonly LiveObject[])
      .filter(({ metadata, status }) => {
        const conditions: readonly Condition[] = status?.conditions ?? [];
        const says = (type: string) => conditions.find((condition) => condition.type === type);
        const served = metadata.namespace !== undefined || says("ConfigServed")?.status === "True";
        return (
          served &&
          says("Ready")?.status === "True" &&
          says("Ready")?.observedGeneration === metadata.generation
        );
      })
      .map(({ metadata }) =>
        metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`,
      ),
  );
  const wanted = Array.from({ length: world.clusters }, (_, index) => clusterName(world, index)).flatMap(
    (name) => [
      name,
      ...Array.from({ length: world.models }, (_each, model) => `${name}/${modelName(model)}`),
      ...(world.agents === undefined ? [] : [`${name}/search`]),
      ...Array.from({ length: world.agents ?? 0 }, (_each, agent) => `${name}/${agentName(agent)}`),
    ],
  );
  return wanted.filter((name) => !ready.has(name));
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly observedGeneration?: number;
}

/** So many clusters are set up at the same time. */
const ABREAST = 8;

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const worker = async (): Promise<void> => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: ABREAST }, worker));
}

async function present(client: ApiClient, path: string): Promise<void> {
  const until = performance.now() + 120_000;
  while ((await client.api("GET", path)).status !== 200) {
    if (performance.now() > until) throw new Error(`${path} did not appear within 120 s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function must(answer: ApiAnswer): ApiAnswer {
  if (answer.status >= 200 && answer.status <= 299) return answer;
  throw new Error(`the API server answered ${answer.status}: ${JSON.stringify(answer.body).slice(0, 500)}`);
}
