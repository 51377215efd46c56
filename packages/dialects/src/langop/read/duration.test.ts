import { expect, test } from "vitest";
import { secondsOf } from "./duration.ts";

test.each([
  { text: "5m", want: 300 },
  { text: "2h", want: 7200 },
  { text: "45s", want: 45 },
  { text: "500ms", want: 0.5 },
  { text: "250us", want: 0.00025 },
  { text: "250µs", want: 0.00025 },
  { text: "250μs", want: 0.00025 },
  { text: "7ns", want: 7e-9 },
  { text: "1.5h", want: 5400 },
  { text: " 30s ", want: 30 },
  { text: "0s", want: 0 },
  { text: "2d", want: undefined },
  { text: "1h30m", want: undefined },
  { text: "300", want: undefined },
  { text: "-5s", want: undefined },
  { text: "", want: undefined },
])("$text is $want seconds", ({ text, want }) => {
  expect(secondsOf(text)).toBe(want);
});
