import * as z from "zod";
import type { BlockFacts } from "./block.ts";
import { documentSchema } from "./document.ts";
import type { LeafFacts } from "./leaf.ts";

/** A schema as a plain tree, for everything that walks it: checks, the support table, the reference page. */
export type Shape = LeafShape | MapShape | EntriesShape | ListShape;

/** A value without known members. */
export interface LeafShape {
  readonly kind: "leaf";
  readonly facts: LeafFacts;
  readonly schema: z.ZodType;
}

/** A map with known members. */
export interface MapShape {
  readonly kind: "map";
  readonly facts: BlockFacts;
  readonly members: ReadonlyMap<string, Shape>;
}

/** A map whose keys users choose. */
export interface EntriesShape {
  readonly kind: "entries";
  readonly value: Shape;
}

/** A list of equal items. */
export interface ListShape {
  readonly kind: "list";
  readonly item: Shape;
}

let document: MapShape | undefined;

/** The shape of the whole document. Made on first use: a gateway that only reads settings never needs it. */
export function documentShape(): MapShape {
  if (document === undefined) {
    const shape = shapeOf(documentSchema);
    if (shape.kind !== "map") throw new TypeError("the document's schema is no map");
    document = shape;
  }
  return document;
}

/** A block or a leaf with its place: `model_list[].litellm_params.model`, `mcp_servers.*.url`, `….supports_*`. */
export interface PlacedShape {
  readonly path: string;
  readonly shape: Shape;
}

/** Every block and leaf below a shape, parents first; keys by pattern are leaves too. */
export function* placedShapes(shape: Shape, path = ""): Iterable<PlacedShape> {
  if (path !== "") yield { path, shape };
  switch (shape.kind) {
    case "leaf":
      return;
    case "list":
      return yield* placedShapes(shape.item, `${path}[]`);
    case "entries":
      return yield* placedShapes(shape.value, `${path}.*`);
    case "map":
      for (const [key, member] of shape.members) yield* placedShapes(member, memberPath(path, key));
      for (const [pattern, description] of Object.entries(shape.facts.patterns ?? {})) {
        yield { path: memberPath(path, pattern), shape: patternShape(description) };
      }
  }
}

/** The pattern of a map that a key fits, for example `supports_*`. */
export function patternOf(shape: MapShape, key: string): string | undefined {
  return Object.keys(shape.facts.patterns ?? {}).find((pattern) => key.startsWith(pattern.slice(0, -1)));
}

/** `a` and `b` → `a.b`. */
export function memberPath(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

const unread = z.unknown();

function patternShape(description: string): LeafShape {
  return { kind: "leaf", facts: { type: "any", description }, schema: unread };
}

function shapeOf(schema: z.core.$ZodType): Shape {
  let inner = schema;
  let facts = z.globalRegistry.get(inner);
  while (inner instanceof z.ZodOptional) {
    inner = inner.unwrap();
    facts ??= z.globalRegistry.get(inner);
  }
  if (inner instanceof z.ZodObject) {
    const members = Object.entries(inner.shape as z.core.$ZodShape);
    return {
      kind: "map",
      facts: facts as unknown as BlockFacts,
      members: new Map(members.map(([key, member]) => [key, shapeOf(member)])),
    };
  }
  if (inner instanceof z.ZodArray) return { kind: "list", item: shapeOf(inner.element) };
  if (inner instanceof z.ZodRecord) return { kind: "entries", value: shapeOf(inner.valueType) };
  return { kind: "leaf", facts: facts as unknown as LeafFacts, schema: schema as z.ZodType };
}
