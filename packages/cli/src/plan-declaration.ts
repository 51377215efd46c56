import type { Gateway } from "@gatewright/dialects";
import { adminState, documentOf } from "@gatewright/litellm";
import { compareFindings, type Finding, type JsonObject, originText } from "@gatewright/plan";
import type { Declaration } from "./declaration.ts";
import { referencesOf } from "./secret-lookup.ts";
import type { Locate } from "./trouble.ts";

/** A gateway that a dialect found, as a declaration: its plan becomes the document that either engine would load. */
export function planDeclaration(
  gateway: Gateway,
  locate: Locate,
  objects?: NonNullable<Declaration["objects"]>,
): Declaration {
  const { plan, environment } = gateway;
  const { document, text, digest, findings } = documentOf(plan);
  const storedModels = adminState(plan).models.map((model): JsonObject => ({ ...model }));
  const allowUnsupported = plan.allowUnsupported ?? [];
  const place = locate(plan.origin);
  const name = originText(plan.origin);
  return {
    id: `${plan.dialect} ${plan.namespace}/${plan.name}`,
    title: place === undefined ? name : `${name} (${place.file})`,
    origin: plan.origin,
    document,
    text,
    digest,
    plan,
    storedModels,
    references: referencesOf(plan),
    ...(environment === undefined ? {} : { environment }),
    ...(objects === undefined ? {} : { objects }),
    locate,
    findings: once([...gateway.findings, ...findings]),
    allowUnsupported,
  };
}

/** Readers and renderers may find the same thing. */
function once(findings: readonly Finding[]): readonly Finding[] {
  const found = new Map(findings.map((finding) => [JSON.stringify(finding), finding]));
  return [...found.values()].sort(compareFindings);
}
