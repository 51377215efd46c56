import type { Json } from "@gatewright/plan";
import * as yaml from "yaml";
import { fieldPathSegments } from "./field-path.ts";

/**
 * Whose reading of plain scalars to follow. Both read YAML 1.2 with 1.1's octal numbers (`010` is 8).
 * - `manifest`: kubectl and the API server: `yes`, `on` and their like are booleans.
 * - `patch`: a Go operator that decodes into untyped maps: they stay strings, dates become RFC 3339 text.
 */
export type GoYamlReader = "manifest" | "patch";

/** What is wrong with a YAML text. `text` never quotes the source, which may be a Secret. */
export interface GoYamlProblem {
  readonly line: number;
  readonly text: string;
}

/** One document of a YAML stream. */
export interface GoYamlDocument {
  /** Absent when there are problems; `undefined` for a document that holds nothing but comments. */
  readonly value?: Json | undefined;
  readonly problems: readonly GoYamlProblem[];
  /** The line, from 1, of the field at a path (`fieldPath`), or of its nearest ancestor that is written out. */
  line(path?: string): number;
}

/** Reads a YAML or JSON stream as the Go programs of Kubernetes do. Never throws. */
export function readGoYaml(text: string, reader: GoYamlReader): readonly GoYamlDocument[] {
  const lineCounter = new yaml.LineCounter();
  const parsed = yaml.parseAllDocuments(text, {
    version: "1.2",
    merge: true,
    stringKeys: true,
    prettyErrors: false,
    lineCounter,
    customTags: (tags) => [...goTags[reader], ...tags],
  });
  return Array.from(parsed as Iterable<yaml.Document>, (document) =>
    readDocument(document, lineCounter, text),
  );
}

function readDocument(document: yaml.Document, lineCounter: yaml.LineCounter, text: string): GoYamlDocument {
  const lineAt = (offset: number): number => Math.max(lineCounter.linePos(offset).line, 1);
  const line = (path = ""): number =>
    lineAt(offsetOf(document, document.contents, fieldPathSegments(path), firstOffset(document)));
  const problems = document.errors
    .map((error) => ({ line: lineAt(error.pos[0]), text: explain(error.code, error.message, text) }))
    // One slip makes the parser stumble several times on the same line; the first complaint is the telling one.
    .filter((problem, index, all) => all.findIndex((other) => other.line === problem.line) === index);
  if (problems.length > 0) return { problems, line };
  try {
    const value: unknown = document.toJS();
    const odd = notJson(value, []);
    if (odd !== undefined)
      return { problems: [{ line: line(odd), text: `${odd} is not a finite number` }], line };
    return { value: (value ?? undefined) as Json | undefined, problems, line };
  } catch (error) {
    // Aliases without an anchor and alias bombs are found only here.
    const reason = error instanceof Error ? error.message : String(error);
    return { problems: [{ line: line(), text: reason }], line };
  }
}

function firstOffset(document: yaml.Document): number {
  return document.contents?.range?.[0] ?? document.range?.[0] ?? 0;
}

function offsetOf(
  document: yaml.Document,
  node: unknown,
  segments: readonly string[],
  otherwise: number,
): number {
  const [segment, ...rest] = segments;
  const target = yaml.isAlias(node) ? node.resolve(document) : node;
  if (segment === undefined) return otherwise;
  if (yaml.isMap(target)) {
    const pair = target.items.find((item) => yaml.isScalar(item.key) && String(item.key.value) === segment);
    if (pair === undefined) return otherwise;
    const start = yaml.isNode(pair.key) ? (pair.key.range?.[0] ?? otherwise) : otherwise;
    return offsetOf(document, pair.value, rest, start);
  }
  if (yaml.isSeq(target)) {
    const item = target.items[Number(segment)];
    if (item === undefined) return otherwise;
    const start = yaml.isNode(item) ? (item.range?.[0] ?? otherwise) : otherwise;
    return offsetOf(document, item, rest, start);
  }
  return otherwise;
}

/** The path of the first number that JSON cannot hold (`.inf`, `.nan`). */
function notJson(value: unknown, path: readonly string[]): string | undefined {
  if (typeof value === "number" && !Number.isFinite(value)) return path.join(".");
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, member] of Object.entries(value)) {
    const found = notJson(member, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The parser's own message, without what it quotes from the source. */
function explain(code: string, message: string, text: string): string {
  const withoutSource = message.replace(/(: |sequence |escape )["\\].*$/s, "").trim();
  const template = text.includes("{{")
    ? " This looks like a template: render it first (for example with `helm template`)."
    : "";
  if (code === "DUPLICATE_KEY") return "the same key is written twice in one map";
  if (code === "NON_STRING_KEY") return `the key of a map must be plain text.${template}`;
  return `${withoutSource}.${template}`;
}

const octal: yaml.ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  test: /^[-+]?0[0-7]+$/,
  resolve: (text) => Number.parseInt(text, 8),
};

const wordTrue: yaml.ScalarTag = {
  tag: "tag:yaml.org,2002:bool",
  default: true,
  test: /^(?:y|Y|yes|Yes|YES|on|On|ON)$/,
  resolve: () => true,
};

const wordFalse: yaml.ScalarTag = {
  tag: "tag:yaml.org,2002:bool",
  default: true,
  test: /^(?:n|N|no|No|NO|off|Off|OFF)$/,
  resolve: () => false,
};

const timestamp: yaml.ScalarTag = {
  tag: "tag:yaml.org,2002:timestamp",
  default: true,
  test: /^\d{4}-\d{1,2}-\d{1,2}(?:(?:[Tt]|[ \t]+)\d{1,2}:\d{2}:\d{2}(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d{1,2}(?::\d{2})?))?)?$/,
  resolve: rfc3339,
};

const goTags: Record<GoYamlReader, readonly yaml.ScalarTag[]> = {
  manifest: [octal, wordTrue, wordFalse],
  patch: [octal, timestamp],
};

/** `2026-1-2 3:04:05` as Go prints the time it stands for: zero-padded, `T`, and an offset or `Z`. */
function rfc3339(text: string): string {
  const match =
    /^(\d+)-(\d+)-(\d+)(?:(?:[Tt]|[ \t]+)(\d+):(\d+):(\d+)(\.\d*)?[ \t]*(Z|([-+])(\d+)(?::(\d+))?)?)?$/.exec(
      text,
    );
  if (match === null) return text;
  const [
    ,
    year,
    month,
    day,
    hour = "0",
    minute = "00",
    second = "00",
    fraction = "",
    zone,
    sign,
    hours,
    minutes,
  ] = match;
  const two = (part = "0"): string => part.padStart(2, "0");
  const decimals = fraction.replace(/\.?0*$/, "");
  const offset = zone === undefined || zone === "Z" ? "Z" : `${sign}${two(hours)}:${two(minutes)}`;
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${minute}:${second}${decimals}${offset}`;
}
