import type { IncomingMessage } from "node:http";

/** A client may go on sending this much after its answer. */
const READ_AWAY_BYTES = 64 << 20;

/**
 * Lets a client finish sending what nobody wants. Closing the connection on it would make the system throw the answer
 * away with the rest, and the client would see a broken pipe instead of the reason. A client that does not stop is cut
 * off, by length here and by the server's request timeout.
 */
export function readAway(request: IncomingMessage): void {
  if (request.complete) return;
  let left = READ_AWAY_BYTES;
  request.on("data", (part: Buffer) => {
    left -= part.length;
    if (left < 0) request.destroy();
  });
  // Somebody may have stopped it to take it later.
  request.resume();
}
