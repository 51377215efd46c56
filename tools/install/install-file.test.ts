import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import type { AccessRule } from "../../packages/operator/src/access-rule.ts";
import { accessRules } from "../../packages/operator/src/access-rules.ts";
import { generator as definitions } from "../generators/custom-resource-definitions.ts";
import { generator } from "../generators/install.ts";
import { exampleNamespace } from "./install-file.ts";
import { manifestFile } from "./manifest.ts";
import { labels } from "./names.ts";

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

interface Installed {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: { readonly [key: string]: string };
  };
  readonly rules?: readonly Rule[];
  readonly [member: string]: unknown;
}

const outputs = await generator.outputs();
const read = (path: string): readonly Installed[] =>
  parseAllDocuments(outputs[path] ?? "", { version: "1.1" })
    .map((document) => document.toJS() as Installed | null)
    .filter((object) => object !== null);
const files = { cluster: read("deploy/install.yaml"), namespaced: read("deploy/install-namespaced.yaml") };
const operatorRoles = (objects: readonly Installed[]): readonly Installed[] =>
  objects.filter(
    ({ kind, metadata }) => /^(Cluster)?Role$/.test(kind) && metadata.name.startsWith("gatewright"),
  );

/** All that a role allows, one right a line: `verb group/resource`, with the name where it is limited to one. */
function rights({ rules = [] }: { readonly rules?: readonly Rule[] }): string[] {
  return rules.flatMap(({ apiGroups, resources, resourceNames = ["*"], verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        resourceNames.flatMap((name) => verbs.map((verb) => `${verb} ${group}/${resource} ${name}`)),
      ),
    ),
  );
}

