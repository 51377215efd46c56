import { type ExitCode, exitCode } from "./exit-code.ts";
import type { Surroundings } from "./surroundings.ts";
import { complain } from "./trouble.ts";

export interface HealthOptions {
  /** Base URL of the gateway. */
  readonly url: string;
}

/** Milliseconds until a gateway that does not answer counts as unhealthy. */
const patience = 5_000;

/** `gatewright health`: prints what the gateway says about itself; done when it is ready to serve. */
export async function health(options: HealthOptions, surroundings: Surroundings): Promise<ExitCode> {
  const base = URL.parse(options.url);
  if (base === null || !/^https?:$/.test(base.protocol)) {
    complain(
      surroundings,
      `--url ${options.url} is not an http or https URL; give for example http://127.0.0.1:4000.`,
    );
    return exitCode.unusable;
  }
  const url = `${base.href.replace(/\/+$/, "")}/health/readiness`;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(patience) });
    surroundings.output(`${(await answer.text()).trimEnd()}\n`);
    return answer.ok ? exitCode.done : exitCode.failed;
  } catch (error) {
    complain(
      surroundings,
      `${url} does not answer: ${reason(error)}. Is the gateway running, and on this port?`,
    );
    return exitCode.failed;
  }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `no answer within ${patience / 1000} s`;
  return error.cause instanceof Error ? error.cause.message : error.message;
}
