import type { Answer } from "./answer.ts";

/** Who looks an answer up. An object rather than a function: the request that asks is one already. */
export interface Asker {
  /** Called once: at once when the store is in memory, else later. */
  found(answer: Answer | undefined): void;
}

/** Where answers are kept. Whatever goes wrong in it is a miss. */
export interface AnswerStore {
  /** Bytes of all answers that may be on their way into it at one time. */
  readonly recordingBytes: number;
  get(key: string, asker: Asker): void;
  /** Keeps the answer for `ttlMilliseconds`. */
  set(key: string, answer: Answer, ttlMilliseconds: number): void;
}
