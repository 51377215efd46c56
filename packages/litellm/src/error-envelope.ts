/** LiteLLM's envelope (litellm.md §3.6): `code` is the status as a string; `type` and `param` may be the word `None`. */
export interface ErrorEnvelope {
  readonly error: {
    readonly message: string;
    readonly type: string | null;
    readonly param: string | null;
    readonly code: string;
  };
}

/** An answer that is an error. `body` is what a client gets; `headers` go with it. */
export interface ApiError {
  readonly status: number;
  readonly body: ErrorEnvelope | { readonly detail: string };
  readonly headers?: { readonly [name: string]: string };
  /** LiteLLM's name of the exception, the label `exception_class` of its metrics. */
  readonly exceptionClass: string;
}

/** The envelope of an error. */
export function envelope(
  status: number,
  message: string,
  type: string | null,
  param: string | null,
): ErrorEnvelope {
  return { error: { message, type, param, code: String(status) } };
}
