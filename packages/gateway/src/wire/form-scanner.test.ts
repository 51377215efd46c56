import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormScanner, type TextPart } from "./form-scanner.ts";

interface Part {
  readonly name: string;
  readonly content: Buffer;
  /** File name; undefined for a text. */
  readonly file?: string;
  /** Further lines of its header. */
  readonly more?: string;
}

interface Scan {
  readonly begun: readonly string[];
  readonly texts: readonly TextPart[];
  readonly failure: string | undefined;
  readonly closed: boolean;
}

const boundary = "----formdata-1";

function form(parts: readonly Part[], preamble = "", epilogue = "\r\n"): Buffer {
  const pieces = parts.flatMap(({ name, content, file, more = "" }) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file === undefined ? "" : `; filename="${file}"`}\r\n${more}\r\n`,
    ),
    content,
    Buffer.from("\r\n"),
  ]);
  return Buffer.concat([Buffer.from(preamble), ...pieces, Buffer.from(`--${boundary}--${epilogue}`)]);
}

function scan(chunks: readonly Buffer[], separator = boundary): Scan {
  const begun: string[] = [];
  const texts: TextPart[] = [];
  const scanner = new FormScanner(separator, {
    begins: (name, file) => begun.push(file ? `${name} (file)` : name),
    text: (part) => texts.push(part),
  });
  for (const chunk of chunks) scanner.push(chunk);
  return { begun, texts, failure: scanner.failure, closed: scanner.closed };
}

function scanText(text: string): Scan {
  return scan([Buffer.from(text.replaceAll("\n", "\r\n"))]);
}

/** Where bytes are cut, as shares of their length. */
function cut(bytes: Buffer, shares: readonly number[]): Buffer[] {
  const places = [...new Set(shares.map((share) => Math.floor(share * bytes.length)))].toSorted(
    (a, b) => a - b,
  );
  return [0, ...places].map((place, index) => bytes.subarray(place, places[index] ?? bytes.length));
}

const words = [
  `\r\n--${boundary.slice(0, -1)}`,
  `--${boundary}`,
  ` --${boundary}--`,
  "\r\n--",
  "\r\n",
  "\r",
  "\n",
  "-",
  "\r\n\r\n",
  "é",
  "abc",
];
const content = fc
  .array(
    fc.oneof(
      fc.constantFrom(...words).map((word) => Buffer.from(word)),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => Buffer.concat(pieces))
  // No encoder picks a boundary that stands at the beginning of a line of what it encodes.
  .filter((bytes) => !Buffer.concat([Buffer.from("\r\n"), bytes]).includes(`\n--${boundary}`));
const partOf = fc.record(
  {
    name: fc.constantFrom("model", "file", "prompt", "ключ", "a[]", "a%22b", ""),
    content,
    file: fc.constantFrom("a.mp3", "C:\\a.mp3", 'a\\"; name=\\"model', ""),
    more: fc.constantFrom("Content-Type: audio/mpeg\r\n", "X-A: b\r\nContent-Type: text/plain\r\n"),
  },
  { requiredKeys: ["name", "content"] },
);
const cuts = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { maxLength: 30 });

describe("FormScanner", () => {
  it("finds every text of any form, wherever its chunks end", () => {
    fc.assert(
      fc.property(
        fc.array(partOf, { maxLength: 6 }),
        cuts,
        fc.constantFrom("", "hello\r\n", "\r\n"),
        (parts, shares, preamble) => {
          const body = form(parts, preamble, "\r\nafterwards");
          const { begun, texts, failure, closed } = scan(cut(body, shares));
          expect([failure, closed]).toEqual([undefined, true]);
          expect(begun).toEqual(
            parts.map(({ name, file }) => (file === undefined ? name : `${name} (file)`)),
          );
          const wanted = parts.filter(({ file }) => file === undefined);
          expect(texts.map(({ name, value }) => ({ name, value }))).toEqual(
            wanted.map((part) => ({ name: part.name, value: part.content.toString() })),
          );
          texts.forEach(({ start, valueStart, valueEnd, end }, index) => {
            expect(body.subarray(valueStart, valueEnd)).toEqual(wanted[index]?.content);
            for (const place of [start, end])
              expect(body.toString("latin1", place, place + boundary.length + 2)).toBe(`--${boundary}`);
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  it("says the same of any bytes, wherever their chunks end", () => {
    const pieces = fc.array(
      fc.constantFrom(
        ...words,
        `\r\n--${boundary}\r\n`,
        `\n--${boundary}`,
        'content-disposition: form-data; name="a"',
        "\r\n\r\n",
      ),
      { maxLength: 14 },
    );
    fc.assert(
      fc.property(pieces, cuts, (texts, shares) => {
        const body = Buffer.from(texts.join(""));
        expect(scan(cut(body, shares))).toEqual(scan([body]));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    { name: "an unquoted name", header: "content-disposition:form-data;name=a" },
    {
      name: "a space before the colon",
      header: 'CONTENT-DISPOSITION : x\nContent-Disposition:  Form-Data ;  NAME = "a" ; ',
      failure: true,
    },
    { name: "spaces around", header: 'Content-Disposition:  Form-Data ;  NAME = "a" ; ' },
    {
      name: "another order",
      header: 'Content-Type: text/plain\nContent-Disposition: form-data; x=y; name="a"',
    },
    { name: "two names", header: 'Content-Disposition: form-data; name="a"; name="model"', failure: true },
    {
      name: "two dispositions",
      header: 'Content-Disposition: form-data; name="a"\nContent-Disposition: form-data; name="model"',
      failure: true,
    },
    {
      name: "a name in another notation",
      header: `Content-Disposition: form-data; name="a"; name*=utf-8''model`,
      failure: true,
    },
    { name: "a name with escapes", header: 'Content-Disposition: form-data; name="mod\\el"', failure: true },
    { name: "a folded line", header: 'Content-Disposition: form-data;\n name="a"', failure: true },
    { name: "another disposition", header: 'Content-Disposition: attachment; name="a"', failure: true },
    { name: "no name", header: "Content-Disposition: form-data", failure: true },
    { name: "no disposition", header: "Content-Type: text/plain", failure: true },
    { name: "an open quote", header: 'Content-Disposition: form-data; name="a', failure: true },
  ])("takes one reading of a header only: $name", ({ header, failure = false }) => {
    const found = scanText(`--${boundary}\n${header}\n\nvalue\n--${boundary}--`);
    expect(found.failure !== undefined).toBe(failure);
    expect(found.texts.map(({ name, value }) => [name, value])).toEqual(failure ? [] : [["a", "value"]]);
  });

  it("knows a delimiter that shares the blank line, and spaces after one", () => {
    const text = `--${boundary}  \nContent-Disposition: form-data; name="a"\n\n--${boundary}--`;
    expect(scanText(text)).toMatchObject({ texts: [{ name: "a", value: "" }], closed: true });
  });

  it.each([
    { name: "after a line feed alone", between: `\n--${boundary}\r\n` },
    { name: "that goes on", between: `\r\n--${boundary}2\r\n` },
  ])("stops at a delimiter $name, which some take for one", ({ between }) => {
    const part = (name: string): string => `content-disposition: form-data; name="${name}"\r\n\r\n`;
    const body = `--${boundary}\r\n${part("file")}x${between}${part("model")}y\r\n--${boundary}--`;
    expect(scan([Buffer.from(body)]).failure).toBeDefined();
  });

  it("does not gather texts or headers without end", () => {
    const most = 64 << 10;
    const text = (length: number): Scan => scan([form([{ name: "a", content: Buffer.alloc(length, "x") }])]);
    expect(text(most).texts[0]?.value).toHaveLength(most);
    expect(text(most + 1).failure).toContain("longer than 65536 bytes");
    const header = (length: number): Scan =>
      scan([form([{ name: "a", content: Buffer.alloc(0), more: `x: ${"y".repeat(length)}\r\n` }])]);
    expect(header(1000).failure).toBeUndefined();
    expect(header(20_000).failure).toContain("header of a part");
    const endless = new FormScanner(boundary, { begins() {}, text() {} });
    endless.push(Buffer.from(`--${boundary}\r\n`));
    for (let round = 0; round < 20_000; round++) endless.push(Buffer.from("y"));
    expect(endless.failure).toContain("header of a part");
  });
});
