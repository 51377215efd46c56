import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addQuantities,
  compareQuantities,
  multiplyQuantity,
  parseQuantity,
  quantityText,
} from "./quantity.ts";

function canonical(value: unknown): string | undefined {
  const quantity = parseQuantity(value);
  return quantity === undefined ? undefined : quantityText(quantity);
}

// `want` is what apimachinery's resource.Quantity prints for the same input.
describe("canonical text", () => {
  test.each([
    { name: "whole", input: "4", want: "4" },
    { name: "a JSON number", input: 4, want: "4" },
    { name: "a fraction of a core", input: "0.5", want: "500m" },
    { name: "a JSON fraction", input: 1.5, want: "1500m" },
    { name: "milli that make a whole", input: "1000m", want: "1" },
    { name: "milli that do not", input: "1500m", want: "1500m" },
    { name: "no digit before the point", input: ".5", want: "500m" },
    { name: "no digit behind it", input: "5.", want: "5" },
    { name: "micro and nano", input: "1000000n", want: "1m" },
    { name: "finer than nano is rounded up", input: "0.1n", want: "1n" },
    { name: "finer than nano, negative, away from zero", input: "-0.1n", want: "-1n" },
    { name: "thousands", input: "1000", want: "1k" },
    { name: "not quite thousands", input: "1500", want: "1500" },
    { name: "decimal giga", input: "2000M", want: "2G" },
    { name: "exa", input: "1E", want: "1E" },
    { name: "exponent", input: "12e6", want: "12e6" },
    { name: "exponent that is no multiple of three", input: "1e2", want: "100" },
    { name: "capital exponent", input: "1E3", want: "1e3" },
    { name: "negative exponent", input: "5e-1", want: "500e-3" },
    { name: "binary", input: "512Mi", want: "512Mi" },
    { name: "binary that fits a larger suffix", input: "2048Mi", want: "2Gi" },
    { name: "binary fraction", input: "1.5Gi", want: "1536Mi" },
    { name: "binary below 1024 turns decimal", input: "0.5Ki", want: "512" },
    { name: "binary that is not whole turns decimal", input: "0.0001Ki", want: "102400u" },
    { name: "kibi", input: "1Ki", want: "1Ki" },
    { name: "exbi", input: "1Ei", want: "1Ei" },
    { name: "more than the API server can count", input: "100E", want: "9223372036854775807" },
    { name: "an exponent nobody could write out", input: "1e999999999", want: "9223372036854775807" },
    { name: "an exponent that is nearly nothing", input: "1e-999999999", want: "1e-9" },
    { name: "zero with a suffix", input: "0Gi", want: "0" },
    { name: "signs", input: "+2Gi", want: "2Gi" },
    { name: "negative", input: "-2500m", want: "-2500m" },
  ])("$name: $input", ({ input, want }) => expect(canonical(input)).toBe(want));
});

describe("what is no quantity", () => {
  test.each([
    "",
    " ",
    ".",
    "Gi",
    "1 Gi",
    "1gi",
    "1GiB",
    "1K",
    "1e",
    "1e+",
    "0x10",
    "1,5",
    "--1",
    "NaN",
    "Infinity",
    "9".repeat(101),
    null,
    undefined,
    true,
    {},
    Number.NaN,
  ])("%j", (input) => expect(parseQuantity(input)).toBeUndefined());
});

function read(text: string) {
  const quantity = parseQuantity(text);
  if (quantity === undefined) throw new Error(`${text} is no quantity`);
  return quantity;
}

test("sums are exact, whatever the notations, and memory stays binary in any order", () => {
  expect(quantityText(addQuantities(read("100m"), read("0.9")))).toBe("1");
  expect(quantityText(addQuantities(read("512Mi"), read("1G")))).toBe("1536870912");
  expect(quantityText(addQuantities(read("1.5Gi"), read("512Mi")))).toBe("2Gi");
  expect(addQuantities(read("1G"), read("24Gi"))).toEqual(addQuantities(read("24Gi"), read("1G")));
  expect(quantityText(addQuantities(read("0"), read("2Gi")))).toBe("2Gi");
  expect(quantityText(multiplyQuantity(read("250m"), 3))).toBe("750m");
  expect(compareQuantities(read("1Gi"), read("1G"))).toBe(1);
  expect(compareQuantities(read("1000m"), read("1"))).toBe(0);
});

test("the canonical text means the same number and is its own canonical text", () => {
  const suffixes = ["", "n", "u", "m", "k", "M", "G", "T", "Ki", "Mi", "Gi", "Ti", "e3", "e-3", "E6"];
  fc.assert(
    fc.property(
      fc.integer({ min: -1_000_000, max: 1_000_000 }),
      fc.stringMatching(/^[0-9]{0,4}$/),
      fc.constantFrom(...suffixes),
      (whole, fraction, suffix) => {
        const first = read(`${whole}${fraction === "" ? "" : `.${fraction}`}${suffix}`);
        const text = quantityText(first);
        expect(compareQuantities(read(text), first)).toBe(0);
        expect(canonical(text)).toBe(text);
      },
    ),
  );
});

test("no text is too hostile", () => {
  fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => void canonical(text)));
});
