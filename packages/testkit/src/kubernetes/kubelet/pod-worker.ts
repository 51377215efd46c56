import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Keeper } from "../keeper.ts";
import type { Claims } from "./claims.ts";
import type { ImageProgram } from "./container-command.ts";
import { type ContainerRunner, type RunnerContext, runContainer } from "./container-runner.ts";
import { containerEnvironment } from "./environment.ts";
import type { MachineMapping } from "./machine-mapping.ts";
import { pause, persist } from "./pause.ts";
import { type Container, type ContainerStatus, type Pod, podText } from "./pod.ts";
import type { Place, PodNetwork } from "./pod-network.ts";
import { type OwnStatus, podStatus } from "./pod-status.ts";
import type { PodWriter } from "./pod-writer.ts";
import type { References } from "./references.ts";
import type { Asker } from "./service-place.ts";
import { unrunContainer } from "./unrun-container.ts";
import { mountPaths, writeVolumes } from "./volumes.ts";

/** What all Pods of a kubelet share. */
export interface WorkerContext {
  readonly hostAddress: string;
  /** Where Pods have their folders. */
  readonly folder: string;
  readonly images: ReadonlyMap<string, ImageProgram>;
  readonly syncSeconds: number;
  readonly restartBackoffSeconds: number;
  readonly network: PodNetwork;
  readonly references: References;
  readonly claims: Claims;
  /** Variables by which a Pod's programs reach Services. */
  readonly serviceVariables: (asker: Asker) => { readonly [name: string]: string };
  readonly writer: PodWriter;
  readonly keeper: Keeper;
  /** The kubelet stops: nothing is written any more. */
  readonly signal: AbortSignal;
}

/** A Pod that runs here. */
export interface PodWorker {
  readonly pod: Pod;
  readonly address: string;
  readonly runners: readonly ContainerRunner[];
  statuses(): readonly ContainerStatus[];
  /** Its object has changed. */
  update(pod: Pod): void;
  /** Its object is gone although it has not ended: end it. */
  gone(): void;
  /** SIGKILL for everything. */
  kill(): void;
  /** All its processes have ended and its object is gone. */
  readonly done: Promise<void>;
}

const VOLUME_RETRY_MILLISECONDS = 1_000;

