import type { ChatEventSink, Fields } from "@gatewright/call";
import { fieldsIn, listIn, textIn } from "../fields-in.ts";
import type { WireNames } from "../wire-names.ts";
import { readFinish } from "./finish.ts";
import { readAnnotation, readContent, reasoningIn } from "./message.ts";
import { ToolCallStream } from "./tool-call-stream.ts";

/** One choice of a stream. */
export class ChoiceStream {
  readonly #sink: ChatEventSink;
  readonly #choice: number;
  readonly #calls: ToolCallStream;
  /** Reasoning comes as text; LiteLLM's blocks repeat it. */
  #thinksInText = false;
  #refused = false;
  finished = false;

  /** `key`: what ids are made of for tool calls that have none. */
  constructor(sink: ChatEventSink, choice: number, key: string, toolNames: WireNames) {
    this.#sink = sink;
    this.#choice = choice;
    this.#calls = new ToolCallStream(sink, choice, key, toolNames);
  }

  read(chunk: Fields): void {
    if (this.finished) return;
    const delta = fieldsIn(chunk["delta"]);
    if (delta !== undefined) this.#delta(delta, chunk["logprobs"]);
    const reason = chunk["finish_reason"];
    if (typeof reason === "string" && reason !== "") this.finish(reason, chunk["stop_reason"]);
  }

  finish(reason: string | undefined, stopReason: unknown): void {
    if (this.finished) return;
    this.finished = true;
    this.#calls.end();
    const end = { calls: this.#calls.any, refused: this.#refused, stopReason };
    this.#sink({ kind: "finish", choice: this.#choice, ...readFinish(reason, end) });
  }

  #delta(delta: Fields, logprobs: unknown): void {
    const choice = this.#choice;
    const thought = reasoningIn(delta);
    if (thought !== "") this.#reasoning(thought, true);
    if (delta["thinking_blocks"] !== undefined) this.#blocks(delta["thinking_blocks"]);
    const { content } = delta;
    if (typeof content === "string") {
      if (content !== "") this.#text(content, logprobs);
    } else if (Array.isArray(content)) this.#parts(content, logprobs);
    const refusal = delta["refusal"];
    if (typeof refusal === "string" && refusal !== "") this.#refusal(refusal);
    for (const annotation of listIn(delta["annotations"])) {
      for (const citation of readAnnotation(annotation)) this.#sink({ kind: "citation", choice, citation });
    }
    for (const call of listIn(delta["tool_calls"])) this.#calls.read(fieldsIn(call));
    const legacy = fieldsIn(delta["function_call"]);
    if (legacy !== undefined) this.#calls.read({ index: 0, function: legacy });
  }

  #text(text: string, logprobs: unknown): void {
    const more = logprobs === undefined || logprobs === null ? {} : { logprobs };
    this.#sink({ kind: "text", choice: this.#choice, text, ...more });
  }

  #refusal(text: string): void {
    this.#refused = true;
    this.#sink({ kind: "refusal", choice: this.#choice, text });
  }

  #reasoning(text: string, inText: boolean): void {
    if (inText) this.#thinksInText = true;
    this.#sink({ kind: "reasoning", choice: this.#choice, text });
  }

  #parts(content: unknown, logprobs: unknown): void {
    const { said, thought } = readContent(content);
    if (thought !== "") this.#reasoning(thought, true);
    for (const part of said) {
      if (part.kind === "text") this.#text(part.text, logprobs);
      else if (part.kind === "refusal") this.#refusal(part.text);
    }
  }

  #blocks(value: unknown): void {
    const choice = this.#choice;
    for (const item of listIn(value)) {
      const block = fieldsIn(item) ?? {};
      const data = textIn(block["data"]);
      if (block["type"] === "redacted_thinking" && data !== undefined) {
        this.#sink({ kind: "redacted-reasoning", choice, data });
      }
      if (block["type"] !== "thinking") continue;
      const text = textIn(block["thinking"]) ?? "";
      if (text !== "" && !this.#thinksInText) this.#reasoning(text, false);
      const signature = textIn(block["signature"]) ?? "";
      if (signature !== "") this.#sink({ kind: "reasoning-signature", choice, signature });
    }
  }
}
