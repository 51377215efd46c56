import { write, writeSync } from "node:fs";

/** Lines are written together once there are this many characters of them … */
const BATCH_CHARACTERS = 16 << 10;

/** … or after this long. */
const BATCH_MILLISECONDS = 100;

/** What may wait for a reader that does not read. More is dropped and counted: logs must not fill the memory. */
const WAITING_CHARACTERS = 16 << 20;

/**
 * Writes lines to a file descriptor without waiting for them, many at a time: a write per request would cost more
 * than the request. Lines still waiting when the process exits are written then.
 */
export class LineWriter {
  readonly #descriptor: number;
  #waiting = "";
  #dropped = 0;
  #writing = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
    process.on("exit", () => this.#writeRest());
  }

  /** `line` ends in a line end. */
  write(line: string): void {
    if (this.#waiting.length > WAITING_CHARACTERS) {
      this.#dropped++;
      return;
    }
    this.#waiting += line;
    if (this.#waiting.length >= BATCH_CHARACTERS) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), BATCH_MILLISECONDS).unref();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#writing || this.#waiting === "") return;
    this.#writing = true;
    this.#send(Buffer.from(this.#taken()));
  }

  /** A pipe may take a part only, or nothing for now. */
  #send(bytes: Buffer): void {
    write(this.#descriptor, bytes, (error, written) => {
      if (error?.code === "EAGAIN") return void setTimeout(() => this.#send(bytes), BATCH_MILLISECONDS);
      this.#writing = false;
      // A reader that went away (`gatewright up | head`) must not take the gateway with it.
      if (error !== null) return;
      if (written < bytes.length) {
        this.#writing = true;
        return this.#send(bytes.subarray(written));
      }
      this.#flush();
    });
  }

  #taken(): string {
    const lines = this.#waiting;
    const dropped = this.#dropped;
    this.#waiting = "";
    this.#dropped = 0;
    return dropped === 0
      ? lines
      : `${lines}{"level":40,"time":${Date.now()},"msg":"${dropped} log lines dropped: nobody read them"}\n`;
  }

  #writeRest(): void {
    try {
      writeSync(this.#descriptor, this.#taken());
    } catch {
      // The reader is gone: there is nowhere left to say so.
    }
  }
}
