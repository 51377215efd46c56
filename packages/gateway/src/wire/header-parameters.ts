/**
 * The parameters after the first word of a header's value, as in `form-data; name="file"; filename="a.mp3"`, by their
 * names in lower case. Undefined when they are not well-formed or a name stands there twice, which readers understand
 * differently. Backslashes stay: see `readPartHeader`.
 */
export function headerParameters(text: string): ReadonlyMap<string, string> | undefined {
  const found = new Map<string, string>();
  let at = text.indexOf(";");
  while (at >= 0 && at < text.length) {
    parameter.lastIndex = at;
    const match = parameter.exec(text);
    if (match === null) return undefined;
    const [whole, name = "", quoted, plain = ""] = match;
    at += whole.length;
    if (name === "") continue;
    const key = name.toLowerCase();
    if (found.has(key)) return undefined;
    found.set(key, quoted ?? plain);
  }
  return found;
}

/** The first word of such a value, in lower case. */
export function headerWord(text: string): string {
  const end = text.indexOf(";");
  return (end < 0 ? text : text.slice(0, end)).trim().toLowerCase();
}

/** `;name=value`, or a `;` that nothing follows. */
const parameter =
  /;[ \t]*(?:([\w!#$%&'*+.^`|~-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+)))?[ \t]*(?=;|$)/gy;
