import type { Manifest, Manifests } from "@gatewright/dialects";
import { blockers, type Dialect, type Gateway, placeOf, readManifests, worldOf } from "@gatewright/dialects";
import { adminState, documentOf } from "@gatewright/litellm";
import { compareFindings, type Engine, type Finding, frozen, originText } from "@gatewright/plan";
import { stringify } from "yaml";

/** What a case's input file says about itself in the comment lines it begins with. */
export interface GoldenOptions {
  /** Why the case is there: the comment lines that are no options. */
  readonly why: string;
  /** `# engine: native`: the default of gateways that name none. Unset: the dialect's own default. */
  readonly engine?: Engine;
  /** `# secrets: complete`: Secrets that are not in the input do not exist. Default `partial`: they may. */
  readonly secrets: "complete" | "partial";
}

/** The outputs of one case, by file name. A file that is not among them must not be there. */
export type GoldenFiles = { readonly [file: string]: string };

/** Reads the comment lines at the head of an input. Throws when the case says not why it is there, or an option wrong. */
export function goldenOptions(input: string): GoldenOptions {
  const head = /^(?:#.*\n)*/.exec(input)?.[0] ?? "";
  const why: string[] = [];
  const options: Record<string, string> = {};
  for (const line of head.split("\n")) {
    const option = /^# (engine|secrets): (.*)$/.exec(line);
    if (option?.[1] !== undefined && option[2] !== undefined) options[option[1]] = option[2].trim();
    else why.push(line.replace(/^# ?/, ""));
  }
  const { engine, secrets = "partial" } = options;
  if (engine !== undefined && engine !== "native" && engine !== "litellm") {
    throw new Error(`"# engine: ${engine}" must be native or litellm`);
  }
  if (secrets !== "complete" && secrets !== "partial") {
    throw new Error(`"# secrets: ${secrets}" must be complete or partial`);
  }
  const reason = why.join(" ").trim();
  if (reason === "")
    throw new Error("input.yaml must begin with a comment line that says why the case is there");
  return { why: reason, secrets, ...(engine === undefined ? {} : { engine }) };
}

/** The manifests of an input. */
export function goldenManifests(input: string): Manifests {
  return readManifests([{ path: "input.yaml", text: input }]);
}

/**
 * Lets one case run down the whole river: manifests, plans, documents, admin state, findings.
 * `manifests` may be given in another order than the input's, which must not change a byte.
 */
export function goldenFiles(dialect: Dialect, read: Manifests, options: GoldenOptions): GoldenFiles {
  const { manifests } = read;
  const reading = dialect.read(worldOf(manifests, { secrets: options.secrets }), {
    engine: options.engine ?? dialect.defaultEngine,
  });
  const delivered = reading.gateways.map(deliver);
  const admin = delivered.flatMap(({ name, admin: state }) => (state === undefined ? [] : [[name, state]]));
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
    ...(admin.length === 0 ? {} : { "admin.yaml": yamlText(Object.fromEntries(admin)) }),
  };
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
