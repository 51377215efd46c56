import { type Answer, decodeAnswer, encodeAnswer } from "./answer.ts";
import type { AnswerStore, Asker } from "./answer-store.ts";

/** What is needed of a Redis connection. A call may reject, or never come to an end. */
export interface RedisAnswers {
  /** False while a command would have to wait for a connection. */
  available(): boolean;
  getBuffer(key: string): Promise<Buffer | null>;
  /** `SET key value PX ttlMilliseconds`. */
  set(key: string, value: Buffer, ttlMilliseconds: number): Promise<unknown>;
}

/** What a store outside needs beside its connection. */
export interface RedisStoreServices {
  /** Monotonic milliseconds. */
  now(): number;
  after(milliseconds: number, run: () => void): { cancel(): void };
  /** Counts every look-up and every write that Redis did not do, whatever the reason. */
  readonly failures: { inc(): void };
}

/** A Redis that did not answer in time is left alone this long: each look-up would wait in vain as long as the first. */
const REST_MILLISECONDS = 1000;

/** Memory for answers that are recorded at one time; Redis itself holds none of ours. */
const RECORDING_BYTES = 64 << 20;

/** Values handed to the connection and not yet acknowledged; beyond this, answers are not kept. */
const WRITING_BYTES = 16 << 20;

/**
 * Answers in Redis, shared by all gateways that use it with the same namespace. It is asked for at most
 * `timeoutMilliseconds`; no answer, an error, no connection or a value that is not ours is a miss. Nothing is sent while
 * it is not available, and after a time-out there is silence for a second. How much is kept, and what is given up
 * first, is up to Redis (`maxmemory`).
 */
export class RedisStore implements AnswerStore {
  readonly recordingBytes = RECORDING_BYTES;
  readonly #redis: RedisAnswers;
  readonly #timeout: number;
  readonly #services: RedisStoreServices;
  #restUntil = 0;
  #writing = 0;

  constructor(redis: RedisAnswers, timeoutMilliseconds: number, services: RedisStoreServices) {
    this.#redis = redis;
    this.#timeout = timeoutMilliseconds;
    this.#services = services;
  }

  get(key: string, asker: Asker): void {
    if (!this.#usable()) {
      this.#services.failures.inc();
      return asker.found(undefined);
    }
    let open = true;
    const close = (answer: Answer | undefined): void => {
      if (!open) return;
      open = false;
      timer.cancel();
      asker.found(answer);
    };
    const fail = (): void => {
      if (open) this.#services.failures.inc();
      close(undefined);
    };
    const timer = this.#services.after(this.#timeout, () => {
      this.#rest();
      fail();
    });
    this.#redis.getBuffer(key).then((bytes) => {
      if (bytes === null) return close(undefined);
      const answer = decodeAnswer(bytes);
      if (answer === undefined) fail();
      else close(answer);
    }, fail);
  }

  set(key: string, answer: Answer, ttlMilliseconds: number): void {
    const size = answer.body.length;
    if (!this.#usable() || this.#writing + size > WRITING_BYTES) return this.#services.failures.inc();
    this.#writing += size;
    const done = (): void => {
      this.#writing -= size;
    };
    this.#redis.set(key, encodeAnswer(answer), Math.max(1, Math.round(ttlMilliseconds))).then(done, () => {
      done();
      this.#services.failures.inc();
    });
  }

  #usable(): boolean {
    return this.#redis.available() && this.#services.now() >= this.#restUntil;
  }

  #rest(): void {
    this.#restUntil = this.#services.now() + REST_MILLISECONDS;
  }
}
