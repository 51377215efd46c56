import { createLogger, type Source, SourceError, startGateway } from "@gatewright/gateway";
import { printConfig } from "./config.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { type GatewayInput, type GatewayInputOptions, readGatewayInput } from "./gateway-input.ts";
import { loaded } from "./load.ts";
import { stopSignal } from "./stop-signal.ts";
import type { Surroundings } from "./surroundings.ts";
import { complain, findingTrouble, report, troubleText } from "./trouble.ts";

export interface GatewayOptions extends GatewayInputOptions {
  readonly port: number;
  readonly host: string;
  /** LiteLLM's worker processes; one process is all there is today. */
  readonly workers: number;
  /** How long open requests may go on after SIGTERM, seconds. */
  readonly drainSeconds: number;
  readonly debug: boolean;
  readonly detailedDebug: boolean;
}

/** `gatewright gateway`: serves one document until it is told to stop. */
export async function gateway(options: GatewayOptions, surroundings: Surroundings): Promise<ExitCode> {
  const readAt = Date.now();
  const first = await readGatewayInput(options, surroundings);
  if (first.declaration === undefined) {
    report(surroundings, first.troubles);
    return exitCode.unusable;
  }
  const { findings, locate } = first.declaration;
  report(surroundings, [...first.troubles, ...findings.map((finding) => findingTrouble(finding, locate))]);
  if (surroundings.environment["DEBUG"] === "true") printConfig(first.declaration, surroundings);
  const logger = createLogger({ tty: surroundings.interactive, level: logLevel(options, surroundings) });
  if (options.workers > 1) {
    logger.warn(
      { workers: options.workers },
      "more than one worker is not there yet: this gateway is one process. Run more replicas instead",
    );
  }
  const stopped = stopSignal();
  // The input that was checked above is served first; every later load reads anew.
  let checked: GatewayInput | undefined = first;
  const source: Source = {
    load: async () => {
      const earlier = checked;
      checked = undefined;
      const input = earlier ?? (await readGatewayInput(options, surroundings));
      const { declaration, troubles, watch, secrets, replicas } = input;
      if (declaration === undefined)
        throw new SourceError(troubles.map(troubleText), [...watch, ...secrets.watch]);
      // What was written since the first reading counts as a change, or nobody would ever read it.
      return {
        ...loaded(declaration, secrets, watch, replicas),
        ...(earlier === undefined ? {} : { readAt }),
      };
    },
  };
  try {
    const running = await startGateway({
      host: options.host,
      port: options.port,
      source,
      watch: true,
      logger,
      drainSeconds: options.drainSeconds,
    });
    logger.info(
      { url: running.url, digest: running.snapshot.digest, models: running.snapshot.names.listed.length },
      "gateway serves",
    );
    logger.info({ signal: await stopped }, "gateway stops: open requests finish first");
    await running.close();
    return exitCode.done;
  } catch (error) {
    for (const reason of startFault(error, options)) complain(surroundings, reason);
    return exitCode.failed;
  }
}

/** Why a gateway could not be started, for people. Rethrows what nobody expected. */
export function startFault(
  error: unknown,
  at: { readonly host: string; readonly port: number },
): readonly string[] {
  if (error instanceof SourceError) return error.problems;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE")
    return [
      `Port ${at.port} of ${at.host} is in use by another program. Stop that one, or choose another port with --port.`,
    ];
  if (code === "EACCES")
    return [`Port ${at.port} may not be opened by this user. Choose one above 1023 with --port.`];
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return [`${at.host} is no address of this machine. Choose one with --host, for example 127.0.0.1.`];
  throw error;
}

/** LiteLLM's names of log levels (litellm.md §2.6, `LITELLM_LOG`). */
const levels: { readonly [name: string]: string } = {
  DEBUG: "debug",
  INFO: "info",
  WARNING: "warn",
  ERROR: "error",
  CRITICAL: "fatal",
};

function logLevel(options: GatewayOptions, surroundings: Surroundings): string {
  if (options.detailedDebug) return "trace";
  if (options.debug) return "debug";
  return levels[surroundings.environment["LITELLM_LOG"]?.toUpperCase() ?? ""] ?? "info";
}
