import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { type ApiError, apiError, responseHeaders } from "@gatewright/litellm";
import type { Operation } from "@gatewright/providers";
import type { Answer, AnswerUsage } from "../cache/answer.ts";
import type { Asker } from "../cache/answer-store.ts";
import { cacheKey } from "../cache/cache-key.ts";
import type { CacheControls } from "../cache/controls.ts";
import { type Recorded, Recorder } from "../cache/recorder.ts";
import { type Replayed, replay } from "../cache/replay.ts";
import type { Follower, Lead } from "../cache/single-flight.ts";
import type { GroupCache } from "../snapshot/cache.ts";
import { headerText } from "../snapshot/deployment.ts";
import { ModelRenamer, renameModel } from "../wire/response-model.ts";

/** What the stage needs of an exchange, and what it leaves in it. */
export interface CacheExchange extends Recorded, Replayed {
  readonly request: { readonly headers: IncomingHttpHeaders };
  readonly response: ServerResponse;
  readonly operation: Operation;
  readonly callId: string;
  readonly requestId: string;
  readonly startedAt: number;
  readonly body: Buffer;
  readonly group:
    | { readonly nameJson: Buffer; readonly nameHeader: string; readonly cache: GroupCache | undefined }
    | undefined;
  readonly controls: {
    readonly cache: CacheControls | undefined;
    readonly timeoutMilliseconds: number | undefined;
  };
  stream: boolean;
  firstByteAt: number;
  call: { abandon(): void } | undefined;
  /** Name of the answer in the cache, once it has been looked for or is going to be kept. */
  cacheKey: string | undefined;
  /** The client got a kept answer, its own or the one it waited for. */
  cacheHit: boolean;
  /** Keeps the answer that is to come. */
  recorder: Recorder | undefined;
  answeredModelJson(): Buffer;
  forgetRequest(): void;
  fail(error: ApiError): void;
}

/** What the stage needs of the gateway. */
export interface CacheStageServices<E> {
  /** Monotonic milliseconds. */
  now(): number;
  /** Epoch milliseconds. */
  epoch(): number;
  /** Counts a look-up; `usage` is the kept answer's (litellm.md §5.1). A request that asks for `no-cache` looks nothing up. */
  count(exchange: E, outcome: "hit" | "miss", usage: AnswerUsage | undefined): void;
  /** A flat list of what every answer to this request carries beside the stage's own: limits, spend, version. */
  headers(exchange: E): readonly string[];
  /** A defect: the request is answered with 500. */
  crashed(error: unknown): void;
}

/** A request waits no longer than this for another one's answer. */
const FOLLOW_MILLISECONDS = 30_000;

/**
 * Answers from the cache, or lets the request go on with a recorder (litellm.md §4.6). Identical requests that come
 * while the first of them is being answered wait for its answer, a stream's as well: they get it when it is complete,
 * or go on by themselves after 30 s or their own time-out. When the leader's client leaves, its upstream call ends as
 * always and the next one asks anew.
 */
export function cache<E extends CacheExchange>(
  services: CacheStageServices<E>,
): (exchange: E, next: (exchange: E) => void) => void {
  return (exchange, next) => {
    const kept = exchange.group?.cache;
    if (kept === undefined || !isCached(kept, exchange)) return next(exchange);
    const { cache: controls } = exchange.controls;
    exchange.cacheKey = cacheKey(exchange.body, {
      operation: exchange.operation,
      groupJson: exchange.group?.nameJson ?? exchange.answeredModelJson(),
      namespace: controls?.namespace ?? kept.namespace,
      ignored: kept.ignored,
      headers: headersOf(exchange.request.headers, kept.headers),
    });
    new LookUp(exchange, exchange.cacheKey, kept, services, next).start();
  };
}

function isCached(kept: GroupCache, { operation, controls }: CacheExchange): boolean {
  if (!kept.operations[operation]) return false;
  if (!kept.onByDefault && controls.cache?.useCache !== true) return false;
  return !(controls.cache?.noCache === true && controls.cache.noStore);
}

function headersOf(given: IncomingHttpHeaders, names: readonly string[]): string {
  let text = "";
  for (const name of names) {
    const value = given[name];
    if (typeof value === "string") text += `${name}:${value};`;
  }
  return text;
}

/** One request's dealings with the cache. */
class LookUp<E extends CacheExchange> implements Asker, Follower {
  readonly #exchange: E;
  readonly #key: string;
  readonly #kept: GroupCache;
  readonly #services: CacheStageServices<E>;
  readonly #next: (exchange: E) => void;
  #lead: Lead | undefined;

