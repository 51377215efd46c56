import {
  type Agent,
  type AgentObjects,
  type AgentReading,
  type AgentStatusInput,
  agentConfigName,
  agentKeySecret,
  agentObjects,
  agentStatus,
  generationAnnotation,
  isUndecided,
  languageAgent,
  languageCluster,
  type ObservedRollout,
  type Resource,
  readAgent,
  readSpec,
} from "@gatewright/dialects";
import type { Engine, Finding } from "@gatewright/plan";
import {
  type Controller,
  done,
  errorText,
  type KubernetesObject,
  type Outcome,
  retry,
  wait,
} from "@gatewright/reconcile";
import type { WatchedDeployment } from "../watched-deployment.ts";
import { createAgentRuns } from "./agent-runs.ts";
import { createAgentSecrets } from "./agent-secrets.ts";
import { agentSources } from "./agent-sources.ts";
import type { LangopContext } from "./context.ts";
import { addFinalizer, hasFinalizer, removeFinalizer } from "./finalizer.ts";
import { needsAgentKeys } from "./gateway-access.ts";
import { langopTypes } from "./langop-types.ts";
import { memberFailures } from "./member-failure.ts";
import { createMemberPass } from "./member-pass.ts";
import { resourceOf } from "./resource.ts";
import { createStatusWriter } from "./status-writer.ts";

const manager = "gatewright-languageagent";
const type = langopTypes.LanguageAgent;

/** What one pass came to, for the status. */
interface Report extends Pick<AgentStatusInput, "waiting" | "failures" | "held"> {
  readonly desired: AgentObjects;
}

/** What one pass over an agent that can be deployed starts from. */
interface AgentPass {
  readonly agent: Agent;
  readonly cluster: Resource;
  /** Its gateway asks for a key. */
  readonly keyed: boolean;
  /** What runs is not replaced. */
  readonly held: boolean;
}

