import { canonicalText, compareText, isJsonObject, type Json, type JsonObject } from "./json.ts";

/** One difference between two values. */
export interface Change {
  /** Members joined by dots, list positions in brackets: `model[2].timeoutSeconds`. */
  readonly path: string;
  readonly kind: "added" | "removed" | "changed";
  readonly before?: Json;
  readonly after?: Json;
}

/** What has to change to get from `before` to `after`, ordered by path; empty exactly when both are equal. */
export function diff(before: unknown, after: unknown): readonly Change[] {
  const changes: Change[] = [];
  compare(before, after, "", changes);
  return changes;
}

function compare(before: unknown, after: unknown, path: string, changes: Change[]): void {
  if (before === undefined && after === undefined) return;
  if (before === undefined) {
    changes.push({ path, kind: "added", after: after as Json });
  } else if (after === undefined) {
    changes.push({ path, kind: "removed", before: before as Json });
  } else if (isJsonObject(before) && isJsonObject(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort(compareText);
    for (const key of keys) {
      compare(own(before, key), own(after, key), path === "" ? key : `${path}.${key}`, changes);
    }
  } else if (Array.isArray(before) && Array.isArray(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index++) {
      compare(before[index], after[index], `${path}[${index}]`, changes);
    }
  } else if (canonicalText(before) !== canonicalText(after)) {
    changes.push({ path, kind: "changed", before: before as Json, after: after as Json });
  }
}

/** A key may be called `toString`, which every object answers to. */
function own(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
