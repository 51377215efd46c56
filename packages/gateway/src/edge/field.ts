import type { Fields } from "@gatewright/call";
import { type ApiError, apiError } from "@gatewright/litellm";

/** Ends the reading of a request at the first field that cannot be read. Never leaves `reading`. */
class FieldProblem extends Error {
  override readonly name = "FieldProblem";
  readonly code = "field_problem";
  /** What the client is answered. */
  readonly error: ApiError;

  constructor(error: ApiError) {
    super("a field of the request cannot be read");
    this.error = error;
  }
}

/** What `read` gives, or the answer for the first field of a request that it cannot read. */
export function reading<Call>(read: () => Call): Call | ApiError {
  try {
    return read();
  } catch (problem) {
    if (problem instanceof FieldProblem) return problem.error;
    throw problem;
  }
}

/** `path` leads to the field, as in `input[2].content[0].text`. */
export function missing(path: string): never {
  throw new FieldProblem(apiError("field_missing", { field: path }));
}

/** `wanted` ends the sentence "`path` has to be …". */
export function invalid(path: string, wanted: string): never {
  throw new FieldProblem(apiError("field_invalid", { field: path, wanted }));
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function objectAt(value: unknown, path: string): Fields {
  if (isFields(value)) return value;
  return value === undefined ? missing(path) : invalid(path, "an object");
}

export function textAt(value: unknown, path: string): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? missing(path) : invalid(path, "a string");
}

export function listAt(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null ? missing(path) : invalid(path, "a list");
}

/** As everywhere in this API, null says the same as absence. */
export function optionalObject(value: unknown, path: string): Fields | undefined {
  return value === undefined || value === null ? undefined : objectAt(value, path);
}

export function optionalText(value: unknown, path: string): string | undefined {
  return value === undefined || value === null ? undefined : textAt(value, path);
}

export function optionalList(value: unknown, path: string): readonly unknown[] {
  return value === undefined || value === null ? [] : listAt(value, path);
}

export function optionalNumber(value: unknown, path: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "number" ? value : invalid(path, "a number");
}

export function optionalFlag(value: unknown, path: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "boolean" ? value : invalid(path, "true or false");
}
