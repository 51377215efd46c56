import type { Carried } from "../carried-part.ts";
import type { EventWriter } from "./event-writer.ts";
import { type ItemStream, writeAdded, writeDone } from "./item-stream.ts";
import { itemId, reasoningItem } from "./output-item.ts";

/** Reasoning, which goes out as the one part of a summary. */
export class ReasoningStream implements ItemStream {
  readonly waits = false;
  json: string | undefined;
  readonly #events: EventWriter;
  readonly #id: string;
  readonly #index: number;
  /** Where the summary is: the members that its events have in common. */
  readonly #place: string;
  #text = "";
  #carried: Carried | undefined;

  constructor(events: EventWriter, callId: string, index: number) {
    this.#events = events;
    this.#id = itemId("rs", callId, index);
    this.#index = index;
    this.#place = `"item_id":"${this.#id}","output_index":${index},"summary_index":0`;
    writeAdded(events, index, reasoningItem(this.#id, "", undefined));
  }

  text(text: string): void {
    const events = this.#events;
    if (this.#text === "") {
      events.write(
        "response.reasoning_summary_part.added",
        `${this.#place},"part":{"type":"summary_text","text":""}`,
      );
    }
    this.#text += text;
    events.write("response.reasoning_summary_text.delta", `${this.#place},"delta":${JSON.stringify(text)}`);
  }

  /** Ends it as well. */
  sign(signature: string): void {
    this.#carried = { kind: "signature", signature };
    this.close();
  }

  endPart(): void {
    this.close();
  }

  close(): void {
    if (this.json !== undefined) return;
    if (this.#text !== "") {
      const text = JSON.stringify(this.#text);
      const place = this.#place;
      this.#events.write("response.reasoning_summary_text.done", `${place},"text":${text}`);
      this.#events.write(
        "response.reasoning_summary_part.done",
        `${place},"part":{"type":"summary_text","text":${text}}`,
      );
    }
    const item = reasoningItem(this.#id, this.#text, this.#carried);
    this.json = writeDone(this.#events, this.#index, item);
  }
}
