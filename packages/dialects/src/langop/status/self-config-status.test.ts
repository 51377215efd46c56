import { expect, test } from "vitest";
import { languageAgentSelfConfig } from "../kinds/language-agent-self-config.ts";
import { selfConfigStatus } from "./self-config-status.ts";

const request = {
  apiVersion: "langop.io/v1alpha1",
  kind: "LanguageAgentSelfConfig",
  metadata: { name: "ask", namespace: "demo", generation: 3 },
};
const at = "2026-11-28T10:00:00Z";

test.each([
  ["applied", "Applied", "True"],
  ["denied", "Denied", "False"],
  ["failed", "Failed", "False"],
] as const)("%s is final, and says when that was", (kind, phase, ready) => {
  expect(selfConfigStatus(request, { kind, reason: "Because", message: "So it is." }, at)).toEqual({
    phase,
    conditions: [{ type: "Ready", status: ready, reason: "Because", message: "So it is." }],
    fields: { observedGeneration: 3, message: "So it is.", completionTime: at },
  });
});

test("pending has no end yet", () => {
  const { phase, fields } = selfConfigStatus(
    request,
    { kind: "pending", reason: "Pending", message: "" },
    at,
  );
  expect(phase).toBe("Pending");
  expect(fields).not.toHaveProperty("completionTime");
});

test("a long message is cut, and every status is what the kind allows", () => {
  const outcome = { kind: "failed", reason: "Refused", message: "x".repeat(5_000) } as const;
  const { phase, fields, conditions } = selfConfigStatus(request, outcome, at);
  expect(fields["message"]).toHaveLength(2_000);
  const dated = conditions.map((condition) => ({ ...condition, lastTransitionTime: at }));
  const status = { phase, ...fields, conditions: dated };
  expect(languageAgentSelfConfig.status?.safeParse(status).error).toBeUndefined();
});
