import { isJsonObject, type Json } from "@gatewright/plan";
import type * as z from "zod";
import type { Document } from "./document.ts";
import { environmentName } from "./environment.ts";
import { nearestName } from "./nearest-name.ts";
import { type Path, type Problem, pathText } from "./problem.ts";
import { documentSchema } from "./schema/document.ts";
import { described, type LeafFacts } from "./schema/leaf.ts";
import { documentShape, type MapShape, patternOf, placedShapes, type Shape } from "./schema/shape.ts";

/** A problem that is still to be placed in a file. */
export interface DocumentProblem extends Omit<Problem, "path" | "file" | "line" | "column"> {
  readonly path: Path;
  /** The key is meant, not its value. */
  readonly atKey?: boolean;
}

/**
 * Everything that is wrong with a document: values that cannot be read and missing ones (errors); unknown keys, with
 * the key that may be meant, and unknown values (warnings). References are taken for what they will resolve to.
 */
export function checkDocument(document: Document, options: { file?: string } = {}): readonly Problem[] {
  return documentProblems(document).map(({ path, atKey: _, ...problem }) => ({
    ...problem,
    ...(options.file === undefined ? {} : { file: options.file }),
    path: pathText(path),
  }));
}

/** The same with paths as lists, so that the reader can find their lines. */
export function documentProblems(document: Document): readonly DocumentProblem[] {
  const parsed = documentSchema.safeParse(withoutNulls(document, documentShape()), {
    jitless: true,
    reportInput: true,
  });
  const errors = (parsed.error?.issues ?? []).map(issueProblem);
  return [...errors, ...warningsOf(document, documentShape(), [])];
}

function issueProblem(issue: z.core.$ZodIssue): DocumentProblem {
  const path = issue.path as Path;
  const missing =
    issue.input === undefined && (issue.code === "invalid_type" || issue.message === "is required");
  return {
    severity: "error",
    code: missing ? "ValueMissing" : "ValueInvalid",
    path,
    text: missing ? "is required" : issueText(issue),
  };
}

const containers: { readonly [expected: string]: string } = {
  object: "a map",
  record: "a map",
  array: "a list",
};

function issueText(issue: z.core.$ZodIssue): string {
  if (issue.code !== "invalid_type") return issue.message;
  // Whatever stands where a block should be may be a secret, so only its type is told.
  return `must be ${containers[issue.expected] ?? issue.expected}, but is ${described(issue.input, true)}`;
}

/**
 * A value with the empty members of its blocks left out: `key:` without a value is the same as no key at all. Inside
 * leaves `null` stays, it may be meant for an upstream.
 */
export function withoutNulls(value: unknown, shape: Shape): unknown {
  if (shape.kind === "list") {
    return Array.isArray(value) ? value.map((item) => withoutNulls(item, shape.item)) : value;
  }
  if (shape.kind === "leaf" || !isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== null)
      .map(([key, member]) => {
        const inside = shape.kind === "map" ? shape.members.get(key) : shape.value;
        return [key, inside === undefined ? member : withoutNulls(member, inside)];
      }),
  );
}

/** Unknown keys and values. */
function* warningsOf(value: Json | undefined, shape: Shape, path: Path): Iterable<DocumentProblem> {
  switch (shape.kind) {
    case "leaf":
      return yield* unknownValues(value, shape.facts, path);
    case "list":
      if (!Array.isArray(value)) return;
      for (const [index, item] of value.entries()) yield* warningsOf(item, shape.item, [...path, index]);
      return;
    case "entries":
      if (!isJsonObject(value)) return;
      for (const [key, member] of Object.entries(value))
        yield* warningsOf(member, shape.value, [...path, key]);
      return;
    case "map":
      if (!isJsonObject(value)) return;
      for (const [key, member] of Object.entries(value)) {
        const inside = shape.members.get(key);
        if (inside !== undefined) yield* warningsOf(member, inside, [...path, key]);
        else if (patternOf(shape, key) === undefined) yield* unknownKey(shape, path, key);
      }
  }
}

function* unknownValues(value: Json | undefined, facts: LeafFacts, path: Path): Iterable<DocumentProblem> {
  const { values } = facts;
  if (values === undefined || value === undefined || value === null) return;
  for (const item of Array.isArray(value) ? value : [value]) {
    if (typeof item !== "string" || values.includes(item) || environmentName(item) !== undefined) continue;
    const meant = nearestName(item, values);
    const hint =
      meant === undefined ? `Known are ${values.join(", ")}.` : `Did you mean ${JSON.stringify(meant)}?`;
    yield {
      severity: facts.strict === true ? "error" : "warning",
      code: "ValueUnknown",
      path,
      text: `has the unknown value ${described(item)}. ${hint}`,
    };
  }
}

function* unknownKey(shape: MapShape, path: Path, key: string): Iterable<DocumentProblem> {
  const place = path.length === 0 ? "the document" : pathText(path);
  const common = { severity: "warning", path: [...path, key], atKey: true } as const;
  // Blocks of other parties may share a word with one of ours by chance.
  const homes = blocksWithHomes.has(schemaPath(path)) ? homesOf(key) : [];
  const meant = homes.length > 0 ? undefined : nearestName(key, shape.members.keys());
  if (homes.length > 0) {
    yield {
      ...common,
      code: "KeyMisplaced",
      text: `is no key of ${place}, where it has no effect; it is a key of ${enumerated(homes)}.`,
    };
  } else if (meant !== undefined) {
    yield {
      ...common,
      code: "KeyUnknown",
      text: `is no key of ${place} that Gatewright knows. Did you mean ${meant}?`,
    };
  } else if (shape.facts.open !== true) {
    yield {
      ...common,
      code: "KeyUnknown",
      text: `is no key of ${place} that Gatewright knows. It is kept, and has no effect in the native engine.`,
    };
  }
}

/** Blocks whose keys are often put somewhere else. */
const blocksWithHomes: ReadonlySet<string> = new Set([
  "the top level",
  "litellm_settings",
  "litellm_settings.cache_params",
  "router_settings",
  "general_settings",
  "gatewright",
  "model_list[]",
  "model_list[].litellm_params",
  "model_list[].model_info",
]);

let homes: ReadonlyMap<string, readonly string[]> | undefined;

/** The blocks that have a key. */
function homesOf(key: string): readonly string[] {
  if (homes === undefined) {
    const found = new Map<string, string[]>();
    for (const { path } of placedShapes(documentShape())) {
      const end = path.lastIndexOf(".");
      const home = end < 0 ? "the top level" : path.slice(0, end);
      const name = path.slice(end + 1);
      if (blocksWithHomes.has(home)) found.set(name, [...(found.get(name) ?? []), home]);
    }
    homes = found;
  }
  return homes.get(key) ?? [];
}

function enumerated(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

function schemaPath(path: Path): string {
  return path.length === 0 ? "the top level" : pathText(path).replaceAll(/\[\d+\]/g, "[]");
}
