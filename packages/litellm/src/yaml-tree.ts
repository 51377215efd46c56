import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  Scalar,
  type Document as YamlDocument,
} from "yaml";
import { plainScalar, taggedScalar } from "./plain-scalar.ts";
import type { Path } from "./problem.ts";
import type { Member, Place, TextProblem, Tree } from "./tree.ts";

/** Aliases are expanded up to this many values, so that a few lines cannot fill the memory. */
const mostValues = 200_000;

/** Reads a YAML 1.1 file that must hold one map. `tree` is absent exactly when there are problems. */
export function readTree(
  text: string,
  file: string,
): { readonly tree?: Tree; readonly problems: readonly TextProblem[] } {
  const lines = new LineCounter();
  const start = { file, line: 1, column: 1 };
  let document: YamlDocument;
  try {
    // Scalars stay texts here: what they mean is decided by `plainScalar`, exactly as LiteLLM's reader does.
    document = parseDocument(text, {
      version: "1.1",
      schema: "failsafe",
      merge: false,
      resolveKnownTags: false,
      uniqueKeys: false,
      prettyErrors: false,
      // "silent" would also keep quiet about a second document.
      logLevel: "error",
      lineCounter: lines,
    });
  } catch (error) {
    // The parser recurses; very deep nesting exhausts the stack.
    const reason = error instanceof RangeError ? "it is nested too deeply" : String(error);
    return {
      problems: [
        { code: "YamlInvalid", place: start, path: [], text: `${file} cannot be read as YAML: ${reason}` },
      ],
    };
  }
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const syntax = document.errors.map((error): TextProblem => {
    const several = error.code === "MULTIPLE_DOCS";
    return {
      code: "YamlInvalid",
      place: placeAt(error.pos[0]),
      path: [],
      text: several
        ? "the file holds several YAML documents; put the settings into one and remove the line `---`"
        : `this is not YAML: ${error.message}`,
    };
  });
  if (syntax.length > 0) return { problems: syntax };
  return new TreeReader(document, placeAt).read(start);
}

class TreeReader {
  readonly #document: YamlDocument;
  readonly #placeAt: (offset: number) => Place;
  readonly #problems: TextProblem[] = [];
  readonly #expanding = new Set<Node>();
  #values = 0;

  constructor(document: YamlDocument, placeAt: (offset: number) => Place) {
    this.#document = document;
    this.#placeAt = placeAt;
  }

