import { describe, expect, it } from "vitest";
import { matchedPart, Names, type Wildcard } from "./names.ts";
import type { Group } from "./snapshot.ts";

const group = (name: string): Group => ({ name }) as Group;
const wildcard = (pattern: string): Wildcard => ({
  pattern,
  concrete: (name, matched) => group(`${pattern}>${name}>${matched}`),
});
const entry = (name: string, found: string): readonly [string, Group] => [name, group(found)];

describe("Names", () => {
  const names = new Names({
    exact: [entry("gpt-4", "model"), entry("gpt-4", "alias of the same name"), entry("fast", "alias")],
    wildcards: [wildcard("*"), wildcard("openai/*"), wildcard("openai/gpt-*")],
    own: [entry("azure/x", "own"), entry("zzz", "never reached: the star takes all")],
    listed: ["gpt-4"],
  });

  it.each([
    ["gpt-4", "model"],
    ["fast", "alias"],
    ["openai/gpt-4o", "openai/gpt-*>openai/gpt-4o>4o"],
    ["openai/o1", "openai/*>openai/o1>o1"],
    ["anything", "*>anything>anything"],
    ["azure/x", "*>azure/x>azure/x"],
  ])("finds %s as %s", (name, want) => {
    expect(names.group(name)?.name).toBe(want);
  });

  it("remembers the group of a wildcard's name, so that its deployments are made once", () => {
    expect(names.group("openai/o1")).toBe(names.group("openai/o1"));
  });

  it("falls back to a deployment's own model name, and to nothing", () => {
    const plain = new Names({
      exact: [entry("gemini-2.5-flash", "flash")],
      wildcards: [],
      own: [entry("gemini/gemini-2.5-flash", "own")],
      listed: [],
    });
    expect(plain.group("gemini/gemini-2.5-flash")?.name).toBe("own");
    expect(plain.group("other")).toBeUndefined();
  });

  it("does not keep every name a client makes up", () => {
    const made: string[] = [];
    const counting = new Names({
      exact: [],
      own: [],
      listed: [],
      wildcards: [{ pattern: "*", concrete: (name) => group(made[made.push(name) - 1] ?? "") }],
    });
    for (let index = 0; index < 2500; index++) counting.group(`m${index}`);
    counting.group("m2499");
    counting.group("m0");
    expect(made.length).toBe(2501);
  });
});

describe("matchedPart", () => {
  it.each([
    ["openai/*", "openai/gpt-4o", "gpt-4o"],
    ["*-latest", "gpt-latest", "gpt"],
    ["openai/*", "openai/", undefined],
    ["openai/*", "azure/gpt", undefined],
    ["a*a", "a", undefined],
  ])("%s on %s is %s", (pattern, name, want) => {
    expect(matchedPart(pattern, name)).toBe(want);
  });
});
