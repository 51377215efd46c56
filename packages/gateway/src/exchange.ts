import type { IncomingMessage, ServerResponse } from "node:http";
import { performance } from "node:perf_hooks";
import type { Usage } from "@gatewright/call";
import { type ApiError, responseHeaders } from "@gatewright/litellm";
import type { Operation } from "@gatewright/providers";
import type { ServiceTier } from "./budget/price.ts";
import type { SpendMeter } from "./budget/spend-meter.ts";
import type { Estimate } from "./budget/token-estimate.ts";
import type { Recorder } from "./cache/recorder.ts";
import { noControls, type RequestControls } from "./controls.ts";
import { operationFacts } from "./edge/operations.ts";
import { readAway } from "./edge/read-away.ts";
import type { Grant, Refusal } from "./limit/ledger.ts";
import type { Application } from "./limit/limiter.ts";
import type { Choice } from "./route/choice.ts";
import type { Course } from "./route/course.ts";
import type { Attempt } from "./route/course-call.ts";
import { anonymous, type Caller } from "./snapshot/caller.ts";
import type { Deployment, Group, Snapshot } from "./snapshot/snapshot.ts";
import type { RequestTrace } from "./telemetry/trace.ts";
import type { CostParts } from "./upstream/answer-headers.ts";
import type { Form } from "./upstream/form.ts";

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

/** One call to an upstream that has ended. */
export interface ExchangeAttempt extends Attempt {
  readonly deployment: Deployment;
  readonly group: Group;
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
  /** The body where it is a form; `body` is empty then. */
  form: Form | undefined;
  /** Length of the body as it came; of a form on its way, what has come of it. */
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
  /** The group the name means; undefined when only `default_fallbacks` serve it. */
  group: Group | undefined;
  /** The deployment that was called last, and the group it was called for. */
  deployment: Deployment | undefined;
  servingGroup: Group | undefined;
  /** Its way through deployments, once that has begun. */
  course: Course | undefined;
  /** Tokens it is taken to use before that is known. */
  estimate: Estimate = noEstimate;
  /** How long the call may take, set when it starts. */
  timeouts: Timeouts = { timeoutMilliseconds: 0, firstByteMilliseconds: 0 };
  /** When the last upstream was called, answered and sent its first byte of body, as `performance.now()`; 0 = not yet. */
  calledAt = 0;
  answeredAt = 0;
  firstByteAt = 0;
  /** Bytes of body sent to the client. */
  sentBytes = 0;
  /** What was sent of a stream ends inside a frame: another frame would be taken for the rest of that one. */
  #insideFrame = false;
  /** Parameters the upstream was not given, because its wire has none such: `x-gatewright-dropped`. */
  droppedParameters: readonly string[] = noNames;
  /** Frames for an error in the stream under way, where its writer has to know what it has written before. */
  streamFailure: ((error: ApiError) => string | undefined) | undefined;
  /** The failure that was answered, for logs and metrics. */
  failure: ApiError | undefined;
  /** What is under way for this request. */
  call: Call | undefined;
  /** JSON text of the `usage` that the upstream sent; of an answer from the cache, what it once took. */
  usageText: string | undefined;
  /** What the answer used, as far as that is known; undefined when there was nothing to count. */
  usage: Usage | undefined;
  /** Picodollars; final once the request is over. */
  cost = 0;
  /** What a discount and a margin made of it, where any is configured. */
  costParts: CostParts | undefined;
  /** What budgets have set aside for it (stages/budget.ts). */
  spendMeters: readonly SpendMeter[] = noMeters;
  serviceTier: ServiceTier | undefined;
  reserved = 0;
  reservedDeployment: Deployment | undefined;
  /** What it took of its limits, or what refused it, and how long it waited for them (stages/limit.ts). */
  grant: Grant | undefined;
  refusal: Refusal | undefined;
  application: Application | undefined;
  queuedMilliseconds = 0;
  /** Its place in the cache, once that was asked (stages/cache.ts). */
  cacheKey: string | undefined;
  cacheHit = false;
  recorder: Recorder | undefined;
  /** Undefined where nothing is traced. */
  trace: RequestTrace | undefined;

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

  /** Tags of the request and of its key. */
  get tags(): readonly string[] {
    const { controls, caller } = this;
    return caller.tags.length === 0 ? controls.tags : [...new Set([...controls.tags, ...caller.tags])];
  }

