import type { Json, JsonObject, Layout } from "@gatewright/plan";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { digestOf } from "./digest.ts";
import { writeDocument } from "./write.ts";

const agentic: Layout = { indent: 4, keys: "contract" };
const settings = { request_timeout: 600, callbacks: ["otel", "prometheus"] };
const presidio = {
  default_on: true,
  output_parse_pii: true,
  presidio_analyzer_api_base: "http://presidio.guardrail-providers:80",
  presidio_anonymizer_api_base: "http://presidio.guardrail-providers:80",
};

describe("the bytes of agentic-layer.md §3.10", () => {
  it("writes an AI gateway with a guard", () => {
    const text = writeDocument(
      {
        model_list: [
          {
            model_name: "gpt-4o",
            litellm_params: { model: "openai/gpt-4o", api_key: "os.environ/OPENAI_API_KEY" },
          },
          {
            model_name: "gemini-2.5-flash",
            litellm_params: { model: "gemini/gemini-2.5-flash", api_key: "os.environ/GEMINI_API_KEY" },
          },
        ],
        litellm_settings: settings,
        guardrails: [
          {
            guardrail_name: "pii-guard",
            litellm_params: {
              guardrail: "presidio",
              mode: ["pre_call", "post_call"],
              ...presidio,
              presidio_language: "en",
              presidio_score_thresholds: { ALL: "0.5", EMAIL_ADDRESS: "0.8" },
              pii_entities_config: { CREDIT_CARD: "BLOCK", PERSON: "MASK" },
            },
          },
        ],
      },
      agentic,
    );
    expect(text).toBe(`model_list:
    - model_name: gpt-4o
      litellm_params:
        model: openai/gpt-4o
        api_key: os.environ/OPENAI_API_KEY
    - model_name: gemini-2.5-flash
      litellm_params:
        model: gemini/gemini-2.5-flash
        api_key: os.environ/GEMINI_API_KEY
litellm_settings:
    request_timeout: 600
    callbacks:
        - otel
        - prometheus
guardrails:
    - guardrail_name: pii-guard
      litellm_params:
        guardrail: presidio
        mode:
            - pre_call
            - post_call
        default_on: true
        output_parse_pii: true
        presidio_analyzer_api_base: http://presidio.guardrail-providers:80
        presidio_anonymizer_api_base: http://presidio.guardrail-providers:80
        presidio_language: en
        presidio_score_thresholds:
            ALL: "0.5"
            EMAIL_ADDRESS: "0.8"
        pii_entities_config:
            CREDIT_CARD: BLOCK
            PERSON: MASK
`);
    expect(digestOf(text).slice(0, 16)).toBe("d309a509d986acb7");
  });

  it("writes a tool gateway", () => {
    const text = writeDocument(
      {
        mcp_servers: {
          team_a__github_readonly: {
            url: "http://github-mcp.team-a.svc.cluster.local:8080/mcp",
            transport: "http",
            allowed_tools: ["get_*", "list_*"],
            disallowed_tools: ["*delete*"],
            allow_all_keys: true,
          },
          tool_gateway_routes__echo: {
            url: "http://echo.default/mcp",
            transport: "http",
            allow_all_keys: true,
          },
        },
        litellm_settings: settings,
        guardrails: [
          {
            guardrail_name: "pii-guard",
            litellm_params: { guardrail: "presidio", mode: ["pre_mcp_call"], ...presidio },
          },
        ],
      },
      agentic,
    );
    expect(text).toBe(`mcp_servers:
    team_a__github_readonly:
        url: http://github-mcp.team-a.svc.cluster.local:8080/mcp
        transport: http
        allowed_tools:
            - get_*
            - list_*
        disallowed_tools:
            - '*delete*'
        allow_all_keys: true
    tool_gateway_routes__echo:
        url: http://echo.default/mcp
        transport: http
        allow_all_keys: true
litellm_settings:
    request_timeout: 600
    callbacks:
        - otel
        - prometheus
guardrails:
    - guardrail_name: pii-guard
      litellm_params:
        guardrail: presidio
        mode:
            - pre_mcp_call
        default_on: true
        output_parse_pii: true
        presidio_analyzer_api_base: http://presidio.guardrail-providers:80
        presidio_anonymizer_api_base: http://presidio.guardrail-providers:80
`);
    expect(digestOf(text).slice(0, 16)).toBe("a95344027b9c442c");
  });

  it("writes an empty tool gateway", () => {
    expect(digestOf(writeDocument({ litellm_settings: settings }, agentic)).slice(0, 16)).toBe(
      "ced9ea8972c8252c",
    );
  });
});

