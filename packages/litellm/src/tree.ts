import type { Json } from "@gatewright/plan";
import type { Path } from "./problem.ts";

/** Where something stands in a file, from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A value of a YAML file that remembers where it and its members stand. */
export interface Tree {
  readonly place: Place;
  readonly content:
    | { readonly kind: "scalar"; readonly value: string | number | boolean | null }
    | { readonly kind: "list"; readonly items: readonly Tree[] }
    | { readonly kind: "map"; readonly members: ReadonlyMap<string, Member> };
}

/** A member of a map, and where its key stands. */
export interface Member {
  readonly key: Place;
  readonly value: Tree;
}

/** What is wrong with the text of a file. */
export interface TextProblem {
  readonly code: "YamlInvalid" | "KeyRepeated" | "DocumentEmpty" | "DocumentNotMap";
  readonly place: Place;
  readonly path: Path;
  readonly text: string;
}

/** The values of a tree without their places. */
export function jsonOf({ content }: Tree): Json {
  switch (content.kind) {
    case "scalar":
      return content.value;
    case "list":
      return content.items.map(jsonOf);
    case "map":
      return Object.fromEntries([...content.members].map(([key, { value }]) => [key, jsonOf(value)]));
  }
}

/** Where a path stands; for what is missing, the nearest that is there. */
export function placeOf(tree: Tree, path: Path, atKey = false): Place {
  let found = tree;
  let place = tree.place;
  for (const [index, part] of path.entries()) {
    if (found.content.kind === "map" && typeof part === "string") {
      const member = found.content.members.get(part);
      if (member === undefined) return place;
      found = member.value;
      const isEmpty = found.content.kind === "scalar" && found.content.value === null;
      place = isEmpty || (atKey && index === path.length - 1) ? member.key : found.place;
    } else if (found.content.kind === "list" && typeof part === "number") {
      const item = found.content.items[part];
      if (item === undefined) return place;
      found = item;
      place = item.place;
    } else {
      return place;
    }
  }
  return place;
}
