import {
  clusterObjects,
  clusterStatus,
  type DesiredObjects,
  type GatewayAccess,
  gatewaySelector,
  type Resource,
  readAnnotations,
  type StepResult,
} from "@gatewright/dialects";
import type { Engine } from "@gatewright/plan";
import {
  type Condition,
  type Controller,
  done,
  errorText,
  ForeignObjectError,
  type KubernetesObject,
  type Outcome,
  retry,
  wait,
} from "@gatewright/reconcile";
import { ensureAgentKeySecret } from "./agent-key-secret.ts";
import { ensureAuthSecret, withAuthConfig } from "./auth-secret.ts";
import { deleteCluster } from "./cluster-deletion.ts";
import { clusterSources } from "./cluster-sources.ts";
import type { LangopContext } from "./context.ts";
import { createDomainCheck } from "./domain-check.ts";
import { addFinalizer, hasFinalizer } from "./finalizer.ts";
import { agentKeysAnnotation, decideAccess } from "./gateway-access.ts";
import { gatewayAgents } from "./gateway-agents.ts";
import { createGatewayPass, type GatewayPassResult } from "./gateway-pass.ts";
import type { ReadGateway } from "./gateway-reader.ts";
import { langopTypes } from "./langop-types.ts";
import { createModelServices } from "./model-services.ts";
import { ensureNamespace } from "./namespace.ts";
import { createPatience } from "./patience.ts";
import { resourceOf } from "./resource.ts";
import { createStatusWriter } from "./status-writer.ts";
import { stepResults } from "./steps.ts";

const manager = "gatewright-languagecluster";
const type = langopTypes.LanguageCluster;

/** Longest pause between two looks at names that are taken, which no watch reports. Seconds. */
const longestPause = 300;

