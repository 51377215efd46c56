import type { CallFailure, Fields } from "@gatewright/call";
import type { ChatWire, Operation } from "@gatewright/providers";
import { nothingUsed } from "../budget/usage.ts";
import { EventStream } from "../wire/event-stream.ts";
import { NestedEventStream, type NestedStreamForm } from "../wire/nested-event-stream.ts";
import { renameModel } from "../wire/response-model.ts";
import { usageText } from "../wire/usage.ts";
import type { AnswerForm, AnswerStream, WholeAnswer } from "./answer-form.ts";

/** What a passed answer needs of its request. */
export interface PassedExchange {
  readonly operation: Operation;
  readonly fields: Fields;
  /** JSON text of the name the client used; undefined leaves the upstream's. Known when the answer begins. */
  answeredModelJson(): Buffer | undefined;
}

/** Operations whose answers need not be JSON. */
const inPieces: ReadonlySet<Operation> = new Set(["speech", "transcription", "audioTranslation"]);

const nested: { readonly [O in Operation]?: NestedStreamForm } = {
  message: { container: "message", last: ["message_stop"] },
  response: {
    container: "response",
    last: ["response.completed", "response.incomplete", "response.failed"],
  },
  imageGeneration: { container: "", last: ["image_generation.completed"] },
  imageEdit: { container: "", last: ["image_edit.completed"] },
  speech: { container: "", last: ["speech.audio.done"] },
  transcription: { container: "", last: ["transcript.text.done"] },
};

/** An answer whose API is the client's own: its bytes are passed on, but for the model's name. */
export class PassedAnswer implements AnswerForm {
  readonly #exchange: PassedExchange;
  readonly #wire: ChatWire;
  readonly #addedUsage: boolean;

  /** `addedUsage`: the upstream was asked for the usage of a stream, and the client did not ask. */
  constructor(exchange: PassedExchange, wire: ChatWire, addedUsage: boolean) {
    this.#exchange = exchange;
    this.#wire = wire;
    this.#addedUsage = addedUsage;
  }

  isGathered(contentType: string): boolean {
    return !inPieces.has(this.#exchange.operation) || contentType.startsWith("application/json");
  }

  isStream(contentType: string): boolean {
    return contentType.startsWith("text/event-stream");
  }

  contentType(upstream: string): string {
    return upstream;
  }

  readStream(): AnswerStream {
    const model = this.#exchange.answeredModelJson();
    const form = nested[this.#exchange.operation];
    const readFailure = (text: string): CallFailure => this.#wire.readFailure(500, text);
    return form === undefined
      ? new EventStream({ model, withoutUsage: this.#addedUsage, readFailure })
      : new NestedEventStream(form, model, readFailure);
  }

  readWhole(body: Buffer): WholeAnswer | undefined {
    if (!looksLikeObject(body)) return undefined;
    const model = this.#exchange.answeredModelJson();
    return { body: model === undefined ? body : renameModel(body, model), usage: this.#usage(body) };
  }

  #usage(body: Buffer): string | undefined {
    const { operation, fields } = this.#exchange;
    if (operation === "messageTokens") return nothingUsed;
    const said = usageText(body);
    // What is charged by the request has a cost also where no tokens are told.
    if (operation === "rerank") return said ?? nothingUsed;
    if (operation !== "imageGeneration") return said;
    const { n } = fields;
    const images = typeof n === "number" && n > 0 ? n : 1;
    return said === undefined ? `{"images":${images}}` : `{"images":${images},${said.slice(1)}`;
  }

  readFailure(status: number, text: string): CallFailure {
    return this.#wire.readFailure(status, text);
  }
}

/** The cheapest test that tells an answer from a proxy's error page or a cut-off body. */
function looksLikeObject(body: Buffer): boolean {
  let last = body.length - 1;
  while (last >= 0 && (body[last] ?? 0) <= 0x20) last--;
  let first = 0;
  while (first < last && (body[first] ?? 0) <= 0x20) first++;
  return body[first] === 0x7b && body[last] === 0x7d;
}
