import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { frameEnd, isWholeObject, isWholeStream } from "./frames.ts";

const frame = 'data: {"id":"1","choices":[]}\n\n';
const done = "data: [DONE]\n\n";

describe("isWholeStream", () => {
  const cases: readonly { name: string; stream: string; whole: boolean }[] = [
    { name: "frames and the end", stream: frame + done, whole: true },
    {
      name: "CRLF, comments, names of events",
      stream: `: ping\r\n\r\nevent: x\r\nid: 1\r\ndata:{"a":1}\r\n\r\ndata: [DONE]\r\n\r\n`,
      whole: true,
    },
    { name: "one line end after the end", stream: `${frame}data: [DONE]\n`, whole: true },
    { name: "an error that is null", stream: `data: {"error":null}\n\n${done}`, whole: true },
    {
      name: "a text about errors",
      stream: `data: {"c":{"error":"x"},"d":"\\"error\\""}\n\n${done}`,
      whole: true,
    },
    { name: "nothing", stream: "", whole: false },
    { name: "no end", stream: frame, whole: false },
    { name: "an end that is cut off", stream: `${frame}data: [DON`, whole: false },
    { name: "an end without its line end", stream: `${frame}data: [DONE]`, whole: false },
    { name: "half a frame before the end", stream: `data: {"id":"1","cho\n\n${done}`, whole: false },
    { name: "something after the end", stream: frame + done + frame, whole: false },
    { name: "an error", stream: `${frame}data: {"error":{"message":"x"}}\n\n${done}`, whole: false },
    {
      name: "an error behind other members",
      stream: `data: {"id":"1","error":{"code":5}}\n\n${done}`,
      whole: false,
    },
    { name: "an error by its event", stream: `event: error\ndata: {"m":1}\n\n${done}`, whole: false },
    { name: "no event at all", stream: `<html>\n${done}`, whole: false },
  ];
  it.each(cases)("$name: $whole", ({ stream, whole }) => {
    expect(isWholeStream(Buffer.from(stream))).toBe(whole);
  });

  it("is never true for a part", () => {
    const whole = Buffer.from(frame.repeat(3) + done);
    // The blank line after the last frame may be missing.
    for (let cut = 0; cut < whole.length - 1; cut++)
      expect(isWholeStream(whole.subarray(0, cut))).toBe(false);
  });
});

describe("frameEnd", () => {
  it("cuts a stream into pieces that are the stream, each but the last with one blank line at its end", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.stringMatching(/^[^\r\n]{1,20}$/), fc.constantFrom("\n", "\r\n"))),
        (lines) => {
          const bytes = Buffer.from(lines.map(([text, end]) => `data: ${text}${end}${end}`).join(""));
          const pieces: string[] = [];
          for (let at = 0; at < bytes.length; at += Buffer.byteLength(pieces.at(-1)!))
            pieces.push(bytes.toString("utf8", at, frameEnd(bytes, at)));
          expect(pieces).toEqual(lines.map(([text, end]) => `data: ${text}${end}${end}`));
        },
      ),
    );
  });
});

describe("isWholeObject", () => {
  it.each([
    ['{"choices":[]}', true],
    ['{"choices":[],"error":null}', true],
    ['{"message":{"error":"x"}}', true],
    ['{"error":{"message":"x"}}', false],
    ["", false],
    ["[1]", false],
  ])("%s: %s", (body, whole) => {
    expect(isWholeObject(Buffer.from(body))).toBe(whole);
  });
});
