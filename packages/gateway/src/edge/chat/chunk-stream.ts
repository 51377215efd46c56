import type { ChatEvent, Usage } from "@gatewright/call";
import type { ApiError } from "@gatewright/litellm";
import type { AnswerContext, StreamWriter } from "../client-api.ts";
import { isFields } from "../field.ts";
import { finishReasons } from "./finish-reason.ts";
import {
  annotationOf,
  NO_ARGUMENTS,
  redactedBlock,
  thinkingBlock,
  toolCall,
  toolCallId,
} from "./message-member.ts";
import { usageObject } from "./usage-object.ts";

/** What has to be remembered of one choice while it is streamed. */
interface ChoiceState {
  /** Beginning of its chunks with a delta, up to the delta's members. */
  readonly head: string;
  /** Whether a delta was sent: the first one has the role. */
  begun: boolean;
  /** Text so far, and where the part under way began, in UTF-16 units. */
  length: number;
  partStart: number;
  /** Reasoning that has not been signed yet. */
  reasoning: string;
  /** Numbers of the tool calls that have no arguments yet. */
  readonly silentCalls: Set<number>;
}

/**
 * Writes a stream as `chat.completion.chunk`s, as LiteLLM does (litellm.md §3.8): the role is in the first delta with
 * content, usage comes only when it was asked for, in a chunk of its own. Every chunk of content costs time while a client
 * waits, so chunks are put together from text and only what is new is made JSON.
 */
export class ChunkStream implements StreamWriter {
  readonly #context: AnswerContext;
  readonly #choices: ChoiceState[] = [];
  #head = "";
  #usage: Usage | undefined;

  constructor(context: AnswerContext) {
    this.#context = context;
    this.#setHead("", undefined);
  }

  write(event: ChatEvent): string {
    switch (event.kind) {
      case "text": {
        const state = this.#stateOf(event.choice);
        state.length += event.text.length;
        const more = event.logprobs === undefined ? "}" : `,"logprobs":${JSON.stringify(event.logprobs)}}`;
        return this.#delta(state, `"content":${JSON.stringify(event.text)}`, more);
      }
      case "reasoning": {
        const state = this.#stateOf(event.choice);
        state.reasoning += event.text;
        return this.#delta(state, `"reasoning_content":${JSON.stringify(event.text)}`);
      }
      case "tool-arguments": {
        const state = this.#stateOf(event.choice);
        if (event.text !== "") state.silentCalls.delete(event.tool);
        return this.#arguments(state, event.tool, event.text);
      }
      case "tool-call":
        return this.#toolCall(event);
      case "reasoning-signature": {
        const state = this.#stateOf(event.choice);
        const block = thinkingBlock(state.reasoning, event.signature);
        state.reasoning = "";
        return this.#delta(state, `"thinking_blocks":[${JSON.stringify(block)}]`);
      }
      case "redacted-reasoning": {
        const block = JSON.stringify(redactedBlock(event.data));
        return this.#delta(this.#stateOf(event.choice), `"thinking_blocks":[${block}]`);
      }
      case "refusal":
        return this.#delta(this.#stateOf(event.choice), `"refusal":${JSON.stringify(event.text)}`);
      case "citation":
        return this.#citation(event);
      case "part-end": {
        const state = this.#stateOf(event.choice);
        state.partStart = state.length;
        state.reasoning = "";
        return "";
      }
      case "finish":
        return this.#finish(event);
      case "usage":
        this.#usage = event.usage;
        return "";
      case "start":
        this.#setHead(event.id, event.serviceTier);
        return "";
      case "ping":
        return ": ping\n\n";
      case "end":
        return `${this.#usageChunk()}data: [DONE]\n\n`;
      case "other":
      case "failure":
        return "";
    }
  }

  fail(error: ApiError): string {
    return `data: ${JSON.stringify(error.body)}\n\n`;
  }

  #setHead(id: string, serviceTier: string | undefined): void {
    const { callId, model, time } = this.#context;
    const members = {
      id: id === "" ? `chatcmpl-${callId}` : id,
      created: Math.floor(time / 1000),
      model,
      object: "chat.completion.chunk",
      ...(serviceTier === undefined ? {} : { service_tier: serviceTier }),
    };
    this.#head = `data: ${JSON.stringify(members).slice(0, -1)},"choices":[{`;
  }

  #stateOf(choice: number): ChoiceState {
    let state = this.#choices[choice];
    if (state === undefined) {
      state = {
        head: `${this.#head}"index":${choice},"delta":{`,
        begun: false,
        length: 0,
        partStart: 0,
        reasoning: "",
        silentCalls: new Set(),
      };
      this.#choices[choice] = state;
    }
    return state;
  }

  /** `members`: the delta's; `end`: what follows the delta, with the choice's closing brace. */
  #delta(state: ChoiceState, members: string, end = "}"): string {
    if (state.begun) return `${state.head}${members}}${end}]}\n\n`;
    state.begun = true;
    return `${state.head}${members}${members === "" ? "" : ","}"role":"assistant"}${end}]}\n\n`;
  }

  #arguments(state: ChoiceState, tool: number, text: string): string {
    return this.#delta(
      state,
      `"tool_calls":[{"index":${tool},"function":{"arguments":${JSON.stringify(text)}}}]`,
    );
  }

  #toolCall({ choice, id, name, signature, tool }: Extract<ChatEvent, { kind: "tool-call" }>): string {
    const state = this.#stateOf(choice);
    state.silentCalls.add(tool);
    const call = toolCall(toolCallId(id, this.#context.callId, choice, tool), name, "", signature);
    return this.#delta(state, `"tool_calls":[${JSON.stringify({ index: tool, ...call })}]`);
  }

  #citation({ choice, citation }: Extract<ChatEvent, { kind: "citation" }>): string {
    const state = this.#stateOf(choice);
    const annotation = annotationOf(citation, state.partStart, state.length);
    if (annotation !== undefined) return this.#delta(state, `"annotations":[${JSON.stringify(annotation)}]`);
    const own = JSON.stringify({ citation: citation.value });
    return this.#delta(state, `"provider_specific_fields":${own}`);
  }

  #finish({ choice, reason }: Extract<ChatEvent, { kind: "finish" }>): string {
    const state = this.#stateOf(choice);
    let written = "";
    for (const tool of state.silentCalls) written += this.#arguments(state, tool, NO_ARGUMENTS);
    state.silentCalls.clear();
    return written + this.#delta(state, "", `,"finish_reason":"${finishReasons[reason]}"}`);
  }

  /** The choice that OpenAI leaves out of this chunk stands in it, empty, since LiteLLM's clients look at it. */
  #usageChunk(): string {
    const options = this.#context.fields["stream_options"];
    if (this.#usage === undefined || !isFields(options) || options["include_usage"] !== true) return "";
    return `${this.#head}"index":0,"delta":{}}],"usage":${JSON.stringify(usageObject(this.#usage))}}\n\n`;
  }
}
