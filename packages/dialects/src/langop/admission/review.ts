import type { Finding } from "@gatewright/plan";
import { fieldPath } from "../../field-path.ts";
import type { Resource } from "../../resource.ts";
import { fieldFinding } from "../read/entry.ts";

/** Findings about one block of a resource while it is reviewed. */
export interface Review {
  /** The object is refused. `text` goes on after the field's name: "must be …". */
  refuse(path: readonly (string | number)[], code: string, text: string): void;
  /** The object is admitted, and whoever applies it is told. */
  warn(path: readonly (string | number)[], code: string, text: string): void;
  /** The same review, for a block inside this one. */
  within(...path: readonly (string | number)[]): Review;
}

/** A review that adds what it finds to `findings`: refusals are `blocked`, warnings `approximated`. */
export function reviewOf(
  resource: Resource,
  findings: Finding[],
  base: readonly (string | number)[] = [],
): Review {
  const add = (
    path: readonly (string | number)[],
    code: string,
    effect: Finding["effect"],
    text: string,
  ): void => {
    findings.push(fieldFinding(resource, fieldPath([...base, ...path]), code, effect, text));
  };
  return {
    refuse: (path, code, text) => add(path, code, "blocked", text),
    warn: (path, code, text) => add(path, code, "approximated", text),
    within: (...path) => reviewOf(resource, findings, [...base, ...path]),
  };
}
