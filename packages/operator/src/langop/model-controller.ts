import {
  type ModelStatusInput,
  modelSelector,
  modelStatus,
  standaloneObjects,
  standaloneReferences,
} from "@gatewright/dialects";
import type { Finding } from "@gatewright/plan";
import {
  type Controller,
  done,
  type KubernetesObject,
  keyText,
  type Outcome,
  retry,
  wait,
} from "@gatewright/reconcile";
import type { LangopContext } from "./context.ts";
import { addFinalizer, hasFinalizer, removeFinalizer } from "./finalizer.ts";
import { gatewayAgents } from "./gateway-agents.ts";
import { createGatewayPass } from "./gateway-pass.ts";
import { langopTypes } from "./langop-types.ts";
import { modelSources } from "./model-sources.ts";
import { writeObjects } from "./object-writer.ts";
import { resourceOf } from "./resource.ts";
import { createStatusWriter } from "./status-writer.ts";
import { stepResults } from "./steps.ts";

const manager = "gatewright-languagemodel";
const type = langopTypes.LanguageModel;

/** Seconds between two looks at a shared gateway that takes over from a model's own one. */
const handOverSeconds = 2;

/**
 * Reconciles LanguageModels (langop.md §1.2): their status, and, where there is no LanguageCluster, a gateway of their
 * own (decisions: namespaces without a LanguageCluster).
 */
export function modelController(
  context: LangopContext,
  options: { readonly concurrency: number },
): Controller {
  const { client, stores, reader, now, standaloneAfterSeconds } = context;
  const pass = createGatewayPass(context, manager);
  const status = createStatusWriter({ client, type, events: context.events, now });

  async function reconcile(key: string): Promise<Outcome> {
    const object = stores.models.store.get(key);
    if (object === undefined) {
      for (const memory of [pass, status, reader]) memory.forget(key);
      return done;
    }
    if (object.metadata.deletionTimestamp !== undefined) return removeFinalizer(client, type, object);
    if (!hasFinalizer(object)) return addFinalizer(client, type, object);
    if (object["status"] === undefined) {
      await status.write(object, { phase: "Pending", conditions: [], fields: {} }, []);
      return done;
    }
    const { namespace = "" } = object.metadata;
    const cluster = stores.clusters.store.get(namespace);
    if (cluster !== undefined) return share(object, cluster);
    const age = (now() - Date.parse(object.metadata.creationTimestamp ?? "")) / 1000;
    if (age < standaloneAfterSeconds) {
      await report(object, { kind: "waiting" }, []);
      return wait("LanguageClusterMayCome", standaloneAfterSeconds - age);
    }
    return serveAlone(key, object);
  }

  /** The shared gateway serves it: a gateway of its own goes, but not before the shared one can. */
  async function share(object: KubernetesObject, cluster: KubernetesObject): Promise<Outcome> {
    const model = resourceOf(object);
    const origin = resourceOf(cluster);
    // As the cluster's controller reads it: what both ask for is read once.
    const agents = gatewayAgents(stores, origin.metadata.name);
    const read = await reader.read(origin, [origin, ...neighbours(object), ...agents]);
    const serves = (name: string): boolean =>
      stores.deployments.store.get(`${origin.metadata.name}/${name}`)?.observed.available === true;
    if (serves(model.metadata.name) && !serves("gateway")) {
      await report(object, { kind: "shared" }, read.findings);
      return wait("SharedGatewayComes", handOverSeconds);
    }
    const { failures } = await writeObjects(
      { objects: [], absent: standaloneReferences(model, context.installation().apis) },
      pass.applier,
      context,
      model.metadata.uid,
    );
    const [failure] = failures;
    if (failure !== undefined) return retry(failure.error);
    await report(object, { kind: "shared" }, read.findings);
    return done;
  }

  async function serveAlone(key: string, object: KubernetesObject): Promise<Outcome> {
    const model = resourceOf(object);
    const { name, namespace = "" } = model.metadata;
    const read = await reader.read(model, neighbours(object), false);
    const result = await pass.run({
      key,
      owner: model,
      namespace,
      credentials: `${name}-credentials`,
      read,
      agentKeys: "open",
      serviceNameFree: () => true,
      podLabels: modelSelector(name),
      objects: (facts) => standaloneObjects({ ...facts, model, neighbours: neighbours(object) }),
    });
    const deployment = stores.deployments.store.get(key)?.observed;
    await report(
      object,
      {
        kind: "standalone",
        steps: stepResults(result.failures),
        ...(deployment === undefined ? {} : { deployment }),
        ...(result.served === undefined ? {} : { served: result.served }),
        access: { keys: "open", decidedBy: "standalone" },
      },
      [...read.findings, ...result.desired.findings],
    );
    const [failure] = result.failures;
    if (failure !== undefined) return retry(failure.error);
    const { askAgainInSeconds: ask, peersExpireInSeconds: expire } = result;
    if (ask === undefined && expire === undefined) return done;
    const reason = ask === undefined ? "PeersExpire" : "ConfigNotServed";
    return wait(reason, Math.min(ask ?? Infinity, expire ?? Infinity));
  }

  /** All models of the namespace that stay, the model itself among them. */
  function neighbours({ metadata }: KubernetesObject) {
    return stores.models.store
      .by("namespace", metadata.namespace ?? "")
      .filter((other) => other.metadata.deletionTimestamp === undefined)
      .map(resourceOf);
  }

  async function report(
    object: KubernetesObject,
    gateway: ModelStatusInput["gateway"],
    findings: readonly Finding[],
  ): Promise<void> {
    const model = resourceOf(object);
    const own = findings.filter(
      ({ origin }) =>
        origin.kind === model.kind &&
        keyText({ namespace: origin.namespace ?? "", name: origin.name }) === keyText(model.metadata),
    );
    await status.write(object, modelStatus({ model, findings, gateway }), own);
  }

  return {
    name: "languagemodel",
    concurrency: options.concurrency,
    sources: modelSources(stores, reader),
    reconcile,
  };
}
