import type { IncomingHttpHeaders } from "node:http";

/** One request as the fake upstream saw it. */
export interface RecordedRequest {
  /** Counts up from 1 in the life of the process. */
  readonly id: number;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** All of them, credentials too: which key went upstream is what tests ask. */
  readonly headers: IncomingHttpHeaders;
  /** The bytes as text. */
  readonly bodyText: string;
  /** Parsed; undefined when it is no JSON. */
  readonly body: unknown;
  readonly model: string;
  readonly key: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** Frames of a stream that were handed to the connection. */
  frames: number;
  /** `open`; `answered` to the end; `cut` by the script; `aborted` by the client. */
  state: "open" | "answered" | "cut" | "aborted";
  /** Epoch milliseconds; absent while open. */
  endedAt?: number;
}

/** Counts since the start, or since they were last cleared. */
export interface UpstreamStats {
  requests: number;
  openRequests: number;
  openStreams: number;
  streams: number;
  /** Frames handed to connections, `[DONE]` not counted. */
  frames: number;
  aborted: number;
}

/** At most this many requests are kept; the oldest go first. */
export const KEPT_REQUESTS = 5000;
