import * as z from "zod";

/**
 * Text of a certain form. Reader and CRD say the same when it has another: the API server's own message for a pattern
 * would only repeat the expression.
 *
 * @param pattern an expression that JavaScript and RE2 read alike, without `'`
 */
export function matchingText(pattern: RegExp, message: string) {
  return z
    .string()
    .refine((text) => pattern.test(text), { error: message })
    .meta({ "x-kubernetes-validations": [{ rule: `self.matches(r'${pattern.source}')`, message }] });
}
