import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import type { CallFailure } from "@gatewright/call";
import { type ApiError, apiError, responseHeaders } from "@gatewright/litellm";
import type { Operation } from "@gatewright/providers";
import type { Answer } from "../cache/answer.ts";
import type { Asker } from "../cache/answer-store.ts";
import { cacheKey } from "../cache/cache-key.ts";
import { type CacheControls, cacheControls } from "../cache/controls.ts";
import { type Recorded, Recorder } from "../cache/recorder.ts";
import { type Replayed, replay } from "../cache/replay.ts";
import type { Follower, Lead } from "../cache/single-flight.ts";
import type { GroupCache } from "../snapshot/cache.ts";
import { headerLine } from "../snapshot/header-text.ts";
import { streamLines } from "../upstream/answer.ts";
import { sendHead } from "../upstream/send-head.ts";
import { EventStream } from "../wire/event-stream.ts";
import { renameModel } from "../wire/response-model.ts";

/** What the stage needs of an exchange, and what it leaves in it. */
export interface CacheExchange extends Recorded, Replayed {
  readonly request: { readonly headers: IncomingHttpHeaders };
  readonly response: ServerResponse;
  readonly operation: Operation;
  readonly callId: string;
  readonly requestId: string;
  readonly startedAt: number;
  readonly body: Buffer;
  /** Those of the body's fields that are meant for the gateway alone. */
  readonly proxyFields: readonly string[];
  readonly group:
    | { readonly nameJson: Buffer; readonly headerLine: string; readonly cache: GroupCache | undefined }
    | undefined;
  readonly controls: {
    /** The body's `cache`, unread. */
    readonly cache: unknown;
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
  /** JSON text of the usage: of a hit, what the kept answer once took. The hit itself costs nothing. */
  usageText: string | undefined;
  answeredModelJson(): Buffer | undefined;
  forgetRequest(): void;
  finish(body: Buffer): void;
  fail(error: ApiError): void;
}

/** What the stage needs of the gateway. */
export interface CacheStageServices<E> {
  /** Monotonic milliseconds. */
  now(): number;
  /** Epoch milliseconds. */
  epoch(): number;
  /** Counts a look-up (litellm.md §5.1). A request that asks for `no-cache` looks nothing up. */
  count(exchange: E, outcome: "hit" | "miss"): void;
  /** What every answer to this request carries beside the stage's own (limits, spend, version): lines of its head. */
  headers(exchange: E): string;
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
    const { group } = exchange;
    const kept = group?.cache;
    if (group === undefined || kept === undefined || !kept.operations.has(exchange.operation))
      return next(exchange);
    const controls = cacheControls(exchange.controls.cache);
    if (controls !== undefined && "status" in controls) return exchange.fail(controls);
    if (!isWanted(kept, controls)) return next(exchange);
    exchange.cacheKey = cacheKey(exchange.body, {
      operation: exchange.operation,
      groupJson: group.nameJson,
      namespace: controls?.namespace ?? kept.namespace,
      ignored: uncounted(exchange.proxyFields),
      headers: headersOf(exchange.request.headers, kept.headers),
    });
    new LookUp(exchange, exchange.cacheKey, kept, controls, services, next).start();
  };
}

function isWanted(kept: GroupCache, controls: CacheControls | undefined): boolean {
  if (!kept.onByDefault && controls?.useCache !== true) return false;
  return !(controls?.noCache === true && controls.noStore);
}

/** Fields for the gateway alone that change the answer all the same. */
const answerFields = ["mock_response", "mock_tool_calls", "guardrails", "router_settings_override"];

function uncounted(proxyFields: readonly string[]): readonly string[] {
  return proxyFields.length === 0
    ? proxyFields
    : proxyFields.filter((field) => !answerFields.includes(field));
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
  readonly #controls: CacheControls | undefined;
  readonly #services: CacheStageServices<E>;
  readonly #next: (exchange: E) => void;
  #lead: Lead | undefined;

  constructor(
    exchange: E,
    key: string,
    kept: GroupCache,
    controls: CacheControls | undefined,
    services: CacheStageServices<E>,
    next: (exchange: E) => void,
  ) {
    this.#exchange = exchange;
    this.#key = key;
    this.#kept = kept;
    this.#controls = controls;
    this.#services = services;
    this.#next = next;
  }

  start(): void {
    // Wants neither an old answer nor one that is on its way already; what it gets, others may have.
    if (this.#controls?.noCache === true) return this.#go();
    // What is not kept cannot be waited for.
    if (this.#controls?.noStore === true) return this.#kept.store.get(this.#key, this);
    const patience = Math.min(
      FOLLOW_MILLISECONDS,
      this.#exchange.controls.timeoutMilliseconds ?? FOLLOW_MILLISECONDS,
    );
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
    const seconds = this.#controls?.maxAgeSeconds;
    return seconds === undefined || this.#services.epoch() - answer.storedAt < seconds * 1000;
  }

  #miss(): void {
    this.#services.count(this.#exchange, "miss");
    this.#go();
  }

  #go(): void {
    const exchange = this.#exchange;
    exchange.call = undefined;
    if (this.#controls?.noStore !== true) {
      const ttlSeconds = this.#controls?.ttlSeconds;
      exchange.recorder = new Recorder(
        exchange,
        {
          store: this.#kept.store,
          flights: this.#kept.flights,
          recording: this.#kept.recording,
          key: this.#key,
          ttlMilliseconds: ttlSeconds === undefined ? this.#kept.ttlMilliseconds : ttlSeconds * 1000,
          clock: this.#services,
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
      exchange.usageText = answer.usageText;
      this.#services.count(exchange, "hit");
      this.#answer(answer);
    } catch (error) {
      this.#services.crashed(error);
      exchange.fail(apiError("internal", {}));
    }
  }

  #answer(answer: Answer): void {
    const exchange = this.#exchange;
    const modelJson = answer.model === exchange.model ? undefined : exchange.answeredModelJson();
    const body = modelJson === undefined ? answer.body : renamed(answer, modelJson);
    // The request may be large and its client slow in taking the answer.
    exchange.forgetRequest();
    exchange.stream = answer.stream;
    exchange.firstByteAt = this.#services.now();
    const lines =
      headerLine("content-type", answer.contentType) +
      headerLine(responseHeaders.call, exchange.callId) +
      headerLine("x-request-id", exchange.requestId) +
      (exchange.group?.headerLine ?? "") +
      headerLine(responseHeaders.model, answer.deployment) +
      headerLine(responseHeaders.cost, "0") +
      headerLine(responseHeaders.cacheKey, this.#key) +
      headerLine(responseHeaders.attemptedRetries, "0") +
      headerLine(responseHeaders.attemptedFallbacks, "0") +
      headerLine(responseHeaders.overhead, (exchange.firstByteAt - exchange.startedAt).toFixed(2)) +
      this.#services.headers(exchange);
    if (answer.stream) {
      sendHead(exchange.response, 200, lines + streamLines, undefined);
      return replay(exchange, body);
    }
    sendHead(exchange.response, 200, lines, body.length);
    exchange.finish(body);
  }
}

/** Only whole answers are kept. */
const noFailure = (message: string): CallFailure => ({ status: 500, message });

/** The answer under another name of the same group. */
function renamed({ body, stream }: Answer, modelJson: Buffer): Buffer {
  if (!stream) return renameModel(body, modelJson);
  return (
    new EventStream({ model: modelJson, withoutUsage: false, readFailure: noFailure }).push(body) ?? body
  );
}
