import { compareText, isJsonObject, type Json, type JsonObject, type Layout } from "@gatewright/plan";
import { inlineText, numberText, styleOf } from "./scalar.ts";

/** Longer keys are written as `? key`: readers look for the colon of a plain entry only so far. */
const longestPlainKey = 128;

/**
 * A document as YAML: the same document and layout give the same bytes, always.
 *
 * Block style, nothing folded, lists indented under their key, keys in the document's order or sorted at every level
 * as `layout.keys` says; ends with a line feed. Every value reads back as itself in YAML 1.1 and in YAML 1.2.
 * The bytes of agentic-layer gateways are those of agentic-layer.md §3.10, whose hashes are on their users' Pods.
 */
export function writeDocument(document: JsonObject, layout: Layout): string {
  return Object.keys(document).length === 0 ? "{}\n" : blockOf(document, 0, layout);
}

/** The lines of a map or list that has members; all of them stand `indent` columns or more from the margin. */
function blockOf(block: JsonObject | readonly Json[], indent: number, layout: Layout): string {
  const margin = " ".repeat(indent);
  if (isList(block)) return block.map((item) => `${margin}-${itemOf(item, indent + 2, layout)}`).join("");
  // Levels stand on multiples of the indent, also below a list's dash, which moves its own item by two only.
  const inside = (Math.floor(indent / layout.indent) + 1) * layout.indent;
  return keysOf(block, layout)
    .map((key) => {
      const name = inlineText(key);
      const start = name.length > longestPlainKey ? `${margin}? ${name}\n${margin}:` : `${margin}${name}:`;
      return start + memberOf(block[key] ?? null, inside, layout);
    })
    .join("");
}

/** What follows a dash: the first line of a nested block stands beside it. */
function itemOf(item: Json, indent: number, layout: Layout): string {
  return isBlock(item) ? ` ${blockOf(item, indent, layout).slice(indent)}` : leafOf(item, indent);
}

/** What follows a key and its colon. */
function memberOf(member: Json, indent: number, layout: Layout): string {
  return isBlock(member) ? `\n${blockOf(member, indent, layout)}` : leafOf(member, indent);
}

function leafOf(leaf: Json, indent: number): string {
  if (typeof leaf === "string") {
    return styleOf(leaf) === "literal" ? literalOf(leaf, indent) : ` ${inlineText(leaf)}\n`;
  }
  if (typeof leaf === "number") return ` ${numberText(leaf)}\n`;
  if (typeof leaf === "object" && leaf !== null) return isList(leaf) ? " []\n" : " {}\n";
  return ` ${leaf}\n`;
}

/** `|`, with `-` or `+` for no or several line feeds at the end, and the lines; empty ones stay empty. */
function literalOf(text: string, indent: number): string {
  const chomping = text.endsWith("\n\n") ? "+" : text.endsWith("\n") ? "" : "-";
  const lines = (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
  return ` |${chomping}\n${lines.map((line) => (line === "" ? "\n" : `${" ".repeat(indent)}${line}\n`)).join("")}`;
}

function keysOf(map: JsonObject, layout: Layout): readonly string[] {
  return layout.keys === "sorted" ? Object.keys(map).sort(compareText) : Object.keys(map);
}

function isBlock(value: Json): value is JsonObject | readonly Json[] {
  return (isJsonObject(value) || isList(value)) && Object.keys(value).length > 0;
}

/** `Array.isArray` does not narrow read-only lists. */
function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
