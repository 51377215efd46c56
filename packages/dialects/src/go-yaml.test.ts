import * as fc from "fast-check";
import { expect, test } from "vitest";
import { fieldPath, fieldPathSegments } from "./field-path.ts";
import { type GoYamlReader, readGoYaml } from "./go-yaml.ts";

const scalars: readonly {
  name: string;
  why: string;
  reader: GoYamlReader;
  input: string;
  want: unknown;
}[] = [
  { name: "words", why: "kubectl takes yes for true", reader: "manifest", input: "yes", want: true },
  { name: "words off", why: "and off for false", reader: "manifest", input: "Off", want: false },
  { name: "quoted words", why: "quotes make text", reader: "manifest", input: '"yes"', want: "yes" },
  {
    name: "words in a patch",
    why: "untyped decoding keeps them",
    reader: "patch",
    input: "yes",
    want: "yes",
  },
  { name: "octal", why: "YAML 1.1's form survived in Go", reader: "patch", input: "010", want: 8 },
  { name: "octal, 1.2", why: "as in YAML 1.2", reader: "manifest", input: "0o10", want: 8 },
  { name: "no octal", why: "8 is no octal digit", reader: "manifest", input: "008", want: 8 },
  { name: "sexagesimal", why: "Go never read 1:30 as 90", reader: "manifest", input: "1:30", want: "1:30" },
  {
    name: "date",
    why: "manifests keep the text",
    reader: "manifest",
    input: "2026-01-02",
    want: "2026-01-02",
  },
  { name: "day", why: "a time in Go", reader: "patch", input: "2026-1-2", want: "2026-01-02T00:00:00Z" },
  {
    name: "time with fraction and offset",
    why: "zeros at the end go, the offset stays",
    reader: "patch",
    input: "2001-12-14t21:59:43.10-05:00",
    want: "2001-12-14T21:59:43.1-05:00",
  },
  {
    name: "time with a short offset",
    why: "hours alone are an offset",
    reader: "patch",
    input: "2001-12-14 1:59:43 +2",
    want: "2001-12-14T01:59:43+02:00",
  },
];

test.each(scalars)("scalar: $name ($why)", ({ reader, input, want }) => {
  expect(readGoYaml(`value: ${input}\n`, reader)[0]?.value).toEqual({ value: want });
});

test("keys are text whatever they look like", () => {
  expect(readGoYaml("1: a\nyes: b\nnull: c\n", "manifest")[0]?.value).toEqual({
    1: "a",
    yes: "b",
    null: "c",
  });
});

test("fields are found by path, missing ones by what is around them", () => {
  const text = [
    "# head", //         1
    "metadata:", //      2
    "  annotations:", // 3
    "    a.b/c: x", //   4
    "spec:", //          5
    "  models:", //      6
    "    - name: one", //7
    "    - name: two", //8
    "      key: k", //   9
  ].join("\n");
  const [document] = readGoYaml(text, "manifest");
  const lines = [
    "",
    "metadata.annotations[a.b/c]",
    "spec.models[1]",
    "spec.models[1].key",
    "spec.models[1].no.such",
  ];
  expect(lines.map((path) => document?.line(path))).toEqual([2, 4, 8, 9, 8]);
});

test("aliases are followed to where the field is written", () => {
  const [document] = readGoYaml("base: &base\n  port: 80\nspec: *base\n", "manifest");
  expect(document?.value).toEqual({ base: { port: 80 }, spec: { port: 80 } });
  expect(document?.line("spec.port")).toBe(2);
});

test.each([
  ["an open quote", 'key: "hunter2-hunter2'],
  ["a bad escape", 'key: "\\q hunter2"'],
  ["two scalars", 'key: "hunter2" "hunter2"'],
  ["a stray token", "- a\nhunter2"],
  ["a reserved character", "key: @hunter2"],
  ["a template", "key: {{ .Values.hunter2 }}"],
  ["a key twice", "hunter2: 1\nhunter2: 2"],
])("problems never quote the source: %s", (_, text) => {
  const problems = readGoYaml(text, "manifest").flatMap((document) => document.problems);
  expect(problems.length).toBeGreaterThan(0);
  expect(JSON.stringify(problems)).not.toContain("hunter2");
});

test("an alias bomb is a problem, not a hang", () => {
  const levels = Array.from({ length: 12 }, (_, n) =>
    n === 0
      ? "l0: &l0 [x, x, x, x, x, x, x, x, x]"
      : `l${n}: &l${n} [${Array(9)
          .fill(`*l${n - 1}`)
          .join(", ")}]`,
  );
  expect(readGoYaml(levels.join("\n"), "patch")[0]?.problems.length).toBe(1);
});

test("no text makes it throw", () => {
  const piece = fc.constantFrom(
    "- ",
    "a: ",
    "b",
    "\n",
    "  ",
    "\t",
    '"',
    "'",
    "{",
    "}",
    "[",
    "&x ",
    "*x",
    "---\n",
    "!t ",
    "? ",
    "|\n",
    "<<: ",
    "010",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.string(), (pieces, path) => {
      for (const document of readGoYaml(pieces.join(""), "patch")) {
        expect(document.line(path)).toBeGreaterThanOrEqual(1);
        for (const problem of document.problems) expect(problem.line).toBeGreaterThanOrEqual(1);
      }
    }),
  );
});

test("a path comes apart as it was put together", () => {
  const segment = fc.oneof(
    fc.nat(),
    fc.string({ minLength: 1 }).filter((text) => !/[[\]]/.test(text)),
  );
  fc.assert(
    fc.property(fc.array(segment), (segments) => {
      expect(fieldPathSegments(fieldPath(segments))).toEqual(segments.map(String));
    }),
  );
});