/** Runs a Pod: volumes, init containers in order, containers, and everything in reverse when it is deleted. */
export function startPodWorker(first: Pod, context: WorkerContext): PodWorker {
  const { network, references, claims, writer, signal } = context;
  const address = network.address();
  const folder = join(context.folder, first.metadata.uid);
  const volumes = join(folder, "volumes");
  const startTime = now();
  const place = { address, hostAddress: context.hostAddress };
  const runners: ContainerRunner[] = [];
  const deletion = new AbortController();
  const ports = new Map<number, Place>();
  let pod = first;
  /** The init containers are done. */
  let initialized = false;
  let sent: OwnStatus | undefined;
  let writing: Promise<void> | undefined;

  const statusOf = (container: Container, kind: "main" | "init"): ContainerStatus => {
    const runner = runners.find((each) => each.container === container);
    if (runner !== undefined) return runner.status();
    const isRun = context.images.has(container.image);
    if (!isRun && (kind === "init" || initialized)) return unrunContainer(container, kind, startTime);
    const waiting = { reason: initialized ? "ContainerCreating" : "PodInitializing" };
    const rest = { ready: false, started: false, restartCount: 0, lastState: {} };
    return { name: container.name, image: container.image, imageID: "", state: { waiting }, ...rest };
  };
  const { containers, initContainers = [] } = first.spec;
  const statuses = (): readonly ContainerStatus[] => containers.map((each) => statusOf(each, "main"));

  /** Writes the status as it is now, once more after a write under way; the same thing is not written twice. */
  const changed = (): void => {
    if (writing !== undefined || signal.aborted) return;
    writing = (async () => {
      // What changes together is written together.
      await Promise.resolve();
      for (;;) {
        const init = initContainers.map((each) => statusOf(each, "init"));
        const view = { ...place, startTime, containers: statuses(), initContainers: init };
        const status = podStatus(pod, view, sent?.conditions ?? [], now());
        if (JSON.stringify(status) === JSON.stringify(sent) || signal.aborted) break;
        sent = status;
        await writer.writeStatus(pod, status);
      }
      writing = undefined;
    })();
  };

  let refreshing = Promise.resolve();
  const refresh = (): void => {
    // One after the other; what cannot be read now stays as it was and is tried again soon, like the real one's.
    const write = (): Promise<void> => writeVolumes(pod, volumes, references, claims, place);
    refreshing = refreshing.then(() => persist(write, deletion.signal, undefined, VOLUME_RETRY_MILLISECONDS));
  };

  const runnerFor = (container: Container, program: ImageProgram, policy: RunnerContext["restartPolicy"]) =>
    runContainer(container, {
      program,
      imageId: `process://${container.image}`,
      hostname: first.metadata.name,
      folder,
      keeper: context.keeper,
      network: context.serviceVariables({ namespace: first.metadata.namespace, address }),
      graceSeconds: first.spec.terminationGracePeriodSeconds ?? 30,
      restartPolicy: policy,
      restartBackoffSeconds: context.restartBackoffSeconds,
      environment: () => containerEnvironment(pod, container, references, place),
      mapping: async (): Promise<MachineMapping> => ({
        paths: await mountPaths(container, volumes, join(folder, "copies", container.name)),
        ports: new Map([...ports].map(([port, real]) => [port, real.port])),
      }),
      place: (port) => {
        const number =
          typeof port === "number" ? port : container.ports?.find(({ name }) => name === port)?.containerPort;
        const found = number === undefined ? undefined : ports.get(number);
        if (found === undefined) throw new Error(`${podText(pod)}: ${container.name} has no port ${port}`);
        return found;
      },
      changed,
    });

  const start = async (): Promise<void> => {
    for (const { ports: declared = [] } of [...initContainers, ...containers]) {
      for (const { containerPort } of declared) {
        ports.set(containerPort, await network.listen(address, containerPort));
      }
    }
    changed();
    const write = (): Promise<true> => writeVolumes(pod, volumes, references, claims, place).then(() => true);
    const over = deletion.signal;
    if ((await persist(write, over, undefined, VOLUME_RETRY_MILLISECONDS)) === undefined) return;
    void (async () => {
      for (;;) {
        await pause(context.syncSeconds * 1000, over);
        if (over.aborted) return;
        refresh();
      }
    })();
    const policy = first.spec.restartPolicy ?? "Always";
    for (const container of initContainers) {
      const program = context.images.get(container.image);
      if (program === undefined) continue;
      const sidecar = container.restartPolicy === "Always";
      const untilDone = policy === "Never" ? "Never" : "OnFailure";
      const runner = runnerFor(container, program, sidecar ? "Always" : untilDone);
      runners.push(runner);
      if (sidecar) continue;
      const ended = await runner.ended;
      if (ended?.exitCode !== 0 || over.aborted) return;
    }
    initialized = true;
    const sidecars = [...runners].filter(({ container }) => container.restartPolicy === "Always");
    const main: ContainerRunner[] = [];
    for (const container of containers) {
      const program = context.images.get(container.image);
      if (program !== undefined && !over.aborted) main.push(runnerFor(container, program, policy));
    }
    runners.push(...main);
    changed();
    if (main.length < containers.length) return;
    // Sidecars serve the others: they go when those are done, so that a Job with one comes to its end.
    void Promise.all(main.map(({ ended }) => ended)).then(() => {
      for (const sidecar of sidecars) void sidecar.stop(grace());
    });
  };

  const grace = (): number =>
    pod.metadata.deletionGracePeriodSeconds ?? first.spec.terminationGracePeriodSeconds ?? 30;
  const run = async (): Promise<void> => {
    const starting = start();
    await new Promise((resolve) => deletion.signal.addEventListener("abort", resolve, { once: true }));
    await Promise.all(runners.map((runner) => runner.stop(grace())));
    await starting;
    await refreshing;
    if (!signal.aborted) {
      changed();
      await writing;
      await writer.remove(pod);
    }
    network.release(address);
    // The logs stay until the kubelet stops.
    for (const part of ["volumes", "copies", "roots"]) {
      await rm(join(folder, part), { recursive: true, force: true });
    }
  };
  const done = run();

  return {
    get pod() {
      return pod;
    },
    address,
    runners,
    statuses,
    update(next) {
      const before = pod;
      pod = next;
      if (next.metadata.deletionTimestamp !== undefined) {
        if (deletion.signal.aborted) {
          if (grace() < (before.metadata.deletionGracePeriodSeconds ?? Number.POSITIVE_INFINITY)) {
            for (const runner of runners) void runner.stop(grace());
          }
        } else deletion.abort();
        return;
      }
      // The one thing that makes a kubelet look at the volumes before it is time.
      if (notes(before) !== notes(next)) refresh();
      changed();
    },
    gone() {
      deletion.abort();
    },
    kill() {
      deletion.abort();
      for (const runner of runners) runner.kill();
    },
    done,
  };
}

function notes({ metadata }: Pod): string {
  return JSON.stringify([metadata.annotations, metadata.labels]);
}

function now(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}
