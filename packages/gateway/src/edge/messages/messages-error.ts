import type { ApiError } from "@gatewright/litellm";

/** Anthropic's types of error, by status; its own for what has none is that of the status's hundred. */
const types: { readonly [status: number]: string } = {
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  408: "timeout_error",
  409: "conflict_error",
  413: "request_too_large",
  429: "rate_limit_error",
  503: "overloaded_error",
  504: "timeout_error",
  529: "overloaded_error",
};

/** What a client of the Messages API gets as the body of an error. */
export interface MessagesError {
  readonly type: "error";
  readonly error: { readonly type: string; readonly message: string };
  readonly request_id: string;
}

/** An error in Anthropic's envelope. `requestId`: the gateway's id of the call, for the logs. */
export function messagesError({ body, status }: ApiError, requestId: string): MessagesError {
  const type = types[status] ?? (status >= 500 ? "api_error" : "invalid_request_error");
  const message = "detail" in body ? body.detail : body.error.message;
  return { type: "error", error: { type, message }, request_id: requestId };
}
