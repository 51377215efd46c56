import { litellmVersion, responseHeaders } from "@gatewright/litellm";
import { floatText } from "../budget/dollars.ts";
import { usageOfText } from "../budget/usage.ts";
import type { Exchange } from "../exchange.ts";
import { rateLimitHeaders } from "../limit/rate-limit-headers.ts";
import type { Deployment } from "../snapshot/snapshot.ts";
import { costOfExchange, costPartsOf } from "../stages/budget.ts";
import { explainHeader } from "../telemetry/explain.ts";
import { explainHeaderName } from "../telemetry/explain-header-name.ts";
import { type AnswerBounds, answerHeaders } from "./answer-headers.ts";
import { addProviderHeaders, type UpstreamHeaders } from "./response-headers.ts";

/** How an answer begins. */
export interface AnswerHead {
  readonly status: number;
  readonly contentType: string;
  /** The upstream's own headers. */
  readonly upstream: UpstreamHeaders;
  /** Known when the answer is sent in one piece, its usage with it. */
  readonly length: number | undefined;
}

/** Sends the head of a deployment's answer to the client; from here on no other deployment can answer. */
export function beginAnswer(exchange: Exchange, deployment: Deployment, head: AnswerHead): void {
  const { caller, controls, grant, recorder, servingGroup } = exchange;
  if (head.length !== undefined) {
    exchange.usage = usageOfText(exchange.usageText);
    exchange.cost = costOfExchange(exchange);
    exchange.costParts = costPartsOf(exchange);
  }
  const headers = answerHeaders(
    exchange,
    servingGroup?.nameHeader ?? "",
    deployment.responseHeaders,
    caller.headers,
    exchange.retries + exchange.fallbacks === 0 && controls.timeoutMilliseconds === undefined
      ? undefined
      : boundsOf(exchange),
  );
  headers.push("content-type", head.contentType);
  if (grant !== undefined) headers.push(...rateLimitHeaders(grant));
  if (exchange.stream) headers.push("cache-control", "no-cache", "x-accel-buffering", "no");
  addProviderHeaders(headers, head.upstream);
  if (head.length !== undefined) headers.push("content-length", String(head.length));
  const explained = controls.explain ? explainHeader(exchange) : undefined;
  if (explained !== undefined) headers.push(explainHeaderName, explained);
  if (recorder !== undefined) {
    // What cannot be looked into cannot be found whole either.
    if (head.upstream["content-encoding"] === undefined) recorder.begin(head.status, head.contentType);
    else recorder.refuse();
  }
  exchange.response.writeHead(head.status, headers);
  exchange.forgetRequest();
}

/** What answers from the cache tell beside what the cache knows of them: flat list of names and values. */
export function hitHeaders({ caller, grant, keySpend }: Exchange): readonly string[] {
  return [
    ...caller.headers,
    ...(keySpend === undefined ? [] : [responseHeaders.keySpend, floatText(keySpend)]),
    ...(grant === undefined ? [] : rateLimitHeaders(grant)),
    responseHeaders.version,
    litellmVersion,
  ];
}

function boundsOf({ controls, servingGroup }: Exchange): AnswerBounds {
  return {
    maxRetries: controls.retries ?? servingGroup?.route.retry.retries ?? 0,
    maxFallbacks: servingGroup?.route.fallbacks.most ?? 0,
    timeoutMilliseconds: controls.timeoutMilliseconds,
  };
}
