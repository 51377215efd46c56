import {
  compareFindings,
  type Finding,
  type GatewayPlan,
  type Model,
  type Overlay,
  originText,
} from "@gatewright/plan";
import { digestOf } from "./digest.ts";
import { type Document, renderDocument } from "./document.ts";
import { entryOf } from "./model.ts";
import { applyOverlay } from "./overlay.ts";
import { writeDocument } from "./write.ts";

/** A plan's document as it is delivered. */
export interface Delivered {
  readonly document: Document;
  /** The bytes, in the plan's layout. */
  readonly text: string;
  /** SHA-256 of the bytes, hexadecimal. */
  readonly digest: string;
  /**
   * What was lost on the way, in the one order of findings: models left out (`ModelInvalid`), overlays that cannot be
   * read (`ConfigPatchInvalid`, `ExtraConfigInvalid`, `ExtraSettingInvalid`: blocked), overlay keys that nothing reads
   * (`UnknownKey`) or that a field already sets (`ExtraSettingIgnored`), and what the native engine does not do.
   */
  readonly findings: readonly Finding[];
}

/** One thing wrong with a document, as far as it matters here. */
interface DocumentProblem {
  readonly severity: "error" | "warning";
  readonly path: string;
  readonly text: string;
}

/** What judges a document. */
export interface DocumentRules {
  check(document: Document): readonly DocumentProblem[];
  unsupported(document: Document, plan: GatewayPlan): readonly Finding[];
}

/** A plan's document by these rules: render, lay the overlays over it, check, write. */
export function deliver(plan: GatewayPlan, rules: DocumentRules): Delivered {
  const findings: Finding[] = [];
  const document = overlaid(plan, renderServable(plan, rules, findings), rules, findings);
  if (plan.engine === "native") findings.push(...rules.unsupported(document, plan));
  const text = writeDocument(document, plan.layout);
  return { document, text, digest: digestOf(text), findings: findings.sort(compareFindings) };
}

/** The document without the models that nothing could read: one bad model must not take the others along. */
function renderServable(plan: GatewayPlan, rules: DocumentRules, findings: Finding[]): Document {
  const model = plan.model.filter((candidate) => {
    if (candidate.delivery === "admin") return true;
    const problems = errors(rules.check({ model_list: [entryOf(candidate)] }));
    if (problems.length > 0) findings.push(modelFinding(candidate, problems));
    return problems.length === 0;
  });
  const document = renderDocument({ ...plan, model });
  const problems = errors(rules.check(document));
  if (problems.length > 0) {
    findings.push({
      code: "DocumentInvalid",
      effect: "blocked",
      origin: plan.origin,
      text: `${originText(plan.origin)} asks for settings that no gateway can read: ${listed(problems)}. Correct them; until then the last good configuration is served.`,
    });
  }
  return document;
}

function overlaid(plan: GatewayPlan, base: Document, rules: DocumentRules, findings: Finding[]): Document {
  let document = base;
  let known = plan.overlay.length === 0 ? [] : rules.check(base);
  for (const overlay of plan.overlay) {
    const applied = applyOverlay(document, overlay);
    findings.push(...applied.findings);
    const before = new Set(known.map(identity));
    const problems = rules.check(applied.document);
    const added = problems.filter((problem) => !before.has(identity(problem)));
    const unreadable = errors(added);
    if (unreadable.length > 0) findings.push(overlayFinding(overlay, unreadable));
    findings.push(
      ...added.filter(({ severity }) => severity === "warning").map((p) => keyFinding(overlay, p)),
    );
    document = applied.document;
    known = problems;
  }
  return document;
}

const invalidCodes: { readonly [K in Overlay["kind"]]: string } = {
  "merge-patch": "ConfigPatchInvalid",
  "deep-merge": "ExtraConfigInvalid",
  fill: "ExtraSettingInvalid",
};

function overlayFinding({ kind, origin }: Overlay, problems: readonly DocumentProblem[]): Finding {
  return {
    code: invalidCodes[kind],
    effect: "blocked",
    origin,
    text: `${originText(origin)} gives settings values that cannot be read: ${listed(problems)}. Correct them; until then the last good configuration is served.`,
  };
}

function keyFinding({ origin }: Overlay, { path, text }: DocumentProblem): Finding {
  return {
    code: "UnknownKey",
    effect: "dropped",
    origin,
    text: `${originText(origin)} sets ${path}: ${text}`,
  };
}

function modelFinding({ origin, name }: Model, problems: readonly DocumentProblem[]): Finding {
  return {
    code: "ModelInvalid",
    effect: "blocked",
    origin,
    text: `The model "${name}" of ${originText(origin)} is left out, because its settings cannot be read: ${listed(problems)}.`,
  };
}

function errors(problems: readonly DocumentProblem[]): readonly DocumentProblem[] {
  return problems.filter(({ severity }) => severity === "error");
}

function listed(problems: readonly DocumentProblem[]): string {
  return problems.map(({ path, text }) => `${path}: ${text.replace(/\.$/, "")}`).join("; ");
}

function identity({ severity, path, text }: DocumentProblem): string {
  return `${severity} ${path} ${text}`;
}

/** Until the schema and the support table are there, nothing is judged. */
const rules: DocumentRules = { check: () => [], unsupported: () => [] };

/** A plan's document as it is delivered: rendered, with its overlays, checked, written. */
export function documentOf(plan: GatewayPlan): Delivered {
  return deliver(plan, rules);
}