  read(start: Place): { tree?: Tree; problems: readonly TextProblem[] } {
    const { contents } = this.#document;
    const tree = contents === null ? undefined : this.#tree(contents, []);
    if (this.#problems.length === 0 && tree?.content.kind !== "map") {
      const empty = tree === undefined || (tree.content.kind === "scalar" && tree.content.value === null);
      this.#problems.push({
        code: empty ? "DocumentEmpty" : "DocumentNotMap",
        place: tree?.place ?? start,
        path: [],
        text: empty
          ? "the file is empty; it should hold at least `model_list:`"
          : `the file holds a ${tree.content.kind}; it should hold a map with keys such as model_list and general_settings`,
      });
    }
    return tree === undefined || this.#problems.length > 0
      ? { problems: this.#problems }
      : { tree, problems: [] };
  }

  #tree(node: Node | null, path: Path): Tree {
    const place = this.#place(node);
    this.#values += 1;
    if (this.#values > mostValues) {
      if (this.#values === mostValues + 1) {
        this.#problem("YamlInvalid", place, path, `aliases expand to more than ${mostValues} values`);
      }
      return empty(place);
    }
    if (node === null) return empty(place);
    if (isAlias(node)) return this.#aliased(node, path);
    if (isScalar(node)) return this.#scalar(node, path);
    if (isSeq(node)) {
      this.#collectionTag(node, "!!seq", path);
      return {
        place,
        content: {
          kind: "list",
          items: node.items.map((item, index) => this.#tree(item as Node | null, [...path, index])),
        },
      };
    }
    return { place, content: { kind: "map", members: this.#members(node, path) } };
  }

  #aliased(node: Node, path: Path): Tree {
    const place = this.#place(node);
    const target = isAlias(node) ? node.resolve(this.#document) : undefined;
    if (target === undefined || !isAlias(node)) {
      this.#problem(
        "YamlInvalid",
        place,
        path,
        "this alias refers to an anchor that is not defined above it",
      );
      return empty(place);
    }
    if (this.#expanding.has(target)) {
      this.#problem("YamlInvalid", place, path, `the alias *${node.source} stands inside what it refers to`);
      return empty(place);
    }
    this.#expanding.add(target);
    const tree = this.#tree(target, path);
    this.#expanding.delete(target);
    return tree;
  }

  #scalar(node: Scalar, path: Path): Tree {
    const place = this.#place(node);
    const text = textOf(node);
    const tag = shortTag(node.tag);
    const plain = node.type === Scalar.PLAIN || node.type === undefined;
    const read = tag !== undefined ? taggedScalar(tag, text) : plain ? plainScalar(text) : { value: text };
    if (read !== undefined && "value" in read)
      return { place, content: { kind: "scalar", value: read.value } };
    this.#problem(
      "YamlInvalid",
      place,
      path,
      read === undefined ? `the tag ${tag} is not supported` : read.problem,
    );
    return empty(place);
  }

  #members(node: Node, path: Path): ReadonlyMap<string, Member> {
    const own = new Map<string, Member>();
    const merged = new Map<string, Member>();
    if (!isMap(node)) return own;
    this.#collectionTag(node, "!!map", path);
    for (const pair of node.items) {
      const key = this.#key(pair, path);
      if (key === undefined) continue;
      const place = this.#place(pair.key as Node);
      if (key === "<<" && (pair.key as Scalar).type === Scalar.PLAIN) {
        this.#merge(pair.value as Node | null, path, merged);
        continue;
      }
      const earlier = own.get(key);
      if (earlier !== undefined) {
        this.#problem(
          "KeyRepeated",
          place,
          [...path, key],
          `is given twice, first in line ${earlier.key.line}; only one of them would count. Remove or merge one.`,
        );
        continue;
      }
      own.set(key, { key: place, value: this.#tree(pair.value as Node | null, [...path, key]) });
    }
    return merged.size === 0 ? own : new Map([...merged, ...own]);
  }

  /** `<<: *base`, `<<: [*a, *b]`: what is merged first wins, what stands in the map itself wins over both. */
  #merge(node: Node | null, path: Path, merged: Map<string, Member>): void {
    const tree = this.#tree(node, path);
    const maps = tree.content.kind === "list" ? tree.content.items : [tree];
    for (const { content, place } of maps) {
      if (content.kind !== "map") {
        this.#problem("YamlInvalid", place, path, "only maps can be merged with <<");
        continue;
      }
      for (const [key, member] of content.members) if (!merged.has(key)) merged.set(key, member);
    }
  }

  #key(pair: Pair, path: Path): string | undefined {
    const { key } = pair;
    const target = isAlias(key) ? key.resolve(this.#document) : key;
    const text = isScalar(target) ? textOf(target) : undefined;
    // `__proto__` would change what objects are instead of becoming a member.
    if (text !== undefined && text !== "" && text !== "__proto__") return text;
    const place = this.#place(key as Node | null);
    this.#problem(
      "YamlInvalid",
      place,
      path,
      "a key must be a text; lists, maps and nothing at all are none",
    );
    return undefined;
  }

  #collectionTag(node: Node, expected: string, path: Path): void {
    const tag = shortTag(node.tag);
    if (tag === undefined || tag === expected) return;
    this.#problem("YamlInvalid", this.#place(node), path, `the tag ${tag} is not supported`);
  }

  #place(node: Node | null): Place {
    return this.#placeAt(node?.range?.[0] ?? 0);
  }

  #problem(code: TextProblem["code"], place: Place, path: Path, text: string): void {
    this.#problems.push({ code, place, path, text });
  }
}

/** Under the failsafe schema every scalar is a text, but for those that are not written at all. */
function textOf({ value }: Scalar): string {
  return typeof value === "string" ? value : "";
}

function shortTag(tag: string | undefined): string | undefined {
  return tag?.replace("tag:yaml.org,2002:", "!!");
}

function empty(place: Place): Tree {
  return { place, content: { kind: "scalar", value: null } };
}
