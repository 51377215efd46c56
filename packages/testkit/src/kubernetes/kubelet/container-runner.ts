import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Keeper } from "../keeper.ts";
import { type ActionContext, perform } from "./action.ts";
import {
  type ContainerCommand,
  type ContainerMachine,
  containerCommand,
  type ImageProgram,
} from "./container-command.ts";
import { type ContainerProcess, startContainerProcess } from "./container-process.ts";
import { layOutRoot } from "./container-root.ts";
import { type Ending, endProcess } from "./end-process.ts";
import type { MachineMapping } from "./machine-mapping.ts";
import { pause } from "./pause.ts";
import type { Container, ContainerState, ContainerStatus, Probe, Termination } from "./pod.ts";
import { runProbe } from "./probe.ts";
import { MissingReference } from "./references.ts";

/** A container under way: started, probed, restarted, stopped. */
export interface ContainerRunner {
  readonly container: Container;
  /** Of the process that runs now. */
  readonly pid: number | undefined;
  readonly logFile: string;
  status(): ContainerStatus;
  /** Resolves when it has ended and will not be started again; undefined: it never was. */
  readonly ended: Promise<Termination | undefined>;
  /** preStop, SIGTERM, and SIGKILL when the grace is over. Called again, it can only shorten the grace. */
  stop(graceSeconds: number): Promise<void>;
  /** SIGKILL at once. */
  kill(): void;
}

export interface RunnerContext {
  readonly program: ImageProgram;
  readonly imageId: string;
  readonly hostname: string;
  /** The Pod's folder. */
  readonly folder: string;
  readonly network: ContainerMachine["network"];
  readonly keeper: Keeper;
  readonly graceSeconds: number;
  readonly restartPolicy: "Always" | "OnFailure" | "Never";
  /** Before the second restart; it doubles with each. */
  readonly restartBackoffSeconds: number;
  /** Reads what the container refers to. @throws MissingReference */
  readonly environment: () => Promise<ReadonlyMap<string, string>>;
  /** Asked for at each start, as a subPath shows what is there at that moment. */
  readonly mapping: () => Promise<MachineMapping>;
  readonly place: ActionContext["place"];
  /** Something of the status is new. */
  readonly changed: () => void;
}

const CONFIG_RETRY_MILLISECONDS = 1_000;
const LONGEST_BACKOFF_SECONDS = 300;

/** Runs a container until it is stopped or, by its restart policy, done. */
export function runContainer(container: Container, context: RunnerContext): ContainerRunner {
  const { changed, graceSeconds, restartPolicy } = context;
  const logFile = join(context.folder, "logs", `${container.name}.log`);
  const root = join(context.folder, "roots", container.name);
  const stopping = new AbortController();
  let state: ContainerState = { waiting: { reason: "ContainerCreating" } };
  let lastState: ContainerStatus["lastState"] = {};
  let restartCount = 0;
  let started = false;
  let ready = false;
  let running: { process: ContainerProcess; action: ActionContext; ending?: Ending } | undefined;

  const set = (next: ContainerState): void => {
    state = next;
    changed();
  };

  const end = async (seconds: number): Promise<void> => {
    if (running === undefined) return;
    const { process, action, ending } = running;
    ending?.shorten(seconds);
    running.ending ??= endProcess(process, container.lifecycle?.preStop, action, seconds);
    await running.ending.done;
  };

  const prepare = async (): Promise<ContainerCommand | undefined> => {
    while (!stopping.signal.aborted) {
      try {
        const variables = await context.environment();
        const mapping = await context.mapping();
        if (context.program.testProgram === true) await layOutRoot(root, mapping.paths);
        return containerCommand(container, context.program, variables, mapping, { ...context, root });
      } catch (error) {
        // Only what is missing shows; a server that does not answer just takes longer.
        if (error instanceof MissingReference) {
          set({ waiting: { reason: "CreateContainerConfigError", message: error.message } });
        }
      }
      await pause(CONFIG_RETRY_MILLISECONDS, stopping.signal);
    }
    return undefined;
  };

  /** All probes of one process; `over` is its end. Only readiness goes on while it is being stopped. */
  const watchOver = (action: ActionContext, over: AbortSignal): void => {
    const { startupProbe, livenessProbe, readinessProbe } = container;
    const alive = AbortSignal.any([over, stopping.signal]);
    const restart = (probe: Probe): void => void end(probe.terminationGracePeriodSeconds ?? graceSeconds);
    const begin = (): void => {
      started = true;
      ready = readinessProbe === undefined;
      changed();
      if (livenessProbe !== undefined) {
        void runProbe(livenessProbe, action, true, () => restart(livenessProbe), alive);
      }
      if (readinessProbe === undefined) return;
      const tell = (succeeds: boolean): void => {
        ready = succeeds;
        changed();
      };
      void runProbe(readinessProbe, action, false, tell, over);
    };
    if (startupProbe === undefined) {
      begin();
      return;
    }
    const decided = new AbortController();
    const tell = (succeeds: boolean): void => {
      decided.abort();
      if (succeeds) begin();
      else restart(startupProbe);
    };
    void runProbe(startupProbe, action, undefined, tell, AbortSignal.any([alive, decided.signal]));
  };

  const runOnce = async (next: ContainerCommand): Promise<Termination> => {
    const process = startContainerProcess({ ...next, logFile, keeper: context.keeper });
    const action = { ...next, place: context.place, command: next.translate };
    const over = new AbortController();
    running = { process, action };
    set({ running: { startedAt: process.startedAt } });
    watchOver(action, over.signal);
    const hook = container.lifecycle?.postStart;
    if (hook !== undefined) {
      void perform(hook, action, over.signal).then((trouble) => {
        if (trouble !== undefined && !over.signal.aborted) void end(graceSeconds);
      });
    }
    const termination = await process.exited;
    over.abort();
    running = undefined;
    started = false;
    ready = false;
    set({ terminated: termination });
    return termination;
  };

  const run = async (): Promise<Termination | undefined> => {
    await mkdir(join(context.folder, "logs"), { recursive: true });
    for (;;) {
      const next = await prepare();
      if (next === undefined || stopping.signal.aborted) return undefined;
      const termination = await runOnce(next);
      const failed = termination.exitCode !== 0;
      const again = restartPolicy === "Always" || (restartPolicy === "OnFailure" && failed);
      if (stopping.signal.aborted || !again) return termination;
      lastState = { terminated: termination };
      // The first restart is at once.
      const backoff = restartCount === 0 ? 0 : context.restartBackoffSeconds * 2 ** (restartCount - 1);
      const seconds = Math.min(backoff, LONGEST_BACKOFF_SECONDS);
      if (seconds > 0) {
        const message = `back-off ${seconds}s restarting failed container=${container.name}`;
        set({ waiting: { reason: "CrashLoopBackOff", message } });
        await pause(seconds * 1000, stopping.signal);
        if (stopping.signal.aborted) {
          set({ terminated: termination });
          return termination;
        }
      }
      restartCount++;
    }
  };

  const ended = run();
  return {
    container,
    logFile,
    ended,
    get pid() {
      return running?.process.pid;
    },
    status: () => ({
      name: container.name,
      image: container.image,
      imageID: context.imageId,
      ...(running === undefined ? {} : { containerID: `process://${running.process.pid}` }),
      ready,
      started,
      restartCount,
      state,
      lastState,
    }),
    async stop(seconds) {
      stopping.abort();
      await end(seconds);
      await ended;
    },
    kill() {
      stopping.abort();
      running?.process.kill();
    },
  };
}
