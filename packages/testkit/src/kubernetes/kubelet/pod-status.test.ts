import { expect, test } from "vitest";
import type { ContainerState, ContainerStatus, Pod } from "./pod.ts";
import { podStatus } from "./pod-status.ts";

const at = "2026-01-01T00:00:00Z";
const running: ContainerState = { running: { startedAt: at } };
const waiting: ContainerState = { waiting: { reason: "CrashLoopBackOff" } };
const ended = (exitCode: number): ContainerState => ({
  terminated: { exitCode, reason: "x", startedAt: at, finishedAt: at },
});

function statusOf(name: string, state: ContainerState): ContainerStatus {
  const started = "running" in state;
  const rest = { imageID: "", ready: started, started, restartCount: 0, lastState: {} };
  return { name, image: "x", state, ...rest };
}

interface Seen {
  readonly policy: "Always" | "OnFailure" | "Never";
  readonly main: ContainerState;
  readonly init?: ContainerState;
  readonly sidecar?: ContainerState;
}

function see({ policy, main, init, sidecar }: Seen) {
  const pod: Pod = {
    metadata: { name: "pod", namespace: "default", uid: "1" },
    spec: {
      restartPolicy: policy,
      containers: [{ name: "main", image: "x" }],
      initContainers: [
        ...(init === undefined ? [] : [{ name: "init", image: "x" }]),
        ...(sidecar === undefined ? [] : [{ name: "sidecar", image: "x", restartPolicy: "Always" }]),
      ],
    },
  };
  const initContainers = [
    ...(init === undefined ? [] : [statusOf("init", init)]),
    ...(sidecar === undefined ? [] : [statusOf("sidecar", sidecar)]),
  ];
  const view = { address: "10.244.0.1", hostAddress: "10.243.0.1", startTime: at, initContainers };
  const { phase, conditions } = podStatus(pod, { ...view, containers: [statusOf("main", main)] }, [], at);
  return { phase, initialized: conditions.find(({ type }) => type === "Initialized")?.status };
}

test.each<[string, Seen, string]>([
  ["failed, and is never started again", { policy: "Never", main: ended(1) }, "Failed"],
  ["is done", { policy: "Never", main: ended(0) }, "Succeeded"],
  ["is done and would be started again had it failed", { policy: "OnFailure", main: ended(0) }, "Succeeded"],
  ["failed and will be started again", { policy: "OnFailure", main: ended(1) }, "Running"],
  ["ended and will be started again", { policy: "Always", main: ended(0) }, "Running"],
  ["is done, but its sidecar still runs", { policy: "Never", main: ended(0), sidecar: running }, "Running"],
  ["is done, its sidecar killed", { policy: "Never", main: ended(0), sidecar: ended(143) }, "Succeeded"],
  ["waits for its init container", { policy: "Never", main: waiting, init: running }, "Pending"],
  ["cannot be initialized", { policy: "Never", main: waiting, init: ended(1) }, "Failed"],
  ["will be initialized again", { policy: "OnFailure", main: waiting, init: ended(1) }, "Pending"],
])("the phase of a Pod that %s", (_, seen, phase) => {
  expect(see(seen).phase).toBe(phase);
});

test("a Pod whose sidecar was ended has been initialized all the same", () => {
  expect(see({ policy: "Never", main: ended(0), init: ended(0), sidecar: ended(143) }).initialized).toBe(
    "True",
  );
});