const strings: readonly { name: string; why: string; input: string; want: string }[] = [
  {
    name: "a URL with a port",
    why: "a colon without a blank is plain",
    input: "http://a:80/v1",
    want: "http://a:80/v1",
  },
  { name: "a version", why: "three numbers are no number", input: "1.89.0", want: "1.89.0" },
  {
    name: "an Azure version",
    why: "a date with a tail is no date",
    input: "2025-01-01-preview",
    want: "2025-01-01-preview",
  },
  { name: "a glob inside", why: "only a leading star means something", input: "get_*", want: "get_*" },
  { name: "a leading star", why: "it would be an alias", input: "*", want: "'*'" },
  { name: "a number", why: "thresholds must stay strings", input: "0.5", want: '"0.5"' },
  { name: "an octal", why: "YAML 1.1 reads 8", input: "010", want: '"010"' },
  { name: "an exponent", why: "YAML 1.2 reads 1000", input: "1e3", want: '"1e3"' },
  { name: "underscores", why: "YAML 1.1 reads 1000", input: "1_000", want: '"1_000"' },
  { name: "base 60", why: "YAML 1.1 reads 750", input: "12:30", want: '"12:30"' },
  { name: "yes", why: "YAML 1.1 reads true", input: "yes", want: '"yes"' },
  { name: "On", why: "YAML 1.1 reads true", input: "On", want: '"On"' },
  { name: "n", why: "some readers of YAML 1.1 read false", input: "n", want: '"n"' },
  { name: "null", why: "every reader reads null", input: "null", want: '"null"' },
  { name: "a tilde", why: "every reader reads null", input: "~", want: '"~"' },
  { name: "nothing", why: "a bare key is null", input: "", want: '""' },
  { name: "a date", why: "YAML 1.1 reads a timestamp", input: "2025-01-01", want: '"2025-01-01"' },
  { name: "a merge key", why: "YAML 1.1 merges", input: "<<", want: '"<<"' },
  { name: "a comment", why: "the rest would be lost", input: "a #b", want: "'a #b'" },
  { name: "a colon and a blank", why: "it would be a map", input: "a: b", want: "'a: b'" },
  { name: "a quote inside quotes", why: "it must be doubled", input: "'a' b", want: "'''a'' b'" },
  { name: "a flow list", why: "it would be a list", input: "[a]", want: "'[a]'" },
  { name: "a document marker", why: "it would end the document", input: "---", want: "'---'" },
  { name: "a lone dash", why: "it would be a list", input: "-", want: "'-'" },
  { name: "blanks around", why: "they would be lost", input: " a ", want: "' a '" },
  { name: "a tab", why: "readers differ on tabs", input: "a\tb", want: '"a\\tb"' },
  {
    name: "a non-breaking line end",
    why: "YAML 1.1 breaks lines there",
    input: "a\u2028b",
    want: '"a\\Lb"',
  },
  { name: "letters of the world", why: "they are printable", input: "größe", want: "größe" },
];

