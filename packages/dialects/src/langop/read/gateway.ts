import {
  assemble,
  check,
  compareFindings,
  type Finding,
  type GatewayHeader,
  originText,
} from "@gatewright/plan";
import type { Gateway } from "../../dialect.ts";
import { originOf, type Resource } from "../../resource.ts";
import { readBudget } from "./budget.ts";
import { readCache } from "./cache.ts";
import { type Contribution, joined, readEntries, type Surroundings } from "./entry.ts";
import { readLimit } from "./limit.ts";
import { readModel } from "./model.ts";
import { readModelRoute } from "./model-route.ts";
import { lostWithLitellm } from "./native-only.ts";
import { readRoute } from "./route.ts";
import { readTelemetry } from "./telemetry.ts";

/** What one gateway is made of. */
export interface GatewayInput {
  /** Everything of the header but what is the same for all gateways of the dialect. */
  readonly header: Omit<GatewayHeader, "dialect" | "layout">;
  /** The LanguageModels it serves, in any order. */
  readonly models: readonly Resource[];
  readonly surroundings: Surroundings;
  /** What does not come from a model: keys, overlays. */
  readonly settings: Contribution;
}

/** One gateway: plan and findings (langop.md §3.3). A model that cannot be served is left out, and the rest goes on. */
export function readGateway({ header, models, surroundings, settings }: GatewayInput): Gateway {
  const { entries, findings: ofSpecs } = readEntries(models);
  const resources = new Set(models.map(({ metadata }) => metadata.name));
  const read = entries.map((entry) => ({ entry, model: readModel(entry, resources, surroundings) }));
  const served = read.filter(({ model }) => model.parts.length > 0);
  const { parts, findings } = joined([
    ...read.map(({ model }) => model),
    ...served.flatMap(({ entry }) => [
      readLimit(entry),
      readModelRoute(entry, resources),
      readCache(entry),
      readTelemetry(entry),
      readBudget(entry),
      { parts: [], findings: surroundings.engine === "litellm" ? lostWithLitellm(entry) : [] },
    ]),
    readRoute(
      header.origin,
      served.map(({ entry }) => entry),
      resources,
    ),
    readProcess(header),
    settings,
  ]);
  const assembly = assemble(
    { ...header, dialect: "langop", layout: { indent: 2, keys: "contract", emptyModelList: true } },
    parts,
  );
  return {
    plan: assembly.plan,
    findings: [
      ...[...ofSpecs.values()].flat(),
      ...findings,
      ...assembly.findings,
      ...check(assembly.plan),
      ...ownModelMissing(header, models, served.length === 0),
    ].sort(compareFindings),
  };
}

/** Settings that every gateway of the dialect has (langop.md §3.1, §3.3). */
function readProcess({ origin }: Pick<GatewayHeader, "origin">): Contribution {
  return {
    parts: [
      { concern: "workload", origin, value: { backgroundHealthChecks: false } },
      { concern: "exposure", origin, value: { port: 4000, servicePort: 8000 } },
    ],
    findings: [],
  };
}

/** A gateway that belongs to one model is nothing without it; what is wrong with the model stands beside this finding. */
function ownModelMissing(
  { origin }: Pick<GatewayHeader, "origin">,
  models: readonly Resource[],
  nothingServed: boolean,
): readonly Finding[] {
  const isOwn = models.some((model) => originText(originOf(model)) === originText(origin));
  if (!isOwn || !nothingServed) return [];
  const text = `${originText(origin)} cannot be served, so its gateway is not started; the other findings about it say why.`;
  return [{ code: "ModelNotServed", effect: "blocked", origin, text }];
}
