import { litellmVersion, responseHeaders } from "@gatewright/litellm";
import { floatText } from "../budget/dollars.ts";
import { usageOfText } from "../budget/usage.ts";
import type { Exchange } from "../exchange.ts";
import { rateLimitHeaders } from "../limit/rate-limit-headers.ts";
import { headerLine } from "../snapshot/header-text.ts";
import type { Deployment } from "../snapshot/snapshot.ts";
import { costOfExchange, costPartsOf } from "../stages/budget.ts";
import { explainHeader } from "../telemetry/explain.ts";
import { explainHeaderName } from "../telemetry/explain-header-name.ts";
import { type AnswerBounds, answerHeaders, groupHeader } from "./answer-headers.ts";
import { providerHeaders, type UpstreamHeaders } from "./response-headers.ts";
import { sendHead } from "./send-head.ts";

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
  let lines = answerHeaders(
    exchange,
    (servingGroup?.headerLine ?? noGroup) + deployment.headerLines + caller.headerLines,
    exchange.retries + exchange.fallbacks === 0 && controls.timeoutMilliseconds === undefined
      ? undefined
      : boundsOf(exchange),
  );
  lines += headerLine("content-type", head.contentType);
  if (grant !== undefined) lines += rateLimitHeaders(grant);
  if (exchange.stream) lines += streamLines;
  lines += providerHeaders(head.upstream);
  const { droppedParameters } = exchange;
  if (droppedParameters.length > 0) lines += headerLine(droppedHeaderName, droppedParameters.join(", "));
  const explained = controls.explain ? explainHeader(exchange) : undefined;
  if (explained !== undefined) lines += headerLine(explainHeaderName, explained);
  if (recorder !== undefined) {
    // What cannot be looked into cannot be found whole either.
    if (head.upstream["content-encoding"] === undefined) recorder.begin(head.status, head.contentType);
    else recorder.refuse();
  }
  sendHead(exchange.response, head.status, lines, head.length);
  exchange.forgetRequest();
}

/** Names the client's parameters that its answer does without, because the upstream has none such. */
const droppedHeaderName = "x-gatewright-dropped";

/** What answers from the cache tell beside what the cache knows of them: lines of their head. */
export function hitHeaders({ caller, grant, keySpend }: Exchange): string {
  return (
    caller.headerLines +
    (keySpend === undefined ? "" : headerLine(responseHeaders.keySpend, floatText(keySpend))) +
    (grant === undefined ? "" : rateLimitHeaders(grant)) +
    headerLine(responseHeaders.version, litellmVersion)
  );
}

/** Proxies in between are not to keep a stream, nor to gather it. */
export const streamLines = "cache-control: no-cache\r\nx-accel-buffering: no\r\n";

const noGroup = groupHeader("");

function boundsOf({ controls, servingGroup }: Exchange): AnswerBounds {
  return {
    maxRetries: controls.retries ?? servingGroup?.route.retry.retries ?? 0,
    maxFallbacks: servingGroup?.route.fallbacks.most ?? 0,
    timeoutMilliseconds: controls.timeoutMilliseconds,
  };
}
