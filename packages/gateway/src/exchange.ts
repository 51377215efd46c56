import type { IncomingMessage, ServerResponse } from "node:http";
import { type ApiError, responseHeaders } from "@gatewright/litellm";
import type { Operation } from "@gatewright/providers";
import { noControls, type RequestControls } from "./controls.ts";
import { readAway } from "./edge/read-away.ts";
import { anonymous, type Caller } from "./snapshot/caller.ts";
import type { Deployment, Group, Snapshot } from "./snapshot/snapshot.ts";

/** A JSON object as a client sent it; only what is used is ever looked at. */
export type RequestFields = { readonly [field: string]: unknown };

/** How long a call may take, milliseconds. */
export interface Timeouts {
  readonly timeoutMilliseconds: number;
  /** Until the first byte of a stream. */
  readonly firstByteMilliseconds: number;
}

/** Something under way that is to end when the client has gone: an upstream call, a wait. */
export interface Call {
  abandon(): void;
}

/** One request for a model, from its headers to its last byte. Stages fill it in; each field is set once. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** What serves this request from beginning to end, whatever is loaded meanwhile. */
  readonly snapshot: Snapshot;
  readonly operation: Operation;
  /** The path as documented, for logs and metrics: never the client's own text. */
  readonly path: string;
  /** The model named in the path (Azure's form). */
  readonly pathModel: string | undefined;
  readonly callId: string;
  /** The client's own id of the request where it sent a fit one, else the call's. */
  readonly requestId: string;
  /** `performance.now()` when the request came in. */
  readonly startedAt = performance.now();

  /** Who calls, once that is known. */
  caller: Caller = anonymous;
  body: Buffer = empty;
  /** Length of the body as it came. */
  requestBytes = 0;
  #fields: RequestFields | undefined;
  /** Fields of the body that are meant for the gateway alone and go to no upstream. */
  proxyFields: readonly string[] = [];
  controls: RequestControls = noControls;
  /** End user the request is for, as the client says; "" when it names none. */
  customer = "";
  /** The model name the client used. */
  model = "";
  /** The client wants a stream; once an upstream answers, whether it gets one. */
  stream = false;
  group: Group | undefined;
  deployment: Deployment | undefined;
  /** How long the call may take, set when it starts. */
  timeouts: Timeouts = { timeoutMilliseconds: 0, firstByteMilliseconds: 0 };
  /** When the last upstream was called, answered and sent its first byte of body, as `performance.now()`; 0 = not yet. */
  calledAt = 0;
  answeredAt = 0;
  firstByteAt = 0;
  /** Bytes of body sent to the client. */
  sentBytes = 0;
  /** The failure that was answered, for logs and metrics. */
  failure: ApiError | undefined;
  /** What is under way for this request. */
  call: Call | undefined;
  /** JSON text of the `usage` that the upstream sent. */
  usageText: string | undefined;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    snapshot: Snapshot,
    operation: Operation,
    path: string,
    pathModel: string | undefined,
    callId: string,
  ) {
    this.request = request;
    this.response = response;
    this.snapshot = snapshot;
    this.operation = operation;
    this.path = path;
    this.pathModel = pathModel;
    this.callId = callId;
    const own = request.headers["x-request-id"];
    this.requestId = typeof own === "string" && fitId.test(own) ? own : callId;
  }

  /** JSON text of the name the client used: what `model` in the answer has to say. */
  answeredModelJson(): Buffer {
    const { group, model } = this;
    return group !== undefined && group.name === model ? group.nameJson : Buffer.from(JSON.stringify(model));
  }

  /** The fields of the body. Let go of while an upstream is called, and read again for another attempt. */
  get fields(): RequestFields {
    this.#fields ??= this.body.length === 0 ? noFields : (JSON.parse(this.body.toString()) as RequestFields);
    return this.#fields;
  }

  set fields(fields: RequestFields) {
    this.#fields = fields;
  }

  /** Lets go of what the garbage collector would have to move about while the answer is long in coming. */
  forgetFields(): void {
    this.#fields = undefined;
  }

  /** Lets go of the request: its answer has begun, so there is no other attempt. */
  forgetRequest(): void {
    this.body = empty;
    this.#fields = noFields;
  }

  /** Sends a piece of the answer's body. False when the client does not take more at the moment. */
  send(bytes: Buffer): boolean {
    this.sentBytes += bytes.length;
    return this.response.write(bytes);
  }

  /** The client went away, or everything has been said. */
  get over(): boolean {
    return this.response.destroyed || this.response.writableEnded;
  }

  /**
   * Answers with an error. Before the first byte it is a plain JSON answer with its own status; in a stream it is one
   * last `data: {"error": …}` frame (litellm.md §3.8); in the middle of any other body all that is left is to cut the
   * connection, so that the client does not take the part for the whole.
   */
  fail(error: ApiError): void {
    if (this.over) return;
    this.failure = error;
    const { response } = this;
    const text = JSON.stringify(error.body);
    if (!response.headersSent) {
      const headers = [
        "content-type",
        "application/json",
        "content-length",
        String(Buffer.byteLength(text)),
        responseHeaders.call,
        this.callId,
        "x-request-id",
        this.requestId,
      ];
      for (const [name, value] of Object.entries(error.headers ?? {})) headers.push(name, value);
      response.writeHead(error.status, headers);
      response.end(text);
      readAway(this.request);
    } else if (this.stream) {
      response.end(`data: ${text}\n\n`);
    } else {
      response.destroy();
    }
  }
}

/** What may be echoed in a header and written to the log. */
const fitId = /^[\w.:/+=-]{1,128}$/;

const empty = Buffer.alloc(0);
const noFields: RequestFields = Object.freeze({});
