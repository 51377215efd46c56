import type { Part } from "./part.ts";
import type { Usage } from "./usage.ts";

/**
 * Why a choice ended. `stop-sequence`: one of the client's own stop texts; `pause`: the provider wants to be asked to
 * go on (Anthropic's `pause_turn`); `refusal`: the model would not; `content-filter`: somebody else would not.
 */
export type FinishReason =
  | "stop"
  | "stop-sequence"
  | "length"
  | "tool-calls"
  | "content-filter"
  | "refusal"
  | "pause";

export interface Choice {
  readonly parts: readonly Part[];
  readonly finish: FinishReason;
  /** The stop text that was met, where the API says which. */
  readonly stopSequence?: string;
  /** OpenAI's `logprobs`. */
  readonly logprobs?: unknown;
}

/** A whole answer. */
export interface ChatAnswer {
  /** The upstream's id of it; "" when it gave none. */
  readonly id: string;
  /** Model that answered, as the upstream calls it; "" when it does not say. */
  readonly model: string;
  /** In the order of their index; one, unless `n` asked for more. */
  readonly choices: readonly Choice[];
  readonly usage: Usage | undefined;
  readonly serviceTier?: string;
}
