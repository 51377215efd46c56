import type { ChatEvent, Fields, FinishReason, Usage } from "@gatewright/call";
import type { ApiError } from "@gatewright/litellm";
import type { AnswerContext, StreamWriter } from "../client-api.ts";
import {
  citationOf,
  messageId,
  otherBlock,
  redactedBlock,
  signatureBlock,
  stopFields,
  toolId,
  usageFields,
} from "./content-block.ts";
import { messagesError } from "./messages-error.ts";
import { ToolCalls } from "./tool-calls.ts";

const PING = 'event: ping\ndata: {"type":"ping"}\n\n';
const emptyText = '{"type":"text","text":""}';
const emptyThinking = '{"type":"thinking","thinking":"","signature":""}';

type ToolCallEvent = Extract<ChatEvent, { kind: "tool-call" }>;

/** Writes one streamed message: one block after the other, each begun and ended once. */
export class MessageStream implements StreamWriter {
  readonly #context: AnswerContext;
  readonly #tools = new ToolCalls();
  #frames = "";
  /** The upstream's id, until the message has begun: that waits for the counts, if they are next. */
  #id: string | undefined;
  /** Kind and index of the block under way. */
  #open: "text" | "thinking" | "tool" | undefined;
  #index = 0;
  #usage: Usage | undefined;
  #finish: FinishReason = "stop";
  #stopSequence: string | undefined;
  #refusal = "";

  constructor(context: AnswerContext) {
    this.#context = context;
  }

  write(event: ChatEvent): string {
    // The API has one choice only.
    if ("choice" in event && event.choice > 0) return "";
    if (event.kind === "usage") this.#usage = event.usage;
    if (this.#id !== undefined && event.kind !== "start") this.#begin(this.#id);
    this.#write(event);
    const frames = this.#frames;
    this.#frames = "";
    return frames;
  }

  fail(error: ApiError): string {
    return frame("error", messagesError(error, this.#context.callId));
  }

  #write(event: ChatEvent): void {
    switch (event.kind) {
      case "start":
        this.#id = event.id;
        return;
      case "text":
        return this.#text(event.text);
      case "refusal":
        this.#refusal += event.text;
        return this.#text(event.text);
      case "citation":
        return this.#cite(citationOf(event.citation));
      case "reasoning":
        if (event.text === "") return;
        this.#enter("thinking", emptyThinking);
        return this.#delta(`"type":"thinking_delta","thinking":${JSON.stringify(event.text)}`);
      case "reasoning-signature":
        this.#enter("thinking", emptyThinking);
        this.#delta(`"type":"signature_delta","signature":${JSON.stringify(event.signature)}`);
        return this.#close();
      case "redacted-reasoning":
        return this.#whole(redactedBlock(event.data));
      case "other":
        return this.#whole(otherBlock(event.wire, event.value));
      case "tool-call":
        return this.#call(event);
      case "tool-arguments":
        if (this.#tools.add(event.tool, event.text)) this.#arguments(event.text);
        return;
      case "part-end":
        return this.#open === "tool" ? this.#nextCall() : this.#close();
      case "finish":
        this.#finish = event.reason;
        this.#stopSequence = event.stopSequence;
        return;
      case "ping":
        this.#frames += PING;
        return;
      case "end":
        return this.#end();
      default:
        // The usage was taken before, and a failure is never given.
        return;
    }
  }

  #begin(id: string): void {
    this.#id = undefined;
    const { callId, model } = this.#context;
    this.#frames += frame("message_start", {
      type: "message_start",
      message: {
        id: messageId(id, callId),
        type: "message",
        role: "assistant",
        model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        stop_details: null,
        usage: usageFields(this.#usage),
      },
    });
  }

  #text(text: string): void {
    if (text === "") return;
    this.#enter("text", emptyText);
    this.#delta(`"type":"text_delta","text":${JSON.stringify(text)}`);
  }

  #cite(citation: Fields | undefined): void {
    if (citation === undefined) return;
    this.#enter("text", emptyText);
    this.#delta(`"type":"citations_delta","citation":${JSON.stringify(citation)}`);
  }

  #arguments(text: string): void {
    if (text !== "") this.#delta(`"type":"input_json_delta","partial_json":${JSON.stringify(text)}`);
  }

  /** A call waits for the one before it, unless that is complete: blocks do not overlap. */
  #call(event: ToolCallEvent): void {
    if (this.#open === "tool" && this.#tools.currentIsWhole()) this.#leaveCall();
    if (this.#open === "tool") this.#tools.hold(event);
    else this.#beginCall(event, "");
  }

  #beginCall({ id, name, signature, tool }: ToolCallEvent, text: string): void {
    if (signature !== undefined) this.#whole(signatureBlock(signature));
    this.#close();
    this.#tools.begin(tool, text);
    this.#open = "tool";
    const block = { type: "tool_use", id: toolId(id, this.#context.callId, this.#index), name, input: {} };
    this.#started(JSON.stringify(block));
    this.#arguments(text);
  }

  /** The call under way is complete; those that wait follow, each as far as it has come. */
  #nextCall(): void {
    this.#leaveCall();
    const held = this.#tools.nextHeld();
    if (held !== undefined) this.#beginCall(held.event, held.text);
  }

  #leaveCall(): void {
    this.#tools.leave();
    this.#open = undefined;
    this.#stopped();
  }

  #enter(kind: "text" | "thinking", empty: string): void {
    if (this.#open === kind) return;
    this.#close();
    this.#open = kind;
    this.#started(empty);
  }

  #whole(block: Fields): void {
    this.#close();
    this.#started(JSON.stringify(block));
    this.#stopped();
  }

  /** Ends the block under way, and whatever waits for its end. */
  #close(): void {
    while (this.#open === "tool") this.#nextCall();
    if (this.#open === undefined) return;
    this.#open = undefined;
    this.#stopped();
  }

  #started(block: string): void {
    this.#frames += `event: content_block_start\ndata: {"type":"content_block_start","index":${this.#index},"content_block":${block}}\n\n`;
  }

  #delta(members: string): void {
    this.#frames += `event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.#index},"delta":{${members}}}\n\n`;
  }

  #stopped(): void {
    this.#frames += `event: content_block_stop\ndata: {"type":"content_block_stop","index":${this.#index}}\n\n`;
    this.#index++;
  }

  #end(): void {
    this.#close();
    this.#frames += frame("message_delta", {
      type: "message_delta",
      delta: stopFields(this.#finish, this.#stopSequence, this.#refusal),
      usage: usageFields(this.#usage),
    });
    this.#frames += 'event: message_stop\ndata: {"type":"message_stop"}\n\n';
  }
}

function frame(event: string, data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
