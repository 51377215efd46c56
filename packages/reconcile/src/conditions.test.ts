import { describe, expect, it } from "vitest";
import { type Condition, type ConditionIntent, nextConditions, statusPatch } from "./conditions.ts";

const now = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const said = (type: string, status: Condition["status"], reason = "Because"): ConditionIntent => ({
  type,
  status,
  reason,
  message: "text",
});
const stands = (type: string, status: Condition["status"], lastTransitionTime: string): Condition => ({
  ...said(type, status),
  lastTransitionTime,
  observedGeneration: 1,
});

describe("nextConditions", () => {
  it("keeps the time of the transition while the status stays, even when the reason changes", () => {
    const before = [
      stands("Ready", "True", "2020-01-01T00:00:00Z"),
      stands("Other", "True", "2020-01-01T00:00:00Z"),
    ];
    const wanted = [said("Ready", "True", "New"), said("Other", "False")];
    expect(nextConditions(before, wanted, { generation: 2, now })).toEqual([
      { ...said("Ready", "True", "New"), lastTransitionTime: "2020-01-01T00:00:00Z", observedGeneration: 2 },
      { ...said("Other", "False"), lastTransitionTime: "2026-01-02T03:04:05Z", observedGeneration: 2 },
    ]);
  });

  it("keeps the order there is, puts new types last and drops what is not wanted", () => {
    const before = ["C", "Gone", "A"].map((type) => stands(type, "True", "2020-01-01T00:00:00Z"));
    const wanted = ["Z", "A", "B", "C"].map((type) => said(type, "True"));
    expect(nextConditions(before, wanted, { now }).map(({ type }) => type)).toEqual(["C", "A", "Z", "B"]);
  });

  it("says the same again when nothing changed, so that no patch follows", () => {
    const first = nextConditions(undefined, [said("Ready", "True"), said("A", "False")], {
      generation: 1,
      now,
    });
    const second = nextConditions(first, [said("A", "False"), said("Ready", "True")], {
      generation: 1,
      now: now + 60_000,
    });
    expect(second).toEqual(first);
    expect(statusPatch({ conditions: first }, { conditions: second })).toBeUndefined();
  });

  it("mends a condition without a time, and cuts a message no schema would take", () => {
    const [mended] = nextConditions(
      [{ type: "Ready", status: "True" }],
      [{ ...said("Ready", "True"), message: "x".repeat(40_000) }],
      { now },
    );
    expect(mended?.lastTransitionTime).toBe("2026-01-02T03:04:05Z");
    expect(mended?.message.length).toBe(32_768);
  });
});

const patches: readonly { name: string; previous?: object; next: object; want: object | undefined }[] = [
  { name: "nothing from nothing", next: {}, want: undefined },
  { name: "a first status", next: { phase: "Ready" }, want: { phase: "Ready" } },
  {
    name: "members in another order",
    previous: { a: 1, b: { c: 1, d: 2 } },
    next: { b: { d: 2, c: 1 }, a: 1 },
    want: undefined,
  },
  {
    name: "only what differs",
    previous: { a: 1, b: { c: 1, d: 2 } },
    next: { a: 1, b: { c: 3, d: 2 } },
    want: { b: { c: 3 } },
  },
  {
    name: "what is gone as null",
    previous: { a: 1, b: { c: 1, d: 2 } },
    next: { b: { d: 2 } },
    want: { a: null, b: { c: null } },
  },
  {
    name: "an undefined member as absent",
    previous: { a: 1 },
    next: { a: 1, b: undefined },
    want: undefined,
  },
  {
    name: "an array as a whole",
    previous: { a: [1, { b: 1 }] },
    next: { a: [1, { b: 2 }] },
    want: { a: [1, { b: 2 }] },
  },
  {
    name: "a text that became an object",
    previous: { a: "x" },
    next: { a: { b: 1 } },
    want: { a: { b: 1 } },
  },
];

describe("statusPatch", () => {
  it.each(patches)("gives $name", ({ previous, next, want }) => {
    expect(statusPatch(previous, next)).toEqual(want === undefined ? undefined : { status: want });
  });
});