describe("writeDocument", () => {
  it.each(strings)("spells $name: $why", ({ input, want }) => {
    expect(writeDocument({ key: input }, agentic)).toBe(`key: ${want}\n`);
  });

  it("writes lines as a literal block", () => {
    expect(
      writeDocument({ a: "one\n\ntwo\n", b: ["x\ny"], c: { d: "z\n\n" } }, { indent: 2, keys: "contract" }),
    ).toBe("a: |\n  one\n\n  two\nb:\n  - |-\n    x\n    y\nc:\n  d: |+\n    z\n\n");
  });

  it("writes lines that a block cannot hold in quotes", () => {
    expect(writeDocument({ a: " one\ntwo" }, agentic)).toBe('a: " one\\ntwo"\n');
    expect(writeDocument({ a: "one \ntwo" }, agentic)).toBe('a: "one \\ntwo"\n');
  });

  it("never folds", () => {
    const long = "word ".repeat(100).trim();
    expect(writeDocument({ a: long }, agentic)).toBe(`a: ${long}\n`);
  });

  it("writes empty maps and lists, nested lists and null", () => {
    expect(
      writeDocument({ a: [], b: {}, c: [[1, [2]], {}, { x: [] }], d: null }, { indent: 2, keys: "contract" }),
    ).toBe("a: []\nb: {}\nc:\n  - - 1\n    - - 2\n  - {}\n  - x: []\nd: null\n");
  });

  it("writes prices so that YAML 1.1 reads numbers", () => {
    expect(writeDocument({ a: 1e-7, b: 2.5e-7, c: 0.000001, d: 1e21 }, agentic)).toBe(
      "a: 1.0e-7\nb: 2.5e-7\nc: 0.000001\nd: 1.0e+21\n",
    );
  });

  it("sorts every level when the layout says so", () => {
    expect(writeDocument({ b: [{ d: 1, c: 2 }], a: { f: 1, e: 2 } }, { indent: 4, keys: "sorted" })).toBe(
      "a:\n    e: 2\n    f: 1\nb:\n    - c: 2\n      d: 1\n",
    );
  });

  const words = fc.constantFrom(
    ...strings.map(({ input }) => input),
    ..."0x1F 0o17 0b1 +1 -1. . .5 -.inf .nan 1:2:3 190:20:30.15 2001-12-14t21:59:43.10-05:00 = ? : , % @ ` | > & !".split(
      " ",
    ),
    ..."0o8 08 1__0 _1 0_ 0b2 +.e1 -_ ._ 1e 1.e+5 Null TRUE off NO y ... --- -a ?a :a a: # #a a# {} }".split(
      " ",
    ),
    "a\r\nb",
    "\n",
    "\n\n",
    " \n",
    "\ta",
    "a\n b",
    "a\n\tb",
    "a\n#b",
    "a\n\n\n",
    "---\na",
    "a\n...\n",
    "\u0085",
    "\ufeff",
    "\ud800",
    "😀",
    "\0",
    "x".repeat(200),
    "- a",
    "? a",
    "a:\tb",
    "a\u00a0",
  );
  const text = fc.oneof(
    words,
    fc.string(),
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom(...Array.from(" \n\t:#-?'\"ab0.,[]{}")) }),
  );
  const number = fc.oneof(
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  );
  const { object } = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      text,
      number,
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("value"), { maxLength: 4 }),
      tie("object"),
    ),
    object: fc.dictionary(text, tie("value"), { maxKeys: 4 }),
  }));
  const layout = fc.record({
    indent: fc.constantFrom(2 as const, 4 as const),
    keys: fc.constantFrom("contract" as const, "sorted" as const),
  });

  it.each(["1.1", "1.2"] as const)("reads back as itself in YAML %s, whatever it holds", (version) => {
    fc.assert(
      fc.property(object, layout, (document, chosen) => {
        const read: unknown = parse(writeDocument(document, chosen), { version, uniqueKeys: true });
        expect(read).toEqual(document);
      }),
      { numRuns: 2000 },
    );
  });

  it("writes what it reads in the same bytes", () => {
    fc.assert(
      fc.property(object, layout, (document, chosen) => {
        const written = writeDocument(document, chosen);
        expect(writeDocument(parse(written) as JsonObject, chosen)).toBe(written);
      }),
    );
  });
});
