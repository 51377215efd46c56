import { compareFindings, type Finding } from "./finding.ts";
import type { Concern, EntityConcern, GatewayHeader, GatewayPlan, Part, SettingConcern } from "./gateway.ts";
import { canonicalText, compareText, frozen, isJsonObject } from "./json.ts";
import { compareOrigins, type Origin, originText } from "./origin.ts";

const entityConcerns: Record<EntityConcern, true> = {
  model: true,
  credential: true,
  limit: true,
  guard: true,
  tool: true,
  overlay: true,
};

const settingConcerns: Record<SettingConcern, true> = {
  route: true,
  budget: true,
  key: true,
  tenant: true,
  cache: true,
  network: true,
  exposure: true,
  workload: true,
  identity: true,
  telemetry: true,
};

/** Every concern of a plan, in the order the plan lists them. */
export const concerns = [
  ...Object.keys(entityConcerns),
  ...Object.keys(settingConcerns),
] as readonly Concern[];

/** A plan and what was lost while it was put together. */
export interface Assembly {
  readonly plan: GatewayPlan;
  readonly findings: readonly Finding[];
}

/**
 * Puts the parts of one gateway together.
 *
 * Entities are ordered by origin, then `position`, so the order of `parts` never shows. Settings merge member by
 * member: maps merge, lists are joined, and where two resources give one setting different values the first origin
 * wins and the other is reported (`SettingConflict`).
 */
export function assemble(header: GatewayHeader, parts: readonly Part[]): Assembly {
  const ordered = [...parts].sort(compareParts);
  const findings: Finding[] = [];
  const plan: Record<string, unknown> = { ...header };
  for (const concern of Object.keys(entityConcerns)) {
    plan[concern] = ordered.filter((part) => part.concern === concern).map((part) => part.value);
  }
  for (const concern of Object.keys(settingConcerns)) {
    plan[concern] = ordered
      .filter((part) => part.concern === concern)
      .reduce<unknown>(
        (merged, part) => mergeSettings(merged, part.value, concern, partOrigin(part), findings),
        {},
      );
  }
  return { plan: frozen(plan) as unknown as GatewayPlan, findings: findings.sort(compareFindings) };
}

function mergeSettings(
  into: unknown,
  value: unknown,
  path: string,
  origin: Origin,
  findings: Finding[],
): unknown {
  if (into === undefined) return value;
  if (value === undefined) return into;
  if (Array.isArray(into) && Array.isArray(value)) return [...into, ...value];
  if (isJsonObject(into) && isJsonObject(value)) {
    const merged: Record<string, unknown> = { ...into };
    for (const [key, member] of Object.entries(value)) {
      merged[key] = mergeSettings(merged[key], member, `${path}.${key}`, origin, findings);
    }
    return merged;
  }
  if (canonicalText(into) !== canonicalText(value)) {
    findings.push({
      code: "SettingConflict",
      effect: "dropped",
      origin,
      text: `${originText(origin)} sets ${path} to ${canonicalText(value)}, but it is already ${canonicalText(into)} by a resource that comes first; the first one is kept. Set it in one place only.`,
    });
  }
  return into;
}

function compareParts(a: Part, b: Part): number {
  return (
    compareText(a.concern, b.concern) ||
    compareOrigins(withoutPath(partOrigin(a)), withoutPath(partOrigin(b))) ||
    partPosition(a) - partPosition(b) ||
    compareOrigins(partOrigin(a), partOrigin(b)) ||
    compareText(canonicalText(a.value), canonicalText(b.value))
  );
}

function partOrigin(part: Part): Origin {
  return "origin" in part ? part.origin : part.value.origin;
}

function partPosition(part: Part): number {
  return "position" in part ? (part.position ?? 0) : 0;
}

/** Positions count within a resource, so they must be compared before field paths, where `[10]` sorts before `[2]`. */
function withoutPath(origin: Origin): Origin {
  const { path: _, ...resource } = origin;
  return resource;
}
