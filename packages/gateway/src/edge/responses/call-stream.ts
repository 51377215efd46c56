import type { EventWriter } from "./event-writer.ts";
import { type ItemStream, writeAdded, writeDone } from "./item-stream.ts";
import { functionCallItem, type ItemStatus, itemId, NO_ARGUMENTS } from "./output-item.ts";

/** A function call. Until the upstream says that it is complete, arguments may come mixed with those of others. */
export class CallStream implements ItemStream {
  json: string | undefined;
  readonly #events: EventWriter;
  readonly #id: string;
  readonly #index: number;
  readonly #call: { readonly id: string; readonly name: string };
  readonly #place: string;
  #arguments = "";
  #ended = false;

  constructor(
    events: EventWriter,
    callId: string,
    index: number,
    call: { readonly id: string; readonly name: string },
  ) {
    this.#events = events;
    this.#id = itemId("fc", callId, index);
    this.#index = index;
    this.#call = call;
    this.#place = `"item_id":"${this.#id}","output_index":${index}`;
    writeAdded(events, index, this.#item("in_progress"));
  }

  get waits(): boolean {
    return !this.#ended;
  }

  arguments(text: string): void {
    if (this.#ended || text === "") return;
    this.#arguments += text;
    this.#events.write(
      "response.function_call_arguments.delta",
      `${this.#place},"delta":${JSON.stringify(text)}`,
    );
  }

  endPart(): void {
    if (this.#ended) return;
    if (this.#arguments === "") this.arguments(NO_ARGUMENTS);
    this.#ended = true;
    const { name } = this.#call;
    this.#events.write(
      "response.function_call_arguments.done",
      `${this.#place},"name":${JSON.stringify(name)},"arguments":${JSON.stringify(this.#arguments)}`,
    );
  }

  close(status: ItemStatus): void {
    this.endPart();
    this.json = writeDone(this.#events, this.#index, this.#item(status));
  }

  #item(status: ItemStatus): object {
    const { id, name } = this.#call;
    return functionCallItem(this.#id, status, { id, name, arguments: this.#arguments });
  }
}
