/** A Kubernetes quantity: an exact number and the notation it was written in. */
export interface Quantity {
  /** In billionths: nothing finer is kept. */
  readonly nanos: bigint;
  readonly notation: "decimal" | "binary" | "exponent";
}

export const zeroQuantity: Quantity = { nanos: 0n, notation: "decimal" };

const nanosOfOne = 1_000_000_000n;
/** 2^63-1, where the API server's own arithmetic ends. */
const largest = ((1n << 63n) - 1n) * nanosOfOne;
/** Longer numbers are refused before anything is computed with them; the longest that makes sense has about 30. */
const longestText = 100;

const decimalExponents: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  "": 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const decimalSuffixes = new Map(
  Object.entries(decimalExponents).map(([suffix, exponent]) => [exponent, suffix]),
);
const binarySuffixes: readonly string[] = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/**
 * Reads a quantity as the API server does: a signed decimal number and a suffix (n u m k M G T P E, Ki … Ei, or an
 * exponent); anything finer than a billionth is rounded away from zero, anything beyond 2^63-1 is cut. Undefined when
 * it is none.
 */
export function parseQuantity(value: unknown): Quantity | undefined {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text !== "string" || text.length > longestText) return undefined;
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?\d+|[numkMGTPE])?$/.exec(text);
  if (match === null) return undefined;
  const [, sign = "", whole = "", fraction = "", suffix = ""] = match;
  if (whole === "" && fraction === "") return undefined;
  const digits = BigInt(whole + fraction);
  const magnitude = cut(scaled(digits, fraction.length, suffix));
  return { nanos: sign === "-" ? -magnitude : magnitude, notation: notationOf(suffix) };
}

function notationOf(suffix: string): Quantity["notation"] {
  if (suffix.endsWith("i")) return "binary";
  return /^[eE][+-]?\d/.test(suffix) ? "exponent" : "decimal";
}

/** `digits` with the last `places` of them behind the point, times the suffix, in billionths. */
function scaled(digits: bigint, places: number, suffix: string): bigint {
  if (digits === 0n) return 0n;
  if (suffix.endsWith("i")) {
    const factor = 1024n ** BigInt(binarySuffixes.indexOf(suffix));
    return dividedUp(digits * factor * nanosOfOne, 10n ** BigInt(places));
  }
  const exponent = (decimalExponents[suffix] ?? Number(suffix.slice(1))) - places + 9;
  // Beyond these the answer is certain, and the power of ten could be one of a billion digits.
  if (exponent > longestText) return largest;
  if (exponent < -2 * longestText) return 1n;
  return exponent >= 0 ? digits * 10n ** BigInt(exponent) : dividedUp(digits, 10n ** BigInt(-exponent));
}

function dividedUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}

function cut(nanos: bigint): bigint {
  return nanos > largest ? largest : nanos;
}

/** The sum; in binary notation when one of the two is, since that is memory. A zero has no say. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  if (b.nanos === 0n) return a;
  if (a.nanos === 0n) return b;
  const notation = [a, b].find((quantity) => quantity.notation === "binary")?.notation ?? a.notation;
  return { nanos: a.nanos + b.nanos, notation };
}

/** The quantity `times` over, a whole number that is not negative. */
export function multiplyQuantity({ nanos, notation }: Quantity, times: number): Quantity {
  return { nanos: nanos * BigInt(times), notation };
}

/** Below zero, zero or above, as for sorting. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
}

/**
 * The canonical text: no fraction, the largest suffix that needs none. Binary numbers below 1024 and those that are
 * not whole are written decimally, as the API server does.
 */
export function quantityText({ nanos, notation }: Quantity): string {
  if (nanos === 0n) return "0";
  const sign = nanos < 0n ? "-" : "";
  const magnitude = nanos < 0n ? -nanos : nanos;
  if (notation === "binary" && magnitude % nanosOfOne === 0n && magnitude >= 1024n * nanosOfOne) {
    return `${sign}${binaryText(magnitude / nanosOfOne)}`;
  }
  return `${sign}${decimalText(magnitude, notation === "exponent")}`;
}

function binaryText(number: bigint): string {
  let mantissa = number;
  let step = 0;
  while (step < binarySuffixes.length - 1 && mantissa % 1024n === 0n) {
    mantissa /= 1024n;
    step += 1;
  }
  return `${mantissa}${binarySuffixes[step] ?? ""}`;
}

function decimalText(nanos: bigint, exponential: boolean): string {
  let mantissa = nanos;
  let exponent = -9;
  while (exponent < 18 && mantissa % 1000n === 0n) {
    mantissa /= 1000n;
    exponent += 3;
  }
  if (!exponential) return `${mantissa}${decimalSuffixes.get(exponent) ?? ""}`;
  return exponent === 0 ? `${mantissa}` : `${mantissa}e${exponent}`;
}
