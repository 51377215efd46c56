import { expect, it } from "vitest";
import { nearestName } from "./nearest-name.ts";

const names = ["temperature", "max_retries", "num_retries", "tpm", "rpm", "timeout", "api_base"];

it.each<readonly [string, string | undefined, string]>([
  ["tempratur", "temperature", "two letters missing"],
  ["maxRetries", "max_retries", "camel case"],
  ["max-retries", "max_retries", "hyphens"],
  ["tiemout", "timeout", "two letters swapped"],
  ["api_bas", "api_base", "one letter missing"],
  ["tmp", undefined, "too short to guess"],
  ["colour", undefined, "nothing like it"],
])("%s → %s: %s", (word, want) => {
  expect(nearestName(word, names)).toBe(want);
});
