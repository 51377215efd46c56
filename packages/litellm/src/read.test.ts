import type { JsonObject } from "@gatewright/plan";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Reading, readDocument } from "./read.ts";
import { writeDocument } from "./write.ts";

/** Reads files given as path → text, the first one being the document. */
function read(files: { readonly [path: string]: string }): Reading {
  const [[file, text] = ["", ""]] = Object.entries(files);
  return readDocument(text, { file, include: (path) => files[path] });
}

/** `file:line:column path code`, and the text where a test wants it. */
function told({ problems }: Reading): readonly string[] {
  return problems.map(({ file, line, column, path, code }) => `${file}:${line}:${column} ${path} ${code}`);
}

const refusals: readonly {
  readonly name: string;
  readonly why: string;
  readonly text: string;
  readonly want: readonly string[];
}[] = [
  {
    name: "empty file",
    why: "a gateway without a word of configuration is a mistake",
    text: "",
    want: ["c.yaml:1:1  DocumentEmpty"],
  },
  {
    name: "only comments",
    why: "the same in disguise",
    text: "# nothing\n",
    want: ["c.yaml:1:1  DocumentEmpty"],
  },
  { name: "a list on top", why: "settings have names", text: "- a\n", want: ["c.yaml:1:1  DocumentNotMap"] },
  {
    name: "several documents",
    why: "only one of them would count",
    text: "model_list: []\n---\nmodel_list: []\n",
    want: ["c.yaml:2:1  YamlInvalid"],
  },
  {
    name: "a key given twice",
    why: "LiteLLM silently takes the last one, and a master key is lost that way",
    text: "general_settings: {master_key: a}\ngeneral_settings: {}\n",
    want: ["c.yaml:2:1 general_settings KeyRepeated"],
  },
  {
    name: "several mistakes",
    why: "all are told at once",
    text: [
      "model_list:",
      "  - model_name: a",
      "    litellm_params: {model: openai/a, rpm: many}",
      "  - model_name:",
      "    litellm_params: {modle: openai/b}",
      "litellm_settings:",
      "  cache: maybe",
      "router_settings: []",
    ].join("\n"),
    want: [
      "c.yaml:3:44 model_list[0].litellm_params.rpm ValueInvalid",
      "c.yaml:4:5 model_list[1].model_name ValueMissing",
      "c.yaml:5:21 model_list[1].litellm_params.model ValueMissing",
      "c.yaml:7:10 litellm_settings.cache ValueInvalid",
      "c.yaml:8:18 router_settings ValueInvalid",
      "c.yaml:5:22 model_list[1].litellm_params.modle KeyUnknown",
    ],
  },
  {
    name: "an alias without an anchor",
    why: "it stands for nothing",
    text: "model_list: *models\n",
    want: ["c.yaml:1:13 model_list YamlInvalid"],
  },
  {
    name: "a tag of another program",
    why: "what it means is unknown",
    text: "general_settings: {master_key: !vault abc}\n",
    want: ["c.yaml:1:39 general_settings.master_key YamlInvalid"],
  },
  {
    name: "a file that is not there",
    why: "it would be missed",
    text: "include:\n  - models.yaml\n",
    want: ["c.yaml:2:5 include[0] IncludeMissing"],
  },
  {
    name: "a file that includes itself",
    why: "it would never end",
    text: "include: [./c.yaml]\n",
    want: ["c.yaml:1:11 include[0] IncludeCycle"],
  },
];

describe("readDocument refuses", () => {
  it.each(refusals)("$name: $why", ({ text, want }) => {
    const reading = read({ "c.yaml": text });
    expect(reading.document).toBeUndefined();
    expect(told(reading)).toEqual(want);
  });

  it("bad YAML, with the place", () => {
    const reading = read({ "c.yaml": "model_list:\n  - {a: b\nx: y\n" });
    expect(reading.document).toBeUndefined();
    expect(reading.problems.length).toBeGreaterThan(0);
    expect(reading.problems[0]).toMatchObject({ code: "YamlInvalid", file: "c.yaml", severity: "error" });
  });

  it("text that is nested deeper than the stack", () => {
    expect(told(read({ "c.yaml": "[".repeat(100_000) })).at(0)).toContain("YamlInvalid");
  });

  it("aliases that multiply", () => {
    const levels = Array.from({ length: 9 }, (_, n) => `l${n + 1}: &l${n + 1} [${`*l${n},`.repeat(9)}]`);
    const reading = read({ "c.yaml": `l0: &l0 [a]\n${levels.join("\n")}\n` });
    expect(reading.document).toBeUndefined();
    expect(reading.problems.map(({ text }) => text).join()).toContain("expand to more than");
  });
});

