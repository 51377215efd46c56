import type { ChatEvent, Usage } from "@gatewright/call";
import type { ApiError } from "@gatewright/litellm";
import { finishReasons } from "../chat/finish-reason.ts";
import type { AnswerContext, StreamWriter } from "../client-api.ts";
import { isFields } from "../field.ts";
import { textLogprobs } from "./text-logprobs.ts";
import { completionId, textUsage } from "./write-text-completion.ts";

/** Writes a stream as chunks of a `text_completion`. Only what is said has a place there. */
export class TextChunkStream implements StreamWriter {
  readonly #context: AnswerContext;
  /** Text so far of each choice, in UTF-16 units. */
  readonly #lengths: number[] = [];
  #head: string;
  #usage: Usage | undefined;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#head = headOf(context, "");
  }

  write(event: ChatEvent): string {
    switch (event.kind) {
      case "text":
        return this.#text(event.choice, event.text, event.logprobs);
      case "refusal":
        return this.#text(event.choice, event.text, undefined);
      case "start":
        this.#head = headOf(this.#context, event.id);
        return "";
      case "finish":
        return `${this.#head}"index":${event.choice},"text":"","finish_reason":"${finishReasons[event.reason]}"}]}\n\n`;
      case "usage":
        this.#usage = event.usage;
        return "";
      case "ping":
        return ": ping\n\n";
      case "end":
        return `${this.#usageChunk()}data: [DONE]\n\n`;
      default:
        return "";
    }
  }

  fail(error: ApiError): string {
    return `data: ${JSON.stringify(error.body)}\n\n`;
  }

  #text(choice: number, text: string, logprobs: unknown): string {
    const start = this.#lengths[choice] ?? 0;
    this.#lengths[choice] = start + text.length;
    const written = textLogprobs(logprobs, start);
    const more = written === undefined ? "" : `,"logprobs":${JSON.stringify(written)}`;
    return `${this.#head}"index":${choice},"text":${JSON.stringify(text)}${more}}]}\n\n`;
  }

  #usageChunk(): string {
    const options = this.#context.fields["stream_options"];
    if (this.#usage === undefined || !isFields(options) || options["include_usage"] !== true) return "";
    return `${this.#head}"index":0,"text":""}],"usage":${JSON.stringify(textUsage(this.#usage))}}\n\n`;
  }
}

/** The beginning of each chunk, up to the members of its choice. */
function headOf({ callId, model, time }: AnswerContext, id: string): string {
  const members = {
    id: completionId(id, callId),
    created: Math.floor(time / 1000),
    model,
    object: "text_completion",
  };
  return `data: ${JSON.stringify(members).slice(0, -1)},"choices":[{`;
}
