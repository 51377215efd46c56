import { describe, expect, test } from "vitest";
import type { Surroundings } from "./surroundings.ts";
import { findingTrouble, report, type Trouble, troubleText } from "./trouble.ts";

const origin = {
  apiVersion: "langop.io/v1alpha1",
  kind: "LanguageModel",
  namespace: "team-a",
  name: "claude",
  path: "spec.timeout",
};

describe("troubleText", () => {
  test.each([
    {
      name: "file, line and field",
      trouble: { file: "a.yaml", line: 3, column: 7, path: "spec.x", text: "it is wrong." },
      want: "a.yaml:3:7 spec.x: it is wrong.",
    },
    { name: "file only", trouble: { file: "a.yaml", text: "it is wrong." }, want: "a.yaml: it is wrong." },
    { name: "nothing but text", trouble: { text: "It is wrong." }, want: "It is wrong." },
    {
      name: "an object the text does not name",
      trouble: {
        file: "a.yaml",
        line: 3,
        object: "LanguageModel team-a/claude",
        path: "spec.x",
        text: "it is wrong.",
      },
      want: "a.yaml:3 LanguageModel team-a/claude spec.x: it is wrong.",
    },
    {
      name: "an object the text names already",
      trouble: {
        file: "a.yaml",
        line: 3,
        object: "LanguageModel team-a/claude",
        text: "LanguageModel team-a/claude is wrong.",
      },
      want: "a.yaml:3: LanguageModel team-a/claude is wrong.",
    },
  ])("$name", ({ trouble, want }) => {
    expect(troubleText({ level: "error", ...trouble })).toBe(want);
  });
});

function reported(interactive: boolean, troubles: readonly Trouble[]): string {
  let text = "";
  const errors = (more: string): void => {
    text += more;
  };
  const surroundings: Surroundings = {
    folder: "/",
    home: "/",
    environment: {},
    output: () => {},
    errors,
    interactive,
  };
  report(surroundings, troubles);
  return text;
}

test("a finding is text for a person and one JSON object a line for a program", () => {
  const finding = { code: "FieldIgnored", effect: "dropped", origin, text: "It has no effect." } as const;
  const trouble = findingTrouble(finding, () => ({ file: "a.yaml", line: 9 }));
  expect(reported(true, [trouble])).toBe(
    "warning: a.yaml:9 LanguageModel team-a/claude spec.timeout: It has no effect.\n",
  );
  expect(JSON.parse(reported(false, [trouble]))).toEqual({
    level: 40,
    msg: "a.yaml:9 LanguageModel team-a/claude spec.timeout: It has no effect.",
    code: "FieldIgnored",
    effect: "dropped",
    file: "a.yaml",
    line: 9,
    object: "LanguageModel team-a/claude",
    path: "spec.timeout",
  });
});
