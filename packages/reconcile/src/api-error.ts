import type { ApiRequest, ApiResponse } from "./transport.ts";

/**
 * What went wrong. `Unreachable`, `Timeout` and `Aborted` have no answer: whether a write happened is not known.
 * `Conflict`: the object has changed since the resourceVersion that was sent, or the field has another manager.
 * `Gone`: the resourceVersion of a list or watch is too old. `NotFound` of a kind that is not served looks the same.
 */
export type ApiErrorCode =
  | "BadRequest"
  | "Unauthorized"
  | "Forbidden"
  | "NotFound"
  | "AlreadyExists"
  | "Conflict"
  | "Gone"
  | "Invalid"
  | "TooManyRequests"
  | "ServerError"
  | "Unreachable"
  | "Timeout"
  | "Aborted"
  | "Unexpected";

/** One reason of a refusal: which field, and why. */
export interface ApiErrorCause {
  readonly field?: string;
  readonly message: string;
}

/** A request to the API server that did not do what it was to do. */
export class ApiError extends Error {
  readonly code: ApiErrorCode;
  /** The status of the answer; 0 without an answer. */
  readonly status: number;
  /** The server's own word, like `NamespaceTerminating` or `FieldManagerConflict`, where it says one. */
  readonly reason?: string;
  readonly retryAfterSeconds?: number;
  readonly causes: readonly ApiErrorCause[];

  constructor(
    text: string,
    details: {
      readonly code: ApiErrorCode;
      readonly status?: number;
      readonly reason?: string;
      readonly retryAfterSeconds?: number;
      readonly causes?: readonly ApiErrorCause[];
      readonly cause?: unknown;
    },
  ) {
    super(text, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "ApiError";
    this.code = details.code;
    this.status = details.status ?? 0;
    this.causes = details.causes ?? [];
    if (details.reason !== undefined) this.reason = details.reason;
    if (details.retryAfterSeconds !== undefined) this.retryAfterSeconds = details.retryAfterSeconds;
  }

  /** Whether `error` is an ApiError with one of these codes. */
  static is(error: unknown, ...codes: readonly ApiErrorCode[]): error is ApiError {
    return error instanceof ApiError && codes.includes(error.code);
  }
}

/** The error of an answer that is not a success: verb, object and the server's own reason. */
export function errorOf(request: Pick<ApiRequest, "method" | "path">, response: ApiResponse): ApiError {
  const status = statusOf(response.body);
  const code = codeOf(response.status, status);
  const why = status.message ?? (typeof response.body === "string" ? response.body.slice(0, 300) : "");
  return new ApiError(
    `${request.method} ${request.path}: ${response.status} ${status.reason ?? code}${why === "" ? "" : `: ${why}`}`,
    {
      code,
      status: response.status,
      causes: status.causes,
      ...(status.reason === undefined ? {} : { reason: status.reason }),
      ...retryAfter(response, status),
    },
  );
}

/** The error of a watch event of type ERROR, whose object is a Status. */
export function errorOfStatus(request: Pick<ApiRequest, "method" | "path">, object: unknown): ApiError {
  const code = isRecord(object) && typeof object["code"] === "number" ? object["code"] : 500;
  return errorOf(request, { status: code, body: object });
}

interface Status {
  readonly reason?: string;
  readonly message?: string;
  readonly causes: readonly ApiErrorCause[];
  readonly retryAfterSeconds?: number;
}

function statusOf(body: unknown): Status {
  if (!isRecord(body) || body["kind"] !== "Status") return { causes: [] };
  const { reason, message, details } = body;
  const detailed = isRecord(details) ? details : {};
  const causes = Array.isArray(detailed["causes"]) ? detailed["causes"].filter(isRecord) : [];
  const seconds = detailed["retryAfterSeconds"];
  return {
    causes: causes.map(({ field, message: text, reason: word }) => ({
      message: [text, word].find((each) => typeof each === "string") ?? "",
      ...(typeof field === "string" ? { field } : {}),
    })),
    ...(typeof reason === "string" && reason !== "" ? { reason } : {}),
    ...(typeof message === "string" ? { message } : {}),
    ...(typeof seconds === "number" ? { retryAfterSeconds: seconds } : {}),
  };
}

function codeOf(status: number, { reason }: Status): ApiErrorCode {
  if (reason === "AlreadyExists") return "AlreadyExists";
  if (status === 504 || reason === "Timeout") return "Timeout";
  return codes[status] ?? (status >= 500 ? "ServerError" : "Unexpected");
}

const codes: { readonly [status: number]: ApiErrorCode } = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  410: "Gone",
  422: "Invalid",
  429: "TooManyRequests",
};

function retryAfter(response: ApiResponse, status: Status): { retryAfterSeconds?: number } {
  const seconds = response.retryAfterSeconds ?? status.retryAfterSeconds;
  return seconds === undefined ? {} : { retryAfterSeconds: seconds };
}

function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