/** Reconciles LanguageAgents: who they are, what they run, what they reach and who reaches them (langop.md §2). */
export function agentController(
  context: LangopContext,
  options: { readonly engine: Engine; readonly concurrency: number },
): Controller {
  const { client, stores, secrets } = context;
  const pass = createMemberPass(context, manager);
  const status = createStatusWriter({ client, type, events: context.events, now: context.now });
  const runs = createAgentRuns(stores);
  const agentSecrets = createAgentSecrets({
    client,
    applier: pass.applier,
    secrets,
    watched: (namespace, name) => stores.secrets.store.get(`${namespace}/${name}`),
  });

  async function reconcile(key: string): Promise<Outcome> {
    const object = stores.agents.store.get(key);
    if (object === undefined) {
      for (const memory of [status, agentSecrets, runs]) memory.forget(key);
      return done;
    }
    // What it owns goes with it; nothing else has to be put away.
    if (object.metadata.deletionTimestamp !== undefined) return removeFinalizer(client, type, object);
    if (!hasFinalizer(object)) return addFinalizer(client, type, object);
    if (object["status"] === undefined) {
      await status.write(object, { phase: "Pending", conditions: [], fields: {} }, []);
      return done;
    }
    return converge(key, object);
  }

  async function converge(key: string, object: KubernetesObject): Promise<Outcome> {
    const agent = resourceOf(object);
    const { namespace = "" } = agent.metadata;
    const reading = read(agent);
    const cluster = stores.clusters.store.get(namespace);
    if (cluster === undefined || cluster.metadata.deletionTimestamp !== undefined) {
      const message = `It waits for LanguageCluster ${namespace}, whose gateway and network it needs.`;
      await report(object, reading, { waiting: { reason: "ClusterNotFound", message } });
      return done;
    }
    if (reading.agent !== undefined && isUndecided(reading.agent)) {
      await report(object, reading, { held: true });
      return done;
    }
    if (reading.agent?.settings.image === undefined) {
      await report(object, reading, {});
      return done;
    }
    const keyed = secrets.version(namespace, agentKeySecret.name) !== undefined;
    const gateway = stores.deployments.store.get(`${namespace}/gateway`);
    if (!keyed && needsAgentKeys(cluster, gateway, options.engine)) {
      const message = `It waits for the Secret ${agentKeySecret.name}, which its key is signed with.`;
      await report(object, reading, { waiting: { reason: "Pending", message } });
      return done;
    }
    const held = isHeld(key, object, reading.agent);
    return deploy(object, reading, { agent: reading.agent, cluster: resourceOf(cluster), keyed, held });
  }

  async function deploy(
    object: KubernetesObject,
    reading: AgentReading,
    { agent, cluster, keyed, held }: AgentPass,
  ): Promise<Outcome> {
    let secretsHash: string;
    try {
      secretsHash = await agentSecrets.deliver(agent, keyed);
    } catch (error) {
      const { namespace, name } = agent;
      const failed = { apiVersion: "v1", kind: "Secret", namespace, name: `${name}-gateway-key` };
      await report(object, reading, { failures: [{ object: failed, text: errorText(error) }] });
      return retry(error);
    }
    const { spec: clusterSpec = {} } = readSpec(languageCluster, cluster);
    const ranAs = runs.goneName(object);
    const { desired, failures, peersExpireInSeconds } = await pass.run(reading.resource, (facts) => {
      const objects = agentObjects({
        ...facts,
        agent,
        cluster,
        clusterSpec,
        installation: context.installation(),
        secretsHash,
        ...(ranAs === undefined ? {} : { ranAs }),
      });
      return held ? withoutWorkload(agent, objects) : withStaleJobs(agent, objects);
    });
    await report(object, reading, { desired, held, failures: memberFailures(failures) });
    const [failure] = failures;
    if (failure !== undefined) return retry(failure.error);
    return peersExpireInSeconds === undefined ? done : wait("PeersExpire", peersExpireInSeconds);
  }

  function read(agent: Resource): AgentReading {
    const { namespace = "" } = agent.metadata;
    const members = (store: typeof stores.models): readonly Resource[] =>
      store.store
        .by("namespace", namespace)
        .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        .map(resourceOf);
    return readAgent(agent, {
      models: members(stores.models),
      tools: members(stores.tools),
      personas: members(stores.personas),
      runtimes: [...stores.runtimes.store.values()].map(resourceOf),
    });
  }

  /** Whether what runs is not to be replaced because a tool or the persona of the agent is missing. */
  function isHeld(key: string, object: KubernetesObject, agent: Agent): boolean {
    const { missing, namespace, name, resource } = agent;
    if (missing.length === 0) return false;
    const { generation } = resource.metadata;
    const deployment = stores.deployments.store.get(key);
    const standing = [...(deployment === undefined ? [] : [deployment]), ...runs.jobs(namespace, name)];
    if (
      standing.some(({ metadata }) => metadata.annotations?.[generationAnnotation] === String(generation))
    ) {
      return true;
    }
    // A run that is over and removed is not begun anew for that, either.
    const { observedGeneration } = (object["status"] ?? {}) as { readonly observedGeneration?: number };
    return (
      runsOnce(agent) &&
      standing.length === 0 &&
      runs.goneName(object) !== undefined &&
      observedGeneration === generation
    );
  }

  /**
   * Jobs of what the agent was before go, as pods of a Deployment would; those of a CronJob are its own business. A run
   * that is under way when the agent is suspended goes on: only none is started.
   */
  function withStaleJobs(agent: Agent, desired: AgentObjects): AgentObjects {
    const { namespace, name, spec } = agent;
    if (runsOnce(agent) && spec.execution?.suspend === true) return desired;
    const wanted = new Set(
      desired.objects.filter(({ kind }) => kind === "Job").map(({ metadata }) => metadata.name),
    );
    const stale = runs
      .jobs(namespace, name)
      .filter(
        ({ metadata }) =>
          metadata.deletionTimestamp === undefined &&
          metadata.ownerReferences?.some(({ kind }) => kind === languageAgent.kind) === true &&
          !wanted.has(metadata.name),
      );
    if (stale.length === 0) return desired;
    const absent = stale.map(({ metadata }) => ({
      apiVersion: "batch/v1",
      kind: "Job",
      namespace,
      name: metadata.name,
    }));
    return { ...desired, absent: [...desired.absent, ...absent] };
  }

  async function report(
    object: KubernetesObject,
    reading: AgentReading,
    result: Partial<Report>,
  ): Promise<void> {
    const agent = resourceOf(object);
    const { namespace = "", name } = agent.metadata;
    const { desired, waiting, failures = [], held = false } = result;
    const findings: readonly Finding[] = [...reading.findings, ...(desired?.findings ?? [])];
    const deployment = rolloutOf(stores.deployments.store.get(`${namespace}/${name}`), agent);
    const due = desired?.objects.find(({ kind }) => kind === "Job")?.metadata.name;
    const run = runs.last(object, due);
    const published = stores.ingresses.store.get(`${namespace}/${name}`)?.published === true;
    await status.write(
      object,
      agentStatus({
        agent,
        previous: status.standing(object),
        findings,
        failures,
        held,
        networkIsolation: context.installation().networkIsolation,
        ...(reading.agent === undefined ? {} : { reading: reading.agent }),
        ...(waiting === undefined ? {} : { waiting }),
        ...(desired === undefined ? {} : { desired }),
        ...(deployment === undefined ? {} : { deployment }),
        ...(run === undefined ? {} : { run }),
        ...(desired?.url === undefined ? {} : { route: { url: desired.url, published } }),
      }),
      findings,
    );
  }

  return {
    name: "languageagent",
    concurrency: options.concurrency,
    sources: agentSources(stores, agentSecrets.users),
    reconcile,
  };
}

/**
 * What a Deployment says of its pods. While the watch still shows the one that was written for another spec, its numbers
 * are not about this one.
 */
function rolloutOf(
  deployment: WatchedDeployment | undefined,
  { metadata }: Resource,
): ObservedRollout | undefined {
  if (deployment === undefined) return undefined;
  const writtenFor = deployment.metadata.annotations?.[generationAnnotation];
  const current = deployment.observed.current && writtenFor === String(metadata.generation);
  return { ...deployment.observed, current };
}

const workloads: ReadonlySet<string> = new Set(["Deployment", "CronJob", "Job"]);

/** Everything around the pods, but neither them nor the file that they read when they start. */
function withoutWorkload(agent: Agent, desired: AgentObjects): AgentObjects {
  const config = agentConfigName(agent.name);
  const objects = desired.objects.filter(
    ({ kind, metadata: { name } }) => !workloads.has(kind) && !(kind === "ConfigMap" && name === config),
  );
  return { ...desired, objects };
}

/** Whether an agent is a task that runs for each change of it, not on a schedule. */
function runsOnce({ spec: { execution } }: Agent): boolean {
  return execution?.mode === "task" && execution.schedule === undefined;
}
