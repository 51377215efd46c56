import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";

/** Where the bytes of an upload come from. */
export interface UploadSource {
  readonly request: IncomingMessage;
  /** What has been received before. Asked for once, when the upstream begins to read. */
  begin(): readonly Buffer[];
  /** Looks at what comes in. False: the request has been refused, and nothing more of it goes upstream. */
  pass(chunk: Buffer): boolean;
}

/** How much is taken from the client ahead of the upstream. */
const AHEAD_BYTES = 64 << 10;

/**
 * A request's body on its way upstream while it is still coming in. A slow upstream slows the client down; when one of
 * them leaves, the other is let go of. Nothing is taken from the source before the upstream reads.
 */
export class Upload extends Readable {
  readonly #source: UploadSource;
  #begun = false;

  constructor(source: UploadSource) {
    super({ highWaterMark: AHEAD_BYTES });
    this.#source = source;
    // Whoever sends it hears of an error by other ways; where nobody sends it yet, it would end the process.
    this.on("error", () => {});
  }

  override _read(): void {
    const { request } = this.#source;
    if (this.#begun) {
      request.resume();
      return;
    }
    this.#begun = true;
    if (request.destroyed) {
      this.destroy(clientGone());
      return;
    }
    request.on("data", this.#onData).on("end", this.#onEnd).on("close", this.#onClose);
    const pieces = this.#source.begin();
    for (const piece of pieces) this.push(piece);
    if (pieces.length === 0) request.resume();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const { request } = this.#source;
    request.off("data", this.#onData).off("end", this.#onEnd).off("close", this.#onClose);
    callback(error);
  }

  readonly #onData = (chunk: Buffer): void => {
    if (!this.#source.pass(chunk)) this.destroy(new Error("the request was refused"));
    else if (!this.push(chunk)) this.#source.request.pause();
  };

  readonly #onEnd = (): void => {
    this.push(null);
  };

  readonly #onClose = (): void => {
    if (!this.#source.request.readableEnded) this.destroy(clientGone());
  };
}

function clientGone(): Error {
  return new Error("the client left in the middle of its request");
}
