import {
  canonicalText,
  compareFindings,
  type Finding,
  isJsonObject,
  type Json,
  type Origin,
  originText,
} from "@gatewright/plan";
import type { Document } from "./document.ts";
import { documentShape, type LeafShape, memberPath, patternOf, type Shape } from "./schema/shape.ts";
import type { SupportEntry } from "./support/entry.ts";
import { unservedProviders } from "./support/provider.ts";
import { supportRow } from "./support/table.ts";

/** How a document is judged. */
export interface UnsupportedOptions {
  /** What findings are about; each adds the path in the document. */
  readonly origin: Origin;
  /** What a deployment that is not served was declared by, where that is known; `index` counts in `model_list`. */
  readonly deploymentOrigin?: (index: number) => Origin | undefined;
  /** Refused settings the user accepts to go without, beside those of `gatewright.allow_unsupported`. */
  readonly allow?: readonly string[];
  /** Whether the gateway's environment has a variable; unknown, and taken for no, in the operator. */
  readonly hasVariable?: (name: string) => boolean;
}

/** A setting that is not honoured. */
interface Loss {
  /** `general_settings.allowed_ips`, `model_list[].litellm_params.order`. */
  readonly schemaPath: string;
  readonly path: string;
  readonly entry: SupportEntry;
  /** What is meant in words of the user: a callback, the name of a guard. */
  readonly item?: string;
}

/**
 * What the native engine does not do of what a document asks for.
 *
 * - `SettingIgnored` (dropped or approximated): no effect. Equal settings of several deployments are one finding.
 * - `SettingRefused` (blocked): a protective setting; the whole gateway is not to be served, so the origin is the
 *   gateway itself, without a path.
 * - `DeploymentRefused`, `ProviderNotServed`, `ProviderUnknown` (blocked): only that deployment is not to be served. They
 *   are about what declared it, else the path is `model_list[i]`.
 * - `SettingAccepted` (dropped): refused, but named by `allow` or `gatewright.allow_unsupported`: by its path, its last
 *   key, or what the user calls it (the callback, the guard's name).
 * - `MasterKeyMissing` (blocked): `master_key_required` without a master key.
 */
export function unsupported(document: Document, options: UnsupportedOptions): readonly Finding[] {
  const losses = [...lossesOf(document, documentShape(), "", "")];
  const allowed = new Set([...(options.allow ?? []), ...allowedBy(document)]);
  const findings = [
    ...refusals(losses, allowed, options),
    ...ignorances(losses, options.origin),
    ...unservedProviders(document, options),
    ...openGateway(document, options),
  ];
  return findings.sort(compareFindings);
}

function* refusals(
  losses: readonly Loss[],
  allowed: ReadonlySet<string>,
  { origin, deploymentOrigin }: UnsupportedOptions,
): Iterable<Finding> {
  for (const loss of losses) {
    if (loss.entry.support !== "refused") continue;
    const setting = loss.item === undefined ? loss.path : `${loss.path} (${loss.item})`;
    const [deployment, index] = /^model_list\[(\d+)\]/.exec(loss.path) ?? [];
    const name = loss.schemaPath.endsWith("[]")
      ? loss.schemaPath.slice(0, -2)
      : (loss.item ?? loss.schemaPath);
    if (namesOf(loss).some((known) => allowed.has(known))) {
      yield {
        code: "SettingAccepted",
        effect: "dropped",
        origin: { ...origin, path: loss.path },
        text: `${originText(origin)} is served without ${setting}: ${loss.entry.note}. gatewright.allow_unsupported accepts that.`,
      };
    } else if (deployment !== undefined) {
      const declared = deploymentOrigin?.(Number(index));
      const subject =
        declared === undefined ? `${deployment} of ${originText(origin)}` : originText(declared);
      yield {
        code: "DeploymentRefused",
        effect: "blocked",
        origin: declared ?? { ...origin, path: deployment },
        text: `${subject} is not served because of ${setting}: ${loss.entry.note}.`,
      };
    } else {
      yield {
        code: "SettingRefused",
        effect: "blocked",
        origin,
        text: `${originText(origin)} is not served because of ${setting}: ${loss.entry.note}. Remove the setting, use the engine litellm, or accept to go without it by adding ${name} to gatewright.allow_unsupported (annotation gatewright.dev/allow-unsupported).`,
      };
    }
  }
}

/** Ignored settings, those of several list items together. */
function* ignorances(losses: readonly Loss[], origin: Origin): Iterable<Finding> {
  const groups = new Map<string, Loss[]>();
  for (const loss of losses) {
    if (loss.entry.support !== "ignored") continue;
    const key = `${loss.schemaPath} ${loss.item ?? ""}`;
    groups.set(key, [...(groups.get(key) ?? []), loss]);
  }
  for (const [first, ...others] of groups.values()) {
    if (first === undefined) continue;
    const { entry, path, item } = first;
    const setting = item === undefined ? path : `${path} (${item})`;
    const more = others.length === 0 ? "" : ` and ${others.length} more like it`;
    const verb = entry.approximated === true ? "not the full effect" : "no effect";
    yield {
      code: "SettingIgnored",
      effect: entry.approximated === true ? "approximated" : "dropped",
      origin: { ...origin, path },
      text: `${setting}${more} of ${originText(origin)} ${others.length === 0 ? "has" : "have"} ${verb} in the native engine: ${entry.note}.`,
    };
  }
}

