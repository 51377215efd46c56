import type { ChatEvent, ChatEventSink, Fields } from "@gatewright/call";
import { fieldsIn, parsedJson, textIn } from "../fields-in.ts";
import { ServerSentEvents } from "../server-sent-events.ts";
import type { StreamReader } from "../wire.ts";
import { brokenChoice } from "./answer.ts";
import { ChoiceStream } from "./choice-stream.ts";
import { answeredFailure } from "./failure.ts";
import { isBroken } from "./finish.ts";
import type { CallMemory } from "./request.ts";
import { readUsage } from "./usage.ts";

/** Reads a stream of `chat.completion.chunk`s, up to `[DONE]`; some servers leave that out. */
export class ChunkStreamReader implements StreamReader {
  readonly #sink: ChatEventSink;
  readonly #memory: CallMemory;
  readonly #events = new ServerSentEvents((data, event) => this.#read(data, event));
  readonly #choices: ChoiceStream[] = [];
  #id = "";
  #started = false;
  #over = false;

  constructor(sink: ChatEventSink, memory: CallMemory) {
    this.#sink = sink;
    this.#memory = memory;
  }

  push(chunk: Buffer): void {
    if (this.#over) return;
    try {
      this.#events.push(chunk);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#fail({ status: 500, message: error.message });
    }
  }

  end(): void {
    if (this.#over) return;
    this.#events.end();
    const choices = this.#choices.filter((choice) => choice !== undefined);
    if (choices.length > 0 && choices.every(({ finished }) => finished)) this.#end();
  }

  #read(data: string, event: string): void {
    if (this.#over || data === "") return;
    if (data === "[DONE]") return this.#end();
    const chunk = fieldsIn(parsedJson(data));
    if (chunk === undefined) {
      return this.#fail({ status: 500, message: "the upstream's stream has a chunk that is not JSON" });
    }
    const failure = answeredFailure(
      event === "error" && chunk["error"] === undefined ? { error: chunk } : chunk,
    );
    if (failure !== undefined) return this.#fail(failure);
    const { choices } = chunk;
    const usage = readUsage(chunk["usage"]);
    // Azure begins with a chunk that has neither, nor the id and the model.
    if (!Array.isArray(choices) || (choices.length === 0 && usage === undefined)) return;
    if (!this.#started) this.#start(chunk);
    for (const item of choices) {
      const choice = fieldsIn(item);
      if (choice === undefined) continue;
      if (isBroken(choice["finish_reason"])) return this.#fail(brokenChoice(choice));
      this.#choice(choice["index"]).read(choice);
    }
    if (usage !== undefined) this.#sink({ kind: "usage", usage });
  }

  #start(chunk: Fields): void {
    this.#started = true;
    this.#id = textIn(chunk["id"]) ?? "";
    const serviceTier = textIn(chunk["service_tier"]);
    this.#sink({
      kind: "start",
      id: this.#id,
      model: textIn(chunk["model"]) ?? "",
      ...(serviceTier === undefined ? {} : { serviceTier }),
    });
  }

  #choice(value: unknown): ChoiceStream {
    const index =
      typeof value === "number" && Number.isInteger(value) && value >= 0 && value < MOST_CHOICES ? value : 0;
    let choice = this.#choices[index];
    if (choice === undefined) {
      choice = new ChoiceStream(this.#sink, index, `${this.#id}_${index}`, this.#memory.toolNames);
      this.#choices[index] = choice;
    }
    return choice;
  }

  #fail(failure: Extract<ChatEvent, { kind: "failure" }>["failure"]): void {
    this.#over = true;
    this.#sink({ kind: "failure", failure });
  }

  /** The upstream said its last word: choices that it left open are finished with it. */
  #end(): void {
    this.#over = true;
    if (!this.#started) this.#start({});
    if (this.#choices.length === 0) this.#choice(0);
    for (const choice of this.#choices) choice?.finish(undefined, undefined);
    this.#sink({ kind: "end" });
  }
}

/** More than any server gives: what claims to be a further one is taken for the first. */
const MOST_CHOICES = 1024;
