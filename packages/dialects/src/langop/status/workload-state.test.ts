import { expect, test } from "vitest";
import type { ObservedRollout } from "./intent.ts";
import { deploymentState } from "./workload-state.ts";

const owner = {
  apiVersion: "langop.io/v1alpha1",
  kind: "LanguageAgent",
  metadata: { name: "helper", namespace: "demo", generation: 2 },
};
const ready = (reason: string, generation = 2) => ({
  phase: reason === "ReconcileSuccess" ? "Running" : "Updating",
  conditions: [
    {
      type: "Ready",
      status: reason === "ReconcileSuccess" ? "True" : "False",
      reason,
      message: "as said",
      observedGeneration: generation,
    },
  ],
});
const pods: ObservedRollout = {
  replicas: 1,
  readyReplicas: 1,
  updatedReplicas: 1,
  available: true,
  current: true,
};

interface Case {
  readonly name: string;
  readonly deployment: Partial<ObservedRollout> | undefined;
  readonly previous?: ReturnType<typeof ready>;
  readonly want: readonly [phase: string, ready: string];
}

const cases: readonly Case[] = [
  { name: "there is none", deployment: undefined, want: ["Pending", "False/Pending"] },
  {
    name: "there is none any more",
    deployment: undefined,
    previous: ready("ReconcileSuccess"),
    want: ["Pending", "False/Pending"],
  },
  { name: "its pod is ready", deployment: {}, want: ["Running", "True/ReconcileSuccess"] },
  {
    name: "its pod is of the spec before",
    deployment: { updatedReplicas: 0 },
    previous: ready("ReconcileSuccess"),
    want: ["Updating", "False/Updating"],
  },
  { name: "its pod is not ready", deployment: { readyReplicas: 0 }, want: ["Pending", "False/PodsNotReady"] },
  {
    name: "it has not been looked at, and the spec is another",
    deployment: { current: false },
    previous: ready("ReconcileSuccess", 1),
    want: ["Updating", "False/Updating"],
  },
  {
    name: "it has not been looked at, and the spec is the same (an annotation of somebody's)",
    deployment: { current: false },
    previous: ready("ReconcileSuccess"),
    want: ["Running", "True/ReconcileSuccess"],
  },
  {
    name: "it has not been looked at, was made anew, and has no pods",
    deployment: { current: false, readyReplicas: 0 },
    previous: ready("ReconcileSuccess"),
    want: ["Pending", "False/Pending"],
  },
  {
    name: "it has not been looked at since the pods were counted",
    deployment: { current: false, readyReplicas: 0 },
    previous: ready("PodsNotReady"),
    want: ["Updating", "False/PodsNotReady"],
  },
  {
    name: "it has not been looked at, and what was said was of something else",
    deployment: { current: false, readyReplicas: 0 },
    previous: ready("ServiceAccountError"),
    want: ["Pending", "False/Pending"],
  },
];

test.each(cases)("a Deployment: $name", ({ deployment, previous, want }) => {
  const observed = deployment === undefined ? undefined : { ...pods, ...deployment };
  const { phase, status, reason } = deploymentState(observed, owner, previous);
  expect([phase, `${status}/${reason}`]).toEqual(want);
});
