import type { EventWriter } from "./event-writer.ts";
import type { ItemStatus } from "./output-item.ts";

/** One item of the output while it is streamed. The constructor says `response.output_item.added`. */
export interface ItemStream {
  /** More of it may come after the next item has begun. */
  readonly waits: boolean;
  /** The whole item once it is closed. */
  readonly json: string | undefined;
  /** The part under way is complete. */
  endPart(): void;
  /** Says everything that was still to be said, up to `response.output_item.done`. */
  close(status: ItemStatus): void;
}

export function writeAdded(events: EventWriter, index: number, item: object): void {
  events.write("response.output_item.added", `"output_index":${index},"item":${JSON.stringify(item)}`);
}

/** Gives back the item's JSON: the last event of the stream repeats it. */
export function writeDone(events: EventWriter, index: number, item: object): string {
  const json = JSON.stringify(item);
  events.write("response.output_item.done", `"output_index":${index},"item":${json}`);
  return json;
}

/** An item that comes in one piece. */
export class WholeItem implements ItemStream {
  readonly waits = false;
  readonly json: string;

  constructor(events: EventWriter, index: number, item: object) {
    writeAdded(events, index, item);
    this.json = writeDone(events, index, item);
  }

  endPart(): void {
    // It has ended before.
  }

  close(): void {
    // It was closed before.
  }
}
