import { type Answer, decodeAnswer, encodeAnswer } from "./answer.ts";
import type { AnswerStore, Asker } from "./answer-store.ts";

/**
 * What is needed of the connection to Redis (redis/redis-connection.ts): `done` is called once, at the latest after its
 * time-out, and at once while Redis does not answer; `failure` says why there is no answer.
 */
export interface RedisAnswers {
  send(
    command: string,
    args: readonly (string | Buffer | number)[],
    done: (failure: string | undefined, answer: unknown) => void,
    buffers?: boolean,
  ): void;
}

/** Memory for answers that are recorded at one time; Redis itself holds none of ours. */
const RECORDING_BYTES = 64 << 20;

/** Answers on their way to Redis at one time; beyond this they are not kept. */
const WRITING_BYTES = 16 << 20;

/**
 * Answers in Redis, shared by all gateways that use it with the same namespace. An error, no answer in time, no
 * connection, or a value that is not ours is a miss. How much is kept, and what is given up first, is up to Redis
 * (`maxmemory`).
 */
export class RedisStore implements AnswerStore {
  readonly recordingBytes = RECORDING_BYTES;
  readonly #redis: RedisAnswers;
  #writing = 0;

  constructor(redis: RedisAnswers) {
    this.#redis = redis;
  }

  get(key: string, asker: Asker): void {
    this.#redis.send(
      "GET",
      [key],
      (_, value) => asker.found(Buffer.isBuffer(value) ? decodeAnswer(value) : undefined),
      true,
    );
  }

  set(key: string, answer: Answer, ttlMilliseconds: number): void {
    const size = answer.body.length;
    if (this.#writing + size > WRITING_BYTES) return;
    this.#writing += size;
    const ttl = Math.max(1, Math.round(ttlMilliseconds));
    this.#redis.send("SET", [key, encodeAnswer(answer), "PX", ttl], () => {
      this.#writing -= size;
    });
  }
}
