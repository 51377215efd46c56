import type { ChatEvent, ChatEventSink, Fields } from "@gatewright/call";
import { fieldsIn, parsedJson, textIn } from "../fields-in.ts";
import type { StreamReader } from "../wire.ts";
import { finishReason, readCitation, readUsage, stopSequenceIn } from "./answer.ts";
import { EventStream, type MessageHeaders } from "./event-stream.ts";
import { exceptionFailure } from "./failure.ts";
import type { CallMemory } from "./request.ts";

/** A tool call under way. */
interface OpenTool {
  /** Its number among the calls; undefined: it is our own, and its arguments are the answer's text. */
  readonly number: number | undefined;
  /** Whether arguments came. */
  filled: boolean;
}

/** Reads a stream of ConverseStream. Blocks are numbered, but come one after the other. */
export class ConverseStreamReader implements StreamReader {
  readonly #sink: ChatEventSink;
  readonly #memory: CallMemory;
  readonly #messages = new EventStream((headers, payload) => this.#hear(headers, payload));
  readonly #openTools = new Map<unknown, OpenTool>();
  #tools = 0;
  #begun = false;
  /** Whether the answer came as the arguments of our own tool. */
  #formed = false;
  #finished = false;
  #over = false;
  /** Text that is kept back while it may turn out to be said beside the answer's own tool. */
  #keptText = "";

  constructor(sink: ChatEventSink, memory: CallMemory) {
    this.#sink = sink;
    this.#memory = memory;
  }

  push(chunk: Buffer): void {
    if (this.#over) return;
    const problem = this.#messages.push(chunk);
    if (problem !== undefined) this.#fail(`Bedrock's stream has ${problem}`);
  }

  end(): void {
    if (this.#finished) this.#end();
  }

  #hear(headers: MessageHeaders, payload: Buffer): void {
    if (this.#over) return;
    const value = parsedJson(payload.toString());
    if (headers.get(":message-type") !== "event") {
      this.#over = true;
      this.#sink({ kind: "failure", failure: exceptionFailure(headers, fieldsIn(value)) });
      return;
    }
    const event = fieldsIn(value);
    if (event === undefined) return this.#fail("Bedrock's stream has an event that is no JSON object");
    switch (headers.get(":event-type")) {
      case "messageStart":
        return this.#begin();
      case "contentBlockStart":
        return this.#start(event);
      case "contentBlockDelta":
        return this.#delta(event["contentBlockIndex"], fieldsIn(event["delta"]));
      case "contentBlockStop":
        return this.#stop(event["contentBlockIndex"]);
      case "messageStop":
        return this.#finish(event);
      case "metadata": {
        const usage = readUsage(event["usage"]);
        if (usage !== undefined) this.#tell({ kind: "usage", usage });
        if (this.#finished) this.#end();
      }
    }
  }

  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#sink({ kind: "start", id: "", model: "" });
  }

  #tell(event: ChatEvent): void {
    this.#begin();
    this.#sink(event);
  }

  #start(event: Fields): void {
    const toolUse = fieldsIn(fieldsIn(event["start"])?.["toolUse"]);
    if (toolUse === undefined) return;
    const { answerTool, toolNames } = this.#memory;
    const name = textIn(toolUse["name"]) ?? "";
    if (answerTool !== undefined && name === answerTool) {
      this.#formed = true;
      this.#openTools.set(event["contentBlockIndex"], { number: undefined, filled: false });
      return;
    }
    this.#releaseText();
    const number = this.#tools++;
    this.#openTools.set(event["contentBlockIndex"], { number, filled: false });
    const id = textIn(toolUse["toolUseId"]) ?? "";
    this.#tell({ kind: "tool-call", choice: 0, tool: number, id, name: toolNames.toClient(name) });
  }

  #delta(index: unknown, delta: Fields | undefined): void {
    if (delta === undefined) return;
    const text = textIn(delta["text"]);
    if (text !== undefined) {
      if (this.#memory.answerTool === undefined) this.#tell({ kind: "text", choice: 0, text });
      else this.#keptText += text;
      return;
    }
    const input = textIn(fieldsIn(delta["toolUse"])?.["input"]);
    if (input !== undefined) return this.#input(this.#openTools.get(index), input);
    const reasoning = fieldsIn(delta["reasoningContent"]);
    if (reasoning !== undefined) return this.#reasoning(reasoning);
    const citation = fieldsIn(delta["citation"]);
    if (citation !== undefined) this.#tell({ kind: "citation", choice: 0, citation: readCitation(citation) });
  }

  #input(tool: OpenTool | undefined, text: string): void {
    if (tool === undefined || text === "") return;
    tool.filled = true;
    if (tool.number === undefined) this.#tell({ kind: "text", choice: 0, text });
    else this.#tell({ kind: "tool-arguments", choice: 0, tool: tool.number, text });
  }

  #reasoning(reasoning: Fields): void {
    const text = textIn(reasoning["text"]);
    if (text !== undefined) this.#tell({ kind: "reasoning", choice: 0, text });
    const signature = textIn(reasoning["signature"]);
    if (signature !== undefined) this.#tell({ kind: "reasoning-signature", choice: 0, signature });
    const data = textIn(reasoning["redactedContent"]);
    if (data !== undefined) this.#tell({ kind: "redacted-reasoning", choice: 0, data });
  }

  #stop(index: unknown): void {
    const tool = this.#openTools.get(index);
    // Clients parse what they got: arguments that never came are an empty object.
    if (tool?.filled === false) this.#input(tool, "{}");
    this.#openTools.delete(index);
    if (this.#keptText === "" || tool !== undefined) this.#tell({ kind: "part-end", choice: 0 });
  }

  #finish(event: Fields): void {
    this.#releaseText();
    this.#finished = true;
    const reason = finishReason(event["stopReason"], this.#tools > 0);
    const stopSequence = stopSequenceIn(event);
    this.#tell({
      kind: "finish",
      choice: 0,
      reason,
      ...(stopSequence === undefined ? {} : { stopSequence }),
    });
  }

  #releaseText(): void {
    const text = this.#keptText;
    this.#keptText = "";
    if (text === "" || this.#formed) return;
    this.#tell({ kind: "text", choice: 0, text });
    this.#tell({ kind: "part-end", choice: 0 });
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#tell({ kind: "end" });
  }

  #fail(message: string): void {
    this.#over = true;
    this.#sink({ kind: "failure", failure: { status: 500, message } });
  }
}
