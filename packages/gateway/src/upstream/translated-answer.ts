import { type CallFailure, type ChatAnswer, type ChatEvent, isFailure, type Usage } from "@gatewright/call";
import type { ApiError } from "@gatewright/litellm";
import type { ChatWire, StreamReader, Translation } from "@gatewright/providers";
import { estimatedUsage, tokensOfLength } from "../budget/token-estimate.ts";
import { usageJson } from "../budget/usage.ts";
import type { AnswerContext, ClientApi, StreamWriter } from "../edge/client-api.ts";
import type { AnswerForm, AnswerStream, WholeAnswer } from "./answer-form.ts";

/** What a translated answer needs of its request. */
export interface TranslatedCall {
  readonly api: ClientApi;
  readonly wire: ChatWire;
  readonly translation: Translation;
  /** Tokens the prompt is taken to have, where the upstream does not say. */
  readonly promptTokens: number;
  /** Asked for when the answer begins: only then is it known who gives it. `upstreamModel`: as the upstream calls it. */
  context(upstreamModel: string): AnswerContext;
}

const STREAM_TYPE = "text/event-stream; charset=utf-8";

/** An answer that is read from an upstream's wire and written in the client's API. */
export class TranslatedAnswer implements AnswerForm {
  readonly #call: TranslatedCall;
  #stream: TranslatedStream | undefined;

  constructor(call: TranslatedCall) {
    this.#call = call;
  }

  isStream(contentType: string): boolean {
    return streamTypes.some((type) => contentType.startsWith(type));
  }

  isGathered(): boolean {
    return true;
  }

  contentType(_upstream: string, stream: boolean): string {
    return stream ? STREAM_TYPE : "application/json";
  }

  readStream(): AnswerStream {
    this.#stream = new TranslatedStream(this.#call);
    return this.#stream;
  }

  readWhole(body: Buffer): WholeAnswer | CallFailure | undefined {
    const json = parsed(body);
    if (json === undefined) return undefined;
    const { api, translation } = this.#call;
    const answer = translation.readAnswer(json);
    if (isFailure(answer)) return answer;
    const usage = answer.usage ?? estimatedUsage(this.#call.promptTokens, tokensOfLength(lengthOf(answer)));
    const written = api.writeAnswer({ ...answer, usage }, this.#call.context(answer.model));
    return { body: Buffer.from(JSON.stringify(written)), usage: usageJson(usage) };
  }

  readFailure(status: number, text: string): CallFailure {
    return this.#call.wire.readFailure(status, text);
  }

  /** The frames that tell the client of an error in the stream under way. */
  failureFrames(error: ApiError): string | undefined {
    return this.#stream?.failureFrames(error);
  }
}

/** Server-sent events, AWS's event streams, and lines of JSON. */
const streamTypes = ["text/event-stream", "application/vnd.amazon.eventstream", "application/x-ndjson"];

class TranslatedStream implements AnswerStream {
  readonly #call: TranslatedCall;
  readonly #reader: StreamReader;
  #writer: StreamWriter | undefined;
  #text = "";
  /** More than the greeting was heard: from then on what is written is sent. */
  #begun = false;
  #usage: Usage | undefined;
  /** Characters of the answer, for an upstream that does not count. */
  #characters = 0;
  complete = false;
  failure: CallFailure | undefined;

  constructor(call: TranslatedCall) {
    this.#call = call;
    this.#reader = call.translation.readStream((event) => this.#hear(event));
  }

  get usage(): string | undefined {
    return usageJson(this.#usage);
  }

  push(chunk: Buffer): Buffer | undefined {
    try {
      this.#reader.push(chunk);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.failure ??= { status: 500, message: error.message };
    }
    return this.#written();
  }

  rest(): Buffer | undefined {
    this.#reader.end();
    return this.#written();
  }

  failureFrames(error: ApiError): string {
    return this.#writerFor("").fail(error);
  }

  #written(): Buffer | undefined {
    // An upstream that greets and then fails has said nothing yet: another attempt may follow.
    if (!this.#begun || this.#text === "") return undefined;
    const bytes = Buffer.from(this.#text);
    this.#text = "";
    return bytes;
  }

  #hear(event: ChatEvent): void {
    if (this.complete || this.failure !== undefined) return;
    switch (event.kind) {
      case "failure":
        this.failure = event.failure;
        return;
      case "start":
        this.#text += this.#writerFor(event.model).write(event);
        return;
      case "usage":
        this.#usage = event.usage;
        this.#text += this.#writerFor("").write(event);
        return;
      case "text":
      case "reasoning":
      case "refusal":
      case "tool-arguments":
        this.#characters += event.text.length;
        break;
      case "end":
        this.complete = true;
        if (this.#usage === undefined) this.#count();
        break;
    }
    this.#begun = true;
    this.#text += this.#writerFor("").write(event);
  }

  #count(): void {
    this.#usage = estimatedUsage(this.#call.promptTokens, tokensOfLength(this.#characters));
    this.#text += this.#writerFor("").write({ kind: "usage", usage: this.#usage });
  }

  #writerFor(upstreamModel: string): StreamWriter {
    this.#writer ??= this.#call.api.writeStream(this.#call.context(upstreamModel));
    return this.#writer;
  }
}

/** Characters of an answer, for an upstream that does not count. */
function lengthOf({ choices }: ChatAnswer): number {
  let length = 0;
  for (const { parts } of choices)
    for (const part of parts) {
      if ("text" in part) length += part.text.length;
      else if (part.kind === "tool-call") length += part.arguments.length;
    }
  return length;
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
