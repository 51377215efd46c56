/** One request to the API server. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Absolute path on the server, without the query. */
  readonly path: string;
  readonly query?: { readonly [name: string]: string };
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Default `application/json`. */
  readonly contentType?: string;
  /** Default `application/json`. */
  readonly accept?: string;
}

/** The server's answer, whatever its status. */
export interface ApiResponse {
  readonly status: number;
  /** The parsed JSON; the text when it is no JSON; undefined when there is none. */
  readonly body: unknown;
  /** From the header Retry-After. */
  readonly retryAfterSeconds?: number;
}

/** An open watch, or the answer that refused it. */
export interface WatchResponse {
  readonly status: number;
  /** The answer's body when the status is not 200. */
  readonly body?: unknown;
  readonly retryAfterSeconds?: number;
  /** The parsed lines. Ends when the server ends the stream; throws ApiError when the connection breaks. */
  readonly events: AsyncIterable<unknown>;
}

/**
 * The way to one API server. Answers of any status are values; what has no answer is thrown as `ApiError` with code
 * `Unreachable` (no connection, or it broke), `Timeout` (the deadline passed) or `Aborted` (by the signal).
 */
export interface Transport {
  request(request: ApiRequest, signal?: AbortSignal): Promise<ApiResponse>;
  /** Opens a watch. It has no deadline once open: whoever opens it ends it through the signal. */
  watch(request: ApiRequest, signal: AbortSignal): Promise<WatchResponse>;
  close(): Promise<void>;
}
