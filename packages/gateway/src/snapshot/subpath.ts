/**
 * Whether what a client wrote below an endpoint's path, `/` first, is plainly below it: no way up, no empty step, nothing
 * that the target might take for one (encoded slashes and dots, backslashes, `..;`).
 */
export function isPlainSubpath(text: string): boolean {
  if (!printable.test(text) || hidden.test(text)) return false;
  const steps = text.slice(1).split("/");
  return steps.every((step, index) => {
    // A slash at the end is the client's own affair.
    if (step === "") return index === steps.length - 1;
    const [name] = step.replaceAll(/%2e/gi, ".").split(";");
    return name !== "." && name !== "..";
  });
}

/** ASCII without spaces, `#` and `\`. */
const printable = /^\/[!"$-[\]-~]*$/;

/** Slashes, backslashes and zeros, encoded; and percent signs, for targets that decode twice. */
const hidden = /%(?:2f|5c|00|25)/i;
