import { randomUUID } from "node:crypto";

const PREFIX = "call_gemini_";
/** Keeps the ids within the 40 characters that OpenAI takes. */
const LONGEST_ANSWER_ID = 22;
const OTHERS = /[^A-Za-z0-9_-]/g;

/** Makes ids for the tool calls of one answer that came without: the same each time the answer is read. */
export class CallIds {
  #answer: string | undefined;

  /** `answerId`: Gemini's `responseId`; "" for an answer that has none. */
  constructor(answerId: string) {
    if (answerId !== "") this.#answer = answerId.replace(OTHERS, "_").slice(0, LONGEST_ANSWER_ID);
  }

  /** `tool` is the number of the call in its choice. */
  idOf(choice: number, tool: number): string {
    this.#answer ??= randomUUID().replaceAll("-", "").slice(0, LONGEST_ANSWER_ID);
    return `${PREFIX}${this.#answer}_${choice === 0 ? "" : `${choice}_`}${tool}`;
  }
}

/** An id that was made here: Gemini does not know it, and matches results by the function's name. */
export function isOwnId(id: string): boolean {
  return id.startsWith(PREFIX);
}
