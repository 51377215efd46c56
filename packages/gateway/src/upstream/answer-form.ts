import type { CallFailure } from "@gatewright/call";

/** What becomes of an upstream's answer on its way to the client. One for each call. */
export interface AnswerForm {
  /**
   * Whether an answer with this content type, no stream, is gathered to be looked at, so that its length and its names
   * are right. Others may be anything (audio, text, a file), and go through as they come.
   */
  isGathered(contentType: string): boolean;
  /** Whether an answer with this content type comes as a stream of events. */
  isStream(contentType: string): boolean;
  /** Content type the client gets for one the upstream gave. */
  contentType(upstream: string, stream: boolean): string;
  /** Reads the stream that begins now. */
  readStream(): AnswerStream;
  /**
   * What the client gets for a whole answer; undefined when the body is no JSON object. Not asked for answers that are
   * encoded.
   */
  readWhole(body: Buffer): WholeAnswer | CallFailure | undefined;
  /** What an error answer says, or the first frame of a stream that is an error. */
  readFailure(status: number, text: string): CallFailure;
}

export interface WholeAnswer {
  readonly body: Buffer;
  /** JSON text of the usage, in a form that `usageOfText` reads; undefined when the upstream told none. */
  readonly usage: string | undefined;
}

/** A stream on its way to the client, in chunks that may end anywhere. */
export interface AnswerStream {
  /** What can be sent on now; undefined when all of it has to wait, or is left out. */
  push(chunk: Buffer): Buffer | undefined;
  /** The upstream's body ended: what was held back until then. */
  rest(): Buffer | undefined;
  /** JSON text of the last usage that was heard. */
  readonly usage: string | undefined;
  /** Whether the stream has said that it is complete. */
  readonly complete: boolean;
  /** What broke it off, once something has: nothing of what came after is sent on. */
  readonly failure: CallFailure | undefined;
}
