import { frameEnd } from "./frames.ts";

/** The request whose client gets a stream once more. */
export interface Replayed {
  readonly response: { once(event: "drain", run: () => void): unknown; end(): unknown };
  readonly over: boolean;
  /** False when the client does not take more at the moment. */
  send(bytes: Buffer): boolean;
}

/**
 * Sends a kept stream, one write for each server-sent event, so that clients that read chunk by chunk see what they saw
 * the first time; not in the first one's time. Waits for a client that reads slowly: beside the kept answer, which all
 * share, it holds what the connection's own buffer takes.
 */
export function replay(exchange: Replayed, body: Buffer): void {
  send(exchange, body, 0);
}

function send(exchange: Replayed, body: Buffer, from: number): void {
  if (exchange.over) return;
  const { response } = exchange;
  for (let start = from; start < body.length; ) {
    const end = frameEnd(body, start);
    if (!exchange.send(body.subarray(start, end)) && end < body.length) {
      response.once("drain", () => send(exchange, body, end));
      return;
    }
    start = end;
  }
  response.end();
}
