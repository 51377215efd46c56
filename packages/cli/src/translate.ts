import { adminState, writeDocument } from "@gatewright/litellm";
import type { Engine, GatewayPlan, JsonObject, Layout } from "@gatewright/plan";
import { operatorAsksForAgentKeys } from "./agent-keys.ts";
import { type Declaration, refusals } from "./declaration.ts";
import { type Declared, declare } from "./declare.ts";
import { type ExitCode, exitCode } from "./exit-code.ts";
import { readInput } from "./input.ts";
import { printMember, printObjects } from "./print-objects.ts";
import type { Surroundings } from "./surroundings.ts";
import { complain, findingTrouble, report, type Trouble } from "./trouble.ts";

export interface TranslateOptions {
  readonly output: "litellm" | "plan" | "admin" | "kubernetes";
  /** Default: the one each dialect has. */
  readonly engine?: Engine;
}

/** `gatewright translate`: what the operator would make of the input, as YAML. Pure but for reading and printing. */
export function translate(
  paths: readonly string[],
  options: TranslateOptions,
  surroundings: Surroundings,
): ExitCode {
  const { output } = options;
  const { folder: from, environment } = surroundings;
  const engine = options.engine === undefined ? {} : { engine: options.engine };
  const agentKeys = output === "kubernetes" ? { agentKeys: operatorAsksForAgentKeys(options.engine) } : {};
  const declared = declare(readInput(paths, from), { ...engine, ...agentKeys, from, environment });
  report(surroundings, troublesOf(declared));
  if (declared.troubles.some(({ level }) => level === "error")) return exitCode.unusable;
  const { declarations, members } = declared;
  const objects = output === "kubernetes" ? members : [];
  if (declarations.length + objects.length === 0) {
    complain(
      surroundings,
      `${paths.join(", ")}: no gateway is declared there, so there is nothing to print.`,
    );
    return exitCode.unusable;
  }
  if (output === "kubernetes") return translateObjects(declared, surroundings);
  const texts = declarations.map((declaration) => print(declaration, output));
  surroundings.output(texts.map((text, index) => `${index === 0 ? "" : "---\n"}${text}`).join(""));
  const served = output === "plan" || declarations.some((declaration) => refusals(declaration).length === 0);
  return served ? exitCode.done : exitCode.failed;
}

function translateObjects({ declarations, members }: Declared, surroundings: Surroundings): ExitCode {
  const printed = [
    ...declarations.map((declaration) => printObjects(declaration, surroundings)),
    ...members.map((member) => printMember(member, surroundings)),
  ];
  report(
    surroundings,
    printed.flatMap(({ troubles }) => troubles),
  );
  surroundings.output(printed.map(({ text }, index) => `${index === 0 ? "" : "---\n"}${text}`).join(""));
  return printed.some(({ written }) => written) ? exitCode.done : exitCode.failed;
}

/** Everything there is to say about the input, errors and warnings about files first. */
export function troublesOf(declared: Declared): readonly Trouble[] {
  return [
    ...declared.troubles,
    ...declared.findings.map((finding) => findingTrouble(finding, declared.locate)),
    ...declared.declarations.flatMap(({ findings, locate }) =>
      findings.map((finding) => findingTrouble(finding, locate)),
    ),
    ...declared.members.flatMap(({ member, locate }) =>
      member.findings.map((finding) => findingTrouble(finding, locate)),
    ),
  ];
}

function print(declaration: Declaration, output: "litellm" | "plan" | "admin"): string {
  const heading = `# ${declaration.title}\n`;
  const { plan } = declaration;
  if (output === "plan") {
    return (
      heading +
      (plan === undefined
        ? "# A LiteLLM configuration file is a document already; it has no plan.\n"
        : planText(plan))
    );
  }
  const reasons = refusals(declaration);
  if (reasons.length > 0) {
    return `${heading}# Not served:\n${reasons.map(({ text }) => `#   ${text}\n`).join("")}`;
  }
  if (output === "admin") return heading + adminText(plan);
  return heading + (plan === undefined ? writeDocument(declaration.document, layout) : declaration.text);
}

const layout: Layout = { indent: 2, keys: "contract" };

function planText(plan: GatewayPlan): string {
  return writeDocument(plan as unknown as JsonObject, layout);
}

function adminText(plan: GatewayPlan | undefined): string {
  const models = plan === undefined ? [] : adminState(plan).models;
  if (models.length === 0) return "# Nothing of it is kept in the management API.\n";
  return writeDocument({ models: models.map((model): JsonObject => ({ ...model })) }, layout);
}
