import { describe, expect, it } from "vitest";
import { plainScalar, taggedScalar } from "./plain-scalar.ts";

const scalars: readonly (readonly [text: string, want: string | number | boolean | null, why: string])[] = [
  ["", null, "nothing is null"],
  ["~", null, "the short null"],
  ["yes", true, "YAML 1.1 booleans are words"],
  ["Off", false, "in three spellings"],
  ["oFF", "oFF", "and no others"],
  ["y", "y", "LiteLLM's reader takes single letters for texts"],
  ["600", 600, "a number"],
  ["-1_000", -1000, "underscores are decoration"],
  ["010", 8, "a leading zero is octal"],
  ["08", "08", "which eight is not"],
  ["0o10", "0o10", "the octal of YAML 1.2 is a text"],
  ["0xff", 255, "hexadecimal"],
  ["0b101", 5, "binary"],
  ["1:30", 90, "base 60"],
  ["-1:30:00.5", -5400.5, "with a fraction"],
  ["1.5", 1.5, "a float"],
  [".5", 0.5, "without a zero"],
  ["1.0e-7", 1e-7, "an exponent needs its point"],
  ["1e-7", "1e-7", "and without one it is a text"],
  ["1.0e7", "1.0e7", "an exponent needs its sign"],
  ["2024-06-01", "2024-06-01", "a date stays the text that api_version means"],
  ["12345678901234567890", "12345678901234567890", "digits beyond a number's precision are kept"],
  ["-0", 0, "JSON has no negative zero"],
  ["nullable", "nullable", "a word that begins like null"],
];

describe("plainScalar", () => {
  it.each(scalars)("reads %j as %j: %s", (text, want) => {
    expect(plainScalar(text)).toEqual({ value: want });
  });

  it("refuses numbers that are none in JSON", () => {
    for (const text of [".inf", "-.INF", ".nan"]) expect(plainScalar(text)).toHaveProperty("problem");
  });
});

describe("taggedScalar", () => {
  it("obeys the tags of YAML and no others", () => {
    expect(taggedScalar("!!str", "600")).toEqual({ value: "600" });
    expect(taggedScalar("!!int", "600")).toEqual({ value: 600 });
    expect(taggedScalar("!!bool", "on")).toEqual({ value: true });
    expect(taggedScalar("!!int", "abc")).toHaveProperty("problem");
    expect(taggedScalar("!include", "x")).toBeUndefined();
  });
});
