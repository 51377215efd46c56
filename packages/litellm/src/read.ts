import { posix } from "node:path";
import type { JsonObject } from "@gatewright/plan";
import { documentProblems } from "./check-document.ts";
import type { Document } from "./document.ts";
import { type Path, type Problem, pathText } from "./problem.ts";
import { jsonOf, type Member, type Place, placeOf, type Tree } from "./tree.ts";
import { writtenPath } from "./written-path.ts";
import { readTree } from "./yaml-tree.ts";

/** How a document is read. */
export interface ReadOptions {
  /** Name of the file, for messages. */
  readonly file: string;
  /**
   * The text of an included file; undefined when there is none. `path` is relative to the same folder as `file`
   * (`conf/config.yaml` that includes `models.yaml` asks for `conf/models.yaml`), `from` is the file that includes it.
   */
  readonly include?: (path: string, from: string) => string | undefined;
}

/** A document as read. */
export interface Reading {
  /** Absent exactly when one of the problems is an error. Holds what was included, and no `include` any more. */
  readonly document?: Document;
  /**
   * Where a path that a finding or a problem names stands: the value, or the nearest block around it that is written
   * out. Present with the document.
   */
  readonly place?: (path: string) => Place;
  readonly problems: readonly Problem[];
  /** The file and every file it includes, also those that could not be read. */
  readonly files: readonly string[];
}

/**
 * Reads a LiteLLM config file (litellm.md §2): YAML 1.1, one map. Every problem is listed with file, line and column,
 * not the first alone; unknown keys and values are warnings.
 *
 * `include` lays files over this one in their order: lists are appended, scalars replaced, maps merged by the same
 * rules (litellm.md §2 is silent on maps; replacing them would lose settings nobody meant to lose).
 */
export function readDocument(text: string, options: ReadOptions): Reading {
  const reader = new Reader(options);
  const tree = reader.file(text, options.file, [posix.normalize(options.file)]);
  const { problems, files } = reader;
  if (tree === undefined || problems.length > 0) return { problems, files };
  const document = jsonOf(tree) as JsonObject;
  const all = documentProblems(document).map(({ path, atKey, ...problem }): Problem => {
    return { ...problem, ...placeOf(tree, path, atKey), path: pathText(path) };
  });
  return all.some((problem) => problem.severity === "error")
    ? { problems: all, files }
    : {
        document,
        place: (path) => placeOf(tree, writtenPath(document, path), true),
        problems: all,
        files,
      };
}

class Reader {
  readonly problems: Problem[] = [];
  readonly files: string[] = [];
  readonly #include: ReadOptions["include"];

  constructor(options: ReadOptions) {
    this.#include = options.include;
  }

  /** The tree of one file with what it includes; undefined when the file itself cannot be read. */
  file(text: string, file: string, chain: readonly string[]): Tree | undefined {
    if (!this.files.includes(file)) this.files.push(file);
    const { tree, problems } = readTree(text, file);
    for (const { code, place, path, text: reason } of problems) this.#error(code, place, path, reason);
    if (tree?.content.kind !== "map") return undefined;
    const include = tree.content.members.get("include");
    if (include === undefined) return tree;
    const members = new Map([...tree.content.members].filter(([key]) => key !== "include"));
    let whole: Tree = { place: tree.place, content: { kind: "map", members } };
    for (const included of this.#included(include, file, chain)) whole = overlaid(whole, included);
    return whole;
  }

  *#included(include: Member, from: string, chain: readonly string[]): Iterable<Tree> {
    const { content, place } = include.value;
    const items = content.kind === "list" ? content.items : [include.value];
    if (content.kind === "scalar" && content.value === null) return;
    for (const [index, item] of items.entries()) {
      const path = content.kind === "list" ? ["include", index] : ["include"];
      const name = item.content.kind === "scalar" ? item.content.value : undefined;
      if (typeof name !== "string" || name === "") {
        this.#error("ValueInvalid", item.place ?? place, path, "must be a list of file names");
        continue;
      }
      const file = posix.isAbsolute(name) ? name : posix.join(posix.dirname(from), name);
      if (chain.includes(file)) {
        this.#error(
          "IncludeCycle",
          item.place,
          path,
          `${[...chain.slice(chain.indexOf(file)), file].join(" includes ")}, so it would never end; remove one of these lines`,
        );
        continue;
      }
      const text = this.#include?.(file, from);
      if (text === undefined) {
        if (!this.files.includes(file)) this.files.push(file);
        this.#error("IncludeMissing", item.place, path, `includes ${file}, which cannot be read`);
        continue;
      }
      const tree = this.file(text, file, [...chain, file]);
      if (tree !== undefined) yield tree;
    }
  }

  #error(code: string, place: Place, path: Path, text: string): void {
    this.problems.push({ severity: "error", code, ...place, path: pathText(path), text });
  }
}

/** Lists are appended, maps merged, everything else replaced; a key without a value replaces nothing. */
function overlaid(base: Tree, over: Tree): Tree {
  if (base.content.kind === "list" && over.content.kind === "list") {
    return {
      place: base.place,
      content: { kind: "list", items: [...base.content.items, ...over.content.items] },
    };
  }
  if (over.content.kind === "scalar" && over.content.value === null) return base;
  if (base.content.kind !== "map" || over.content.kind !== "map") return over;
  const members = new Map(base.content.members);
  for (const [key, member] of over.content.members) {
    const earlier = members.get(key);
    members.set(
      key,
      earlier === undefined ? member : { ...member, value: overlaid(earlier.value, member.value) },
    );
  }
  return { place: base.place, content: { kind: "map", members } };
}
