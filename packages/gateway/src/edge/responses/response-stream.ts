import type { ChatEvent, FinishReason, Usage } from "@gatewright/call";
import type { ApiError } from "@gatewright/litellm";
import type { AnswerContext, StreamWriter } from "../client-api.ts";
import { CallStream } from "./call-stream.ts";
import { EventWriter } from "./event-writer.ts";
import { type ItemStream, WholeItem } from "./item-stream.ts";
import { MessageStream } from "./message-stream.ts";
import { itemId, otherItem, reasoningItem } from "./output-item.ts";
import { ReasoningStream } from "./reasoning-stream.ts";
import { incompleteReason, type ResponseState, responseHead, responseState } from "./response-object.ts";

/** A streamed answer. The API has one choice only: others are left out. */
export class ResponseStream implements StreamWriter {
  readonly #callId: string;
  /** The response's JSON up to what changes. */
  readonly #head: string;
  readonly #events = new EventWriter();
  /** By output index. */
  readonly #items: ItemStream[] = [];
  /** The item that began last. */
  #current: ItemStream | undefined;
  /** By the number the call form gives them. */
  readonly #calls = new Map<number, CallStream>();
  #finish: FinishReason = "stop";
  #refused = false;
  #usage: Usage | undefined;
  #serviceTier: string | undefined;

  constructor(context: AnswerContext) {
    this.#callId = context.callId;
    this.#head = JSON.stringify(responseHead(context)).slice(0, -1);
  }

  write(event: ChatEvent): string {
    if ("choice" in event && event.choice !== 0) return "";
    // A comment: it keeps connections open, and no client takes it for an event.
    if (event.kind === "ping") return ": ping\n\n";
    this.#write(event);
    return this.#events.take();
  }

  #write(event: ChatEvent): void {
    switch (event.kind) {
      case "start":
        this.#serviceTier = event.serviceTier;
        return this.#start();
      case "text":
        if (event.text !== "" || event.logprobs !== undefined)
          this.#message().text(event.text, event.logprobs);
        return;
      case "citation":
        return this.#message().cite(event.citation);
      case "refusal":
        if (event.text === "") return;
        this.#refused = true;
        return this.#message().refusal(event.text);
      case "reasoning":
        if (event.text !== "") this.#reasoning().text(event.text);
        return;
      case "reasoning-signature":
        return this.#reasoning().sign(event.signature);
      case "redacted-reasoning":
        return this.#whole((id) => reasoningItem(id, "", { kind: "redacted-reasoning", data: event.data }));
      case "other":
        return this.#whole((id) => otherItem(id, event));
      case "tool-call":
        return this.#call(event);
      case "tool-arguments":
        return this.#calls.get(event.tool)?.arguments(event.text);
      case "part-end":
        return this.#current?.endPart();
      case "finish":
        this.#finish = event.reason;
        return;
      case "usage":
        this.#usage = event.usage;
        return;
      case "end":
        return this.#end();
      default:
        // Failures are said by `fail`.
        return;
    }
  }

  #start(): void {
    const state = { status: "in_progress", incomplete: undefined, usage: undefined } as const;
    const response = this.#response({ ...state, serviceTier: this.#serviceTier }, "");
    this.#events.write("response.created", response);
    this.#events.write("response.in_progress", response);
  }

  /** The message that text belongs to. */
  #message(): MessageStream {
    if (this.#current instanceof MessageStream) return this.#current;
    return this.#begin((index) => new MessageStream(this.#events, this.#callId, index));
  }

  #reasoning(): ReasoningStream {
    const current = this.#current;
    if (current instanceof ReasoningStream && current.json === undefined) return current;
    return this.#begin((index) => new ReasoningStream(this.#events, this.#callId, index));
  }

  #call(event: ChatEvent & { readonly kind: "tool-call" }): void {
    const { signature } = event;
    if (signature !== undefined) this.#whole((id) => reasoningItem(id, "", { kind: "call", signature }));
    const call = this.#begin((index) => new CallStream(this.#events, this.#callId, index, event));
    this.#calls.set(event.tool, call);
  }

  #whole(item: (id: string) => object): void {
    this.#begin((index) => new WholeItem(this.#events, index, item(itemId("rs", this.#callId, index))));
  }

  #begin<Item extends ItemStream>(make: (index: number) => Item): Item {
    const before = this.#current;
    if (before !== undefined && !before.waits && before.json === undefined) before.close("completed");
    const item = make(this.#items.length);
    this.#items.push(item);
    this.#current = item;
    return item;
  }

  #end(): void {
    const incomplete = incompleteReason(this.#finish, this.#refused);
    const status = incomplete === undefined ? "completed" : "incomplete";
    for (const item of this.#items) {
      if (item.json === undefined) item.close(item === this.#current ? status : "completed");
    }
    const state = { status, incomplete, usage: this.#usage, serviceTier: this.#serviceTier } as const;
    const output = this.#items.map(({ json }) => json).join(",");
    this.#events.write(`response.${status}`, this.#response(state, output));
  }

  #response(state: ResponseState, output: string): string {
    const members = JSON.stringify(responseState(state)).slice(1, -1);
    return `"response":${this.#head},${members},"output":[${output}]}`;
  }

  /**
   * The `error` event and not `response.failed`: OpenAI's own clients throw at it, while `response.failed` is an event
   * like any other to them, and `finalResponse()` gives back what came before as if it were the answer. The members
   * stand there twice, as the reference has them and under `error`, as OpenAI sends them: the Python client throws only
   * at the latter.
   */
  fail(error: ApiError): string {
    const { body } = error;
    const { code, message, param, type } =
      "error" in body ? body.error : { code: null, message: body.detail, param: null, type: null };
    const flat = JSON.stringify({ code, message, param }).slice(1, -1);
    const nested = JSON.stringify({ type, code, message, param });
    this.#events.write("error", `${flat},"error":${nested}`);
    return this.#events.take();
  }
}
