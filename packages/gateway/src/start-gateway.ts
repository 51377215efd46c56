import type { AddressInfo } from "node:net";
import { metrics } from "@gatewright/litellm";
import { callIds } from "./edge/call-id.ts";
import { passThroughServer } from "./edge/pass-through.ts";
import { createEdge } from "./edge/server.ts";
import { GatewayState } from "./gateway-state.ts";
import type { Logger } from "./logger.ts";
import { type ConfigurationEvents, configure } from "./snapshot/configuration.ts";
import { prepare } from "./snapshot/prepare.ts";
import type { Snapshot } from "./snapshot/snapshot.ts";
import type { Source } from "./source.ts";
import { limitStage } from "./stages/limit.ts";
import { pipeline, stages } from "./stages/pipeline.ts";
import type { InFlight } from "./stages/telemetry.ts";
import { accessLog } from "./telemetry/access-log.ts";
import { cacheCounter } from "./telemetry/count-exchange.ts";
import type { Registry } from "./telemetry/registry.ts";
import { exposeState } from "./telemetry/state-gauges.ts";
import { stateSources } from "./telemetry/state-sources.ts";
import { hitHeaders } from "./upstream/answer.ts";
import { holdYoungGeneration } from "./young-generation.ts";

/** How to run a gateway. */
export interface GatewayOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly source: Source;
  /** Serve what changes in the source. */
  readonly watch: boolean;
  readonly logger: Logger;
  /** How long requests may go on after `close`, seconds; default 30. */
  readonly drainSeconds?: number;
}

/** A gateway that serves. */
export interface RunningGateway {
  readonly port: number;
  /** Base URL without a path. */
  readonly url: string;
  /** What is served now. */
  readonly snapshot: Snapshot;
  /** Reads the source again; what cannot be served is reported, never thrown. */
  reload(): Promise<void>;
  /**
   * Readiness turns 503 at once. Requests go on, also new ones and by the newest configuration, until none is open or
   * `drainSeconds` are over; every answer closes its connection, and connections nobody uses are closed. Then
   * everything ends. A second call waits for the first.
   */
  close(): Promise<void>;
}

/** How often a closing gateway looks whether its last request is done. */
const DRAIN_LOOK_MILLISECONDS = 50;

/**
 * How long a closing gateway leaves idle connections open. A client that is in the middle of a conversation gets one
 * more answer, which tells it to come back on another connection; closing at once would break the request it is
 * perhaps just sending.
 */
const IDLE_GRACE_MILLISECONDS = 2_000;

/**
 * Starts one gateway. Rejects with a `SourceError` when the first configuration cannot be served, or with the
 * system's error when the address cannot be bound.
 */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { logger } = options;
  const crashed = (error: unknown): void =>
    logger.error({ error: error instanceof Error ? error.stack : String(error) }, "defect in the gateway");
  const state = new GatewayState(logger, crashed);
  const { registry, world } = state;
  const inFlight: InFlight = { count: 0 };
  let draining = false;
  describe(registry, inFlight);
  const configuration = await configure(options.source, async (loaded) => prepare(loaded, state), {
    watch: options.watch,
    logger,
    events: configurationEvents(state, logger),
  });
  exposeState(
    registry,
    stateSources(state, () => configuration.snapshot),
  );
  const server = createEdge({
    configuration,
    registry,
    decisions: state.decisions,
    draining: () => draining,
    callId: callIds(),
    serve: pipeline(
      stages({
        ...world,
        crashed,
        registry,
        inFlight,
        accessLog: accessLog(logger),
        tracing: state.tracing,
        decisions: state.decisions,
        limits: limitStage(state.limiter, world),
        ledger: state.limiter.ledger,
        cache: { ...world, crashed, count: cacheCounter(registry), headers: hitHeaders },
      }),
      crashed,
    ),
    passThrough: passThroughServer({ pools: state.pools, inFlight, logger }),
    crashed,
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: options.host, port: options.port }, resolve);
  });
  const { port } = server.address() as AddressInfo;
  holdYoungGeneration();
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  let closing: Promise<void> | undefined;

  const close = async (): Promise<void> => {
    draining = true;
    const begun = performance.now();
    const until = begun + (options.drainSeconds ?? 30) * 1000;
    while (inFlight.count > 0 && performance.now() < until) {
      if (performance.now() - begun > IDLE_GRACE_MILLISECONDS) server.closeIdleConnections();
      await drainLook();
    }
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    // What came in between the last look and the closed door is served too.
    while (inFlight.count > 0 && performance.now() < until) await drainLook();
    configuration.stop();
    if (inFlight.count > 0)
      logger.warn(
        { requests: inFlight.count },
        "requests cut off: they were still open at the end of the drain time",
      );
    server.closeAllConnections();
    await closed;
    await state.close();
  };

  return {
    port,
    url: `http://${host}:${port}`,
    get snapshot() {
      return configuration.snapshot;
    },
    reload: async () => configuration.reload(),
    close: async () => {
      closing ??= close();
      return closing;
    },
  };
}

async function drainLook(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, DRAIN_LOOK_MILLISECONDS));
}

function describe(registry: Registry, inFlight: InFlight): void {
  const gauge = registry.gauge(metrics.inFlight);
  registry.onScrape(() => gauge.set(inFlight.count));
}

const configurationInfo = {
  name: "gatewright_config_info",
  help: "SHA-256 of the document that is served.",
  labels: ["digest"],
};
const lastReloadSuccessful = {
  name: "gatewright_config_last_reload_successful",
  help: "1 when the newest configuration is the one that is served.",
  labels: [],
};
const reloadFailures = {
  name: "gatewright_config_reload_failures_total",
  help: "Configurations that were refused.",
  labels: [],
};

/** Which configuration is served, and whether the last reading of one went well. */
function configurationEvents(state: GatewayState, logger: Logger): ConfigurationEvents {
  const { registry } = state;
  let told = new Set<string>();
  const successful = registry.gauge(lastReloadSuccessful);
  const failures = registry.counter(reloadFailures);
  return {
    served(snapshot) {
      successful.set(1);
      registry.reset(configurationInfo.name);
      registry.gauge(configurationInfo, { digest: snapshot.digest }).set(1);
      // Told once, not at every reload: only what has changed is news.
      for (const { model, reason } of snapshot.unusable)
        if (!told.has(model + reason)) logger.warn({ model, reason }, "model not served");
      for (const warning of snapshot.warnings)
        if (!told.has(warning)) logger.warn({ warning }, "not as meant");
      told = new Set([...snapshot.unusable.map(({ model, reason }) => model + reason), ...snapshot.warnings]);
      state.follow(snapshot);
    },
    refused() {
      successful.set(0);
      failures.inc();
    },
  };
}
