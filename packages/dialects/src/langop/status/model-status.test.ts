import type { Finding } from "@gatewright/plan";
import { describe, expect, test } from "vitest";
import type { Resource } from "../../resource.ts";
import { languageModelStatus } from "../kinds/language-model-status.ts";
import { conditionEvents, eventsOf } from "./event.ts";
import { type ModelStatusInput, modelStatus } from "./model-status.ts";

const apiVersion = "langop.io/v1alpha1";
const place = { apiVersion, kind: "LanguageModel", namespace: "demo", name: "claude" };
const model: Resource = {
  apiVersion,
  kind: "LanguageModel",
  metadata: { name: "claude", namespace: "demo", generation: 2 },
  spec: { loadBalancing: { endpoints: [{ url: "http://a" }, { url: "http://b" }] } },
};
const standalone: ModelStatusInput["gateway"] = {
  kind: "standalone",
  steps: [{ step: "Gateway" }, { step: "NetworkPolicy" }],
  deployment: { replicas: 1, readyReplicas: 1, available: true },
  access: { keys: "open", decidedBy: "standalone" },
};

function statusOf(change: Partial<ModelStatusInput>) {
  const { phase, conditions, fields } = modelStatus({
    model,
    findings: [],
    gateway: { kind: "shared" },
    ...change,
  });
  const stamped = conditions.map((condition) => ({
    ...condition,
    lastTransitionTime: "2026-11-21T10:00:00Z",
  }));
  languageModelStatus.parse({ phase, conditions: stamped, ...fields });
  const by = Object.fromEntries(conditions.map(({ type, status, reason }) => [type, `${status}/${reason}`]));
  return { phase, by, message: fields["message"], fields };
}

function blocked(code: string, text: string, path?: string): Finding {
  return { code, effect: "blocked", origin: path === undefined ? place : { ...place, path }, text };
}

test("a model of the shared gateway is Ready and says who serves it", () => {
  const { phase, by, message, fields } = statusOf({});
  expect(phase).toBe("Ready");
  expect(by).toEqual({ Ready: "True/ReconcileSuccess" });
  expect(message).toContain("registered with the shared gateway of LanguageCluster demo");
  expect(fields["observedGeneration"]).toBe(2);
});

test("a model without a cluster waits, and says for what", () => {
  const { phase, by, message } = statusOf({ gateway: { kind: "waiting" } });
  expect(phase).toBe("Pending");
  expect(by).toEqual({ Ready: "False/Pending" });
  expect(message).toContain("waits 30 s");
});

describe("a model that is left out is Failed, whoever serves it", () => {
  test.each([
    { name: "no Secret", code: "SecretNotFound", text: "names the Secret demo/keys, which does not exist." },
    { name: "no key", code: "SecretKeyMissing", text: 'names the key "api-key" of the Secret demo/keys' },
    { name: "any other reason", code: "ModelInvalid", text: "is left out" },
  ])("$name", ({ code, text }) => {
    const findings = [
      blocked("ModelNotServed", "see the others"),
      blocked("Zother", "z"),
      blocked(code, text, "spec.apiKeySecretRef"),
    ];
    for (const gateway of [{ kind: "shared" }, { kind: "waiting" }, standalone] as const) {
      const { phase, by, message } = statusOf({ gateway, findings });
      expect(phase).toBe("Failed");
      expect(by["Ready"]).toBe(`False/${code}`);
      expect(message).toBe(`${text} z`);
    }
  });
});

test("findings about other models say nothing about this one; dropped ones degrade it", () => {
  const other = { ...blocked("SecretNotFound", "x"), origin: { ...place, name: "other" } };
  const namesake = { ...blocked("SecretNotFound", "x"), origin: { ...place, namespace: "prod" } };
  const dropped: Finding = { ...blocked("UnknownField", "spec.x is no field", "spec.x"), effect: "dropped" };
  expect(statusOf({ findings: [other, namesake] }).by).toEqual({ Ready: "True/ReconcileSuccess" });
  const { phase, by } = statusOf({ findings: [other, dropped] });
  expect(phase).toBe("Ready");
  expect(by["Degraded"]).toBe("True/UnknownField");
});

