import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { agentKeys } from "./agent-keys.ts";

const id = "9f8221e3-a8ce-47c0-9e31-4afeb62657df";
const signature = "1361c4bcbc816c4f489be696528d24ed";

function signed(agent: string, secret = "s3cret"): string {
  return `sk-langop-${agent}.${createHmac("sha256", secret).update(agent).digest("hex").slice(0, 32)}`;
}

describe("agentKeys", () => {
  it.each([
    { name: "the test vector", why: "langop.md §3.4", key: `sk-langop-${id}.${signature}`, want: id },
    { name: "an id with dots", why: "the last dot separates", key: signed("a.b.c"), want: "a.b.c" },
    { name: "another secret", why: "a stranger's key", key: signed(id, "other"), want: undefined },
    {
      name: "one character of the signature changed",
      why: "every bit counts",
      key: `sk-langop-${id}.${signature.replace(/^1/, "2")}`,
      want: undefined,
    },
    {
      name: "one character of the id changed",
      why: "the signature is bound to the id",
      key: `sk-langop-${id.replace("9f", "8f")}.${signature}`,
      want: undefined,
    },
    {
      name: "capitals in the signature",
      why: "one key has one spelling",
      key: `sk-langop-${id}.${signature.toUpperCase()}`,
      want: undefined,
    },
    {
      name: "a longer signature",
      why: "the whole of it is compared",
      key: `sk-langop-${id}.${createHmac("sha256", "s3cret").update(id).digest("hex")}`,
      want: undefined,
    },
    { name: "a shorter one", why: "so too", key: `sk-langop-${id}.${signature.slice(1)}`, want: undefined },
    { name: "no signature", why: "an id is public", key: `sk-langop-${id}`, want: undefined },
    { name: "an empty one", why: "an id is public", key: `sk-langop-${id}.`, want: undefined },
    { name: "no id", why: "nobody has that name", key: signed(""), want: undefined },
    { name: "the old placeholder", why: "it was everybody's", key: "sk-langop-proxy", want: undefined },
    { name: "no prefix", why: "other keys are others'", key: `${id}.${signature}`, want: undefined },
    {
      name: "letters beyond Latin",
      why: "they must not throw",
      key: "sk-langop-é\u{1f600}.é",
      want: undefined,
    },
  ])("$name: $why", ({ key, want }) => {
    const check = agentKeys("s3cret", (agent) => agent);
    expect(check(key)).toBe(want);
    // The second time may come from memory, and must not differ.
    expect(check(key)).toBe(want);
  });

  it("makes what it knows of an agent once, and forgets what has not been used for long", () => {
    const made: string[] = [];
    const check = agentKeys("s3cret", (agent) => ({ agent, made: made.push(agent) }), 2);
    for (const agent of ["a", "a", "b", "a", "c", "a", "d", "a"])
      expect(check(signed(agent))?.agent).toBe(agent);
    expect(made).toEqual(["a", "b", "c", "d"]);
    for (const agent of ["e", "f", "g", "h", "i"]) check(signed(agent));
    expect(check(signed("a"))?.made).toBe(made.length);
  });

  it("is not made to forget by keys that are not good", () => {
    const made: string[] = [];
    const check = agentKeys("s3cret", (agent) => made.push(agent), 2);
    check(signed("a"));
    for (let index = 0; index < 20; index++) expect(check(signed(`x${index}`, "other"))).toBeUndefined();
    check(signed("a"));
    expect(made).toEqual(["a"]);
  });
});
