import type { IncomingMessage, ServerResponse } from "node:http";
import { performance } from "node:perf_hooks";
import { type ApiError, apiError, responseHeaders } from "@gatewright/litellm";
import type { Dispatcher } from "undici";
import { dollars } from "../budget/dollars.ts";
import type { SpendMeter } from "../budget/spend-meter.ts";
import type { Logger } from "../logger.ts";
import { anonymous, type Caller } from "../snapshot/caller.ts";
import type { PassThrough, PassThroughMatch } from "../snapshot/pass-through.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { budgetExceeded } from "../stages/budget.ts";
import { callerOf } from "../stages/key.ts";
import type { InFlight } from "../stages/telemetry.ts";
import { deadlines, type Watched } from "../upstream/deadlines.ts";
import type { Pools } from "../upstream/pools.ts";
import { passedHeaders, type UpstreamHeaders } from "../upstream/response-headers.ts";
import { Upload } from "../upstream/upload.ts";
import { targetHeaders } from "./pass-through-request.ts";
import { readAway } from "./read-away.ts";

/** What pass-through needs of the gateway. */
export interface PassThroughServices {
  readonly pools: Pools;
  readonly inFlight: InFlight;
  readonly logger: Pick<Logger, "request">;
}

/** One request to be passed through. */
export interface PassThroughRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly snapshot: Snapshot;
  readonly match: PassThroughMatch;
  readonly callId: string;
  /** Answers with an error; once the answer has begun, breaks it off. */
  fail(error: ApiError): void;
}

/** Serves the requests of `pass_through_endpoints` (litellm.md §2.4): bytes both ways, as they come. */
export type PassThroughServer = (passed: PassThroughRequest) => void;

export function passThroughServer(services: PassThroughServices): PassThroughServer {
  return (passed) => new PassedThrough(passed, services).start();
}

/** Who calls, or why the request is refused before anything of it goes anywhere. */
function admit({ request, snapshot, match }: PassThroughRequest): Caller | ApiError {
  const { endpoint } = match;
  if (!endpoint.methods.includes(request.method ?? ""))
    return { ...apiError("method_not_allowed", {}), headers: { allow: endpoint.methods.join(", ") } };
  const caller = endpoint.keyNeeded ? callerOf(snapshot, request.headers) : anonymous;
  if ("status" in caller) return caller;
  const limit = snapshot.bodyLimit;
  if (Number(request.headers["content-length"] ?? 0) > limit) return apiError("body_too_large", { limit });
  const crossed = metersOf(endpoint, caller, snapshot).find((meter) => meter.crossed(performance.now()));
  return crossed === undefined ? caller : budgetExceeded(crossed);
}

/** The budgets that a request counts on. */
function metersOf({ cost }: PassThrough, caller: Caller, { budgets }: Snapshot): readonly SpendMeter[] {
  if (cost === 0) return [];
  return budgets.global === undefined ? caller.spend : [...caller.spend, budgets.global];
}

/** Status written for a client that left before it had its answer, as in the access log of models. */
const CLIENT_GONE = 499;

/** How often an answer that waits for its client is looked at again. */
const PAUSED_LOOK_MILLISECONDS = 1000;

class PassedThrough implements Dispatcher.DispatchHandler, Watched {
  readonly #passed: PassThroughRequest;
  readonly #services: PassThroughServices;
  readonly #startedAt = performance.now();
  #caller: Caller = anonymous;
  #controller: Dispatcher.DispatchController | undefined;
  #answered = false;
  /** It has been answered, or there is nobody left to answer. */
  #over = false;
  /** Bytes came since somebody looked; and when they did, for all that is known. */
  #heard = false;
  #heardAt = 0;
  #requestBytes = 0;
  #responseBytes = 0;
  #error = "";
  slot = -1;
  dueAt = 0;

  constructor(passed: PassThroughRequest, services: PassThroughServices) {
    this.#passed = passed;
    this.#services = services;
  }

