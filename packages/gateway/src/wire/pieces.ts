/** Bytes that stand in place of those from `start` to `end`, which are offsets in the whole. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
}

/** Pieces of a body with edits made, without copying what stays. The edits are in order and do not overlap. */
export function editedPieces(pieces: readonly Buffer[], edits: readonly Edit[]): Buffer[] {
  const edited: Buffer[] = [];
  let from = 0;
  for (const { start, end, bytes } of edits) {
    edited.push(...slice(pieces, from, start), bytes);
    from = end;
  }
  edited.push(...slice(pieces, from, Number.POSITIVE_INFINITY));
  return edited.filter((piece) => piece.length > 0);
}

function slice(pieces: readonly Buffer[], from: number, to: number): Buffer[] {
  let offset = 0;
  return pieces.map((piece) => {
    const start = offset;
    offset += piece.length;
    return piece.subarray(Math.max(0, from - start), Math.max(0, Math.min(piece.length, to - start)));
  });
}