/** Reconciles LanguageClusters: namespace, gateway, network rules, exposure and quota (langop.md §3). */
export function clusterController(
  context: LangopContext,
  options: { readonly engine: Engine; readonly concurrency: number; readonly wake: (key: string) => void },
): Controller {
  const { client, stores, reader, secrets, now, watchNamespaces } = context;
  const pass = createGatewayPass(context, manager);
  const status = createStatusWriter({ client, type, events: context.events, now });
  const domains = createDomainCheck(context);
  const services = createModelServices(client, stores, (error) => error instanceof ForeignObjectError);
  const patience = createPatience(longestPause, () => performance.now());

  async function reconcile(name: string): Promise<Outcome> {
    const object = stores.clusters.store.get(name);
    if (watchNamespaces.length > 0 && !watchNamespaces.includes(name)) return done;
    if (object === undefined) {
      for (const memory of [pass, status, domains, services, reader]) memory.forget(name);
      patience.reset(name);
      context.unwatched.forget(name);
      return done;
    }
    if (object.metadata.deletionTimestamp !== undefined) {
      return hasFinalizer(object) ? deleteCluster(context, pass.applier, object) : done;
    }
    if (!hasFinalizer(object)) return addFinalizer(client, type, object);
    if (object["status"] === undefined) {
      await status.write(object, { phase: "Pending", conditions: [], fields: {} }, []);
      return done;
    }
    return converge(object);
  }

  async function converge(object: KubernetesObject): Promise<Outcome> {
    const cluster = resourceOf(object);
    const { name } = cluster.metadata;
    const namespace = await ensureNamespace(
      client,
      cluster,
      stores.namespaces.store.get(name),
      manager,
    ).catch((error: unknown) => ({ kind: "failed", error }) as const);
    if (namespace.kind === "failed" || namespace.kind === "terminating") {
      const error =
        namespace.kind === "failed"
          ? errorText(namespace.error)
          : `The namespace ${name} is being deleted; it is made anew when it is gone.`;
      await report(object, { steps: [{ step: "Namespace", error }] });
      return namespace.kind === "failed" ? retry(namespace.error) : wait("NamespaceTerminating", 5);
    }
    const models = stores.models.store
      .by("namespace", name)
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(resourceOf);
    const access = await accessOf(cluster, conditionsOf(object));
    const agentKeys = access.keys;
    const known = gatewayAgents(stores, name);
    const read = await reader.read(cluster, [cluster, ...models, ...known], agentKeys === "required");
    const more: StepResult[] = [];
    if (agentKeys === "required") {
      await ensureAgentKeySecret(client, cluster, read.gateway, secrets, manager).catch((error: unknown) => {
        more.push({
          step: "Gateway",
          error: `There is no Secret to sign agent keys with: ${errorText(error)}`,
        });
      });
    }
    const authSecretsHash = await ensureAuthSecret(context, cluster, manager).catch((error: unknown) => {
      more.push({ step: "OIDC", error: `People cannot sign in to the agents: ${errorText(error)}` });
      return undefined;
    });
    const agents = known.map(({ metadata }) => metadata.name);
    await services.refresh(
      name,
      models.map(({ metadata }) => metadata.name),
    );
    const result = await pass.run({
      key: name,
      owner: cluster,
      namespace: name,
      credentials: "gateway-credentials",
      read,
      agentKeys,
      serviceNameFree: services.isFree(name),
      podLabels: gatewaySelector(name),
      objects: (facts) => {
        const objects = clusterObjects({
          ...facts,
          cluster,
          models,
          agents,
          namespace: namespace.kind,
          agentKeys,
          ...(authSecretsHash === undefined ? {} : { authSecretsHash }),
        });
        const { installation } = facts;
        const desired = withAuthConfig(objects, {
          cluster,
          installation,
          agents,
          secretsHash: authSecretsHash,
        });
        return services.withStale(name, access.decidedBy === "adopted" ? rememberOpen(desired) : desired);
      },
    });
    const failures = services.learn(name, result.desired, result.failures);
    await report(object, { steps: stepResults(failures, more), read, result, access });
    const [failure] = failures;
    if (failure !== undefined) return retry(failure.error);
    if (failures.length < result.failures.length) return wait("ServiceNameTaken", 1);
    return more.length > 0 ? retry(new Error(more[0]?.error)) : rest(name, result);
  }

  /** Engine litellm has no agent keys; with LITELLM_MASTER_KEY it is closed all the same, which the report sees. */
  async function accessOf(cluster: Resource, conditions: readonly Condition[]): Promise<GatewayAccess> {
    if (readAnnotations(cluster, options.engine).engine === "litellm")
      return { keys: "open", decidedBy: "engine" };
    const written = stores.deployments.store.get(`${cluster.metadata.name}/gateway`);
    return decideAccess(client, cluster, written, conditions);
  }

  /** What has to be looked at again although nothing will report it. */
  function rest(name: string, { askAgainInSeconds, peersExpireInSeconds }: GatewayPassResult): Outcome {
    const taken = services.anyTaken(name);
    if (!taken) patience.reset(name);
    const waits = [
      ...(askAgainInSeconds === undefined ? [] : [askAgainInSeconds]),
      ...(taken ? [patience.next(name, "service names").seconds] : []),
      ...(peersExpireInSeconds === undefined ? [] : [peersExpireInSeconds]),
    ];
    if (waits.length === 0) return done;
    const lagging = askAgainInSeconds !== undefined;
    const reason = lagging ? "ConfigNotServed" : taken ? "ServiceNameTaken" : "PeersExpire";
    return wait(reason, Math.min(...waits));
  }

  async function report(
    object: KubernetesObject,
    pass: {
      readonly steps: readonly StepResult[];
      readonly read?: ReadGateway;
      readonly result?: GatewayPassResult;
      readonly access?: GatewayAccess;
    },
  ): Promise<void> {
    const cluster = resourceOf(object);
    const { name } = cluster.metadata;
    const { read, result, access = { keys: "required", decidedBy: "default" } } = pass;
    const findings = [...(read?.findings ?? []), ...(result?.desired.findings ?? [])];
    const deployment = stores.deployments.store.get(`${name}/gateway`)?.observed;
    const dns = domains.result(cluster, conditionsOf(object), () => options.wake(name));
    const closed = read?.gateway.plan.key.master !== undefined;
    const intent = clusterStatus({
      cluster,
      previous: status.standing(object),
      ...(result === undefined ? {} : { desired: result.desired }),
      findings,
      steps: pass.steps,
      networkIsolation: context.installation().networkIsolation,
      ...(deployment === undefined ? {} : { deployment }),
      ...(result?.served === undefined ? {} : { served: result.served }),
      access: closed ? { ...access, keys: "required" } : access,
      ...(dns === undefined ? {} : { dns }),
      members: {
        agents: stores.agents.store.by("namespace", name).map(resourceOf),
        tools: stores.tools.store.by("namespace", name).map(resourceOf),
        runtimes: [...stores.runtimes.store.values()].map(resourceOf),
        models: stores.models.store.by("namespace", name).length,
        personas: stores.personas.store.by("namespace", name).length,
      },
    });
    await status.write(object, intent, findings);
  }

  return {
    name: "languagecluster",
    concurrency: options.concurrency,
    sources: clusterSources(stores, reader),
    reconcile,
  };
}

function conditionsOf(object: KubernetesObject): readonly Condition[] {
  const { conditions = [] } = (object["status"] ?? {}) as { readonly conditions?: readonly Condition[] };
  return conditions;
}

/** The gateway was found open and taken over: written in the request that takes it over, so that it cannot be lost. */
function rememberOpen(desired: DesiredObjects): DesiredObjects {
  return {
    ...desired,
    objects: desired.objects.map((object) =>
      object.kind === "Deployment" && object.metadata.name === "gateway"
        ? {
            ...object,
            metadata: {
              ...object.metadata,
              annotations: { ...object.metadata.annotations, [agentKeysAnnotation]: "open" },
            },
          }
        : object,
    ),
  };
}
