import * as fc from "fast-check";
import { expect, test } from "vitest";
import { placeOf, readManifests } from "./manifest.ts";
import { originOf } from "./resource.ts";
import { worldOf } from "./world.ts";

function read(text: string, options?: { defaultNamespace: string }) {
  return readManifests([{ path: "a.yaml", text }], options);
}

const gateway = `
apiVersion: runtime.agentic-layer.ai/v1alpha1
kind: AiGateway
metadata:
  name: gw
spec:
  aiModels: []
`;

test("objects come with their file and their lines", () => {
  const { manifests, problems } = readManifests([
    { path: "a.yaml", text: `# comment\n---${gateway}---${gateway.replace("gw", "other")}` },
    {
      path: "b.json",
      text: '{\n\t"apiVersion": "v1",\n\t"kind": "ConfigMap",\n\t"metadata": {"name": "cm"}\n}',
    },
  ]);
  expect(problems).toEqual([]);
  expect(
    manifests.map(({ resource, file, line }) => [
      resource.metadata.name,
      file,
      line(),
      line("spec.aiModels"),
    ]),
  ).toEqual([
    ["gw", "a.yaml", 3, 8],
    ["other", "a.yaml", 10, 15],
    ["cm", "b.json", 1, 1],
  ]);
  const [first] = manifests;
  if (first === undefined) throw new Error("no manifest");
  expect(placeOf(originOf(first.resource, "metadata.name"), manifests)).toEqual({ file: "a.yaml", line: 6 });
});

test("a List is taken apart, also inside a List, and its lines are those of the file", () => {
  const { manifests, problems } = read(`apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: one}, data: {a: x}}
  - apiVersion: v1
    kind: ConfigMapList
    items:
      - apiVersion: v1
        kind: ConfigMap
        metadata:
          name: two
`);
  expect(problems).toEqual([]);
  expect(manifests.map(({ resource, line }) => [resource.metadata.name, line("metadata.name")])).toEqual([
    ["one", 4],
    ["two", 11],
  ]);
});

test("namespaced objects get a namespace, cluster-scoped ones lose it", () => {
  const { manifests } = read(
    `${gateway}---
apiVersion: runtime.agentic-layer.ai/v1alpha1
kind: AiGatewayClass
metadata: {name: litellm, namespace: nonsense}
`,
    { defaultNamespace: "team" },
  );
  expect(manifests.map(({ resource }) => resource.metadata.namespace)).toEqual(["team", undefined]);
});

test("a Secret's values stay out of its resource; stringData wins; worldOf knows the keys", () => {
  const { manifests, problems } = read(`
apiVersion: v1
kind: Secret
metadata: {name: keys, namespace: ns}
data: {a: aGVsbG8=, b: "", c: "aGVs\\nbG8="}
stringData: {a: winner-value, d: clear-value}
`);
  expect(problems).toEqual([]);
  const [secret] = manifests;
  expect(JSON.stringify(secret)).not.toMatch(/winner-value|clear-value|aGVsbG8/);
  const values = Object.entries(secret?.secret?.values ?? {}).map(([key, value]) => [key, value.reveal()]);
  expect(Object.fromEntries(values)).toEqual({ a: "winner-value", b: "", c: "hello", d: "clear-value" });
  const world = worldOf(manifests);
  expect(world.resources).toEqual([]);
  expect(world.secretKeys("ns", "keys")).toEqual(["a", "b", "c", "d"]);
  expect(world.secretKeys("ns", "others")).toBe("unknown");
  expect(worldOf(manifests, { secrets: "complete" }).secretKeys("ns", "others")).toBe("absent");
});

const configMap = (body: string): string => `apiVersion: v1\nkind: ConfigMap\n${body}`;

