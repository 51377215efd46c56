import { hostname } from "node:os";
import {
  connect,
  createClient,
  createMetrics,
  createRecorder,
  createRuntime,
  fencedTransport,
  type LeaseOptions,
  type Logger,
  startHealthServer,
  systemClock,
  type Transport,
} from "@gatewright/reconcile";
import { langopStores } from "./langop/langop-stores.ts";
import { hasCalico, networkPolicyObjection } from "./network-policy-support.ts";
import type { OperatorOptions } from "./options.ts";

/** A control plane that is running. */
export interface RunningOperator {
  /** Ports that are listened on; absent where the address is off. */
  readonly healthPort?: number;
  readonly metricsPort?: number;
  readonly webhookUrl?: string;
  /** Resolves when all controllers work: at once, or when this process leads. */
  readonly working: Promise<void>;
  /** Rejects when this process must not act any more, because another one leads. Never resolves. */
  readonly lost: Promise<never>;
  /** Finishes passes that run, hands the lease over, and ends. */
  close(): Promise<void>;
}

/** Name of a dialect's Lease when no option names one. The replaced operator's, so that both never act at once. */
const leaseNames: { readonly [dialect: string]: string } = { langop: "gatewright-langop" };

/** Runs the control plane: one runtime, and one Lease, for each dialect. */
export async function startOperator(
  options: OperatorOptions,
  surroundings: {
    readonly logger: Logger;
    readonly version: string;
    /** Laid around the way to the API server; for tests that cut it. */
    readonly transport?: (transport: Transport) => Transport;
    /** Who stands for the Lease, and its times; for tests that cannot wait for fifteen seconds. */
    readonly lease?: Omit<LeaseOptions, "name" | "namespace">;
  },
): Promise<RunningOperator> {
  const { logger, version } = surroundings;
  const connection = await connect({
    ...(options.kubeconfig === undefined ? {} : { kubeconfig: options.kubeconfig }),
    userAgent: `gatewright/${version}`,
  });
  const metrics = createMetrics();
  const laid = surroundings.transport?.(connection.transport) ?? connection.transport;
  const transport = metrics.measured(laid, connection.server);
  // What has been started, to be ended in the opposite order.
  const ends: (() => Promise<void>)[] = [async () => transport.close()];
  const close = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const client = createClient(transport);
    const objection = options.requireNetworkPolicy ? await networkPolicyObjection(client) : undefined;
    if (objection !== undefined) throw new Error(objection);
    const lease = leaseOf(options, "langop");
    const runtime = createRuntime({
      client,
      logger,
      metrics,
      ...(lease === undefined ? {} : { lease: { ...surroundings.lease, ...lease } }),
    });
    const stores = langopStores(runtime, options.watchNamespaces);
    const events = createRecorder({
      // What happened may be told by somebody who leads no more.
      client,
      clock: systemClock,
      logger,
      controller: "gatewright.dev/langop",
      instance: hostname(),
    });
    const { healthAddress, metricsAddress } = options;
    const { live, ready } = runtime.health;
    const health = await startHealthServer({
      healthAddress,
      metricsAddress,
      live: () => live,
      ready: () => ready,
      registry: metrics.registry,
    });
    ends.push(async () => health.close());
    ends.push(async () => {
      await runtime.stop();
      await events.settled();
      events.stop();
    });
    runtime.read();
    // With the dialects and their schemas: it takes about as long to load as the server takes to answer.
    const [{ addLangopControllers }, calico] = await Promise.all([
      import("./langop/langop-controllers.ts"),
      hasCalico(client),
    ]);
    const fenced = createClient(fencedTransport(transport, runtime.mayWrite));
    addLangopControllers(runtime, { client: fenced, stores, events, options, calico });
    await runtime.start();
    const webhook =
      options.webhook === undefined
        ? undefined
        : await (await import("./webhook/start-webhook.ts")).startWebhook({
            client,
            ...options.webhook,
            namespace: options.namespace,
            stores,
            logger,
          });
    if (webhook !== undefined) ends.push(async () => webhook.close());
    logger.info({ server: connection.server, version }, "operator runs");
    return {
      ...(health.healthPort === undefined ? {} : { healthPort: health.healthPort }),
      ...(health.metricsPort === undefined ? {} : { metricsPort: health.metricsPort }),
      ...(webhook === undefined ? {} : { webhookUrl: webhook.url }),
      working: runtime.working,
      lost: runtime.lost,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function leaseOf(options: OperatorOptions, dialect: string): LeaseOptions | undefined {
  if (!options.leaderElection) return undefined;
  const name = options.leaderElectionIds[dialect] ?? leaseNames[dialect] ?? `gatewright-${dialect}`;
  return { name, namespace: options.leaderElectionNamespace };
}
