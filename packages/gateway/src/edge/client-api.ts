import type { ChatAnswer, ChatCall, ChatEvent, Fields } from "@gatewright/call";
import type { ApiError } from "@gatewright/litellm";

/** What an answer says of itself that the upstream does not know. */
export interface AnswerContext {
  /** The model name the client used. */
  readonly model: string;
  /** The gateway's id of the call, for answers whose upstream gave none. */
  readonly callId: string;
  /** Epoch milliseconds. */
  readonly time: number;
  /** The request as the client sent it: some answers repeat parts of it. */
  readonly fields: Fields;
}

/** An API that clients speak to the gateway: read into the call form, answered from it. */
export interface ClientApi {
  /** Reads a request, or says what is wrong with it and where. */
  read(fields: Fields): ChatCall | ApiError;
  /** A whole answer, as the JSON value the client gets. */
  writeAnswer(answer: ChatAnswer, context: AnswerContext): object;
  /** A streamed one. */
  writeStream(context: AnswerContext): StreamWriter;
}

/** Writes one stream, event by event. */
export interface StreamWriter {
  /**
   * The frames that the event becomes, whole, "" where it becomes none. After `end` everything the API wants at the end
   * of a stream has been written, `[DONE]` included. A `failure` is never given to it.
   */
  write(event: ChatEvent): string;
  /** The API's frames for an error in a stream that has begun; nothing may follow. */
  fail(error: ApiError): string;
}
