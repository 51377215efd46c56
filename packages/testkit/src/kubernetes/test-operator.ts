import {
  createOperatorLogger,
  type OperatorOptions,
  type RunningOperator,
  startOperator,
} from "@gatewright/operator";
import type { LeaseOptions, Transport } from "@gatewright/reconcile";
import type { KubernetesAccess } from "./kubernetes.ts";

export interface TestOperatorOptions extends Partial<OperatorOptions> {
  /** Laid around the way to the API server, to break it. */
  readonly transport?: (transport: Transport) => Transport;
  /** Who stands for the Lease, and its times. */
  readonly lease?: Omit<LeaseOptions, "name" | "namespace">;
}

/** An operator in this process that says where its log is. */
export interface TestOperator extends RunningOperator {
  /** Lines of its log so far. */
  readonly log: readonly string[];
}

/**
 * Runs the operator against a real API server: without lease, webhook and look-ups of domains, unless `options` say
 * otherwise. Resolves when it works, or, with a lease, when it runs.
 */
export async function startTestOperator(
  kubernetes: Pick<KubernetesAccess, "kubeconfig">,
  { transport, lease, ...options }: TestOperatorOptions = {},
): Promise<TestOperator> {
  const log: string[] = [];
  const logger = createOperatorLogger({
    interactive: false,
    level: "debug",
    write: (line) => void log.push(line),
  });
  const running = await startOperator(
    {
      kubeconfig: kubernetes.kubeconfig,
      watchNamespaces: [],
      engines: {},
      leaderElection: false,
      leaderElectionIds: {},
      leaderElectionNamespace: "default",
      healthAddress: "127.0.0.1:0",
      metricsAddress: "127.0.0.1:0",
      namespace: "default",
      image: "gatewright:test",
      litellmImage: "litellm:test",
      concurrency: 5,
      networkIsolation: true,
      requireNetworkPolicy: false,
      validateDomains: false,
      ...options,
    },
    {
      logger,
      version: "0.0.0-test",
      ...(transport === undefined ? {} : { transport }),
      ...(lease === undefined ? {} : { lease }),
    },
  );
  if (options.leaderElection !== true) await running.working;
  return { ...running, log };
}
