import type { ContainerStatus, Pod, PodCondition } from "./pod.ts";

/** What a kubelet sees of a Pod. */
export interface PodView {
  readonly address: string;
  readonly hostAddress: string;
  readonly startTime: string;
  readonly containers: readonly ContainerStatus[];
  readonly initContainers: readonly ContainerStatus[];
}

/** What the kubelet writes of a Pod's status; conditions of other types are others'. */
export interface OwnStatus {
  readonly conditions: readonly PodCondition[];
  readonly [field: string]: unknown;
}

/** The status of what is seen. `before`: the conditions written last, whose times stay when nothing else changes. */
export function podStatus(pod: Pod, view: PodView, before: readonly PodCondition[], now: string): OwnStatus {
  const { containers, initContainers } = view;
  const running = containers.some(({ state }) => "running" in state);
  const { restartPolicy } = pod.spec;
  const terminated = containers.filter(({ state }) => "terminated" in state);
  // What failed and will be started again has not ended, although for a moment nothing runs.
  const over = terminated.filter(
    ({ state }) =>
      restartPolicy === "Never" ||
      (restartPolicy === "OnFailure" && "terminated" in state && state.terminated.exitCode === 0),
  );
  const sidecars = new Set(
    pod.spec.initContainers
      ?.filter((container) => container.restartPolicy === "Always")
      .map(({ name }) => name),
  );
  const allEnded =
    over.length === containers.length && initContainers.every(({ state }) => !("running" in state));
  // How a sidecar ends says nothing: it is ended when the others are done.
  const failed = [...initContainers.filter(({ name }) => !sidecars.has(name)), ...containers].some(
    ({ state }) => "terminated" in state && state.terminated.exitCode !== 0,
  );
  const initialized = initContainers.every(
    ({ name, state, started }) =>
      started || ("terminated" in state && (sidecars.has(name) || state.terminated.exitCode === 0)),
  );
  const initFailed = restartPolicy === "Never" && !initialized && failed;
  const begun = running || containers.some(({ restartCount }) => restartCount > 0) || terminated.length > 0;
  const ended = allEnded || initFailed;
  const phase = ended ? (failed ? "Failed" : "Succeeded") : begun ? "Running" : "Pending";
  const allReady = containers.every(({ ready }) => ready) && !ended;
  const gates = (pod.spec.readinessGates ?? []).every(({ conditionType }) =>
    pod.status?.conditions?.some(({ type, status }) => type === conditionType && status === "True"),
  );
  const unready = containers.filter(({ ready }) => !ready).map(({ name }) => name);
  const why = ended
    ? { reason: phase === "Failed" ? "PodFailed" : "PodCompleted" }
    : {
        reason: "ContainersNotReady",
        message: `containers with unready status: [${unready.join(" ")}]`,
      };
  const conditions: PodCondition[] = [
    { type: "PodScheduled", status: "True" },
    initialized
      ? { type: "Initialized", status: "True" }
      : { type: "Initialized", status: "False", reason: "ContainersNotInitialized" },
    allReady
      ? { type: "ContainersReady", status: "True" }
      : { type: "ContainersReady", status: "False", ...why },
    allReady && gates
      ? { type: "Ready", status: "True" }
      : { type: "Ready", status: "False", ...(allReady ? { reason: "ReadinessGatesNotReady" } : why) },
  ];
  return {
    phase,
    startTime: view.startTime,
    hostIP: view.hostAddress,
    hostIPs: [{ ip: view.hostAddress }],
    podIP: view.address,
    podIPs: [{ ip: view.address }],
    conditions: conditions.map((own) => {
      const old = before.find(({ type }) => type === own.type);
      return { ...own, lastTransitionTime: (old?.status === own.status && old.lastTransitionTime) || now };
    }),
    containerStatuses: containers,
    ...(initContainers.length === 0 ? {} : { initContainerStatuses: initContainers }),
  };
}
