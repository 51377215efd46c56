import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startKeeper } from "../keeper.ts";
import type { KubernetesAccess } from "../kubernetes.ts";
import { uniqueName } from "../shared-kubernetes.ts";
import { createClaims } from "./claims.ts";
import type { ImageProgram } from "./container-command.ts";
import { deleteNode, NODE_ADDRESS, registerNode } from "./node.ts";
import { persist } from "./pause.ts";
import type { Pod } from "./pod.ts";
import { createLoopbackNetwork, type Place, type PodNetwork } from "./pod-network.ts";
import { podStatus } from "./pod-status.ts";
import { watchPods } from "./pod-watch.ts";
import { type PodWorker, startPodWorker } from "./pod-worker.ts";
import { createPodWriter } from "./pod-writer.ts";
import { createReferences } from "./references.ts";
import { createFindPlace } from "./service-place.ts";
import { startServiceProxy } from "./service-proxy.ts";
import { unrunContainer } from "./unrun-container.ts";

export interface KubeletOptions {
  /** Images whose containers run as local processes. Containers of others are said to run, ready, without a process. */
  readonly images?: { readonly [image: string]: ImageProgram };
  /** Which Pods without a Node this one takes; default all. A server with several kubelets needs it. */
  readonly accepts?: (pod: Pod) => boolean;
  readonly nodeName?: string;
  /** How often mounted ConfigMaps and Secrets are brought up to date. Default 60, like the real one's. */
  readonly syncSeconds?: number;
  /** The wait before a container's second restart, doubled with each. Default 10, like the real one's. */
  readonly restartBackoffSeconds?: number;
  /** Default: labels for free ports of 127.0.0.1. */
  readonly network?: PodNetwork;
}

/** A Pod as the kubelet has it. */
export interface KubeletPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly address: string;
  readonly containers: readonly {
    readonly name: string;
    readonly image: string;
    /** Undefined while none runs, and for images that are not run. */
    readonly pid: number | undefined;
    readonly restarts: number;
    readonly ready: boolean;
  }[];
}

/** A Node whose Pods are processes of this machine. */
export interface Kubelet extends AsyncDisposable {
  readonly nodeName: string;
  /** Where a Pod's address and port (as in Endpoints) are reached. @throws when nothing listens there. */
  readonly resolve: (address: string, port: number) => Place;
  /** The Pods with processes, and with `{ all: true }` also those without. */
  readonly pods: (options?: { readonly all?: boolean }) => readonly KubeletPod[];
  /**
   * What a Pod's processes have written, restarts included; of one container or all of them. Also of a Pod that is no
   * more. @throws for a Pod that never ran here.
   */
  readonly logs: (namespace: string, pod: string, container?: string) => Promise<string>;
  /** Kills all processes and removes the Node. The Pods' objects stay; the Pod garbage collector takes them in a minute. */
  readonly stop: () => Promise<void>;
}

/**
 * Registers a Node, takes Pods that have none, and runs them (see `ImageProgram` and `MachineMapping` for how). Resolves
 * when the Node is ready and the Pods that were there are known. Survives restarts of the server.
 */
