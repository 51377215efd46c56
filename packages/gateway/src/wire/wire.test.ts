import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { members } from "./members.ts";
import { editBody } from "./request-body.ts";
import { renameModel } from "./response-model.ts";

/** Objects with unlike keys that include the ones we care about, some of them nested where they must not count. */
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constant({ model: "nested", choices: [{ delta: { content: '","model":"trap"' } }] }),
);
const name = fc.oneof(
  fc.constantFrom("model", "stream", "messages", "temperature", "timeout", 'qu"ote', "né", "__proto__x"),
  fc.string(),
);
const object = fc.dictionary(name, value, { maxKeys: 8 }).map((entries) => ({ ...entries }));
const spacing = fc.constantFrom(undefined, 1, 2, "\t");

describe("members", () => {
  it("finds exactly the members of the outermost object", () => {
    fc.assert(
      fc.property(object, spacing, (source, space) => {
        const body = Buffer.from(JSON.stringify(source, null, space));
        const found = members(body).map((member) => [
          JSON.parse(body.toString("utf8", member.keyStart, member.keyEnd)),
          JSON.parse(body.toString("utf8", member.valueStart, member.valueEnd)),
        ]);
        expect(found).toEqual(Object.entries(JSON.parse(body.toString())));
      }),
    );
  });

  it("never reads past a cut", () => {
    fc.assert(
      fc.property(object, fc.nat(), (source, cut) => {
        const whole = Buffer.from(JSON.stringify(source));
        const part = whole.subarray(0, cut % (whole.length + 1));
        for (const member of members(part)) expect(member.valueEnd).toBeLessThanOrEqual(part.length);
      }),
    );
  });
});

describe("editBody", () => {
  it("removes, replaces and adds members and leaves everything else as it was", () => {
    fc.assert(
      fc.property(
        object,
        spacing,
        fc.subarray(["stream", "temperature", "timeout", "messages"]),
        fc.boolean(),
        fc.boolean(),
        (source, space, remove, rename, add) => {
          const edited = editBody(Buffer.from(JSON.stringify(source, null, space)), {
            model: rename ? '"other"' : undefined,
            remove,
            add: add ? '"added":[1,{"a":2}]' : "",
          });
          const want: Record<string, unknown> = Object.fromEntries(
            Object.entries(JSON.parse(JSON.stringify(source))).filter(([key]) => !remove.includes(key)),
          );
          if (rename) want["model"] = "other";
          if (add) want["added"] = [1, { a: 2 }];
          expect(JSON.parse(edited.toString())).toEqual(want);
        },
      ),
    );
  });

  it("keeps numbers that JSON.parse would round, and finds a key written with escapes", () => {
    const body = Buffer.from('{"seed": 12345678901234567890, "mod\\u0065l":"a", "x":1.0}');
    expect(editBody(body, { model: '"b"', remove: ["x"], add: "" }).toString()).toBe(
      '{"seed": 12345678901234567890,"mod\\u0065l":"b"}',
    );
  });
});

describe("renameModel", () => {
  it("renames the outermost model only", () => {
    fc.assert(
      fc.property(object, spacing, (source, space) => {
        const renamed = renameModel(Buffer.from(JSON.stringify(source, null, space)), Buffer.from('"asked"'));
        const want = JSON.parse(JSON.stringify(source));
        if ("model" in want) want.model = "asked";
        expect(JSON.parse(renamed.toString())).toEqual(want);
      }),
    );
  });

  it("returns the very same buffer when the name is right already", () => {
    const body = Buffer.from('{"id":"x","model":"asked"}');
    expect(renameModel(body, Buffer.from('"asked"'))).toBe(body);
  });
});
