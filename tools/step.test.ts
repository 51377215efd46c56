import { expect, test } from "vitest";
import { readOutcome } from "./step.ts";

test.each([
  {
    name: "a step without tests that passes counts nothing",
    step: {},
    exitCode: 0,
    output: "",
    want: [true, 0, 0],
  },
  {
    name: "a step without tests that fails counts one",
    step: {},
    exitCode: 2,
    output: "",
    want: [false, 0, 1],
  },
  {
    name: "the last counts line wins: a test may print one of its own",
    step: { tests: true },
    exitCode: 0,
    output: "1 passed, 1 failed, 0 skipped\nnoise\n12 passed, 0 failed, 1 skipped\n",
    want: [true, 12, 0],
  },
  {
    name: "failed tests are counted, not the step",
    step: { tests: true },
    exitCode: 1,
    output: "10 passed, 3 failed, 0 skipped\n",
    want: [false, 10, 3],
  },
  {
    name: "an error although no test failed counts one",
    step: { tests: true },
    exitCode: 1,
    output: "10 passed, 0 failed, 0 skipped\n",
    want: [false, 10, 1],
  },
  {
    name: "a run that dies before it reports counts one",
    step: { tests: true },
    exitCode: 0,
    output: "Killed\n",
    want: [false, 0, 1],
  },
])("$name", ({ step, exitCode, output, want }) => {
  const { ok, passed, failed } = readOutcome(step, exitCode, output);
  expect([ok, passed, failed]).toEqual(want);
});
