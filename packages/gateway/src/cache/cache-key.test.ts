import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cacheKey, type Question } from "./cache-key.ts";

const question: Question = {
  operation: "chat",
  groupJson: Buffer.from('"gpt"'),
  namespace: undefined,
  ignored: ["timeout", "cache", "tags"],
  headers: "",
};

function keyOf(body: string, change: Partial<Question> = {}): string {
  return cacheKey(Buffer.from(body), { ...question, ...change });
}

/** JSON text whose outermost members may come in any order, with white space wherever JSON allows it. */
function written(members: readonly (readonly [string, unknown])[], space: () => string): string {
  const text = (value: unknown): string => {
    if (Array.isArray(value))
      return `[${space()}${value.map((one) => text(one) + space()).join(`,${space()}`)}]`;
    if (typeof value !== "object" || value === null) return JSON.stringify(value);
    return `{${space()}${Object.entries(value)
      .map(([name, one]) => `${JSON.stringify(name)}${space()}:${space()}${text(one)}${space()}`)
      .join(`,${space()}`)}}`;
  };
  const parts = members.map(
    ([name, value]) => `${space()}${JSON.stringify(name)}${space()}:${space()}${text(value)}${space()}`,
  );
  return `${space()}{${parts.join(",")}${space()}}${space()}`;
}

const none = (): string => "";
const value = fc.jsonValue({ maxDepth: 3 });
const field = fc
  .oneof(fc.constantFrom("messages", "temperature", "stream", 'qu"ote', "né", "a\\b", "{", "}"), fc.string())
  .filter((name) => !["model", "metadata", "timeout", "cache", "tags"].includes(name));
const body = fc.uniqueArray(fc.tuple(field, value), {
  selector: ([name]) => name,
  minLength: 1,
  maxLength: 6,
});
const blank = fc.infiniteStream(fc.constantFrom("", "", " ", "\n", "\r\n\t"));

describe("cacheKey", () => {
  it("does not depend on white space or on the order of the outermost members", () => {
    fc.assert(
      fc.property(
        body.chain((members) =>
          fc.tuple(
            fc.constant(members),
            fc.shuffledSubarray(members, { minLength: members.length, maxLength: members.length }),
          ),
        ),
        blank,
        ([members, shuffled], blanks) => {
          const space = (): string => blanks.next().value ?? "";
          expect(keyOf(written(shuffled, space))).toBe(keyOf(written(members, none)));
        },
      ),
    );
  });

  it("depends on every value and every name", () => {
    fc.assert(
      fc.property(body, fc.nat(), value, field, (members, place, other, name) => {
        const index = place % members.length;
        const key = keyOf(written(members, none));
        const changed = members.map(([known, old], at): [string, unknown] => [
          known,
          at === index ? other : old,
        ]);
        fc.pre(JSON.stringify(other) !== JSON.stringify(members[index]![1]));
        expect(keyOf(written(changed, none))).not.toBe(key);
        expect(keyOf(written(members.toSpliced(index, 1), none))).not.toBe(key);
        fc.pre(!members.some(([known]) => known === name));
        expect(keyOf(written([...members, [name, other]], none))).not.toBe(key);
      }),
    );
  });

  const base = '{"model":"gpt","messages":[{"role":"user","content":"hi"}],"temperature":0.2}';
  const same: readonly { name: string; body: string }[] = [
    { name: "another name of the group", body: base.replace('"gpt"', '"alias"') },
    { name: "no model, as in Azure's paths", body: base.replace('"model":"gpt",', "") },
    {
      name: "fields for the gateway alone",
      body: base.replace("}]", '}],"timeout":3,"tags":["a"],"cache":{"ttl":1}'),
    },
    { name: "such a field written with escapes", body: base.replace("}]", '}],"c\\u0061che":{}') },
    { name: "metadata", body: base.replace("}]", '}],"metadata":{"trace":"1"}') },
  ];
  it.each(same)("is the same with $name", ({ body: other }) => {
    expect(keyOf(other)).toBe(keyOf(base));
  });

  const different: readonly { name: string; body?: string; change?: Partial<Question> }[] = [
    { name: "user", body: base.replace("}]", '}],"user":"u"') },
    { name: "stream", body: base.replace("}]", '}],"stream":true') },
    { name: "an unknown field", body: base.replace("}]", '}],"x_new":null') },
    { name: "a number written otherwise", body: base.replace("0.2", "0.20") },
    { name: "white space inside a text", body: base.replace("hi", "h i") },
    { name: "a text moved to the next member", body: base.replace('"user"', '"user","x":"y"') },
    { name: "another operation", change: { operation: "completion" } },
    { name: "another group", change: { groupJson: Buffer.from('"gpt2"') } },
    { name: "a client header that goes upstream", change: { headers: "openai-beta:x;" } },
  ];
  it.each(different)("differs with $name", ({ body: other = base, change }) => {
    expect(keyOf(other, change)).not.toBe(keyOf(base));
  });

  it("does not round numbers", () => {
    expect(keyOf('{"seed":12345678901234567890}')).not.toBe(keyOf('{"seed":12345678901234567891}'));
    expect(keyOf('{"x":0.1}')).not.toBe(keyOf('{"x":0.1000000000000000055}'));
  });

  it("keeps the order in nested objects, which models see", () => {
    expect(keyOf('{"tools":[{"a":1,"b":2}]}')).not.toBe(keyOf('{"tools":[{"b":2,"a":1}]}'));
  });

  it("tells apart which of two members of one name comes last", () => {
    expect(keyOf('{"n":1,"n":2}')).not.toBe(keyOf('{"n":2,"n":1}'));
  });

  it("puts the namespace before the digest", () => {
    expect(keyOf(base, { namespace: "team-a" })).toBe(`team-a:${keyOf(base)}`);
    expect(keyOf(base)).toMatch(/^[0-9a-f]{64}$/);
  });

  it("serves long bodies, with quotes and backslashes near the end of a text", () => {
    const long = (tail: string): string =>
      `{"messages":[${JSON.stringify(`${'é\\" \\'.repeat(60_000)}${tail}`)}],"n":1}`;
    expect(keyOf(long('\\"'))).toBe(keyOf(long('\\"').replace('"n":1', ' "n" : 1 ')));
    expect(keyOf(long('\\"'))).not.toBe(keyOf(long('\\" ')));
  });
});