  /** Where it may be served; undefined: anywhere. */
  get region(): string | undefined {
    return this.customer === "" ? undefined : this.snapshot.customerRegions.get(this.customer);
  }

  get userAgent(): string {
    return this.request.headers["user-agent"] ?? "";
  }

  /** Its body has gone upstream without being kept: nobody else can be called. */
  get spent(): boolean {
    return this.form?.spent === true;
  }

  /** Calls that have ended; undefined where the only one went well (route/course.ts). */
  get attempts(): readonly ExchangeAttempt[] | undefined {
    // A course knows only what routing needs of them; the groups and deployments it gets are the snapshot's.
    return this.course?.attempts as readonly ExchangeAttempt[] | undefined;
  }

  get choices(): readonly Choice[] | undefined {
    return this.course?.choices;
  }

  /** What the key has spent, US dollars; undefined for callers nobody keeps account of. */
  get keySpend(): number | undefined {
    return this.caller.kind === "key"
      ? this.caller.spend[0]?.dollarsSpent(this.answeredAt || this.startedAt)
      : undefined;
  }

  get retries(): number {
    return this.course?.retries ?? 0;
  }

  get fallbacks(): number {
    return this.course?.fallbacks ?? 0;
  }

  /**
   * JSON text of the name the client used: what `model` in the answer has to say. Undefined after a fallback, where the
   * answer says who gave it (litellm.md §3.8).
   */
  answeredModelJson(): Buffer | undefined {
    const { group, model } = this;
    if (this.fallbacks > 0) return undefined;
    return group?.name === model ? group.nameJson : Buffer.from(JSON.stringify(model));
  }

  /** The fields of the body. Let go of while an upstream is called, and read again for another attempt. */
  get fields(): RequestFields {
    this.#fields ??= this.form?.fields;
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
    this.form = undefined;
    this.#fields = noFields;
  }

  /** Sends a piece of the answer's body. False when the client does not take more at the moment. */
  send(bytes: Buffer): boolean {
    this.sentBytes += bytes.length;
    this.#insideFrame = this.stream && !endsFrame(bytes);
    this.recorder?.push(bytes);
    return this.response.write(bytes);
  }

  /** Sends an answer's body that is whole, and ends the answer: one write where `send` and an end are two. */
  finish(body: Buffer): void {
    this.sentBytes += body.length;
    this.recorder?.push(body);
    this.response.end(body);
  }

  #failureFrames(error: ApiError): string {
    const { api } = operationFacts[this.operation];
    if (api === undefined) return `data: ${JSON.stringify(error.body)}\n\n`;
    const { model, callId } = this;
    return api.writeStream({ model, callId, time: Date.now(), fields: noFields }).fail(error);
  }

  /** The client went away, or everything has been said. */
  get over(): boolean {
    return this.response.destroyed || this.response.writableEnded;
  }

  /**
   * Answers with an error. Before the first byte it is a plain JSON answer with its own status; in a stream it is one
   * last frame of the client's API, such as `data: {"error": …}` (litellm.md §3.8); in the middle of a frame or of any other body all that is left is
   * to cut the connection, so that the client does not take the part for the whole.
   */
  fail(error: ApiError): void {
    if (this.over) return;
    this.failure = error;
    this.recorder?.abandon();
    const { response } = this;
    if (!response.headersSent) {
      const form = operationFacts[this.operation].errorBody;
      const text = JSON.stringify(form === undefined ? error.body : form(error, this.requestId));
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
    } else if (this.stream && !this.#insideFrame) {
      response.end(this.streamFailure?.(error) ?? this.#failureFrames(error));
    } else {
      response.destroy();
    }
  }
}

/** Whether the blank line that ends a frame stands at the end, with either kind of line ends. */
function endsFrame(bytes: Buffer): boolean {
  const end = bytes.length - 1;
  if (bytes[end] !== 0x0a) return false;
  return bytes[end - 1] === 0x0a || (bytes[end - 1] === 0x0d && bytes[end - 2] === 0x0a);
}

/** What may be echoed in a header and written to the log. */
const fitId = /^[\w.:/+=-]{1,128}$/;

const empty = Buffer.alloc(0);
const noFields: RequestFields = Object.freeze({});
const noEstimate: Estimate = Object.freeze({ input: 0, output: 0 });
const noMeters: readonly SpendMeter[] = Object.freeze([]);
const noNames: readonly string[] = Object.freeze([]);
