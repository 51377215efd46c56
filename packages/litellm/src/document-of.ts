import {
  compareFindings,
  type Finding,
  type GatewayPlan,
  type JsonObject,
  type Model,
  type Origin,
  type Overlay,
  originText,
} from "@gatewright/plan";
import { adminState } from "./admin.ts";
import { checkDocument } from "./check-document.ts";
import { digestOf } from "./digest.ts";
import { type Document, renderDocument } from "./document.ts";
import { entryOf } from "./model.ts";
import { applyOverlay } from "./overlay.ts";
import type { Problem } from "./problem.ts";
import { unsupported } from "./unsupported.ts";
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
   * read (`ConfigPatchInvalid`, `ExtraConfigInvalid`, `ExtraSettingInvalid`: blocked), overlay keys or values that
   * nothing reads (`UnknownKey`, `UnknownValue`) or that a field already sets (`ExtraSettingIgnored`), and what the
   * native engine does not do.
   */
  readonly findings: readonly Finding[];
}

/** A plan's document: rendered, its overlays laid over it, checked, written. */
export function documentOf(plan: GatewayPlan): Delivered {
  const findings: Finding[] = [];
  const base = renderServable(plan, findings);
  const document = overlaid(plan, base.document, findings);
  if (plan.engine === "native") {
    const { origin, allowUnsupported: allow = [] } = plan;
    const deploymentOrigin = originsOf(document, base, plan);
    findings.push(...unsupported(withStoredModels(document, plan), { origin, allow, deploymentOrigin }));
  }
  const text = writeDocument(document, plan.layout);
  return { document, text, digest: digestOf(text), findings: findings.sort(compareFindings) };
}

/**
 * What declared the entries of `withStoredModels`. When an overlay replaced the list, nobody knows which of its entries
 * came from what.
 */
function originsOf(
  document: Document,
  base: { readonly document: Document; readonly model: readonly Model[] },
  plan: GatewayPlan,
): (index: number) => Origin | undefined {
  const list = document["model_list"];
  const count = Array.isArray(list) ? list.length : 0;
  const own =
    list === base.document["model_list"] ? base.model.filter(({ delivery }) => delivery !== "admin") : [];
  const stored = plan.model.filter(({ delivery }) => delivery === "admin");
  return (index) => (index < count ? own[index] : stored[index - count])?.origin;
}

/** What is served is both: the models of the document, and those delivered through the management API. */
function withStoredModels(document: Document, plan: GatewayPlan): Document {
  const own = document["model_list"];
  const stored = adminState(plan).models.map((model): JsonObject => ({ ...model }));
  return stored.length === 0
    ? document
    : { ...document, model_list: [...(Array.isArray(own) ? own : []), ...stored] };
}

/** The document without the models that nothing could read: one bad model must not take the others along. */
function renderServable(
  plan: GatewayPlan,
  findings: Finding[],
): { readonly document: Document; readonly model: readonly Model[] } {
  const model = plan.model.filter((candidate) => {
    if (candidate.delivery === "admin") return true;
    const problems = errors(checkDocument({ model_list: [entryOf(candidate)] }));
    if (problems.length > 0) findings.push(modelFinding(candidate, problems));
    return problems.length === 0;
  });
  const document = renderDocument({ ...plan, model });
  const problems = errors(checkDocument(document));
  if (problems.length > 0) {
    findings.push({
      code: "DocumentInvalid",
      effect: "blocked",
      origin: plan.origin,
      text: `${originText(plan.origin)} asks for settings that no gateway can read: ${listed(problems)}. Correct them; until then the last good configuration is served.`,
    });
  }
  return { document, model };
}

function overlaid(plan: GatewayPlan, base: Document, findings: Finding[]): Document {
  let document = base;
  let known = plan.overlay.length === 0 ? [] : checkDocument(base);
  for (const overlay of plan.overlay) {
    const applied = applyOverlay(document, overlay);
    findings.push(...applied.findings);
    const before = new Set(known.map(identity));
    const problems = checkDocument(applied.document);
    const added = problems.filter((problem) => !before.has(identity(problem)));
    const unreadable = errors(added);
    if (unreadable.length > 0) findings.push(overlayFinding(plan, overlay, unreadable));
    const ignored = added.filter(({ severity }) => severity === "warning");
    findings.push(...ignored.map((problem) => ignoredFinding(overlay, problem)));
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

/** About the gateway as a whole, wherever the overlay stands: a finding about a field alone would not keep it back. */
function overlayFinding(
  { origin: gateway }: GatewayPlan,
  { kind, origin }: Overlay,
  problems: readonly Problem[],
): Finding {
  return {
    code: invalidCodes[kind],
    effect: "blocked",
    origin: gateway,
    text: `${originText(origin)} gives settings values that cannot be read: ${listed(problems)}. Correct them; until then the last good configuration is served.`,
  };
}

/** What nothing reads, or reads otherwise than it is written: kept in the document, without effect. */
function ignoredFinding({ origin }: Overlay, { code, path, text }: Problem): Finding {
  return {
    code: code === "ValueUnknown" ? "UnknownValue" : "UnknownKey",
    effect: "dropped",
    origin,
    text: `${originText(origin)}: ${path} ${text}`,
  };
}

function modelFinding({ origin, name }: Model, problems: readonly Problem[]): Finding {
  return {
    code: "ModelInvalid",
    effect: "blocked",
    origin,
    text: `The model "${name}" of ${originText(origin)} is left out, because its settings cannot be read: ${listed(problems).replaceAll("model_list[0].", "")}.`,
  };
}

function errors(problems: readonly Problem[]): readonly Problem[] {
  return problems.filter(({ severity }) => severity === "error");
}

function listed(problems: readonly Problem[]): string {
  return problems.map(({ path, text }) => `${path} ${text.replace(/\.$/, "")}`).join("; ");
}

function identity({ severity, path, text }: Problem): string {
  return `${severity} ${path} ${text}`;
}
