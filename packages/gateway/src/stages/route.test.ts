import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Candidate, groupOf } from "../snapshot/groups.ts";
import type { Deployment } from "../snapshot/snapshot.ts";
import { pick } from "./route.ts";

/** Share of the unit interval that falls to each deployment, by walking it in small steps. */
function shares(candidates: readonly Partial<Candidate>[]): readonly number[] {
  const deployments = candidates.map((_, index) => ({ id: String(index) }) as Deployment);
  const group = groupOf(
    "m",
    candidates.map((candidate, index) => ({
      deployment: deployments[index] as Deployment,
      weight: undefined,
      requestsPerMinute: undefined,
      tokensPerMinute: undefined,
      order: undefined,
      ...candidate,
    })),
    [],
  );
  const steps = 10_000;
  const counts = candidates.map(() => 0);
  for (let step = 0; step < steps; step++) {
    const index = Number(pick(group, step / steps)?.id);
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return counts.map((count) => Math.round((count / steps) * 100) / 100);
}

describe("pick", () => {
  it.each([
    ["all alike without weights", [{}, {}, {}, {}], [0.25, 0.25, 0.25, 0.25]],
    ["by weight", [{ weight: 3 }, { weight: 1 }], [0.75, 0.25]],
    [
      "weight before rpm",
      [
        { weight: 1, requestsPerMinute: 900 },
        { weight: 1, requestsPerMinute: 100 },
      ],
      [0.5, 0.5],
    ],
    [
      "rpm before tpm",
      [
        { requestsPerMinute: 90, tokensPerMinute: 1 },
        { requestsPerMinute: 10, tokensPerMinute: 99 },
      ],
      [0.9, 0.1],
    ],
    ["nothing for a weight of zero", [{ weight: 0 }, { weight: 5 }], [0, 1]],
    ["alike when all weights are zero", [{ weight: 0 }, { weight: 0 }], [0.5, 0.5]],
    ["the lowest order only", [{ order: 2 }, { order: 1 }, { order: 1 }, {}], [0, 0.5, 0.5, 0]],
  ])("spreads requests %s", (_, candidates, want) => {
    expect(shares(candidates)).toEqual(want);
  });

  it("always finds one where there is one", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ weight: fc.option(fc.nat(5), { nil: undefined }) }), {
          minLength: 1,
          maxLength: 6,
        }),
        (candidates) => {
          const total = shares(candidates).reduce((sum, share) => sum + share, 0);
          expect(total).toBeCloseTo(1, 1);
        },
      ),
      { numRuns: 20 },
    );
  });
});
