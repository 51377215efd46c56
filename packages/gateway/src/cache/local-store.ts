import { LRUCache } from "lru-cache";
import { type Answer, sizeOf } from "./answer.ts";
import type { AnswerStore, Asker } from "./answer-store.ts";

/**
 * Answers in this process's memory, the least recently used given up first. Bodies and what hangs on them never weigh
 * more than `bytes`, however many there are; an answer that alone is heavier is not kept.
 */
export class LocalStore implements AnswerStore {
  readonly bytes: number;
  readonly recordingBytes: number;
  readonly #answers: LRUCache<string, Answer>;

  /** `now`: monotonic milliseconds, later than 0. */
  constructor(bytes: number, now: () => number) {
    this.bytes = bytes;
    this.recordingBytes = bytes;
    this.#answers = new LRUCache({
      maxSize: bytes,
      sizeCalculation: sizeOf,
      // lru-cache takes the start 0 for "does not expire".
      perf: { now },
      ttlResolution: 0,
    });
  }

  /** Bytes held now. */
  get held(): number {
    return this.#answers.calculatedSize;
  }

  get(key: string, asker: Asker): void {
    asker.found(this.#answers.get(key));
  }

  set(key: string, answer: Answer, ttlMilliseconds: number): void {
    // lru-cache takes whole milliseconds only.
    this.#answers.set(key, answer, { ttl: Math.max(1, Math.round(ttlMilliseconds)) });
  }
}
