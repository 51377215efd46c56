import type { CallFailure } from "@gatewright/call";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NestedEventStream, type NestedStreamForm } from "./nested-event-stream.ts";

const readFailure = (message: string): CallFailure => ({ status: 500, message });
const messages: NestedStreamForm = { container: "message", last: ["message_stop"] };
const responses: NestedStreamForm = { container: "response", last: ["response.completed"] };

function streamOf(events: readonly object[]): Buffer {
  const frames = events.map(
    (event) => `event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`,
  );
  return Buffer.from(frames.join(""));
}

const said = streamOf([
  { type: "message_start", message: { id: "m", model: "up", usage: { input_tokens: 7, output_tokens: 1 } } },
  { type: "content_block_delta", delta: { text: '"model":"up" "message" ü 🚪' } },
  { type: "message_delta", delta: {}, usage: { output_tokens: 9 } },
  { type: "message_stop" },
]);

describe("NestedEventStream", () => {
  it("renames the model of Messages and joins their counts, wherever the chunks are cut", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(said.length), { maxLength: 12 }), (places) => {
        const stream = new NestedEventStream(messages, Buffer.from('"asked"'), readFailure);
        expect(relay(stream, chunksOf(said, places))).toBe(
          said.toString().replace('"id":"m","model":"up"', '"id":"m","model":"asked"'),
        );
        expect(JSON.parse(stream.usage ?? "{}")).toEqual({ input_tokens: 7, output_tokens: 9 });
        expect([stream.complete, stream.failure]).toEqual([true, undefined]);
      }),
    );
  });

  it("renames the model of Responses at the beginning and at the end", () => {
    const whole = streamOf([
      { type: "response.created", response: { model: "up", usage: null } },
      { type: "response.output_text.delta", delta: '"response"' },
      { type: "response.completed", response: { model: "up", usage: { input_tokens: 1, output_tokens: 2 } } },
    ]);
    const stream = new NestedEventStream(responses, Buffer.from('"asked"'), readFailure);
    expect(relay(stream, [whole])).toBe(whole.toString().replaceAll('"model":"up"', '"model":"asked"'));
    expect(JSON.parse(stream.usage ?? "{}")).toEqual({ input_tokens: 1, output_tokens: 2 });
    expect(stream.complete).toBe(true);
  });

  it("is not complete without the last event", () => {
    const stream = new NestedEventStream(messages, undefined, readFailure);
    const cut = said.subarray(0, said.indexOf("event: message_stop"));
    expect(relay(stream, [cut])).toBe(cut.toString());
    expect(stream.complete).toBe(false);
  });

  it("keeps back an error event with its name, and what comes after it", () => {
    const delta = { type: "content_block_delta", delta: { text: "a" } };
    const error = { type: "error", error: { type: "overloaded_error", message: "too much" } };
    const stream = new NestedEventStream(messages, undefined, readFailure);
    expect(stream.push(streamOf([delta, error, delta]))?.toString()).toBe(streamOf([delta]).toString());
    expect(JSON.parse(stream.failure?.message ?? "")).toEqual(error);
    const alone = new NestedEventStream(messages, undefined, readFailure);
    expect(alone.push(streamOf([error]))).toBeUndefined();
  });

  it("loses nothing of arbitrary bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 8 }), (chunks) => {
        const stream = new NestedEventStream(messages, Buffer.from('"asked"'), readFailure);
        expect(
          relay(
            stream,
            chunks.map((chunk) => Buffer.from(chunk)),
          ),
        ).toBe(chunks.join(""));
      }),
    );
  });
});

function relay(stream: NestedEventStream, chunks: readonly Buffer[]): string {
  const out = chunks.map((chunk) => stream.push(chunk) ?? Buffer.alloc(0));
  return Buffer.concat([...out, stream.rest() ?? Buffer.alloc(0)]).toString();
}

function chunksOf(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [0, ...[...places].sort((a, b) => a - b), bytes.length];
  return ends.slice(1).map((place, index) => bytes.subarray(ends[index], place));
}
