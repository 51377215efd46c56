import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Outcome } from "./outcome.ts";
import type { Queue, QueueWatch } from "./queue.ts";
import type { Transport } from "./transport.ts";

/**
 * The metrics of one process, under the names and labels of controller-runtime (v0.22) and client-go, so that the
 * dashboards and alerts people have go on working.
 */
export interface Metrics {
  readonly registry: Registry;
  /** The series of one controller; its queue is looked at when scraped. */
  controller(name: string, concurrency: number): ControllerMetrics;
  /** Whether this process leads under the lease. */
  leading(lease: string, leading: boolean): void;
  /** The transport, with every request counted under the server's host. */
  measured(transport: Transport, server: string): Transport;
}

export interface ControllerMetrics {
  readonly queue: QueueWatch;
  /** Whose depth and work are reported. */
  observe(queue: Queue): void;
  started(): void;
  ended(outcome: Outcome, seconds: number): void;
}

const RECONCILE_SECONDS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.25, 1.5,
  1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];
const QUEUE_SECONDS = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10, 100, 1000];

/** `stalled` is ours: controller-runtime has no word for waiting on a change alone. */
const results: { readonly [Kind in Outcome["kind"]]: string } = {
  done: "success",
  wait: "requeue_after",
  stalled: "stalled",
  retry: "error",
};

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const byController = { labelNames: ["controller"] as const, registers };
  const byQueue = { labelNames: ["name", "controller"] as const, registers };
  const queues = new Map<string, Queue>();

  const total = new Counter({
    name: "controller_runtime_reconcile_total",
    help: "Total number of reconciliations per controller",
    labelNames: ["controller", "result"] as const,
    registers,
  });
  const errors = new Counter({
    ...byController,
    name: "controller_runtime_reconcile_errors_total",
    help: "Total number of reconciliation errors per controller",
  });
  const seconds = new Histogram({
    ...byController,
    name: "controller_runtime_reconcile_time_seconds",
    help: "Length of time per reconciliation per controller",
    buckets: RECONCILE_SECONDS,
  });
  const workers = new Gauge({
    ...byController,
    name: "controller_runtime_active_workers",
    help: "Number of currently used workers per controller",
  });
  const most = new Gauge({
    ...byController,
    name: "controller_runtime_max_concurrent_reconciles",
    help: "Maximum number of concurrent reconciles per controller",
  });
  const adds = new Counter({
    ...byQueue,
    name: "workqueue_adds_total",
    help: "Total number of adds handled by workqueue",
  });
  const retries = new Counter({
    ...byQueue,
    name: "workqueue_retries_total",
    help: "Total number of retries handled by workqueue",
  });
  const waited = new Histogram({
    ...byQueue,
    name: "workqueue_queue_duration_seconds",
    help: "How long in seconds an item stays in workqueue before being requested",
    buckets: QUEUE_SECONDS,
  });
  const worked = new Histogram({
    ...byQueue,
    name: "workqueue_work_duration_seconds",
    help: "How long in seconds processing an item from workqueue takes",
    buckets: QUEUE_SECONDS,
  });
  const looked = (name: string, help: string, look: (queue: Queue) => number): void => {
    new Gauge({
      ...byQueue,
      name,
      help,
      collect() {
        for (const [controller, queue] of queues) this.set({ name: controller, controller }, look(queue));
      },
    });
  };
  looked("workqueue_depth", "Current depth of workqueue", (queue) => queue.depth);
  looked(
    "workqueue_unfinished_work_seconds",
    "How many seconds of work is in progress and has not been observed by work_duration",
    (queue) => queue.running().reduce((sum, one) => sum + one, 0),
  );
  looked(
    "workqueue_longest_running_processor_seconds",
    "How many seconds the longest running processor has been running",
    (queue) => Math.max(0, ...queue.running()),
  );
  const requests = new Counter({
    name: "rest_client_requests_total",
    help: "Number of HTTP requests, partitioned by status code, method, and host",
    labelNames: ["code", "method", "host"] as const,
    registers,
  });
  const leader = new Gauge({
    name: "leader_election_master_status",
    help: "Whether this process leads under the lease: 1 yes, 0 stand-by",
    labelNames: ["name"] as const,
    registers,
  });
  processMetrics(registry);

  return {
    registry,
    controller(controller, concurrency) {
      const labels = { name: controller, controller };
      for (const result of Object.values(results)) total.inc({ controller, result }, 0);
      errors.inc({ controller }, 0);
      workers.set({ controller }, 0);
      most.set({ controller }, concurrency);
      adds.inc(labels, 0);
      retries.inc(labels, 0);
      return {
        queue: {
          added: () => adds.inc(labels),
          retried: () => retries.inc(labels),
          taken: (time) => waited.observe(labels, time),
          finished: (time) => worked.observe(labels, time),
        },
        observe(queue) {
          queues.set(controller, queue);
        },
        started: () => workers.inc({ controller }),
        ended(outcome, time) {
          workers.dec({ controller });
          total.inc({ controller, result: results[outcome.kind] });
          if (outcome.kind === "retry") errors.inc({ controller });
          seconds.observe({ controller }, time);
        },
      };
    },
    leading: (name, leading) => leader.set({ name }, leading ? 1 : 0),
    measured(transport, server) {
      const host = new URL(server).host;
      const counted = async <R extends { readonly status: number }>(method: string, answer: Promise<R>) => {
        try {
          const response = await answer;
          requests.inc({ code: String(response.status), method, host });
          return response;
        } catch (error) {
          requests.inc({ code: "<error>", method, host });
          throw error;
        }
      };
      return {
        request: async (request, signal) => counted(request.method, transport.request(request, signal)),
        watch: async (request, signal) => counted(request.method, transport.watch(request, signal)),
        close: async () => transport.close(),
      };
    },
  };
}

/** What Prometheus' own client libraries say of every process; nothing that costs while nobody looks. */
function processMetrics(registry: Registry): void {
  const registers = [registry];
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory size in bytes",
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Counter({
    name: "process_cpu_seconds_total",
    help: "Total user and system CPU time spent in seconds",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1_000_000);
    },
  });
  new Gauge({
    name: "process_start_time_seconds",
    help: "Start time of the process since unix epoch in seconds",
    registers,
  }).set(Math.round(Date.now() / 1000 - process.uptime()));
}
