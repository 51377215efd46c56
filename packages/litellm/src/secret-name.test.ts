import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fallbackVariable, secretFile, secretPlace, secretVariable } from "./secret-name.ts";

describe("the name of a key of a Secret", () => {
  test.each([
    {
      name: "dashes and the slash are escaped",
      place: { secret: "anthropic-credentials", key: "api-key" },
      want: "anthropic_2dcredentials_2fapi_2dkey",
    },
    {
      name: "an underscore is escaped too, or two places could share a name",
      place: { secret: "keys", key: "OPENAI_API_KEY" },
      want: "keys_2fOPENAI_5fAPI_5fKEY",
    },
    {
      name: "dots are escaped",
      place: { secret: "google.service", key: "service-account.json" },
      want: "google_2eservice_2fservice_2daccount_2ejson",
    },
    {
      name: "a digit at the beginning is escaped, since no variable begins with one",
      place: { secret: "4o", key: "4" },
      want: "_34o_2f4",
    },
  ])("$name", ({ place, want }) => {
    expect(secretVariable(place)).toBe(want);
    expect(secretPlace(want)).toEqual(place);
  });

  test("leads back to its place, and is a variable name", () => {
    const part = fc.stringMatching(/^[A-Za-z0-9][-._A-Za-z0-9]{0,20}$/u);
    fc.assert(
      fc.property(part, part, (secret, key) => {
        const variable = secretVariable({ secret, key });
        expect(variable).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/u);
        expect(secretPlace(variable)).toEqual({ secret, key });
      }),
    );
  });

  test.each([
    { name: "an ordinary variable", variable: "OPENAI_API_KEY", why: "_A is no escape" },
    { name: "no slash", variable: "LITELLM", why: "a key has a Secret" },
    { name: "two slashes", variable: "a_2fb_2fc", why: "a path of three would leave the Secret" },
    {
      name: "a way out of the folder",
      variable: "_2e_2e_2fapi",
      why: "it would read a file beside the Secrets",
    },
    { name: "a letter in escaped form", variable: "_61_2fb", why: "one place has one name" },
    { name: "an empty key", variable: "a_2f", why: "there is no such file" },
  ])("$name stands for no Secret ($why)", ({ variable }) => {
    expect(secretPlace(variable)).toBeUndefined();
  });
});

test("the variable that stands in for a Secret is its name in capitals", () => {
  expect(fallbackVariable("openai-key")).toBe("OPENAI_KEY");
});

test("the file behind a name, and nothing behind an ordinary variable", () => {
  expect(secretFile("in_2dhouse_2ekeys_2fapi_2dkey")).toEqual({
    secret: "in-house.keys",
    key: "api-key",
    path: "in-house.keys/api-key",
    fallbackVariable: "IN_HOUSE.KEYS",
  });
  expect(secretFile("OPENAI_API_KEY")).toBeUndefined();
});