test("endpoints fail one by one: the model fails with the last of them", () => {
  const first = blocked("ModelInvalid", "first", "spec.loadBalancing.endpoints[0]");
  const second = blocked("ModelInvalid", "second", "spec.loadBalancing.endpoints[1].url");
  const one = statusOf({ findings: [first] });
  expect([one.phase, one.by["Degraded"]]).toEqual(["Ready", "True/ModelInvalid"]);
  expect(statusOf({ findings: [first, second] }).phase).toBe("Failed");
});

describe("a model with a gateway of its own", () => {
  test("serves, open, and says at which address", () => {
    const { phase, by, message } = statusOf({
      gateway: { ...standalone, served: { digest: "sha256:a", pods: 1, serving: 1, unreachable: 0 } },
    });
    expect(phase).toBe("Ready");
    expect(by).toEqual({
      Ready: "True/ReconcileSuccess",
      ConfigServed: "True/ConfigServed",
      GatewayOpen: "True/StandaloneGateway",
    });
    expect(message).toContain("http://claude.demo.svc.cluster.local:8000");
  });

  test("names no address that does not exist", () => {
    const missing: Finding = { ...blocked("ModelServiceMissing", "gives no Service"), effect: "dropped" };
    const { phase, message } = statusOf({ gateway: standalone, findings: [missing] });
    expect(phase).toBe("Ready");
    expect(message).toContain("a gateway of its own, without a Service,");
  });

  test("is Pending while its pod is not ready, Failed when an object could not be written", () => {
    const pending = statusOf({
      gateway: { ...standalone, deployment: { replicas: 1, readyReplicas: 0, available: false } },
    });
    expect([pending.phase, pending.by["Ready"]]).toEqual(["Pending", "False/PodsNotReady"]);
    const failed = statusOf({ gateway: { ...standalone, steps: [{ step: "Gateway", error: "no" }] } });
    expect([failed.phase, failed.by["Ready"]]).toEqual(["Failed", "False/GatewayError"]);
  });
});

describe("events", () => {
  const before = blocked("SecretNotFound", "old");

  test("only findings that are new, each bounded, and not too many", () => {
    expect(eventsOf([before, blocked("SecretKeyMissing", "new")], [before])).toEqual([
      { type: "Warning", reason: "SecretKeyMissing", action: "Reconcile", note: "new" },
    ]);
    const many = Array.from({ length: 50 }, (_, index) => blocked("X", `${index}${"é😀".repeat(900)}`));
    const events = eventsOf(many, []);
    expect(events).toHaveLength(10);
    for (const { note } of events) {
      expect(note.length).toBeLessThanOrEqual(1024);
      expect(note.isWellFormed()).toBe(true);
    }
  });

  const condition = (type: string, status: "True" | "False", reason: string) => ({
    type,
    status,
    reason,
    message: "m",
  });
  test.each([
    {
      name: "an open gateway is told once",
      next: condition("GatewayOpen", "True", "AdoptedOpen"),
      want: "Warning",
    },
    { name: "a step fails", next: condition("Ready", "False", "GatewayError"), want: "Warning" },
    { name: "all is well", next: condition("Ready", "True", "ReconcileSuccess"), want: "Normal" },
    { name: "pods start", next: condition("Ready", "False", "PodsNotReady"), want: undefined },
    { name: "findings are told one by one", next: condition("Degraded", "True", "X"), want: undefined },
    {
      name: "a detail is well",
      next: condition("CapacityReady", "True", "ReconcileSuccess"),
      want: undefined,
    },
  ])("$name", ({ next, want }) => {
    expect(conditionEvents([next], [])[0]?.type).toBe(want);
    expect(conditionEvents([next], [next])).toEqual([]);
  });
});
