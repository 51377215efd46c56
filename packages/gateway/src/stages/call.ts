import { performance } from "node:perf_hooks";
import { type ApiError, apiError } from "@gatewright/litellm";
import type { Exchange, Timeouts } from "../exchange.ts";
import type { CallListener } from "../route/call-listener.ts";
import type { FallbackTarget } from "../route/fallback.ts";
import type { ServedOperation } from "../snapshot/address.ts";
import type { Deployment } from "../snapshot/snapshot.ts";
import { traceParent } from "../telemetry/trace.ts";
import { answerTokenCount } from "../upstream/counted-tokens.ts";
import { answerMock } from "../upstream/mock.ts";
import { passedCall } from "../upstream/passed-call.ts";
import { Relay } from "../upstream/relay.ts";
import { translatedCall } from "../upstream/translated-call.ts";
import type { CallMaker, UpstreamCall } from "../upstream/upstream-call.ts";

/** Calls a deployment and relays what it answers. The listener hears how that ended. */
export function call(
  exchange: Exchange,
  deployment: Deployment,
  overrides: FallbackTarget["overrides"],
  listener: CallMaker,
): void {
  exchange.calledAt = performance.now();
  exchange.answeredAt = 0;
  exchange.firstByteAt = 0;
  exchange.droppedParameters = none;
  exchange.timeouts = timeouts(exchange, deployment.timeouts);
  if (deployment.mock !== undefined || hasMockField(exchange)) {
    return answerMock(exchange, deployment, listener);
  }
  const served = deployment.operations[exchange.operation];
  if (exchange.operation === "messageTokens" && served.kind === "translated") {
    answerTokenCount(exchange, deployment, listener).catch((error: unknown) => listener.crashed(error));
    return;
  }
  const upstreamCall = prepared(exchange, deployment, served, overrides);
  if ("status" in upstreamCall) return refuse(listener, upstreamCall);
  send(exchange, deployment, listener, upstreamCall);
  exchange.forgetFields();
}

function prepared(
  exchange: Exchange,
  deployment: Deployment,
  served: ServedOperation,
  overrides: FallbackTarget["overrides"],
): UpstreamCall | ApiError {
  if (served.kind === "refused") {
    const detail = { provider: deployment.provider.title, model: exchange.model, text: served.reason };
    return apiError("call_refused", detail);
  }
  const { path } = exchange.stream ? served.streamTarget : served.target;
  return served.kind === "passed"
    ? passedCall(exchange, deployment, overrides, path)
    : translatedCall(exchange, deployment, overrides, path);
}

/** Nothing was called, so nothing is held against the deployment. */
function refuse(listener: CallListener, error: ApiError): void {
  listener.failed({ error, status: error.status, kind: "refused", retryAfterMilliseconds: undefined });
}

function send(
  exchange: Exchange,
  deployment: Deployment,
  listener: CallMaker,
  { path, body, form, contentHeaders }: UpstreamCall,
): void {
  const relay = new Relay(exchange, deployment, listener, form);
  const { authorizer, origin } = deployment;
  const headers = upstreamHeaders(exchange, deployment, contentHeaders);
  const dispatch = (authorization: readonly string[] | undefined): void => {
    const all = authorization === undefined ? headers : [...headers, ...authorization];
    deployment.pools.pool(origin).dispatch({ path, method: "POST", headers: all, body }, relay);
  };
  if (authorizer === undefined) return dispatch(undefined);
  const authorization = authorizer.authorize({
    ...{ origin, path, time: Date.now() },
    // Providers that sign the body take no forms.
    body: Buffer.isBuffer(body) ? body : noBody,
  });
  if (!(authorization instanceof Promise)) return dispatch(authorization);
  authorization
    .then(dispatch, (error: unknown) => relay.credentialsFailed(error))
    .catch((error: unknown) => listener.crashed(error));
}

/** What the client asks for goes before the deployment's own (litellm.md §3.7, §3.9). */
function timeouts({ controls }: Exchange, own: Timeouts): Timeouts {
  const { timeoutMilliseconds: total, firstByteMilliseconds: firstByte } = controls;
  if (total === undefined && firstByte === undefined) return own;
  return {
    timeoutMilliseconds: total ?? own.timeoutMilliseconds,
    firstByteMilliseconds: firstByte ?? total ?? own.firstByteMilliseconds,
  };
}

function hasMockField({ proxyFields, fields }: Exchange): boolean {
  if (proxyFields.length === 0) return false;
  return (
    fields["mock_response"] !== undefined ||
    fields["mock_timeout"] === true ||
    fields["mock_tool_calls"] !== undefined
  );
}

/** The deployment's own headers, and of the client's only those the provider's facts allow: most send none. */
function upstreamHeaders(
  exchange: Exchange,
  deployment: Deployment,
  contentHeaders: UpstreamCall["contentHeaders"],
): string[] {
  const usual = exchange.stream ? deployment.streamRequestHeaders : deployment.requestHeaders;
  // The content type stands first.
  const own = contentHeaders === undefined ? usual : [...contentHeaders, ...usual.slice(2)];
  const client = exchange.request.headers;
  const traced = exchange.trace === undefined ? undefined : traceParent(exchange);
  let headers: string[] | undefined;
  for (const name of deployment.provider.clientHeaders) {
    const value = name === "traceparent" ? (traced ?? client[name]) : client[name];
    if (typeof value !== "string") continue;
    headers ??= [...own];
    headers.push(name, value);
  }
  return headers ?? own;
}

const noBody = Buffer.alloc(0);
const none: readonly string[] = Object.freeze([]);
