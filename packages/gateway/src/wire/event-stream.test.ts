import type { CallFailure } from "@gatewright/call";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventStream } from "./event-stream.ts";

const readFailure = (message: string): CallFailure => ({ status: 500, message });

const frames = [
  '{"id":"1","model":"up","choices":[{"delta":{"content":"\\"model\\":\\"up\\""}}],"usage":null}',
  '{"model":"up","choices":[{"delta":{"content":"\\"usage\\":{\\"prompt_tokens\\":9}"}}]}',
  '{"model":"up","choices":[], "usage": {"prompt_tokens":3,"total_tokens":7,"note":"}"}}',
  "[DONE]",
];
const stream = streamOf(frames);
const renamed = stream.toString().replaceAll('"model":"up"', '"model":"asked"');
const withoutUsage = streamOf(frames.filter((frame) => !frame.includes('"usage": {'))).toString();
const cuts = fc.array(fc.nat(stream.length), { maxLength: 12 });

describe("EventStream", () => {
  it.each([
    { name: "renames", model: '"asked"', drops: false, want: renamed },
    {
      name: "leaves a stream with the wanted name as it is",
      model: '"up"',
      drops: false,
      want: stream.toString(),
    },
    { name: "leaves out the usage nobody asked for", model: '"up"', drops: true, want: withoutUsage },
    {
      name: "does both",
      model: '"asked"',
      drops: true,
      want: withoutUsage.replaceAll('"model":"up"', '"model":"asked"'),
    },
  ])("$name, wherever the chunks are cut, and reads usage and end", ({ model, drops, want }) => {
    fc.assert(
      fc.property(cuts, (places) => {
        const events = new EventStream({ model: Buffer.from(model), withoutUsage: drops, readFailure });
        expect(relay(events, chunksOf(stream, places))).toBe(want);
        expect(JSON.parse(events.usage ?? "null")).toEqual({ prompt_tokens: 3, total_tokens: 7, note: "}" });
        expect(events.complete).toBe(true);
      }),
    );
  });

  it("keeps a frame that has both usage and something to say", () => {
    const both = streamOf(['{"model":"up","choices":[{"delta":{}}],"usage":{"total_tokens":1}}']);
    const events = new EventStream({ model: Buffer.from('"up"'), withoutUsage: true, readFailure });
    expect(relay(events, [both])).toBe(both.toString());
    expect(events.usage).toBe('{"total_tokens":1}');
    expect(events.complete).toBe(false);
  });

  it("says the last word where a server leaves it out after the finish", () => {
    for (const finish of ['"finish_reason":"stop"', '"finish_reason": "stop"']) {
      const whole = streamOf([`{"choices":[{${finish}}]}`]).toString();
      const events = new EventStream({ model: undefined, withoutUsage: false, readFailure });
      expect(relay(events, [Buffer.from(whole)])).toBe(`${whole}data: [DONE]\n\n`);
      expect(events.complete).toBe(true);
      const cut = new EventStream({ model: undefined, withoutUsage: false, readFailure });
      expect(relay(cut, [Buffer.from(whole.trimEnd())])).toBe(`${whole.trimEnd()}\n\ndata: [DONE]\n\n`);
    }
  });

  it("is not complete without either", () => {
    const events = new EventStream({ model: undefined, withoutUsage: false, readFailure });
    const cut = streamOf(['{"choices":[{"finish_reason":null}]}']);
    expect(relay(events, [cut])).toBe(cut.toString());
    expect(events.complete).toBe(false);
  });

  it("keeps back an error and what comes after it, wherever the chunks are cut", () => {
    const before = streamOf([
      '{"choices":[{"delta":{"content":"{\\"error\\":1}"}}]}',
      '{"error":null,"choices":[]}',
    ]);
    const error = '{"error":{"message":"too much"}}';
    const whole = Buffer.concat([before, streamOf([error, "[DONE]"])]);
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length), { maxLength: 12 }), (places) => {
        const events = new EventStream({ model: undefined, withoutUsage: false, readFailure });
        let sent = "";
        for (const chunk of chunksOf(whole, places)) {
          sent += events.push(chunk)?.toString() ?? "";
          if (events.failure !== undefined) break;
        }
        expect(sent.replace(/(?:: ping\n\n)?$/, "")).toBe(before.toString());
        expect(events.failure?.message.trim()).toBe(error);
      }),
    );
  });

  it("loses nothing of arbitrary bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 8 }), (chunks) => {
        const events = new EventStream({ model: Buffer.from('"asked"'), withoutUsage: true, readFailure });
        const bytes = chunks.map((chunk) => Buffer.from(chunk));
        expect(relay(events, bytes)).toBe(chunks.join(""));
      }),
    );
  });
});

function streamOf(lines: readonly string[]): Buffer {
  return Buffer.from(`: ping\n\n${lines.map((line) => `data: ${line}\r\n\r\n`).join("")}`);
}

function relay(events: EventStream, chunks: readonly Buffer[]): string {
  const out = chunks.map((chunk) => events.push(chunk)?.toString("latin1") ?? "");
  return Buffer.from(out.join("") + (events.rest()?.toString("latin1") ?? ""), "latin1").toString();
}

function chunksOf(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [0, ...[...places].sort((a, b) => a - b), bytes.length];
  return ends.slice(1).map((place, index) => bytes.subarray(ends[index], place));
}