test("the same input gives the same bytes, and kubectl finds every object once", async () => {
  expect(await generator.outputs()).toEqual(outputs);
  for (const objects of Object.values(files)) {
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`);
    expect(names).toEqual([...new Set(names)]);
  }
});

test("the definitions are those of deploy/crds for langop, and fit the annotation of a client-side apply", async () => {
  const made = Object.entries(await definitions.outputs()).filter(([path]) => path.includes("/langop.io_"));
  expect(made.length).toBeGreaterThan(1);
  for (const objects of Object.values(files)) {
    const found = objects.filter(({ kind }) => kind === "CustomResourceDefinition");
    expect(byName(found)).toEqual(
      byName(made.map(([, text]) => parseAllDocuments(text, { version: "1.1" })[0]?.toJS())),
    );
    for (const object of found) expect(JSON.stringify(object).length).toBeLessThan(250_000);
  }
});

function byName<T extends { readonly metadata: { readonly name: string } }>(
  objects: readonly T[],
): readonly T[] {
  return [...objects].sort((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
}

test("removing by label leaves the definitions, and with them what runs", () => {
  for (const objects of Object.values(files)) {
    for (const { kind, metadata } of objects) {
      const marked = metadata.labels?.["app.kubernetes.io/name"] === labels["app.kubernetes.io/name"];
      expect(`${kind} ${metadata.name}: ${marked}`).toBe(
        `${kind} ${metadata.name}: ${kind !== "CustomResourceDefinition"}`,
      );
    }
  }
});

test("every rule of the operator is in the role of its scope, and nothing else is", () => {
  const wanted = accessRules.flatMap(({ rules }) => rules).map(asPolicyRule);
  const granted = operatorRoles(files.cluster).flatMap((role) => rights(role));
  // Events in the namespace default are covered by those everywhere: the sets are compared, not the lists.
  expect(new Set(granted)).toEqual(new Set(wanted.flatMap((rule) => rights({ rules: [rule] }))));
});

function asPolicyRule({ groups, resources, names, verbs }: AccessRule): Rule {
  return {
    apiGroups: groups,
    resources,
    verbs,
    ...(names === undefined ? {} : { resourceNames: names }),
  };
}

test("no role of the operator has a wildcard", () => {
  for (const objects of Object.values(files)) {
    for (const role of operatorRoles(objects)) {
      for (const rule of role.rules ?? []) {
        expect([...rule.apiGroups, ...rule.resources, ...rule.verbs]).not.toContain("*");
      }
    }
  }
});

test("an operator of one namespace may, cluster-wide, read clusters, runtimes, namespaces and definitions, and write its own only", () => {
  const role = operatorRoles(files.namespaced).find(({ kind }) => kind === "ClusterRole");
  const wide = rights(role ?? {});
  expect(wide.filter((right) => right.endsWith(" *")).sort()).toEqual(
    [
      ...["get", "list", "watch"].flatMap((verb) => [
        `${verb} langop.io/languageclusters *`,
        `${verb} langop.io/languageagentruntimes *`,
        `${verb} /namespaces *`,
        `${verb} apiextensions.k8s.io/customresourcedefinitions *`,
      ]),
    ].sort(),
  );
  const named = wide.filter((right) => !right.endsWith(" *"));
  expect(named.length).toBeGreaterThan(0);
  for (const right of named) expect(right).toMatch(new RegExp(` ${exampleNamespace}$`));
  expect(files.namespaced.map(({ kind }) => kind)).not.toContain("ValidatingWebhookConfiguration");
});

test("people who are not administrators of the cluster cannot write LanguageClusters", () => {
  const roles = files.cluster.filter(
    ({ kind, metadata }) => kind === "ClusterRole" && /^langop-/.test(metadata.name),
  );
  expect(roles.map(({ metadata }) => metadata.name)).toEqual([
    "langop-admin",
    "langop-cluster-admin",
    "langop-cluster-viewer",
  ]);
  const writers = roles.filter((role) =>
    rights(role).some((right) =>
      /^(create|update|patch|delete\w*) langop\.io\/languageclusters /.test(right),
    ),
  );
  expect(writers.map(({ metadata }) => metadata.name)).toEqual(["langop-cluster-admin"]);
  // What is aggregated reaches everybody who has Kubernetes' own roles.
  const aggregated = roles.filter(({ metadata }) =>
    Object.keys(metadata.labels ?? {}).some((label) => label.includes("aggregate-to-")),
  );
  expect(aggregated.map(({ metadata }) => metadata.name)).toEqual(["langop-admin"]);
});

test("both files run the same image, and hand it to the gateways", () => {
  const containers = Object.values(files).map((objects) => {
    const deployment = objects.find(({ kind }) => kind === "Deployment") as unknown as {
      spec: {
        template: { spec: { containers: { image: string; env: { name: string; value?: string }[] }[] } };
      };
    };
    return deployment.spec.template.spec.containers[0];
  });
  for (const container of containers) {
    expect(container?.env.find(({ name }) => name === "GATEWRIGHT_IMAGE")?.value).toBe(container?.image);
  }
  expect(new Set(containers.map((container) => container?.image)).size).toBe(1);
});

test("remarks stand above what they are about, wrapped", () => {
  const long = "word ".repeat(30).trim();
  const text = manifestFile("About.\n\n  kubectl apply", [
    {
      object: { apiVersion: "v1", kind: "Thing", metadata: { name: "on" }, list: [{ a: 1 }] } as never,
      remark: "A thing.",
      remarks: [
        [["list", 0], long],
        [["metadata", "name"], "Its name."],
      ],
    },
    "kind: Text\n",
  ]);
  const half = "word ".repeat(21).trim();
  expect(text).toBe(
    `# About.\n#\n#   kubectl apply\n---\n# A thing.\napiVersion: v1\nkind: Thing\nmetadata:\n  # Its name.\n  name: "on"\nlist:\n  # ${half}\n  # ${"word ".repeat(9).trim()}\n  - a: 1\n---\nkind: Text\n`,
  );
  const lost = () =>
    manifestFile("", [
      {
        object: { apiVersion: "v1", kind: "Thing", metadata: { name: "a" } },
        remarks: [[["nothing"], "x"]],
      },
    ]);
  expect(lost).toThrow("Thing a has no nothing to remark on");
});
