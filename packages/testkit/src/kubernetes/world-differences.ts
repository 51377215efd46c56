/** Where two JSON values differ, one line each, `path: expected ≠ actual`. Empty when they are equal. */
export function differences(expected: unknown, actual: unknown, path = ""): readonly string[] {
  if (Array.isArray(expected) && Array.isArray(actual) && expected.length === actual.length) {
    return expected.flatMap((item, index) => differences(item, actual[index], `${path}/${index}`));
  }
  if (isMap(expected) && isMap(actual)) {
    const names = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].sort();
    return names.flatMap((name) => differences(expected[name], actual[name], `${path}/${name}`));
  }
  if (JSON.stringify(expected) === JSON.stringify(actual)) return [];
  return [`${path}: ${cut(expected)} ≠ ${cut(actual)}`];
}

function isMap(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function cut(value: unknown): string {
  return (JSON.stringify(value) ?? "nothing").slice(0, 200);
}
