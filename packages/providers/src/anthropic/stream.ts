import type { ChatEvent, ChatEventSink, Fields } from "@gatewright/call";
import { fieldsIn, parsedJson, textIn } from "../fields-in.ts";
import { ServerSentEvents } from "../server-sent-events.ts";
import type { StreamReader } from "../wire.ts";
import { finishReason, readCitation, readUsage, refusalText } from "./answer.ts";
import { errorFailure } from "./failure.ts";
import type { CallMemory } from "./request.ts";

/** The block under way. `json`: the pieces of its input that came so far. */
type Block =
  | { readonly kind: "told" }
  /** A call of the client's tool of that number, or of the one that stands for the answer. `input` came at the start. */
  | { readonly kind: "tool"; readonly tool: number | undefined; readonly input: unknown; given: boolean }
  /** Told when it is complete. */
  | { readonly kind: "other"; readonly value: Fields; json: string; members: Fields | undefined };

/** Reads a streamed message. */
export class MessageStreamReader implements StreamReader {
  readonly #sink: ChatEventSink;
  readonly #memory: CallMemory;
  readonly #events = new ServerSentEvents((data) => this.#read(data));
  readonly #blocks = new Map<unknown, Block>();
  #started = false;
  #over = false;
  #tools = 0;
  #usage: Fields = {};

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
      this.#fail(error.message);
    }
  }

  end(): void {
    if (!this.#over) this.#events.end();
  }

  #tell(event: ChatEvent): void {
    if (!this.#started && event.kind !== "ping") this.#start({});
    this.#sink(event);
  }

  #start(message: Fields): void {
    this.#started = true;
    const usage = fieldsIn(message["usage"]);
    const serviceTier = textIn(usage?.["service_tier"]);
    this.#sink({
      kind: "start",
      id: textIn(message["id"]) ?? "",
      model: textIn(message["model"]) ?? "",
      ...(serviceTier === undefined ? {} : { serviceTier }),
    });
    if (usage !== undefined) this.#count(usage);
  }

  /** The end repeats only the counts that have changed. */
  #count(counts: Fields): void {
    const merged: { [name: string]: unknown } = { ...this.#usage };
    for (const name in counts) if (counts[name] !== null) merged[name] = counts[name];
    this.#usage = merged;
    const usage = readUsage(merged);
    if (usage !== undefined) this.#tell({ kind: "usage", usage });
  }

  #break(error: Fields): void {
    this.#over = true;
    this.#sink({ kind: "failure", failure: errorFailure(error) });
  }

  #fail(message: string): void {
    this.#over = true;
    this.#sink({ kind: "failure", failure: { status: 500, message } });
  }

  #read(data: string): void {
    if (this.#over) return;
    const event = fieldsIn(parsedJson(data));
    if (event === undefined) return this.#fail("Anthropic's stream has an event that is not JSON");
    switch (event["type"]) {
      case "message_start":
        if (!this.#started) this.#start(fieldsIn(event["message"]) ?? {});
        return;
      case "content_block_start":
        return this.#blockStart(event["index"], fieldsIn(event["content_block"]) ?? {});
      case "content_block_delta":
        return this.#blockDelta(event["index"], fieldsIn(event["delta"]) ?? {});
      case "content_block_stop":
        return this.#blockStop(event["index"]);
      case "message_delta":
        return this.#messageDelta(event);
      case "message_stop":
        this.#tell({ kind: "end" });
        this.#over = true;
        return;
      case "ping":
        return this.#tell({ kind: "ping" });
      case "error":
        return this.#break(event);
      case undefined:
        // Proxies in between write errors in forms of their own.
        if (event["error"] !== undefined) this.#break(event);
    }
  }

  #blockStart(index: unknown, block: Fields): void {
    switch (block["type"]) {
      case "text":
        this.#blocks.set(index, { kind: "told" });
        this.#text(block["text"]);
        if (Array.isArray(block["citations"]))
          for (const citation of block["citations"]) this.#citation(citation);
        return;
      case "thinking":
        this.#blocks.set(index, { kind: "told" });
        this.#thought(block["thinking"]);
        return this.#signature(block["signature"]);
      case "redacted_thinking":
        this.#blocks.set(index, { kind: "told" });
        return this.#tell({ kind: "redacted-reasoning", choice: 0, data: textIn(block["data"]) ?? "" });
      case "tool_use":
        return this.#toolStart(index, block);
      default:
        this.#blocks.set(index, { kind: "other", value: block, json: "", members: undefined });
    }
  }

  #toolStart(index: unknown, block: Fields): void {
    const name = textIn(block["name"]) ?? "";
    const tool = name === this.#memory.answerTool ? undefined : this.#tools++;
    this.#blocks.set(index, { kind: "tool", tool, input: block["input"], given: false });
    if (tool === undefined) return;
    const id = textIn(block["id"]) ?? "";
    this.#tell({ kind: "tool-call", choice: 0, tool, id, name: this.#memory.toolNames.toClient(name) });
  }

  #blockDelta(index: unknown, delta: Fields): void {
    switch (delta["type"]) {
      case "text_delta":
        return this.#text(delta["text"]);
      case "thinking_delta":
        return this.#thought(delta["thinking"]);
      case "signature_delta":
        return this.#signature(delta["signature"]);
      case "citations_delta":
        return this.#citation(delta["citation"]);
      case "input_json_delta":
        return this.#input(this.#blocks.get(index), textIn(delta["partial_json"]) ?? "");
      default:
        return this.#members(this.#blocks.get(index), delta);
    }
  }

  #text(text: unknown): void {
    if (typeof text === "string" && text !== "") this.#tell({ kind: "text", choice: 0, text });
  }

  #thought(text: unknown): void {
    if (typeof text === "string" && text !== "") this.#tell({ kind: "reasoning", choice: 0, text });
  }

  #signature(signature: unknown): void {
    if (typeof signature === "string" && signature !== "") {
      this.#tell({ kind: "reasoning-signature", choice: 0, signature });
    }
  }

  #citation(value: unknown): void {
    const citation = fieldsIn(value);
    if (citation !== undefined) this.#tell({ kind: "citation", choice: 0, citation: readCitation(citation) });
  }

  #input(block: Block | undefined, text: string): void {
    if (block === undefined || text === "") return;
    if (block.kind === "other") block.json += text;
    else if (block.kind === "tool") {
      block.given = true;
      this.#arguments(block.tool, text);
    }
  }

  #arguments(tool: number | undefined, text: string): void {
    if (tool === undefined) return this.#text(text);
    this.#tell({ kind: "tool-arguments", choice: 0, tool, text });
  }

  /** Deltas of blocks that are not known here bring members of theirs (`compaction_delta`: its content). */
  #members(block: Block | undefined, delta: Fields): void {
    if (block?.kind !== "other") return;
    const { type: _, ...members } = delta;
    block.members = { ...block.members, ...members };
  }

  #blockStop(index: unknown): void {
    const block = this.#blocks.get(index);
    if (block === undefined) return;
    this.#blocks.delete(index);
    if (block.kind === "tool" && !block.given) {
      this.#arguments(block.tool, JSON.stringify(fieldsIn(block.input) ?? {}));
    } else if (block.kind === "other") {
      if (typeof block.value["type"] !== "string") return;
      const input = block.json === "" ? {} : { input: parsedJson(block.json) ?? block.json };
      const value = { ...block.value, ...block.members, ...input };
      return this.#tell({ kind: "other", choice: 0, wire: "anthropic", value });
    }
    this.#tell({ kind: "part-end", choice: 0 });
  }

  #messageDelta(event: Fields): void {
    const usage = fieldsIn(event["usage"]);
    if (usage !== undefined) this.#count(usage);
    const delta = fieldsIn(event["delta"]);
    const stopReason = delta?.["stop_reason"];
    if (delta === undefined || typeof stopReason !== "string") return;
    const reason = finishReason(stopReason, this.#tools > 0);
    const refusal = reason === "refusal" ? refusalText(delta) : undefined;
    if (refusal !== undefined) this.#tell({ kind: "refusal", choice: 0, text: refusal });
    const stopSequence = textIn(delta["stop_sequence"]);
    this.#tell({
      kind: "finish",
      choice: 0,
      reason,
      ...(stopSequence === undefined ? {} : { stopSequence }),
    });
  }
}
