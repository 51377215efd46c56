import { expect, it } from "vitest";
import { millisecondsText } from "./milliseconds.ts";

it("writes times as toFixed(2) does", () => {
  for (const hundreds of [0, 1, 9, 10, 99, 100, 101, 12_345, 99_999_999])
    expect(millisecondsText(hundreds / 100)).toBe((hundreds / 100).toFixed(2));
  expect(millisecondsText(0.004)).toBe("0.00");
  expect(millisecondsText(1.999)).toBe("2.00");
});