export async function startKubelet(
  kubernetes: KubernetesAccess,
  options: KubeletOptions = {},
): Promise<Kubelet> {
  const nodeName = options.nodeName ?? uniqueName("kubelet");
  const accepts = options.accepts ?? (() => true);
  const images = new Map(Object.entries(options.images ?? {}));
  const client = kubernetes.client();
  const folder = await mkdtemp(join(tmpdir(), "gatewright-kubelet-"));
  const keeper = startKeeper(folder);
  const stopped = new AbortController();
  const { signal } = stopped;
  const network = options.network ?? createLoopbackNetwork();
  const writer = createPodWriter(client, signal);
  const claims = createClaims(client, join(folder, "claims"));
  const services = await startServiceProxy(createFindPlace(client, network));
  const context = {
    hostAddress: NODE_ADDRESS,
    folder: join(folder, "pods"),
    images,
    syncSeconds: options.syncSeconds ?? 60,
    restartBackoffSeconds: options.restartBackoffSeconds ?? 10,
    network,
    references: createReferences(client),
    claims,
    serviceVariables: services.environment,
    writer,
    keeper,
    signal,
  };
  const workers = new Map<string, PodWorker>();
  /** Pods without processes: their address. */
  const unrun = new Map<string, { readonly pod: Pod; readonly address: string; removing?: true }>();
  const ended: PodWorker[] = [];
  /** Pods that are being bound: aborted when one is gone. */
  const binding = new Map<string, AbortController>();

  const isRun = ({ spec }: Pod): boolean =>
    [...spec.containers, ...(spec.initContainers ?? [])].some(({ image }) => images.has(image));

  const schedule = (pod: Pod): void => {
    const { uid, deletionTimestamp } = pod.metadata;
    const held = (pod.spec.schedulingGates ?? []).length > 0 || deletionTimestamp !== undefined;
    if (held || binding.has(uid) || !accepts(pod)) return;
    const given = new AbortController();
    binding.set(uid, given);
    // What it claims first, as a scheduler does; a claim may come after the Pod.
    const claimed = persist(() => claims.bind(pod).then(() => true), AbortSignal.any([signal, given.signal]));
    void claimed
      .then((done) => (done === true ? writer.bind(pod, nodeName) : undefined))
      .finally(() => binding.delete(uid));
  };

  const pretend = (pod: Pod): void => {
    const { uid, deletionTimestamp } = pod.metadata;
    const known = unrun.get(uid);
    if (deletionTimestamp !== undefined) {
      if (known?.removing === true) return;
      unrun.set(uid, { pod, address: known?.address ?? "", removing: true });
      void writer.remove(pod);
      return;
    }
    if (known !== undefined || isOver(pod)) return;
    const address = network.address();
    unrun.set(uid, { pod, address });
    const startTime = `${new Date().toISOString().slice(0, 19)}Z`;
    const { containers, initContainers = [] } = pod.spec;
    const view = {
      address,
      hostAddress: NODE_ADDRESS,
      startTime,
      containers: containers.map((each) => unrunContainer(each, "main", startTime)),
      initContainers: initContainers.map((each) => unrunContainer(each, "init", startTime)),
    };
    void writer.writeStatus(pod, podStatus(pod, view, [], startTime));
  };

  const present = (pod: Pod): void => {
    if (pod.spec.nodeName === undefined) schedule(pod);
    if (pod.spec.nodeName !== nodeName) return;
    const { uid } = pod.metadata;
    const worker = workers.get(uid);
    if (worker !== undefined) worker.update(pod);
    else if (!isRun(pod)) pretend(pod);
    else if (pod.metadata.deletionTimestamp !== undefined) void writer.remove(pod);
    else if (!isOver(pod)) {
      const started = startPodWorker(pod, context);
      workers.set(uid, started);
      void started.done.finally(() => {
        workers.delete(uid);
        ended.push(started);
      });
    }
  };
  const gone = ({ metadata }: Pod): void => {
    binding.get(metadata.uid)?.abort();
    workers.get(metadata.uid)?.gone();
    const known = unrun.get(metadata.uid);
    if (known !== undefined) network.release(known.address);
    unrun.delete(metadata.uid);
  };

  await registerNode(client, nodeName);
  const watching = Promise.withResolvers<void>();
  const watch = watchPods(client, { present, gone, listed: watching.resolve }, signal);
  await watching.promise;

  const stop = async (): Promise<void> => {
    stopped.abort();
    const running = [...workers.values()];
    for (const worker of running) worker.kill();
    await Promise.all([watch, ...running.map(({ done }) => done)]);
    await services.stop();
    await deleteNode(client, nodeName);
    keeper.stop();
  };
  return {
    nodeName,
    resolve: (address, port) => network.resolve(address, port),
    pods({ all = false } = {}) {
      const run = [...workers.values()].map(describe);
      if (!all) return run;
      return [...run, ...[...unrun.values()].map(({ pod, address }) => describeUnrun(pod, address))];
    },
    async logs(namespace, name, container) {
      const worker = [...workers.values(), ...ended].find(
        ({ pod: { metadata } }) => metadata.namespace === namespace && metadata.name === name,
      );
      if (worker === undefined) throw new Error(`the kubelet runs no Pod ${namespace}/${name}`);
      const wanted = worker.runners.filter(
        (runner) => container === undefined || runner.container.name === container,
      );
      const texts = wanted.map(({ logFile }) => readFile(logFile, "utf8").catch(() => ""));
      return (await Promise.all(texts)).join("");
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** It has run to its end: a kubelet does not begin again. */
function isOver({ status }: Pod): boolean {
  return status?.phase === "Succeeded" || status?.phase === "Failed";
}

function describe(worker: PodWorker): KubeletPod {
  const { namespace, name, uid } = worker.pod.metadata;
  const containers = worker.statuses().map(({ name: container, image, restartCount, ready }) => {
    const pid = worker.runners.find((runner) => runner.container.name === container)?.pid;
    return { name: container, image, pid, restarts: restartCount, ready };
  });
  return { namespace, name, uid, address: worker.address, containers };
}

function describeUnrun({ metadata, spec }: Pod, address: string): KubeletPod {
  const { namespace, name, uid } = metadata;
  const state = { pid: undefined, restarts: 0, ready: true };
  return {
    namespace,
    name,
    uid,
    address,
    containers: spec.containers.map(({ name: container, image }) => ({ name: container, image, ...state })),
  };
}
