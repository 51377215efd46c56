import {
  type Finding,
  isJsonObject,
  type Json,
  type JsonObject,
  type Overlay,
  originText,
} from "@gatewright/plan";
import type { Piece } from "./piece.ts";

/** A document with an overlay on it, and what of the overlay had no effect. */
export interface Overlaid {
  readonly document: JsonObject;
  readonly findings: readonly Finding[];
}

/** Overlays are not a piece of the document: they are laid over all of it, see `applyOverlay`. */
export function renderOverlays(): Piece {
  return {};
}

/** Lays one overlay over a document, by its kind. Neither input is changed. */
export function applyOverlay(document: JsonObject, overlay: Overlay): Overlaid {
  switch (overlay.kind) {
    case "merge-patch":
      return { document: mergePatch(document, overlay.value) as JsonObject, findings: [] };
    case "deep-merge":
      return { document: deepMerge(document, overlay.value) as JsonObject, findings: [] };
    case "fill":
      return fill(document, overlay);
  }
}

/** RFC 7396: maps merge, `null` deletes, everything else replaces. Nulls of the patch never stay in the result. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return patch;
  const merged = new Map(isJsonObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

/** Maps merge; everything else, `null` included, replaces (langop.md §3.3, `LANGOP_GATEWAY_EXTRA_CONFIG`). */
export function deepMerge(target: Json | undefined, value: Json): Json {
  if (!isJsonObject(target) || !isJsonObject(value)) return value;
  const merged = new Map(Object.entries(target));
  for (const [key, member] of Object.entries(value)) merged.set(key, deepMerge(merged.get(key), member));
  return Object.fromEntries(merged);
}

/** Adds what one block does not have yet; the rest is reported (palena.md §2.3, `extra`). */
function fill(document: JsonObject, overlay: Overlay): Overlaid {
  const { block: name, value, origin } = overlay;
  const current = name === undefined ? document : document[name];
  const block = isJsonObject(current) ? current : {};
  const [taken, absent] = partition(Object.entries(value), ([key]) => Object.hasOwn(block, key));
  const filled = Object.fromEntries([...Object.entries(block), ...absent]);
  const unchanged = absent.length === 0;
  return {
    document: unchanged ? document : name === undefined ? filled : { ...document, [name]: filled },
    findings: taken.map(([key]) => ({
      code: "ExtraSettingIgnored",
      effect: "dropped",
      origin,
      text: `${originText(origin)} gives ${name === undefined ? key : `${name}.${key}`}, which a field of the resource already sets; the field wins. Remove the key here, or unset the field.`,
    })),
  };
}

function partition<T>(items: readonly T[], chosen: (item: T) => boolean): [T[], T[]] {
  return [items.filter(chosen), items.filter((item) => !chosen(item))];
}
