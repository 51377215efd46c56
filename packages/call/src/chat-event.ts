import type { FinishReason } from "./chat-answer.ts";
import type { CallFailure } from "./failure.ts";
import type { Fields } from "./json.ts";
import type { Citation } from "./part.ts";
import type { Usage } from "./usage.ts";
import type { WireName } from "./wire-name.ts";

/**
 * One event of a streamed answer. `choice` counts from 0 (`n` choices come mixed); `tool` is the number of the tool
 * call in its choice, from 0. A stream is `start`, then anything, then `end`, or it breaks off with `failure`.
 */
export type ChatEvent =
  | { readonly kind: "start"; readonly id: string; readonly model: string; readonly serviceTier?: string }
  | { readonly kind: "text"; readonly choice: number; readonly text: string; readonly logprobs?: unknown }
  | { readonly kind: "citation"; readonly choice: number; readonly citation: Citation }
  | { readonly kind: "refusal"; readonly choice: number; readonly text: string }
  | { readonly kind: "reasoning"; readonly choice: number; readonly text: string }
  /** Ends the reasoning before it. */
  | { readonly kind: "reasoning-signature"; readonly choice: number; readonly signature: string }
  | { readonly kind: "redacted-reasoning"; readonly choice: number; readonly data: string }
  | {
      readonly kind: "tool-call";
      readonly choice: number;
      readonly tool: number;
      readonly id: string;
      readonly name: string;
      /** As in `ToolCallPart`. */
      readonly signature?: string;
    }
  /** A further piece of the JSON text of a tool call's arguments. */
  | { readonly kind: "tool-arguments"; readonly choice: number; readonly tool: number; readonly text: string }
  /** A piece of an API's own, whole. */
  | { readonly kind: "other"; readonly choice: number; readonly wire: WireName; readonly value: Fields }
  /** The part under way is complete, where the upstream says so: what follows begins a new one even if of its kind. */
  | { readonly kind: "part-end"; readonly choice: number }
  | {
      readonly kind: "finish";
      readonly choice: number;
      readonly reason: FinishReason;
      readonly stopSequence?: string;
    }
  /** The usage so far; a later one replaces it. */
  | { readonly kind: "usage"; readonly usage: Usage }
  /** Only says that the upstream is alive. */
  | { readonly kind: "ping" }
  | { readonly kind: "end" }
  | { readonly kind: "failure"; readonly failure: CallFailure };

/** Hears the events of a stream in their order. */
export type ChatEventSink = (event: ChatEvent) => void;
