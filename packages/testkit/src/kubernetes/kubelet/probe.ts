import { type ActionContext, perform } from "./action.ts";
import { pause } from "./pause.ts";
import type { Probe } from "./pod.ts";

/**
 * Probes until the signal. `changed` is told each time the thresholds say something else than before, and before is
 * `initially`: undefined when either would be news.
 */
export async function runProbe(
  probe: Probe,
  context: ActionContext,
  initially: boolean | undefined,
  changed: (succeeds: boolean) => void,
  signal: AbortSignal,
): Promise<void> {
  const period = (probe.periodSeconds ?? 10) * 1000;
  let verdict = initially;
  let last: boolean | undefined;
  let streak = 0;
  await pause((probe.initialDelaySeconds ?? 0) * 1000, signal);
  while (!signal.aborted) {
    const began = performance.now();
    const limit = AbortSignal.any([signal, AbortSignal.timeout((probe.timeoutSeconds ?? 1) * 1000)]);
    const succeeds = (await perform(probe, context, limit)) === undefined;
    if (signal.aborted) return;
    streak = succeeds === last ? streak + 1 : 1;
    last = succeeds;
    const threshold = succeeds ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
    if (succeeds !== verdict && streak >= threshold) {
      verdict = succeeds;
      changed(succeeds);
    }
    await pause(period - (performance.now() - began), signal);
  }
}
