import type { CallFailure, ChatEventSink, Fields } from "@gatewright/call";
import { fieldsIn, parsedJson, textIn } from "../fields-in.ts";
import { Lines } from "../server-sent-events.ts";
import type { StreamReader } from "../wire.ts";
import { finishReason, readCalls, readLogprobs, readUsage } from "./answer.ts";
import { failureInAnswer } from "./failure.ts";
import type { CallMemory } from "./request.ts";

/** Reads a stream of /api/chat: each line is a JSON object with what is new, the last has `done` and the counts. */
export class OllamaStreamReader implements StreamReader {
  readonly #sink: ChatEventSink;
  readonly #memory: CallMemory;
  readonly #lines = new Lines((line) => this.#read(line));
  #started = false;
  #over = false;
  /** The body has ended. */
  #ended = false;
  #tools = 0;

  constructor(sink: ChatEventSink, memory: CallMemory) {
    this.#sink = sink;
    this.#memory = memory;
  }

  push(chunk: Buffer): void {
    if (!this.#over) this.#lines.push(chunk);
  }

  end(): void {
    if (this.#over) return;
    this.#ended = true;
    this.#lines.end();
  }

  #read(line: string): void {
    if (this.#over || line.trim() === "") return;
    const answer = fieldsIn(parsedJson(line));
    if (answer === undefined) {
      // What stands last may be half a line of a stream that was cut off.
      if (!this.#ended)
        this.#fail({ status: 500, message: "Ollama's stream has a line that is no JSON object" });
      return;
    }
    if (answer["error"] !== undefined) return this.#fail(failureInAnswer(answer));
    if (!this.#started) {
      this.#started = true;
      this.#sink({ kind: "start", id: "", model: textIn(answer["model"]) ?? "" });
    }
    this.#readMessage(fieldsIn(answer["message"]) ?? {}, answer["logprobs"]);
    if (answer["done"] === true) this.#finish(answer);
  }

  #readMessage(message: Fields, tokens: unknown): void {
    const thought = textIn(message["thinking"]) ?? "";
    if (thought !== "") this.#sink({ kind: "reasoning", choice: 0, text: thought });
    const text = textIn(message["content"]) ?? "";
    const logprobs = readLogprobs(tokens);
    if (text !== "" || logprobs !== undefined) {
      this.#sink({ kind: "text", choice: 0, text, ...(logprobs === undefined ? {} : { logprobs }) });
    }
    for (const call of readCalls(message)) {
      if (this.#tools > 0 && this.#memory.singleCall) continue;
      const tool = this.#tools++;
      this.#sink({ kind: "tool-call", choice: 0, tool, id: call.id, name: call.name });
      this.#sink({ kind: "tool-arguments", choice: 0, tool, text: call.arguments });
    }
  }

  #finish(answer: Fields): void {
    this.#over = true;
    this.#sink({ kind: "finish", choice: 0, reason: finishReason(answer["done_reason"], this.#tools > 0) });
    const usage = readUsage(answer);
    if (usage !== undefined) this.#sink({ kind: "usage", usage });
    this.#sink({ kind: "end" });
  }

  #fail(failure: CallFailure): void {
    this.#over = true;
    this.#sink({ kind: "failure", failure });
  }
}
