import { EventStreamCodec, Int64, type MessageHeaders } from "@smithy/eventstream-codec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventStream } from "./event-stream.ts";

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === "string" ? bytes : Buffer.from(bytes).toString("utf8")),
  (text) => Buffer.from(text, "utf8"),
);
const uuid = "01234567-89ab-4cde-8f01-23456789abcd";
const value = fc.oneof(
  fc.string({ unit: "grapheme" }).map((text) => ({ type: "string" as const, value: text })),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => ({ type: "binary" as const, value: bytes })),
  fc.constantFrom(
    { type: "boolean" as const, value: true },
    { type: "boolean" as const, value: false },
    { type: "byte" as const, value: -3 },
    { type: "short" as const, value: 300 },
    { type: "integer" as const, value: 70_000 },
    { type: "long" as const, value: Int64.fromNumber(2 ** 40) },
    { type: "timestamp" as const, value: new Date(1_700_000_000_000) },
    { type: "uuid" as const, value: uuid },
  ),
);
const headers = fc.dictionary(fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }), value, {
  maxKeys: 6,
});
const messages = fc.array(fc.record({ headers, body: fc.uint8Array({ maxLength: 200 }) }), { maxLength: 5 });

interface Heard {
  readonly headers: Record<string, string>;
  readonly body: string;
}

function read(bytes: Buffer, cuts: readonly number[]): { heard: Heard[]; problem: string | undefined } {
  const heard: Heard[] = [];
  const stream = new EventStream((texts, payload) => {
    heard.push({ headers: Object.fromEntries(texts), body: payload.toString("hex") });
  });
  let start = 0;
  for (const end of [...cuts, bytes.length]) {
    const problem = stream.push(bytes.subarray(start, end));
    if (problem !== undefined) return { heard, problem };
    start = end;
  }
  return { heard, problem: undefined };
}

const encode = (texts: MessageHeaders, body: Uint8Array): Buffer =>
  Buffer.from(codec.encode({ headers: texts, body }));

describe("EventStream", () => {
  it("reads what the AWS SDK's codec writes, wherever the chunks end", () => {
    fc.assert(
      fc.property(messages, fc.array(fc.nat(), { maxLength: 8 }), (list, seeds) => {
        const bytes = Buffer.concat(list.map((message) => encode(message.headers, message.body)));
        const cuts = seeds.map((seed) => seed % (bytes.length + 1)).sort((one, other) => one - other);
        const texts = (all: MessageHeaders): Record<string, string> =>
          Object.fromEntries(
            Object.entries(all).flatMap(([name, { type, value: text }]) =>
              type === "string" ? [[name, text]] : [],
            ),
          );
        expect(read(bytes, cuts)).toEqual({
          heard: list.map((message) => ({
            headers: texts(message.headers),
            body: Buffer.from(message.body).toString("hex"),
          })),
          problem: undefined,
        });
      }),
    );
  });

  it("notices every byte that was changed", () => {
    const bytes = encode({ ":event-type": { type: "string", value: "messageStart" } }, Buffer.from("{}"));
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(read(changed, []), `byte ${at}`).toEqual({ heard: [], problem: expect.any(String) });
    }
  });

  it("never throws, whatever the bytes are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        read(Buffer.from(bytes), []);
      }),
    );
  });
});
