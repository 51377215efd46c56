import type { ChatEvent, ChatEventSink, Fields } from "@gatewright/call";
import { fieldsIn, parsedJson, textIn } from "../fields-in.ts";
import { ServerSentEvents } from "../server-sent-events.ts";
import type { StreamReader } from "../wire.ts";
import type { WireNames } from "../wire-names.ts";
import { failureOf, finishReason, readCitation, readUsage } from "./answer.ts";

/** Reads a streamed chat. */
export class CohereStreamReader implements StreamReader {
  readonly #sink: ChatEventSink;
  readonly #toolNames: WireNames;
  readonly #events = new ServerSentEvents((data) => this.#read(data));
  #started = false;
  #over = false;
  /** Numbers of the calls, by the index that Cohere gives them. */
  readonly #tools = new Map<unknown, number>();

  constructor(sink: ChatEventSink, toolNames: WireNames) {
    this.#sink = sink;
    this.#toolNames = toolNames;
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

  #fail(status: number, message: string): void {
    this.#over = true;
    this.#sink({ kind: "failure", failure: { status, message } });
  }

  #read(data: string): void {
    if (this.#over || data === "[DONE]") return;
    const event = fieldsIn(parsedJson(data));
    if (event === undefined) return this.#fail(500, "Cohere's stream has an event that is not JSON");
    const delta = fieldsIn(event["delta"]);
    const message = fieldsIn(delta?.["message"]);
    switch (event["type"]) {
      case "message-start":
        return this.#start(event);
      case "content-start":
      case "content-delta":
        return this.#content(fieldsIn(message?.["content"]));
      case "content-end":
      case "tool-call-end":
        return this.#tell({ kind: "part-end", choice: 0 });
      case "tool-plan-delta":
        return this.#thought(message?.["tool_plan"]);
      case "tool-call-start":
        return this.#toolStart(event["index"], fieldsIn(message?.["tool_calls"]));
      case "tool-call-delta":
        return this.#arguments(event["index"], fieldsIn(message?.["tool_calls"]));
      case "citation-start":
        return this.#citation(fieldsIn(message?.["citations"]));
      case "message-end":
        return this.#end(delta ?? {});
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
    const details = fieldsIn(call?.["function"]);
    const tool = this.#tools.size;
    this.#tools.set(index ?? tool, tool);
    const name = this.#toolNames.toClient(textIn(details?.["name"]) ?? "");
    this.#tell({ kind: "tool-call", choice: 0, tool, id: textIn(call?.["id"]) ?? "", name });
    this.#arguments(index ?? tool, call);
  }

  #arguments(index: unknown, call: Fields | undefined): void {
    const tool = this.#tools.get(index) ?? this.#tools.size - 1;
    const text = textIn(fieldsIn(call?.["function"])?.["arguments"]);
    if (tool < 0 || text === undefined || text === "") return;
    this.#tell({ kind: "tool-arguments", choice: 0, tool, text });
  }

  #citation(value: Fields | undefined): void {
    if (value !== undefined) this.#tell({ kind: "citation", choice: 0, citation: readCitation(value) });
  }

  #end(delta: Fields): void {
    const reason = delta["finish_reason"];
    const failure = failureOf(reason, delta["error"]);
    if (failure !== undefined) return this.#fail(failure.status, failure.message);
    this.#tell({ kind: "finish", choice: 0, reason: finishReason(reason) });
    const usage = readUsage(delta["usage"]);
    if (usage !== undefined) this.#tell({ kind: "usage", usage });
    this.#tell({ kind: "end" });
    this.#over = true;
  }
}
