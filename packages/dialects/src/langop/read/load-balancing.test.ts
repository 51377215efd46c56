import * as fc from "fast-check";
import { expect, test } from "vitest";
import { sharesOf } from "./load-balancing.ts";

test.each([
  { name: "equal weights", total: 300, weights: [100, 100, 100], want: [100, 100, 100] },
  { name: "the first gets what rounding leaves", total: 100, weights: [1, 1, 1], want: [34, 33, 33] },
  { name: "by weight", total: 100, weights: [50, 25, 25], want: [50, 25, 25] },
  { name: "all weights 0 are equal weights", total: 10, weights: [0, 0], want: [5, 5] },
  { name: "nobody gets 0, which would be unlimited", total: 1, weights: [1, 1], want: [1, 1] },
  { name: "not even with weight 0", total: 10, weights: [1, 0], want: [10, 1] },
])("$name", ({ total, weights, want }) => {
  expect(sharesOf(total, weights)).toEqual(want);
});

test("shares add up to the total whenever there is enough for everybody", () => {
  const weight = fc.integer({ min: 1, max: 100 });
  fc.assert(
    fc.property(
      fc.array(weight, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 800, max: 2e9 }),
      (weights, total) => {
        const shares = sharesOf(total, weights);
        expect(shares.reduce((a, b) => a + b, 0)).toBe(total);
        const sum = weights.reduce((a, b) => a + b, 0);
        for (const [index, share] of shares.entries()) {
          expect(Math.abs(share - (total * weights[index]!) / sum)).toBeLessThan(1);
        }
      },
    ),
  );
});
