import type { Piece } from "./piece.ts";

/** Ports belong to the process and its Service; a document says nothing about them. */
export function renderExposure(): Piece {
  return {};
}
