import { operationFacts } from "../edge/operations.ts";
import { attributes as names } from "./gen-ai-attributes.ts";
import {
  type AttemptFacts,
  answeringGroup,
  attemptKind,
  callsOf,
  type DeploymentFacts,
  type RequestFacts,
} from "./request-facts.ts";
import { shortText } from "./short-text.ts";
import type { RequestTrace } from "./trace.ts";
import { randomId } from "./trace-parent.ts";

/** Values of attributes. */
export type SpanAttributes = { [name: string]: string | number | boolean };

/** A span that is over. Times are milliseconds since 1970. */
export interface FinishedSpan {
  readonly name: string;
  readonly kind: "internal" | "server" | "client";
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  /** The parent is the caller's. */
  readonly parentRemote: boolean;
  readonly state: string | undefined;
  readonly start: number;
  readonly end: number;
  readonly attributes: SpanAttributes;
  /** What went wrong, if it did. */
  readonly error: string | undefined;
}

const PICODOLLARS = 1e12;

/** The spans of a request that is over, the root first (litellm.md §5.2). */
export function requestSpans(
  exchange: RequestFacts,
  trace: RequestTrace,
  status: number,
): readonly FinishedSpan[] {
  const { startedAt } = exchange;
  const now = performance.now();
  const attempts = callsOf(exchange, now);
  const firstCall = attempts[0]?.startedAt ?? 0;
  const span = (
    name: string,
    kind: FinishedSpan["kind"],
    spanId: string,
    parentSpanId: string | undefined,
    [start, end]: readonly [number, number],
    attributes: SpanAttributes,
    error: string | undefined,
  ): FinishedSpan => ({
    name,
    kind,
    traceId: trace.traceId,
    spanId,
    parentSpanId,
    parentRemote: spanId === trace.spanId && parentSpanId !== undefined,
    state: trace.state,
    start: trace.epoch + start,
    end: trace.epoch + Math.max(start, end),
    attributes,
    error,
  });
  const root = rootAttributes(exchange, status);
  const spans = [
    span(
      "Received Proxy Server Request",
      "server",
      trace.spanId,
      trace.parentSpanId,
      [startedAt, now],
      root,
      exchange.failure?.exceptionClass,
    ),
  ];
  const authenticatedAt = trace.authenticatedAt || startedAt;
  spans.push(
    span("auth", "internal", randomId(8), trace.spanId, [startedAt, authenticatedAt], {}, undefined),
  );
  if (exchange.group !== undefined) {
    const routedAt = trace.routedAt || firstCall || now;
    const attributes = { [names.modelGroup]: exchange.group.name };
    spans.push(
      span(
        "router",
        "internal",
        randomId(8),
        trace.spanId,
        [authenticatedAt, routedAt],
        attributes,
        undefined,
      ),
    );
  }
  for (const [index, attempt] of attempts.entries()) {
    const last = index === attempts.length - 1;
    const spanId = trace.attemptIds[index] ?? randomId(8);
    const times = [attempt.startedAt, attempt.endedAt] as const;
    const error = attempt.failure?.error.exceptionClass;
    const attributes = attemptAttributes(exchange, attempt, index, last);
    attributes[names.attemptKind] = attemptKind(attempts, index, exchange.group);
    spans.push(span("litellm_request", "client", spanId, trace.spanId, times, attributes, error));
    if (last && trace.prompt !== undefined) {
      const raw = { ...attributes, [names.inputMessages]: trace.prompt };
      spans.push(span("raw_gen_ai_request", "client", randomId(8), spanId, times, raw, error));
    }
  }
  return spans;
}

function rootAttributes(exchange: RequestFacts, status: number): SpanAttributes {
  const { caller, customer, failure } = exchange;
  const attributes: SpanAttributes = {
    [names.method]: "POST",
    [names.route]: exchange.path,
    [names.status]: status,
    [names.operation]: operationFacts[exchange.operation].telemetryName,
    [names.callId]: exchange.callId,
    [names.requestId]: exchange.requestId,
    [names.streaming]: exchange.stream,
  };
  if (exchange.model !== "") attributes[names.requestModel] = shortText(exchange.model);
  const group = answeringGroup(exchange);
  if (group !== undefined) attributes[names.modelGroup] = group.name;
  if (caller.keyHash) attributes[names.keyHash] = caller.keyHash;
  if (caller.keyAlias) attributes[names.keyAlias] = caller.keyAlias;
  if (caller.team) attributes[names.team] = caller.team;
  if (caller.user) attributes[names.user] = caller.user;
  if (customer) attributes[names.endUser] = shortText(customer);
  if (exchange.cacheKey !== undefined) attributes[names.cacheHit] = exchange.cacheHit === true;
  if (failure !== undefined) attributes[names.errorType] = failure.exceptionClass;
  addUse(attributes, exchange);
  return attributes;
}

function attemptAttributes(
  exchange: RequestFacts,
  attempt: AttemptFacts,
  index: number,
  last: boolean,
): SpanAttributes {
  const { deployment, failure } = attempt;
  const attributes: SpanAttributes = {
    [names.operation]: operationFacts[exchange.operation].telemetryName,
    [names.system]: deployment.provider.name,
    [names.provider]: deployment.provider.name,
    [names.requestModel]: deployment.litellmModel,
    [names.modelId]: deployment.id,
    [names.streaming]: exchange.stream,
    [names.attempt]: index + 1,
  };
  const host = hostOf(deployment);
  if (host !== "") attributes[names.serverAddress] = host;
  if (attempt.waitMilliseconds > 0) attributes[names.waited] = attempt.waitMilliseconds;
  if (failure !== undefined) {
    attributes[names.errorType] = failure.error.exceptionClass;
    if (failure.status > 0) attributes[names.status] = failure.status;
  }
  if (!last) return attributes;
  if (exchange.stream && exchange.firstByteAt > 0)
    attributes[names.firstToken] = exchange.firstByteAt - attempt.startedAt;
  addUse(attributes, exchange);
  return attributes;
}

const hosts = new WeakMap<DeploymentFacts, string>();

/** The host of a deployment; empty when its address is not a URL. Worked out once for each. */
function hostOf(deployment: DeploymentFacts): string {
  let host = hosts.get(deployment);
  if (host === undefined) {
    host = URL.canParse(deployment.apiBase) ? new URL(deployment.apiBase).hostname : "";
    hosts.set(deployment, host);
  }
  return host;
}

function addUse(attributes: SpanAttributes, { usage, cost }: RequestFacts): void {
  if (usage !== undefined) {
    attributes[names.inputTokens] = usage.input;
    attributes[names.outputTokens] = usage.output;
    attributes[names.promptTokens] = usage.input;
    attributes[names.completionTokens] = usage.output;
    attributes[names.totalTokens] = usage.input + usage.output;
    if (usage.cachedInput) attributes[names.cachedInputTokens] = usage.cachedInput;
  }
  if (cost !== undefined) attributes[names.cost] = cost / PICODOLLARS;
}
