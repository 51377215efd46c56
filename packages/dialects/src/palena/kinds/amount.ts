import * as z from "zod";

/**
 * A number that may have decimals. Versions of the dialect disagree whether such fields are numbers or text, so both
 * are accepted; `numberOf` gives the number.
 */
export const amount = z
  .union([
    z.number(),
    z.string().regex(/^-?\d+(\.\d+)?([eE][-+]?\d+)?$/, { error: "a number, also as text" }),
  ])
  .meta({ "x-kubernetes-preserve-unknown-fields": true });

/** The number that an `amount` stands for. */
export function numberOf(value: string | number): number {
  return Number(value);
}
