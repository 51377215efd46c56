import { responseHeaders } from "@gatewright/litellm";
import type { Exchange } from "../exchange.ts";
import type { Deployment } from "../snapshot/snapshot.ts";
import { addProviderHeaders, type UpstreamHeaders } from "./response-headers.ts";

/** How an answer begins. */
export interface AnswerHead {
  readonly status: number;
  readonly contentType: string;
  /** The upstream's own headers. */
  readonly upstream: UpstreamHeaders;
  /** Known when the answer is sent in one piece. */
  readonly length: number | undefined;
}

/** Sends the head of a deployment's answer to the client; from here on no other deployment can answer. */
export function beginAnswer(exchange: Exchange, deployment: Deployment, head: AnswerHead): void {
  const headers = [
    "content-type",
    head.contentType,
    responseHeaders.call,
    exchange.callId,
    "x-request-id",
    exchange.requestId,
    responseHeaders.modelGroup,
    exchange.group?.nameHeader ?? "",
    responseHeaders.duration,
    (exchange.answeredAt - exchange.calledAt).toFixed(2),
    responseHeaders.overhead,
    (exchange.calledAt - exchange.startedAt).toFixed(2),
    ...deployment.responseHeaders,
  ];
  if (exchange.stream) headers.push("cache-control", "no-cache", "x-accel-buffering", "no");
  addProviderHeaders(headers, head.upstream);
  if (head.length !== undefined) headers.push("content-length", String(head.length));
  exchange.response.writeHead(head.status, headers);
  exchange.forgetRequest();
}