const broken: readonly {
  name: string;
  why: string;
  input: string;
  code: string;
  line: number;
  path: string;
}[] = [
  { name: "not YAML", why: "told where", input: "a: [1\nb: 2", code: "InvalidYaml", line: 2, path: "" },
  {
    name: "a key twice",
    why: "one of them would be lost",
    input: "a: 1\na: 2",
    code: "InvalidYaml",
    line: 2,
    path: "",
  },
  { name: "a list", why: "no object", input: "- a", code: "NotAnObject", line: 1, path: "" },
  {
    name: "no kind",
    why: "not a manifest",
    input: "apiVersion: v1",
    code: "NotAManifest",
    line: 1,
    path: "",
  },
  {
    name: "a version that is a number",
    why: "must be text",
    input: "kind: A\napiVersion: 1",
    code: "NotAManifest",
    line: 2,
    path: "apiVersion",
  },
  {
    name: "no metadata",
    why: "no name",
    input: configMap(""),
    code: "NameMissing",
    line: 1,
    path: "metadata",
  },
  {
    name: "no name",
    why: "generateName is for create",
    input: configMap("metadata:\n  generateName: a-"),
    code: "NameMissing",
    line: 3,
    path: "metadata.name",
  },
  {
    name: "a name that is a number",
    why: "must be text",
    input: configMap("metadata:\n  name: 1"),
    code: "NameMissing",
    line: 4,
    path: "metadata.name",
  },
  {
    name: "a name in capitals",
    why: "the API server refuses it",
    input: configMap("metadata: {name: My_Map}"),
    code: "NameInvalid",
    line: 3,
    path: "metadata.name",
  },
  {
    name: "an annotation that is no text",
    why: "kubectl refuses it",
    input: configMap("metadata:\n  name: a\n  annotations:\n    b: on"),
    code: "NotText",
    line: 6,
    path: "metadata.annotations.b",
  },
  {
    name: "data that is no text",
    why: "must be quoted",
    input: configMap("metadata: {name: a}\ndata:\n  n: 3"),
    code: "NotText",
    line: 5,
    path: "data.n",
  },
  {
    name: "spec that is no map",
    why: "nothing to read",
    input: "apiVersion: a.b/v1\nkind: C\nmetadata: {name: d}\nspec: [1]",
    code: "NotAMap",
    line: 4,
    path: "spec",
  },
  {
    name: "clear text under data",
    why: "the commonest slip with Secrets",
    input: "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata:\n  key: hunter2",
    code: "SecretNotBase64",
    line: 5,
    path: "data.key",
  },
  {
    name: "the same object twice",
    why: "the later would win unseen",
    input: `${configMap("metadata: {name: a}")}\n---\n${configMap("metadata: {name: a, namespace: default}")}`,
    code: "DeclaredTwice",
    line: 7,
    path: "metadata.name",
  },
];

test.each(broken)("problem: $name ($why)", ({ input, code, line, path }) => {
  const { problems } = read(input);
  const [first] = problems;
  expect(first).toMatchObject({ severity: "error", file: "a.yaml", code, line, path });
  expect(JSON.stringify(problems)).not.toContain("hunter2");
});

test("what is wrong with one object does not keep the others from being read", () => {
  const { manifests, problems } = read(`${gateway}---\nfoo: bar\n---${gateway.replace("gw", "other")}`);
  expect(manifests.map(({ resource }) => resource.metadata.name)).toEqual(["gw", "other"]);
  expect(problems.length).toBe(2);
});

test("a Kustomization is skipped, and it says so", () => {
  const { manifests, problems } = read("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n");
  expect(manifests).toEqual([]);
  expect(problems).toMatchObject([{ severity: "warning", code: "KustomizationSkipped" }]);
});

test("nothing makes it throw", () => {
  const keys = fc.constantFrom("apiVersion", "metadata", "spec", "data", "items", "name", "stringData");
  const members = fc.dictionary(keys, fc.jsonValue());
  const kinds = fc.constantFrom("Secret", "List", "AiGateway", "ConfigMap");
  fc.assert(
    fc.property(members, kinds, fc.jsonValue(), (object, kind, other) => {
      for (const value of [{ apiVersion: "v1", kind, ...object }, other]) {
        for (const problem of read(JSON.stringify(value)).problems) expect(problem.line).toBe(1);
      }
    }),
  );
});
