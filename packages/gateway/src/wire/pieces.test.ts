import fc from "fast-check";
import { expect, it } from "vitest";
import { editedPieces } from "./pieces.ts";

it("edits pieces as if they were one", () => {
  const piece = fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes));
  const edit = fc.tuple(fc.nat(8), fc.nat(8), piece);
  fc.assert(
    fc.property(fc.array(piece), fc.array(edit, { maxLength: 4 }), (pieces, steps) => {
      const whole = Buffer.concat(pieces);
      let place = 0;
      const edits = steps.flatMap(([gap, length, bytes]) => {
        const start = place + gap;
        const end = start + length;
        place = end;
        return end <= whole.length ? [{ start, end, bytes }] : [];
      });
      const wanted = edits
        .toReversed()
        .reduce(
          (bytes, one) => Buffer.concat([bytes.subarray(0, one.start), one.bytes, bytes.subarray(one.end)]),
          whole,
        );
      expect(Buffer.concat(editedPieces(pieces, edits))).toEqual(wanted);
    }),
  );
});
