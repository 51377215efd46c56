import type { Behaviour } from "./behaviour.ts";

/** What the fake can be asked for. */
export type Operation = "chat" | "completion" | "embedding" | "response" | "messageTokens";

/** A request body, as far as it could be read; unknown fields stay. */
export type Fields = { readonly [field: string]: unknown };

/** What a request wants, whichever wire it came in. */
export interface Ask {
  readonly operation: Operation;
  readonly model: string;
  readonly stream: boolean;
  readonly fields: Fields;
}

/** One provider's wire, as its public documentation shows it. */
export interface FakeWire {
  /** What is asked for at this path; undefined when the path is none of the wire's. */
  ask(path: string, fields: Fields): Ask | undefined;
  /** The error for a request that breaks the provider's rules; undefined when it is valid. */
  problem?(ask: Ask): NonNullable<Behaviour["error"]> | undefined;
  /** The answer of a request that wants no stream. */
  answer(ask: Ask, behaviour: Behaviour): object;
  readonly streamContentType: string;
  /** The frames of a stream as they go over the wire, without `closing`. */
  frames(ask: Ask, behaviour: Behaviour): Iterable<string | Buffer>;
  /** The last word after all frames that holds nothing (`[DONE]`); "" where the wire has none. */
  readonly closing: string | Buffer;
  /** A frame whose content is broken. */
  readonly malformedFrame: string | Buffer;
  /** The wire's frame for an error in a stream that has begun. */
  errorFrame(message: string): string | Buffer;
  /** Body of an error answer. */
  errorBody(error: NonNullable<Behaviour["error"]>): string;
  /** Headers of an error answer beside content type and `retry-after`. */
  errorHeaders?(error: NonNullable<Behaviour["error"]>): Readonly<Record<string, string>>;
}

/** The words of an answer. The first is the upstream's own name of the model, so that clients can tell who answered. */
export function wordsOf(model: string, { text, frames = 5 }: Behaviour): readonly string[] {
  if (text !== undefined) return text.match(/\S+\s*|\s+/g) ?? [];
  return Array.from({ length: frames }, (_, index) => (index === 0 ? model : ` ${index}`));
}

/** Tokens of the prompt in every answer. */
export const PROMPT_TOKENS = 7;
