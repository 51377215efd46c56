/** Picodollars in a dollar (design.md rule 7: money is integer picodollars). */
const PICO = 1e12;

/** US dollars as picodollars, rounded to the nearest; nothing costs less than nothing. Exact up to 9,007 dollars. */
export function picodollars(dollars: number): number {
  return dollars > 0 ? Math.round(dollars * PICO) : 0;
}

/** Picodollars as US dollars, the nearest floating-point number. */
export function dollars(amount: number | bigint): number {
  return Number(amount) / PICO;
}

/** US dollars as LiteLLM writes them in headers, which is how Python prints a float: `3.15e-06`, `0.25`, `2.0`. */
export function dollarsText(amount: number | bigint): string {
  return floatText(dollars(amount));
}

/** A number as Python prints a float. */
export function floatText(value: number): string {
  if (value !== 0 && Math.abs(value) < 1e-4) {
    const [digits = "", exponent = ""] = value.toExponential().split("e-");
    return `${digits}e-${exponent.padStart(2, "0")}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