/** `master_key_required` without a master key: LiteLLM's users are promised a gateway that is not open. */
function* openGateway(document: Document, { origin, hasVariable }: UnsupportedOptions): Iterable<Finding> {
  const settings = document["general_settings"];
  if (!isJsonObject(settings)) return;
  const required = settings["master_key_required"];
  if (isHarmless(required, honouredOnly) || isPresent(settings["master_key"])) return;
  if (hasVariable?.("LITELLM_MASTER_KEY") === true) return;
  yield {
    code: "MasterKeyMissing",
    effect: "blocked",
    origin,
    text: `${originText(origin)} is not served: general_settings.master_key_required is set and there is no master key. Set general_settings.master_key.`,
  };
}

const honouredOnly: SupportEntry = { support: "honoured", note: "" };

/** Every setting below a value that is not honoured. */
function* lossesOf(value: Json | undefined, shape: Shape, schemaPath: string, path: string): Iterable<Loss> {
  if (!isPresent(value)) return;
  const row = supportRow(schemaPath);
  if (row !== undefined) return yield* judged(value, shape, row, { schemaPath, path });
  if (shape.kind === "list" && Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      yield* lossesOf(item, shape.item, `${schemaPath}[]`, `${path}[${index}]`);
    }
  }
  if (!isJsonObject(value)) return;
  for (const [key, member] of Object.entries(value)) {
    const place = memberPath(path, key);
    if (shape.kind === "entries") {
      yield* lossesOf(member, shape.value, `${schemaPath}.*`, place);
    } else if (shape.kind === "map") {
      const inside = shape.members.get(key);
      const pattern = inside === undefined ? patternOf(shape, key) : key;
      if (pattern !== undefined) {
        yield* lossesOf(member, inside ?? unread, memberPath(schemaPath, pattern), place);
      }
    }
  }
}

const unread: LeafShape = {
  kind: "leaf",
  facts: { type: "any", description: "" },
  schema: undefined as never,
};

function* judged(
  value: Json,
  shape: Shape,
  row: SupportEntry,
  place: { readonly schemaPath: string; readonly path: string },
): Iterable<Loss> {
  if (row.cases === undefined) {
    const ordinary = shape.kind === "leaf" ? shape.facts.default : undefined;
    if (!isLoss(row) || isHarmless(value, row, ordinary)) return;
    const item = nameOf(value);
    yield { ...place, entry: row, ...(item === undefined ? {} : { item }) };
    return;
  }
  for (const item of Array.isArray(value) ? value : [value]) {
    const text = String(item);
    const entry = row.cases.find(({ values }) =>
      values instanceof RegExp ? values.test(text) : values.includes(text),
    )?.entry;
    if (isLoss(entry ?? row)) yield { ...place, entry: entry ?? row, item: text };
  }
}

/** What a user calls an item of a list. */
function nameOf(value: Json): string | undefined {
  if (!isJsonObject(value)) return undefined;
  const name = value["guardrail_name"] ?? value["name"] ?? value["path"];
  return typeof name === "string" ? name : undefined;
}

function isLoss(entry: SupportEntry): boolean {
  return entry.support !== "honoured" && entry.quiet !== true;
}

const off: ReadonlySet<string> = new Set(["false", "no", "off", "False", "No", "Off", "FALSE", "NO", "OFF"]);

/** Whether a value asks for no more than what happens anyway. */
function isHarmless(value: Json | undefined, entry: SupportEntry, ordinary?: Json): boolean {
  if (!isPresent(value) || value === false || (typeof value === "string" && off.has(value))) return true;
  const meaningless = [...(entry.harmless ?? []), ...(ordinary === undefined ? [] : [ordinary])];
  return meaningless.some(
    (harmless) =>
      canonicalText(harmless) === canonicalText(value) ||
      (typeof harmless === "number" && typeof value === "string" && Number(value) === harmless),
  );
}

/** Empty lists, maps and texts say nothing. */
function isPresent(value: Json | undefined): value is Json {
  if (value === undefined || value === null || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

/**
 * What a loss may be called where it is accepted. Never by the block it stands in: accepting all of
 * `general_settings` would also accept what is added to it later.
 */
function namesOf({ schemaPath, path, item }: Loss): readonly string[] {
  const setting = schemaPath.replace(/\[\]$/, "");
  const key = setting.slice(setting.lastIndexOf(".") + 1);
  return [path, schemaPath, setting, key, ...(item === undefined ? [] : [item])];
}

function allowedBy(document: Document): readonly string[] {
  const own = document["gatewright"];
  const names = isJsonObject(own) ? own["allow_unsupported"] : undefined;
  return (Array.isArray(names) ? names : [names]).filter((name) => typeof name === "string");
}
