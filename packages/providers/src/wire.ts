import type {
  CallFailure,
  ChatAnswer,
  ChatCall,
  ChatEventSink,
  EmbeddingAnswer,
  EmbeddingCall,
  Fidelity,
  Fields,
  WireName,
} from "@gatewright/call";

/** How chats are written in one API, and its answers read. Stateless; what belongs to one call is its `Translation`. */
export interface ChatWire {
  readonly name: WireName;
  /** What it does with each feature of a call. The gateway reports and refuses by it before the wire is asked. */
  readonly fidelity: Fidelity;
  /**
   * Writes the call. Features that the fidelity drops, ignores or refuses are simply not written. Throws a
   * `CallRefusal` where the call as a whole cannot be said in this wire, for a reason that no feature covers.
   */
  write(call: ChatCall, upstream: Upstream): Translation;
  /** Reads an error answer. `text` is the body as it came, at most 64 KiB of it. */
  readFailure(status: number, text: string): CallFailure;
}

/** What a wire needs to know of the deployment it writes for. */
export interface Upstream {
  /** Model id as the upstream knows it. */
  readonly model: string;
  /** Whether parameters that the wire does not know (`call.extra`) are left out instead of being sent. */
  readonly dropUnknown: boolean;
}

/** One call in an upstream's wire. What reading the answer has to remember of writing it stays inside. */
export interface Translation {
  /** The body, a JSON object: the gateway may still add to it (`extra_body`). Not kept after it was sent. */
  readonly body: Fields;
  /** Members of `call.extra` that were not sent, by the client's names. */
  readonly ignored: readonly string[];
  /** Reads a whole answer. `answer` is the parsed body; anything that is no answer is a failure with status 500. */
  readAnswer(answer: unknown): ChatAnswer | CallFailure;
  /** Reads a stream. The sink hears events while `push` runs. */
  readStream(sink: ChatEventSink): StreamReader;
}

/** Takes a streamed body in chunks that may end anywhere, also inside a character. */
export interface StreamReader {
  push(chunk: Buffer): void;
  /**
   * The body ended. A reader says `end` as soon as the upstream's own last word has come, or here where the API has no
   * last word but the finish was heard; otherwise it says nothing here, and the gateway knows that it was cut off.
   */
  end(): void;
}

/** How embeddings are asked for in one API. */
export interface EmbeddingWire {
  /** Throws a `CallRefusal` when the upstream has no way to say it. */
  write(call: EmbeddingCall, upstream: Upstream): EmbeddingTranslation;
  readFailure(status: number, text: string): CallFailure;
}

export interface EmbeddingTranslation {
  readonly body: Fields;
  /** Parameters that were left out, by OpenAI's names. */
  readonly ignored: readonly string[];
  readAnswer(answer: unknown): EmbeddingAnswer | CallFailure;
}

/** A call that cannot be written in a wire at all: the client's fault, answered with 400. */
export class CallRefusal extends Error {
  override readonly name = "CallRefusal";
  readonly code = "call_refused";
}
