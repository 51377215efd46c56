import type { CallFailure, ChatEvent, ChatEventSink, Fields } from "@gatewright/call";
import { fieldsIn, parsedJson, textIn } from "../fields-in.ts";
import { ServerSentEvents } from "../server-sent-events.ts";
import type { StreamReader } from "../wire.ts";
import { failureOf, finishReason, readCitation, readUsage } from "./answer.ts";
import { cohereFailure } from "./failure.ts";
import type { CallMemory } from "./request.ts";

/** Reads a streamed chat. */
export class CohereStreamReader implements StreamReader {
  readonly #sink: ChatEventSink;
  readonly #memory: CallMemory;
  readonly #events = new ServerSentEvents((data) => this.#read(data));
  #started = false;
  #over = false;
  /** Calls that were handed on. */
  #calls = 0;
  /** Their numbers, by the index that Cohere gives them; undefined for one that is not handed on. */
  readonly #tools = new Map<unknown, number | undefined>();

  constructor(sink: ChatEventSink, memory: CallMemory) {
    this.#sink = sink;
    this.#memory = memory;
  }

  push(chunk: Buffer): void {
    if (!this.#over) this.#events.push(chunk);
  }

  end(): void {
    if (!this.#over) this.#events.end();
  }

  #tell(event: ChatEvent): void {
    if (!this.#started) {
      this.#started = true;
      this.#sink({ kind: "start", id: "", model: "" });
    }
    this.#sink(event);
  }

  #fail(failure: CallFailure): void {
    this.#over = true;
    this.#sink({ kind: "failure", failure });
  }

  #read(data: string): void {
    if (this.#over || data === "[DONE]") return;
    const event = fieldsIn(parsedJson(data));
    if (event === undefined) {
      return this.#fail({ status: 500, message: "Cohere's stream has an event that is not JSON" });
    }
    const delta = fieldsIn(event["delta"]);
    const message = fieldsIn(delta?.["message"]);
    switch (event["type"]) {
      case "message-start":
        return this.#start(event);
      case "content-start":
      case "content-delta":
        return this.#content(fieldsIn(message?.["content"]));
      case "content-end":
        return this.#tell({ kind: "part-end", choice: 0 });
      case "tool-plan-delta":
        return this.#thought(message?.["tool_plan"]);
      case "tool-call-start":
        return this.#toolStart(event["index"], fieldsIn(message?.["tool_calls"]));
      case "tool-call-delta":
        return this.#arguments(event["index"], fieldsIn(message?.["tool_calls"]));
      case "tool-call-end":
        if (this.#tools.get(event["index"]) !== undefined) this.#tell({ kind: "part-end", choice: 0 });
        return;
      case "citation-start":
        return this.#citation(message?.["citations"]);
      case "message-end":
        return this.#end(delta ?? {});
      case undefined:
        // An error in the form that answers with an error status have.
        if (typeof event["message"] === "string") this.#fail(cohereFailure(500, event["message"]));
    }
  }

  #start(event: Fields): void {
    if (this.#started) return;
    this.#started = true;
    this.#sink({ kind: "start", id: textIn(event["id"]) ?? "", model: "" });
  }

  #content(content: Fields | undefined): void {
    this.#thought(content?.["thinking"]);
    const text = content?.["text"];
    if (typeof text === "string" && text !== "") this.#tell({ kind: "text", choice: 0, text });
  }

  #thought(text: unknown): void {
    if (typeof text === "string" && text !== "") this.#tell({ kind: "reasoning", choice: 0, text });
  }

  #toolStart(index: unknown, call: Fields | undefined): void {
    const { singleCall, toolNames } = this.#memory;
    const tool = singleCall && this.#calls > 0 ? undefined : this.#calls++;
    this.#tools.set(index, tool);
    if (tool === undefined) return;
    const name = toolNames.toClient(textIn(fieldsIn(call?.["function"])?.["name"]) ?? "");
    this.#tell({ kind: "tool-call", choice: 0, tool, id: textIn(call?.["id"]) ?? "", name });
    this.#arguments(index, call);
  }

  #arguments(index: unknown, call: Fields | undefined): void {
    const tool = this.#tools.get(index);
    const text = textIn(fieldsIn(call?.["function"])?.["arguments"]);
    if (tool === undefined || text === undefined || text === "") return;
    this.#tell({ kind: "tool-arguments", choice: 0, tool, text });
  }

  #citation(value: unknown): void {
    const citation = readCitation(value);
    if (citation !== undefined) this.#tell({ kind: "citation", choice: 0, citation });
  }

  #end(delta: Fields): void {
    const reason = delta["finish_reason"];
    const failure = failureOf(reason, delta["error"]);
    if (failure !== undefined) return this.#fail(failure);
    this.#tell({ kind: "finish", choice: 0, reason: finishReason(reason, this.#calls > 0) });
    const usage = readUsage(delta["usage"]);
    if (usage !== undefined) this.#tell({ kind: "usage", usage });
    this.#tell({ kind: "end" });
    this.#over = true;
  }
}
