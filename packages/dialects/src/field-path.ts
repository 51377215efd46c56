/**
 * A field path as findings and problems write it, in the notation of Kubernetes: members joined by dots, list positions
 * and keys that are no plain words in brackets, for example `spec.aiModels[2].provider` or `data[patch.yaml]`.
 */
export function fieldPath(segments: readonly (string | number)[]): string {
  return segments.reduce<string>((path, segment) => {
    if (typeof segment === "number" || !/^[A-Za-z_$][\w$-]*$/.test(segment)) return `${path}[${segment}]`;
    return path === "" ? segment : `${path}.${segment}`;
  }, "");
}

/** The members of a path written by `fieldPath`; list positions come back as text. */
export function fieldPathSegments(path: string): readonly string[] {
  return Array.from(
    path.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g),
    ([, bracketed, plain]) => bracketed ?? plain ?? "",
  );
}
