import fc from "fast-check";
import { expect, test } from "vitest";
import { type Answered, ResponseReader } from "./response-reader.ts";

const frames = ['data: {"a":1}\n\n', "data: two\n\n", "data: [DONE]\n\n"];
const chunked = (parts: readonly string[]): string =>
  `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${parts
    .map((part) => `${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`)
    .join("")}0\r\n\r\n`;

const answers: readonly { name: string; bytes: string; want: Answered }[] = [
  {
    name: "a body with a length",
    bytes: "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nx-a: b\r\n\r\n\n\nabc",
    want: { status: 200, length: 5, frames: 0 },
  },
  {
    name: "no body",
    bytes: "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
    want: { status: 503, length: 0, frames: 0 },
  },
  {
    name: "a stream, a chunk for each frame",
    bytes: chunked(frames),
    want: { status: 200, length: 40, frames: 3 },
  },
  {
    name: "a stream whose chunks end in the middle of frames, also between the two line ends",
    bytes: chunked(["data: {", '"a":1}\n', "\ndata: two\n\nda", "ta: [DONE]\n", "\n"]),
    want: { status: 200, length: 40, frames: 3 },
  },
];

test.each(answers)("reads $name", ({ bytes, want }) => {
  const found: Answered[] = [];
  new ResponseReader((answer) => found.push(answer)).feed(Buffer.from(bytes));
  expect(found).toEqual([want]);
});

test("reads the same wherever the pieces of the connection end", () => {
  const bytes = Buffer.from(answers.map((answer) => answer.bytes).join(""));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: bytes.length })), (cuts) => {
      const found: Answered[] = [];
      const reader = new ResponseReader((answer) => found.push(answer));
      let start = 0;
      for (const cut of [...cuts.sort((a, b) => a - b), bytes.length]) {
        if (cut > start) reader.feed(bytes.subarray(start, cut));
        start = cut;
      }
      expect(found).toEqual(answers.map(({ want }) => want));
    }),
  );
});

test("does not guess where an answer without a length ends", () => {
  const reader = new ResponseReader(() => {});
  expect(() => reader.feed(Buffer.from("HTTP/1.1 200 OK\r\n\r\nabc"))).toThrow("without a length");
});

test("tells of the first byte of each body that has one, before its end", () => {
  const told: string[] = [];
  const reader = new ResponseReader(
    () => told.push("end"),
    () => told.push("begun"),
  );
  const stream = Buffer.from(chunked(frames));
  reader.feed(stream.subarray(0, stream.indexOf("data") + 1));
  expect(told).toEqual(["begun"]);
  reader.feed(stream.subarray(stream.indexOf("data") + 1));
  reader.feed(Buffer.from(answers[1]?.bytes ?? ""));
  expect(told).toEqual(["begun", "end", "end"]);
});
