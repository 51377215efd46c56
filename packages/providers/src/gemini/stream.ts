import type { CallFailure, ChatEventSink, Fields } from "@gatewright/call";
import { fieldsIn, listIn, parsedJson, textIn } from "../fields-in.ts";
import { ServerSentEvents } from "../server-sent-events.ts";
import type { StreamReader } from "../wire.ts";
import { indexOf, partsIn } from "./answer.ts";
import { type AnswerPart, readAnswerPart } from "./answer-part.ts";
import { CallIds } from "./call-ids.ts";
import { readCitations } from "./citations.ts";
import { blockedPrompt, failureInStream } from "./failure.ts";
import { failureToAnswer, finishReason } from "./finish.ts";
import { readLogprobs } from "./logprobs.ts";
import type { CallMemory } from "./request.ts";
import { readUsage } from "./usage.ts";

/** A choice under way. */
interface OpenChoice {
  calls: number;
  /** Anything that a client sees came. */
  said: boolean;
  /** Undefined while it goes on. */
  finish: unknown;
  finishMessage: unknown;
}

/**
 * Reads a stream of streamGenerateContent: each event is an answer that holds what is new. Gemini has no last word, and
 * may finish a choice more than once, so that finishes are told when the body has ended.
 */
export class GeminiStreamReader implements StreamReader {
  readonly #sink: ChatEventSink;
  readonly #memory: CallMemory;
  readonly #events = new ServerSentEvents((data) => this.#hear(data));
  readonly #choices = new Map<number, OpenChoice>();
  #callIds: CallIds | undefined;
  #failed = false;
  #ended = false;

  constructor(sink: ChatEventSink, memory: CallMemory) {
    this.#sink = sink;
    this.#memory = memory;
  }

  push(chunk: Buffer): void {
    if (!this.#failed) this.#events.push(chunk);
  }

  end(): void {
    if (this.#failed) return;
    this.#ended = true;
    this.#events.end();
    const choices = [...this.#choices].sort(([one], [other]) => one - other);
    const [first] = choices;
    if (this.#failed || first === undefined) return;
    if (choices.some(([, { finish }]) => finish === undefined)) return;
    if (choices.every(([, { said }]) => !said)) {
      const failure = failureToAnswer(first[1].finish, first[1].finishMessage);
      if (failure !== undefined) return this.#fail(failure);
    }
    for (const [choice, { calls, finish }] of choices) {
      this.#sink({ kind: "finish", choice, reason: finishReason(finish, calls > 0) });
    }
    this.#sink({ kind: "end" });
  }

  #hear(data: string): void {
    if (this.#failed) return;
    const answer = fieldsIn(parsedJson(data));
    if (answer === undefined) {
      // What stands last may be half a frame of a stream that was cut off.
      if (!this.#ended)
        this.#fail({ status: 500, message: "Gemini's stream has a frame that is no JSON object" });
      return;
    }
    const error = fieldsIn(answer["error"]);
    if (error !== undefined) return this.#fail(failureInStream(error));
    const candidates = listIn(answer["candidates"]);
    const blocked = candidates.length === 0 ? blockedPrompt(answer) : undefined;
    if (blocked !== undefined) return this.#fail(blocked);
    if (this.#callIds === undefined) this.#start(answer);
    for (const item of candidates) {
      const candidate = fieldsIn(item);
      if (candidate !== undefined) this.#readCandidate(candidate);
    }
    const usage = readUsage(answer["usageMetadata"]);
    if (usage !== undefined) this.#sink({ kind: "usage", usage });
  }

  #start(answer: Fields): void {
    const id = textIn(answer["responseId"]) ?? "";
    this.#callIds = new CallIds(id);
    this.#sink({ kind: "start", id, model: textIn(answer["modelVersion"]) ?? "" });
  }

  #readCandidate(candidate: Fields): void {
    const choice = indexOf(candidate);
    let state = this.#choices.get(choice);
    if (state === undefined) {
      state = { calls: 0, said: false, finish: undefined, finishMessage: undefined };
      this.#choices.set(choice, state);
    }
    let logprobs: unknown = readLogprobs(candidate["logprobsResult"]);
    for (const item of partsIn(candidate)) {
      const part = readAnswerPart(item, this.#memory.toolNames);
      if (part === undefined) continue;
      state.said = true;
      if (part.kind === "tool-call") this.#readCall(part, choice, state);
      else if (part.kind === "other")
        this.#sink({ kind: "other", choice, wire: "gemini", value: part.value });
      else {
        this.#readText(part, choice, logprobs);
        if (part.kind === "text") logprobs = undefined;
      }
    }
    if (logprobs !== undefined) this.#sink({ kind: "text", choice, text: "", logprobs });
    for (const citation of readCitations(candidate)) this.#sink({ kind: "citation", choice, citation });
    const reason = candidate["finishReason"];
    if (reason === undefined || reason === null || reason === "FINISH_REASON_UNSPECIFIED") return;
    state.finish = reason;
    state.finishMessage = candidate["finishMessage"];
  }

  #readText(
    { kind, signature, text }: Extract<AnswerPart, { readonly text: string }>,
    choice: number,
    logprobs: unknown,
  ): void {
    if (kind === "reasoning") {
      if (text !== "") this.#sink({ kind, choice, text });
    } else if (text !== "" || logprobs !== undefined) {
      this.#sink({ kind, choice, text, ...(logprobs === undefined ? {} : { logprobs }) });
    }
    if (signature !== undefined) this.#sink({ kind: "reasoning-signature", choice, signature });
  }

  #readCall(
    part: Extract<AnswerPart, { readonly kind: "tool-call" }>,
    choice: number,
    state: OpenChoice,
  ): void {
    if (state.calls > 0 && this.#memory.singleCall) return;
    const tool = state.calls++;
    const { id = this.#callIds?.idOf(choice, tool) ?? "", name, signature } = part;
    const signed = signature === undefined ? {} : { signature };
    this.#sink({ kind: "tool-call", choice, tool, id, name, ...signed });
    this.#sink({ kind: "tool-arguments", choice, tool, text: part.arguments });
  }

  #fail(failure: CallFailure): void {
    this.#failed = true;
    this.#sink({ kind: "failure", failure });
  }
}
