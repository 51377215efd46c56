import type { Citation } from "@gatewright/call";
import type { EventWriter } from "./event-writer.ts";
import { type ItemStream, writeAdded, writeDone } from "./item-stream.ts";
import { type ItemStatus, itemId, logprobsOf, messageItem, outputText, type Said } from "./output-item.ts";

const emptyText = JSON.stringify(outputText("", [], []));
const emptyRefusal = '{"type":"refusal","refusal":""}';

/** A message with its texts and refusals. */
export class MessageStream implements ItemStream {
  readonly waits = false;
  json: string | undefined;
  readonly #events: EventWriter;
  readonly #id: string;
  readonly #index: number;
  readonly #content: Said[] = [];
  /** Kind of the part under way, and what it consists of so far. */
  #kind: "text" | "refusal" | undefined;
  #text = "";
  #citations: Citation[] = [];
  #logprobs: unknown[] = [];
  /** Where the part is: the members that its events have in common. */
  #place = "";

  constructor(events: EventWriter, callId: string, index: number) {
    this.#events = events;
    this.#id = itemId("msg", callId, index);
    this.#index = index;
    writeAdded(events, index, messageItem(this.#id, "in_progress", []));
  }

  text(text: string, logprobs: unknown): void {
    if (this.#kind !== "text") this.#begin("text", emptyText);
    this.#text += text;
    const tokens = logprobsOf(logprobs);
    let written = "[]";
    if (tokens.length > 0) {
      this.#logprobs.push(...tokens);
      written = JSON.stringify(tokens);
    }
    const delta = JSON.stringify(text);
    this.#events.write("response.output_text.delta", `${this.#place},"delta":${delta},"logprobs":${written}`);
  }

  /** Annotations are written when their text is complete, since they say how far it reaches. */
  cite(citation: Citation): void {
    if (this.#kind !== "text") this.#begin("text", emptyText);
    this.#citations.push(citation);
  }

  refusal(text: string): void {
    if (this.#kind !== "refusal") this.#begin("refusal", emptyRefusal);
    this.#text += text;
    this.#events.write("response.refusal.delta", `${this.#place},"delta":${JSON.stringify(text)}`);
  }

  #begin(kind: "text" | "refusal", empty: string): void {
    this.endPart();
    this.#kind = kind;
    this.#place = `"item_id":"${this.#id}","output_index":${this.#index},"content_index":${this.#content.length}`;
    this.#events.write("response.content_part.added", `${this.#place},"part":${empty}`);
  }

  endPart(): void {
    if (this.#kind === undefined) return;
    const said: Said =
      this.#kind === "refusal"
        ? { type: "refusal", refusal: this.#text }
        : outputText(this.#text, this.#citations, this.#logprobs);
    this.#writeEnd(said, JSON.stringify(this.#text));
    this.#content.push(said);
    this.#kind = undefined;
    this.#text = "";
    this.#citations = [];
    this.#logprobs = [];
  }

  #writeEnd(said: Said, text: string): void {
    const events = this.#events;
    const place = this.#place;
    if (said.type === "refusal") {
      events.write("response.refusal.done", `${place},"refusal":${text}`);
    } else {
      for (const [index, annotation] of said.annotations.entries()) {
        const members = `${place},"annotation_index":${index},"annotation":${JSON.stringify(annotation)}`;
        events.write("response.output_text.annotation.added", members);
      }
      const logprobs = JSON.stringify(said.logprobs);
      events.write("response.output_text.done", `${place},"text":${text},"logprobs":${logprobs}`);
    }
    events.write("response.content_part.done", `${place},"part":${JSON.stringify(said)}`);
  }

  close(status: ItemStatus): void {
    this.endPart();
    this.json = writeDone(this.#events, this.#index, messageItem(this.#id, status, this.#content));
  }
}
