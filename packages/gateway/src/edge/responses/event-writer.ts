/** Writes and numbers the events of one stream. Members are JSON text: deltas are put together without `stringify`. */
export class EventWriter {
  #sequence = 0;
  #frames = "";

  /** `members`: what the event has beside type and number, as in `"output_index":0,"item":{…}`. */
  write(type: string, members: string): void {
    this.#frames += `event: ${type}\ndata: {"type":"${type}","sequence_number":${this.#sequence++},${members}}\n\n`;
  }

  /** What was written since the last time. */
  take(): string {
    const frames = this.#frames;
    this.#frames = "";
    return frames;
  }
}
