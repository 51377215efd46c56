import {
  languageTool,
  type Resource,
  readSpec,
  type ToolStatusInput,
  toolObjects,
  toolStatus,
} from "@gatewright/dialects";
import type { Finding } from "@gatewright/plan";
import {
  type Controller,
  done,
  type KubernetesObject,
  keyText,
  type Outcome,
  objectKey,
  retry,
  type Source,
  source,
  wait,
} from "@gatewright/reconcile";
import type { Reach } from "../gateway-digests.ts";
import { memberKeys, saysNothingNew } from "./agent-sources.ts";
import type { LangopContext } from "./context.ts";
import { addFinalizer, hasFinalizer, removeFinalizer } from "./finalizer.ts";
import type { LangopStores } from "./langop-stores.ts";
import { dialectLabel, langopTypes } from "./langop-types.ts";
import { memberFailures } from "./member-failure.ts";
import { createMemberPass } from "./member-pass.ts";
import { resourceOf } from "./resource.ts";
import { createStatusWriter } from "./status-writer.ts";
import { createToolDiscovery } from "./tool-discovery.ts";

const manager = "gatewright-languagetool";
const type = langopTypes.LanguageTool;

/** Reconciles LanguageTools: their pods, who may call them, and what they offer (langop.md §2.6). */
export function toolController(
  context: LangopContext,
  options: {
    readonly concurrency: number;
    /** How the pods of tools are reached. */
    readonly reach: Reach;
    /** Asks for a pass over a tool. */
    readonly wake: (key: string) => void;
  },
): Controller {
  const { client, stores } = context;
  const { reach, wake } = options;
  const pass = createMemberPass(context, manager);
  const discovery = createToolDiscovery({ client, reach, wake, now: () => performance.now() });
  const status = createStatusWriter({ client, type, events: context.events, now: context.now });

  async function reconcile(key: string): Promise<Outcome> {
    const object = stores.tools.store.get(key);
    if (object === undefined) {
      for (const memory of [status, discovery]) memory.forget(key);
      return done;
    }
    if (object.metadata.deletionTimestamp !== undefined) return removeFinalizer(client, type, object);
    if (!hasFinalizer(object)) return addFinalizer(client, type, object);
    if (object["status"] === undefined) {
      await status.write(object, { phase: "Pending", conditions: [], fields: {} }, []);
      return done;
    }
    return converge(object);
  }

  async function converge(object: KubernetesObject): Promise<Outcome> {
    const tool = resourceOf(object);
    const { namespace = "" } = tool.metadata;
    const cluster = stores.clusters.store.get(namespace);
    const { spec, findings } = readSpec(languageTool, tool);
    if (cluster === undefined || cluster.metadata.deletionTimestamp !== undefined) {
      const message = `It waits for LanguageCluster ${namespace}, whose network it belongs to.`;
      await report(object, findings, { waiting: { reason: "ClusterNotFound", message } });
      return done;
    }
    if (spec === undefined) {
      await report(object, findings, {});
      return done;
    }
    const { desired, failures, peersExpireInSeconds } = await pass.run(tool, (facts) =>
      toolObjects({ ...facts, tool, spec, installation: context.installation() }),
    );
    const deployment = stores.deployments.store.get(keyText(objectKey(object)));
    const look = discovery.look(tool, spec, deployment);
    await report(object, [...findings, ...desired.findings], {
      spec,
      desired,
      failures: memberFailures(failures),
      ...(look === undefined ? {} : { discovery: look.discovery }),
    });
    const [failure] = failures;
    if (failure !== undefined) return retry(failure.error);
    const looks = [peersExpireInSeconds, look?.againInSeconds].filter((seconds) => seconds !== undefined);
    return looks.length === 0 ? done : wait("LooksAgain", Math.min(...looks));
  }

  async function report(
    object: KubernetesObject,
    findings: readonly Finding[],
    result: Partial<ToolStatusInput>,
  ): Promise<void> {
    const tool: Resource = resourceOf(object);
    const deployment = stores.deployments.store.get(keyText(objectKey(object)))?.observed;
    await status.write(
      object,
      toolStatus({
        ...result,
        tool,
        previous: status.standing(object),
        findings,
        failures: result.failures ?? [],
        networkIsolation: context.installation().networkIsolation,
        ...(deployment === undefined ? {} : { deployment }),
      }),
      findings,
    );
  }

  return {
    name: "languagetool",
    concurrency: options.concurrency,
    sources: toolSources(stores),
    reconcile,
  };
}

/** What wakes a LanguageTool: itself, its cluster, and what it owns. */
function toolSources(stores: LangopStores): readonly Source[] {
  return [
    source(stores.tools, (tool) => [keyText(objectKey(tool))]),
    source(stores.clusters, (cluster, other) =>
      saysNothingNew(cluster, other)
        ? []
        : stores.tools.store.by("namespace", cluster.metadata.name).map((tool) => keyText(objectKey(tool))),
    ),
    ...[...stores.written].flatMap(([kind, written]) =>
      kind === "Namespace"
        ? []
        : [
            source(written, (object: KubernetesObject) =>
              object.metadata.labels?.[dialectLabel] === undefined
                ? []
                : memberKeys(object, languageTool.kind),
            ),
          ],
    ),
  ];
}
