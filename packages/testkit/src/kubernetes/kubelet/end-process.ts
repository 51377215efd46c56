import { type ActionContext, perform } from "./action.ts";
import type { ContainerProcess } from "./container-process.ts";
import type { Action } from "./pod.ts";

/** A process that has been told to end. */
export interface Ending {
  /** Resolves when it has. */
  readonly done: Promise<void>;
  /** From now on it has at most this long. */
  shorten(graceSeconds: number): void;
}

/** What SIGTERM gets even when the hook before it took all the grace. */
const LEAST_MILLISECONDS = 2_000;

/** The preStop hook, then SIGTERM, then SIGKILL when the grace, which counts from now, is over. No grace: SIGKILL. */
export function endProcess(
  child: ContainerProcess,
  preStop: Action | undefined,
  context: ActionContext,
  graceSeconds: number,
): Ending {
  let deadline = performance.now() + graceSeconds * 1000;
  let told = graceSeconds <= 0;
  let timer: NodeJS.Timeout | undefined;
  const hook = new AbortController();
  const arm = (): void => {
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        hook.abort();
        if (told) child.kill();
      },
      Math.max(0, deadline - performance.now()),
    );
  };
  const run = async (): Promise<void> => {
    arm();
    const exited = child.exited.then(() => hook.abort());
    if (!told && preStop !== undefined) await perform(preStop, context, hook.signal);
    if (!told) {
      told = true;
      child.terminate();
      deadline = Math.max(deadline, performance.now() + LEAST_MILLISECONDS);
      arm();
    }
    await exited;
    clearTimeout(timer);
  };
  return {
    done: run(),
    shorten(seconds) {
      deadline = Math.min(deadline, performance.now() + seconds * 1000);
      arm();
    },
  };
}
