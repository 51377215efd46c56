import { isJsonObject, type Json } from "@gatewright/plan";
import type { Path } from "./problem.ts";

const position = /^\[(\d+)\]/;

/**
 * `model_list[0].rpm` → `["model_list", 0, "rpm"]`: the reverse of `pathText`, as far as the path leads in a document.
 * Keys may hold dots and brackets themselves, so only the document can tell where one ends: the longest key that fits.
 */
export function writtenPath(document: Json, text: string): Path {
  const path: (string | number)[] = [];
  let value: Json | undefined = document;
  let rest = text;
  while (rest !== "") {
    const index = position.exec(rest);
    if (Array.isArray(value) && index !== null) {
      const item: number = Number(index[1]);
      path.push(item);
      value = (value as readonly Json[])[item];
      rest = rest.slice(index[0].length);
    } else if (isJsonObject(value)) {
      const name: string = rest.startsWith(".") ? rest.slice(1) : rest;
      const key: string | undefined = Object.keys(value)
        .filter(
          (candidate) => name.startsWith(candidate) && /^(?:$|\.|\[)/.test(name.slice(candidate.length)),
        )
        .sort((a, b) => b.length - a.length)[0];
      if (key === undefined) return path;
      path.push(key);
      value = value[key];
      rest = name.slice(key.length);
    } else {
      return path;
    }
  }
  return path;
}
