import type { DesiredObjects, Installation, Manifest, Manifests, World } from "@gatewright/dialects";
import { blockers, type Dialect, type Gateway, placeOf, readManifests, worldOf } from "@gatewright/dialects";
import { adminState, documentOf, writeDocument } from "@gatewright/litellm";
import {
  compareFindings,
  type Engine,
  type Finding,
  frozen,
  type JsonObject,
  originText,
} from "@gatewright/plan";
import { stringify } from "yaml";

/** What a case's input file says about itself in the comment lines it begins with. */
export interface GoldenOptions {
  /** Why the case is there: the comment lines that are no options. */
  readonly why: string;
  /** `# engine: native`: the default of gateways that name none. Unset: the dialect's own default. */
  readonly engine?: Engine;
  /** `# secrets: complete`: Secrets that are not in the input do not exist. Default `partial`: they may. */
  readonly secrets: "complete" | "partial";
  /** `# objects: yes`: the case is also about the Kubernetes objects of its gateways. */
  readonly objects: boolean;
}

/** The outputs of one case, by file name. A file that is not among them must not be there. */
export type GoldenFiles = { readonly [file: string]: string };

/** Reads the comment lines at the head of an input. Throws when the case says not why it is there, or an option wrong. */
export function goldenOptions(input: string): GoldenOptions {
  const head = /^(?:#.*\n)*/.exec(input)?.[0] ?? "";
  const why: string[] = [];
  const options: Record<string, string> = {};
  for (const line of head.split("\n")) {
    const option = /^# (engine|secrets|objects): (.*)$/.exec(line);
    if (option?.[1] !== undefined && option[2] !== undefined) options[option[1]] = option[2].trim();
    else why.push(line.replace(/^# ?/, ""));
  }
  const { engine, secrets = "partial", objects = "no" } = options;
  if (engine !== undefined && engine !== "native" && engine !== "litellm") {
    throw new Error(`"# engine: ${engine}" must be native or litellm`);
  }
  if (secrets !== "complete" && secrets !== "partial") {
    throw new Error(`"# secrets: ${secrets}" must be complete or partial`);
  }
  if (objects !== "yes" && objects !== "no") throw new Error(`"# objects: ${objects}" must be yes or no`);
  const reason = why.join(" ").trim();
  if (reason === "")
    throw new Error("input.yaml must begin with a comment line that says why the case is there");
  return { why: reason, secrets, objects: objects === "yes", ...(engine === undefined ? {} : { engine }) };
}

/** The manifests of an input. */
export function goldenManifests(input: string): Manifests {
  return readManifests([{ path: "input.yaml", text: input }]);
}

/**
 * Lets one case run down the whole river: manifests, plans, documents, admin state, findings, objects,
 * and the objects of what runs beside the gateways wherever there is any.
 * `manifests` may be given in another order than the input's, which must not change a byte.
 */
export function goldenFiles(dialect: Dialect, read: Manifests, options: GoldenOptions): GoldenFiles {
  const { manifests } = read;
  const world = worldOf(manifests, { secrets: options.secrets });
  const engine = options.engine ?? dialect.defaultEngine;
  const reading = dialect.read(world, { engine });
  const delivered = reading.gateways.map(deliver);
  const admin = delivered.flatMap(({ name, admin: state }) => (state === undefined ? [] : [[name, state]]));
  const members = membersText(dialect, world, manifests);
  return {
    "plan.json": `${JSON.stringify(
      reading.gateways.map(({ plan }) => frozen(plan)),
      undefined,
      2,
    )}\n`,
    "document.yaml": delivered.map(({ document }) => document).join(""),
    "findings.yaml": yamlText({
      ...(read.problems.length === 0 ? {} : { problems: read.problems.map(({ file: _, ...rest }) => rest) }),
      ...(reading.findings.length === 0 ? {} : { findings: listed(reading.findings, manifests) }),
      ...Object.fromEntries(
        delivered.flatMap(({ name, findings }) =>
          findings.length === 0 ? [] : [[name, listed(findings, manifests)]],
        ),
      ),
    }),
    ...(options.objects ? { "objects.yaml": objectsText(dialect, world, engine, manifests) } : {}),
    ...(members === "" ? {} : { "members.yaml": members }),
    ...(admin.length === 0 ? {} : { "admin.yaml": yamlText(Object.fromEntries(admin)) }),
  };
}

const installation: Installation = {
  image: "gatewright:golden",
  litellmImage: "litellm:golden",
  networkIsolation: true,
  apis: { cilium: false, gatewayApi: true },
};

/** The objects of every gateway, and below them what goes with them, as the operator would write them. */
function objectsText(dialect: Dialect, world: World, engine: Engine, manifests: readonly Manifest[]): string {
  // As the operator does: it makes the keys of agents, so it asks for them where the engine can check them.
  const { gateways } = dialect.read(world, { engine, agentKeys: () => engine === "native" });
  return gateways
    .map((gateway) => {
      const { plan } = gateway;
      const desired = dialect.objects?.(world, gateway, installation);
      if (desired === undefined) throw new Error(`the objects of ${dialect.name} are not written yet`);
      const objects = desired.objects.map(withoutDocument);
      return desiredText(`# ${plan.namespace}/${plan.name}`, { ...desired, objects }, {}, manifests);
    })
    .join("");
}

/** The same of agents and tools, with the variables that agents get; empty where there are none. */
function membersText(dialect: Dialect, world: World, manifests: readonly Manifest[]): string {
  return (dialect.members?.(world) ?? [])
    .map(({ origin, findings, environment, objects }) => {
      const desired = objects?.(installation);
      return desiredText(
        `# ${originText(origin)}`,
        {
          ...desired,
          objects: desired?.objects ?? [],
          findings: [...findings, ...(desired?.findings ?? [])],
        },
        environment.length === 0 ? {} : { environment },
        manifests,
      );
    })
    .join("");
}

function desiredText(
  heading: string,
  { objects, findings, ...beside }: Partial<DesiredObjects> & Pick<DesiredObjects, "objects" | "findings">,
  more: object,
  manifests: readonly Manifest[],
): string {
  const rest = {
    ...beside,
    ...more,
    ...(findings.length === 0 ? {} : { findings: listed(findings, manifests) }),
  };
  return [
    ...objects.map((object) => `---\n${heading}\n${objectText(object)}`),
    `---\n${heading}: beside the objects\n${yamlText(rest)}`,
  ].join("");
}

type DesiredObject = DesiredObjects["objects"][number];

function objectText(object: DesiredObject): string {
  return writeDocument(object as unknown as JsonObject, { indent: 2, keys: "contract" });
}

/** The document is a golden of its own; the one delivered by an operator may also ask for agent keys. */
function withoutDocument(object: DesiredObject): DesiredObject {
  const { data } = object as { readonly data?: { readonly [key: string]: string } };
  if (data?.["config.yaml"] === undefined) return object;
  const shown = { ...object, data: { ...data, "config.yaml": "see document.yaml" } };
  return shown;
}

interface Delivery {
  readonly name: string;
  /** One YAML document below a comment that names the gateway; the comment alone when it is not served. */
  readonly document: string;
  readonly admin?: unknown;
  readonly findings: readonly Finding[];
}

function deliver(gateway: Gateway): Delivery {
  const { plan } = gateway;
  const name = `${plan.namespace}/${plan.name}`;
  const { text, digest, findings: lost } = documentOf(plan);
  const findings = [...gateway.findings, ...lost].sort(compareFindings);
  const blocking = blockers(gateway, lost);
  if (blocking.length > 0) {
    const codes = [...new Set(blocking.map(({ code }) => code))].join(", ");
    return { name, document: `---\n# ${name} is not served: ${codes}\n`, findings };
  }
  const admin = adminState(plan);
  return {
    name,
    document: `---\n# ${name} ${digest}\n${text}`,
    findings,
    ...(Object.values(admin).some((list) => list.length > 0) ? { admin } : {}),
  };
}

function listed(findings: readonly Finding[], manifests: readonly Manifest[]): readonly unknown[] {
  return findings.map(({ code, effect, origin, text }) => {
    const line = placeOf(origin, manifests)?.line;
    return { code, effect, about: originText(origin), ...(line === undefined ? {} : { line }), text };
  });
}

function yamlText(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}