  start(): void {
    const { request, response } = this.#passed;
    this.#services.inFlight.count++;
    response.once("close", () => this.#close());
    // An answer may be complete without the target having taken the whole request.
    response.once("finish", () => readAway(request));
    const caller = admit(this.#passed);
    if ("status" in caller) return this.#fail(caller);
    this.#caller = caller;
    this.#send();
  }

  #send(): void {
    const { request, snapshot, match } = this.#passed;
    const { endpoint, target } = match;
    const headers = targetHeaders(request.headers, endpoint, snapshot);
    const body = this.#body();
    const length = request.headers["content-length"];
    if (body !== null && length !== undefined) headers.push("content-length", length);
    this.#lookAt(this.#startedAt + endpoint.timeoutMilliseconds);
    const method = (request.method ?? "GET") as Dispatcher.HttpMethod;
    this.#services.pools.pool(endpoint.origin).dispatch({ path: target, method, headers, body }, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#over) controller.abort(new Error("over"));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: UpstreamHeaders,
  ): void {
    if (status < 200 || this.#over) return;
    const { response, callId, match, snapshot } = this.#passed;
    this.#answered = true;
    response.writeHead(status, passedHeaders({ ...headers, [responseHeaders.call]: callId }));
    response.flushHeaders();
    this.#heardAt = performance.now();
    this.#lookAt(this.#heardAt + snapshot.streamIdleMilliseconds);
    if (status >= 400) return;
    for (const meter of metersOf(match.endpoint, this.#caller, snapshot))
      meter.add(match.endpoint.cost, this.#heardAt);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const { response } = this.#passed;
    this.#heard = true;
    this.#responseBytes += chunk.length;
    if (this.#over || response.write(chunk)) return;
    controller.pause();
    response.once("drain", () => controller.resume());
  }

  onResponseEnd(): void {
    deadlines.forget(this);
    if (!this.#over) this.#passed.response.end();
    this.#over = true;
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error & { code?: string }): void {
    const { path, origin } = this.#passed.match.endpoint;
    const code = typeof error.code === "string" ? ` (${error.code})` : "";
    this.#fail(apiError("target_unreachable", { path, text: `no answer from ${origin}${code}` }));
  }

  look(now: number): void {
    const { snapshot, match } = this.#passed;
    if (this.#heard) this.#heardAt = now;
    this.#heard = false;
    const dueAt = this.#heardAt + snapshot.streamIdleMilliseconds;
    // While the client is not taking what we have, the silence is ours.
    if (this.#answered && (dueAt > now || this.#controller?.paused === true))
      return this.#lookAt(Math.max(dueAt, now + PAUSED_LOOK_MILLISECONDS));
    const seconds = Math.round(now - this.#startedAt) / 1000;
    this.#fail(apiError("target_timeout", { path: match.endpoint.path, seconds }));
    this.#controller?.abort(new Error("timeout"));
  }

  /** The body as it comes in, up to the limit of all bodies; null when there is none. */
  #body(): Upload | null {
    const { request, snapshot } = this.#passed;
    const { "content-length": length, "transfer-encoding": coding } = request.headers;
    if (coding === undefined && (length === undefined || Number(length) === 0)) return null;
    const limit = snapshot.bodyLimit;
    return new Upload({
      request,
      begin: () => [],
      pass: (chunk) => {
        this.#requestBytes += chunk.length;
        if (this.#requestBytes <= limit) return true;
        this.#fail(apiError("body_too_large", { limit }));
        return false;
      },
    });
  }

  #fail(error: ApiError): void {
    deadlines.forget(this);
    if (this.#over) return;
    this.#over = true;
    this.#error = error.exceptionClass;
    this.#passed.fail(error);
  }

  #lookAt(time: number): void {
    this.dueAt = time;
    deadlines.watch(this);
  }

  /** The connection is done with the answer, or the client has gone. */
  #close(): void {
    deadlines.forget(this);
    this.#over = true;
    this.#services.inFlight.count--;
    const { request, response, match, callId } = this.#passed;
    const gone = !response.writableFinished && this.#error === "";
    if (!response.writableFinished) this.#controller?.abort(new Error("the client has gone"));
    const cost = this.#answered && response.statusCode < 400 ? match.endpoint.cost : 0;
    this.#services.logger.request(
      `"call_id":"${callId}","request_id":"${callId}","route":${JSON.stringify(match.endpoint.path)},` +
        `"status":${gone ? CLIENT_GONE : response.statusCode},"duration_ms":${Math.round(performance.now() - this.#startedAt)},` +
        `"request_bytes":${this.#requestBytes},"response_bytes":${this.#responseBytes},` +
        `"client":"${request.socket.remoteAddress ?? ""}","caller":"${this.#caller.kind}","user":${JSON.stringify(this.#caller.user)},` +
        `"error":"${this.#error}"${cost === 0 ? "" : `,"cost":${dollars(cost)}`}`,
    );
  }
}