  constructor(
    exchange: E,
    key: string,
    kept: GroupCache,
    services: CacheStageServices<E>,
    next: (exchange: E) => void,
  ) {
    this.#exchange = exchange;
    this.#key = key;
    this.#kept = kept;
    this.#services = services;
    this.#next = next;
  }

  start(): void {
    const { controls } = this.#exchange;
    // Wants neither an old answer nor one that is on its way already; what it gets, others may have.
    if (controls.cache?.noCache === true) return this.#go();
    // What is not kept cannot be waited for.
    if (controls.cache?.noStore === true) return this.#kept.store.get(this.#key, this);
    const patience = Math.min(FOLLOW_MILLISECONDS, controls.timeoutMilliseconds ?? FOLLOW_MILLISECONDS);
    this.#lead = this.#kept.flights.join(this.#key, this, patience);
    if (this.#lead === undefined) this.#exchange.call = this;
    else this.#kept.store.get(this.#key, this);
  }

  /** The store has looked. */
  found(answer: Answer | undefined): void {
    if (this.#exchange.over) return this.#lead?.fail();
    if (answer === undefined || !this.#isFresh(answer)) return this.#miss();
    this.#kept.flights.answered(this.#key, answer);
    this.#hit(answer);
  }

  /** The leader has its answer. */
  take(answer: Answer): void {
    if (this.#exchange.over) return;
    if (this.#isFresh(answer)) this.#hit(answer);
    else this.#miss();
  }

  lead(lead: Lead): void {
    if (this.#exchange.over) return lead.fail();
    this.#lead = lead;
    this.#miss();
  }

  goAlone(): void {
    if (!this.#exchange.over) this.#miss();
  }

  /** The client left while it was following. */
  abandon(): void {
    this.#kept.flights.leave(this.#key, this);
  }

  #isFresh(answer: Answer): boolean {
    const seconds = this.#exchange.controls.cache?.maxAgeSeconds;
    return seconds === undefined || this.#services.epoch() - answer.storedAt < seconds * 1000;
  }

  #miss(): void {
    this.#services.count(this.#exchange, "miss", undefined);
    this.#go();
  }

  #go(): void {
    const exchange = this.#exchange;
    exchange.call = undefined;
    const { cache: controls } = exchange.controls;
    if (controls?.noStore !== true) {
      const ttlSeconds = controls?.ttlSeconds;
      exchange.recorder = new Recorder(
        exchange,
        {
          store: this.#kept.store,
          flights: this.#kept.flights,
          recording: this.#kept.recording,
          key: this.#key,
          ttlMilliseconds: ttlSeconds === undefined ? this.#kept.ttlMilliseconds : ttlSeconds * 1000,
          epoch: this.#services.epoch,
        },
        this.#lead,
      );
    }
    this.#next(exchange);
  }

  /** Runs from a timer, from Redis's answer or from another request, where nothing else would catch an exception. */
  #hit(answer: Answer): void {
    const exchange = this.#exchange;
    exchange.call = undefined;
    try {
      exchange.cacheHit = true;
      this.#services.count(exchange, "hit", answer.usage);
      this.#answer(answer);
    } catch (error) {
      this.#services.crashed(error);
      exchange.fail(apiError("internal", {}));
    }
  }

  #answer(answer: Answer): void {
    const exchange = this.#exchange;
    const body =
      answer.model === exchange.model ? answer.body : renamed(answer, exchange.answeredModelJson());
    // The request may be large and its client slow in taking the answer.
    exchange.forgetRequest();
    exchange.stream = answer.stream;
    exchange.firstByteAt = this.#services.now();
    const headers = [
      "content-type",
      answer.contentType,
      responseHeaders.call,
      exchange.callId,
      "x-request-id",
      exchange.requestId,
      responseHeaders.modelGroup,
      exchange.group?.nameHeader ?? "",
      responseHeaders.model,
      headerText(answer.deployment),
      responseHeaders.cost,
      "0",
      responseHeaders.cacheKey,
      headerText(this.#key),
      responseHeaders.attemptedRetries,
      "0",
      responseHeaders.attemptedFallbacks,
      "0",
      responseHeaders.overhead,
      (exchange.firstByteAt - exchange.startedAt).toFixed(2),
      ...this.#services.headers(exchange),
    ];
    if (answer.stream) {
      headers.push("cache-control", "no-cache", "x-accel-buffering", "no");
      exchange.response.writeHead(200, headers);
      return replay(exchange, body);
    }
    headers.push("content-length", String(body.length));
    exchange.sentBytes = body.length;
    exchange.response.writeHead(200, headers);
    exchange.response.end(body);
  }
}

/** The answer under another name of the same group. */
function renamed({ body, stream }: Answer, modelJson: Buffer): Buffer {
  return stream ? (new ModelRenamer(modelJson).push(body) ?? body) : renameModel(body, modelJson);
}
