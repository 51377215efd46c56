import type { Fields } from "./json.ts";
import type { WireName } from "./wire-name.ts";

/** Where the bytes of an image or a document are. The gateway never fetches a URL: it is handed to the provider. */
export type Source =
  | { readonly kind: "url"; readonly url: string }
  /** `data` is base64; `mediaType` for example `image/png`. */
  | { readonly kind: "base64"; readonly mediaType: string; readonly data: string }
  | { readonly kind: "text"; readonly text: string }
  /** A file that was uploaded to the provider before. */
  | { readonly kind: "file"; readonly id: string };

/** Marks the end of a prefix that the provider is to keep in its prompt cache. */
export interface CacheMark {
  /** How long, as Anthropic writes it: `5m` (its default) or `1h`. */
  readonly ttl?: string;
}

/** Something an answer's text is based on; the members are those of the API it came from, or was written for. */
export interface Citation {
  readonly wire: WireName;
  readonly value: Fields;
  /** What every API has a place for. */
  readonly url?: string;
  readonly title?: string;
  /** The passage that is quoted. */
  readonly text?: string;
}

export interface TextPart {
  readonly kind: "text";
  readonly text: string;
  readonly citations?: readonly Citation[];
  readonly cache?: CacheMark;
}

export interface ImagePart {
  readonly kind: "image";
  readonly source: Source;
  /** OpenAI's `detail`: `auto`, `low`, `high`. */
  readonly detail?: string;
  readonly cache?: CacheMark;
}

export interface AudioPart {
  readonly kind: "audio";
  /** Base64. */
  readonly data: string;
  /** `wav`, `mp3`, … */
  readonly format: string;
}

export interface DocumentPart {
  readonly kind: "document";
  readonly source: Source;
  /** File name or title. */
  readonly name?: string;
  /** Anthropic: text about the document that is not cited from. */
  readonly context?: string;
  /** The answer is to cite from it. */
  readonly cite?: boolean;
  readonly cache?: CacheMark;
}

export interface ToolCallPart {
  readonly kind: "tool-call";
  /** The same in the call and in its result, whichever API either came through. */
  readonly id: string;
  readonly name: string;
  /** JSON text, as the model wrote it: it need not be valid. */
  readonly arguments: string;
  /** Gemini's `thoughtSignature`, which has to come back with the call in the next turn. */
  readonly signature?: string;
  readonly cache?: CacheMark;
}

export interface ToolResultPart {
  readonly kind: "tool-result";
  /** Of the tool call it answers. */
  readonly id: string;
  /** The tool's name where the call is in the same conversation: some APIs match results by name. */
  readonly name?: string;
  readonly content: readonly (TextPart | ImagePart | DocumentPart)[];
  readonly isError: boolean;
  readonly cache?: CacheMark;
}

/** What a model thought before it answered. */
export interface ReasoningPart {
  readonly kind: "reasoning";
  /** "" where the provider shows only the signature. */
  readonly text: string;
  /** Proof that the text is the provider's own; without it Anthropic does not take the part back. */
  readonly signature?: string;
}

/** Reasoning that only the provider can read; it goes back as it came. */
export interface RedactedReasoningPart {
  readonly kind: "redacted-reasoning";
  readonly data: string;
}

export interface RefusalPart {
  readonly kind: "refusal";
  readonly text: string;
}

/** A part of one API that the call form has no word for; it is kept for upstreams that speak that API. */
export interface OtherPart {
  readonly kind: "other";
  readonly wire: WireName;
  readonly value: Fields;
}

/** A piece of a message. */
export type Part =
  | TextPart
  | ImagePart
  | AudioPart
  | DocumentPart
  | ToolCallPart
  | ToolResultPart
  | ReasoningPart
  | RedactedReasoningPart
  | RefusalPart
  | OtherPart;