describe("readDocument", () => {
  it("warns of unknown keys where they stand, with the key that may be meant", () => {
    const reading = read({
      "c.yaml": [
        "modellist: []",
        "general_settings:",
        "  num_retries: 3",
        "  maser_key: sk-1",
        "  color: red",
        "litellm_settings: {cache_params: {s3_use_ssl: true}}",
        "router_settings: {routing_strategy: simple-shufle}",
        "model_list:",
        "  - model_name: a",
        "    model_info: {colour: red, supports_smell: true, team: x}",
        "    litellm_params: {model: openai/a, tempratur: 1, min_p: 2}",
      ].join("\n"),
    });
    expect(reading.document).toBeDefined();
    expect(reading.problems.map(({ line, path, code, text }) => [line, path, code, text])).toEqual([
      [
        1,
        "modellist",
        "KeyUnknown",
        "is no key of the document that Gatewright knows. Did you mean model_list?",
      ],
      [
        3,
        "general_settings.num_retries",
        "KeyMisplaced",
        "is no key of general_settings, where it has no effect; it is a key of model_list[].litellm_params, litellm_settings and router_settings.",
      ],
      [
        4,
        "general_settings.maser_key",
        "KeyUnknown",
        "is no key of general_settings that Gatewright knows. Did you mean master_key?",
      ],
      [
        5,
        "general_settings.color",
        "KeyUnknown",
        "is no key of general_settings that Gatewright knows. It is kept, and has no effect in the native engine.",
      ],
      [
        7,
        "router_settings.routing_strategy",
        "ValueUnknown",
        'has the unknown value "simple-shufle". Did you mean "simple-shuffle"?',
      ],
      [
        11,
        "model_list[0].litellm_params.tempratur",
        "KeyUnknown",
        "is no key of model_list[0].litellm_params that Gatewright knows. Did you mean temperature?",
      ],
    ]);
  });

  it("merges maps and expands anchors", () => {
    const { document } = read({
      "c.yaml": [
        "litellm_settings: &base {num_retries: 1, cache: off}",
        "router_settings: {<<: *base, num_retries: 2}",
      ].join("\n"),
    });
    expect(document).toEqual({
      litellm_settings: { num_retries: 1, cache: false },
      router_settings: { num_retries: 2, cache: false },
    });
  });

  it("lays included files over the document: lists append, maps merge, the rest is replaced", () => {
    const reading = read({
      "conf/c.yaml": [
        "include: [models.yaml, more/keys.yaml]",
        "model_list: [{model_name: a, litellm_params: {model: openai/a}}]",
        "litellm_settings: {callbacks: [otel], cache: true, num_retries: 1}",
      ].join("\n"),
      "conf/models.yaml": [
        "model_list: [{model_name: b, litellm_params: {model: openai/b, rpm: x}}]",
        "litellm_settings: {callbacks: [prometheus], cache: false}",
        "general_settings:",
      ].join("\n"),
      "conf/more/keys.yaml": "include: [../last.yaml]\ngeneral_settings: {master_key: sk-1}\n",
      "conf/last.yaml": "general_settings: {completion_model: b}\n",
    });
    expect(reading.files).toEqual([
      "conf/c.yaml",
      "conf/models.yaml",
      "conf/more/keys.yaml",
      "conf/last.yaml",
    ]);
    expect(told(reading)).toEqual(["conf/models.yaml:1:69 model_list[1].litellm_params.rpm ValueInvalid"]);
  });

  it("gives the document that included files make", () => {
    const { document } = read({
      "c.yaml": "include: [d.yaml]\nlitellm_settings: {callbacks: [otel], cache: true, num_retries: 1}\n",
      "d.yaml":
        "litellm_settings: {callbacks: [prometheus], cache: false}\ngeneral_settings: {master_key: k}\n",
    });
    expect(document).toEqual({
      litellm_settings: { callbacks: ["otel", "prometheus"], cache: false, num_retries: 1 },
      general_settings: { master_key: "k" },
    });
  });

  it("tells every file of a cycle", () => {
    const { problems, files } = read({ "a.yaml": "include: [b.yaml]\n", "b.yaml": "include: [a.yaml]\n" });
    expect(problems.map(({ text }) => text)).toEqual([
      "a.yaml includes b.yaml includes a.yaml, so it would never end; remove one of these lines",
    ]);
    expect(files).toEqual(["a.yaml", "b.yaml"]);
  });

  it("never shows what stands where a secret belongs", () => {
    const { problems } = read({
      "c.yaml":
        "credential_list: [{credential_name: a, credential_values: sk-hidden}]\ngeneral_settings: {master_key: [sk-hidden]}\n",
    });
    expect(problems.length).toBe(2);
    expect(JSON.stringify(problems)).not.toContain("hidden");
  });
});

describe("readDocument, for any input", () => {
  const anyText = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc
      .array(
        fc.constantFrom(
          ..."model_list,: ,\n  - ,\n,{,},[,],&a ,*a,<<: *a,#,|,>,',\",!!int ,---\n,? ,yes,os.environ/X,\t,%YAML 1.2\n,__proto__: 1,include: [c.yaml],general_settings:,null".split(
            ",",
          ),
        ),
        { maxLength: 30 },
      )
      .map((parts) => parts.join("")),
  );

  it("never throws, and either gives a document or says why not", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { document, problems } = read({ "c.yaml": text });
        expect(document === undefined).toBe(problems.some(({ severity }) => severity === "error"));
        for (const { line, column } of problems) {
          expect(line).toBeGreaterThan(0);
          expect(column).toBeGreaterThan(0);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("reads back what the writer writes", () => {
    const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<never>;
    const settings = fc.dictionary(fc.string({ minLength: 1 }), json, { maxKeys: 5 });
    const layout = fc.record({
      indent: fc.constantFrom(2 as const, 4 as const),
      keys: fc.constantFrom("contract" as const, "sorted" as const),
    });
    fc.assert(
      fc.property(settings, layout, (extra, how) => {
        const document = withoutOddities({ notes: extra }) as JsonObject;
        const text = writeDocument(document, how);
        expect(readDocument(text, { file: "c.yaml" }).document).toEqual(document);
      }),
      { numRuns: 300 },
    );
  });
});

/** JSON values that no document holds: empty keys, `__proto__`, negative zero. */
function withoutOddities(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutOddities);
  if (Object.is(value, -0)) return 0;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "" && key !== "__proto__" && key !== "<<")
      .map(([key, member]) => [key, withoutOddities(member)]),
  );
}
