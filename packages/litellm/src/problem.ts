/** What is wrong with a document, for people: where it is, what it is, what to do. */
export interface Problem {
  /** A document with an error is not served; one with warnings is. */
  readonly severity: "error" | "warning";
  /** A stable CamelCase word, for example `KeyUnknown`. */
  readonly code: string;
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
  /** For example `model_list[0].litellm_params.rpm`; empty for the document as a whole. */
  readonly path: string;
  /** What is said of the path: `must be a number, but is a list`. */
  readonly text: string;
}

/** Keys and list positions from the top of a document. */
export type Path = readonly (string | number)[];

/** `["model_list", 0, "rpm"]` → `model_list[0].rpm`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    return text === "" ? part : `${text}.${part}`;
  }, "");
}
