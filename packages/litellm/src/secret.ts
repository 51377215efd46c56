import { inspect } from "node:util";

const redacted = "[redacted]";

/**
 * A secret value. It prints, serialises as JSON and is inspected as `[redacted]`, so that a log line, a finding or a
 * golden that holds one by mistake gives nothing away; only `reveal` does.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself; for the place that sends it, never for one that prints it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return redacted;
  }

  toJSON(): string {
    return redacted;
  }

  [inspect.custom](): string {
    return redacted;
  }
}
