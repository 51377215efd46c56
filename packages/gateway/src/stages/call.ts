import { requestHeaders } from "@gatewright/litellm";
import type { Exchange, Timeouts } from "../exchange.ts";
import type { Deployment } from "../snapshot/snapshot.ts";
import { answerMock } from "../upstream/mock.ts";
import { Relay } from "../upstream/relay.ts";
import { editBody } from "../wire/request-body.ts";

/** Calls the chosen deployment and relays what it answers. */
export function call(exchange: Exchange): void {
  const deployment = exchange.deployment;
  if (deployment === undefined) throw new Error("the route stage sets the deployment");
  exchange.calledAt = performance.now();
  exchange.timeouts = timeouts(exchange, deployment.timeouts);
  if (deployment.mock !== undefined || hasMockField(exchange)) return answerMock(exchange, deployment);
  const target = deployment.targets[exchange.operation];
  deployment.pools.pool(deployment.origin).dispatch(
    {
      path: target.path,
      method: "POST",
      headers: upstreamHeaders(exchange, deployment),
      body: upstreamBody(exchange, deployment),
    },
    new Relay(exchange, deployment),
  );
  exchange.forgetRequest();
}

/** What the client asks for by header or field goes before the deployment's own (litellm.md §3.7, §3.9). */
function timeouts(exchange: Exchange, own: Timeouts): Timeouts {
  const total = milliseconds(exchange.request.headers[requestHeaders.timeout] ?? exchange.fields["timeout"]);
  const firstByte = milliseconds(
    exchange.request.headers[requestHeaders.streamTimeout] ?? exchange.fields["stream_timeout"],
  );
  if (total === undefined && firstByte === undefined) return own;
  return {
    timeoutMilliseconds: total ?? own.timeoutMilliseconds,
    firstByteMilliseconds: firstByte ?? total ?? own.firstByteMilliseconds,
  };
}

function milliseconds(seconds: unknown): number | undefined {
  const value = typeof seconds === "string" || typeof seconds === "number" ? Number(seconds) : Number.NaN;
  return value > 0 ? value * 1000 : undefined;
}

function hasMockField(exchange: Exchange): boolean {
  return (
    exchange.fields["mock_response"] !== undefined ||
    exchange.fields["mock_timeout"] === true ||
    exchange.fields["mock_tool_calls"] !== undefined
  );
}

/** The deployment's own headers, and of the client's only those the provider's facts allow: most send none. */
function upstreamHeaders(exchange: Exchange, deployment: Deployment): string[] {
  const own = exchange.stream ? deployment.streamRequestHeaders : deployment.requestHeaders;
  const client = exchange.request.headers;
  let headers: string[] | undefined;
  for (const name of deployment.provider.clientHeaders) {
    const value = client[name];
    if (typeof value !== "string") continue;
    headers ??= [...own];
    headers.push(name, value);
  }
  return headers ?? own;
}

/** The client's bytes, unless the deployment or the gateway's own fields ask for a change. */
function upstreamBody(exchange: Exchange, deployment: Deployment): Buffer {
  const { fields } = exchange;
  let remove: string[] | undefined;
  for (const field in fields) {
    if (
      !proxyFields.has(field) &&
      !deployment.dropped.has(field) &&
      !(field === "metadata" && isProxyMetadata(fields[field]))
    )
      continue;
    remove ??= [];
    remove.push(field);
  }
  let add = "";
  for (const [field, json] of deployment.defaults[exchange.operation]) {
    if (fields[field] === undefined) add += `${add === "" ? "" : ","}${JSON.stringify(field)}:${json}`;
  }
  for (const [field, json] of deployment.overrides) {
    if (fields[field] !== undefined) {
      remove ??= [];
      remove.push(field);
    }
    add += `${add === "" ? "" : ","}${JSON.stringify(field)}:${json}`;
  }
  const renamed = fields["model"] !== deployment.upstreamModel;
  if (!renamed && remove === undefined && add === "") return exchange.body;
  return editBody(exchange.body, {
    model: renamed ? deployment.upstreamModelJson : undefined,
    remove: remove ?? [],
    add,
  });
}

/** OpenAI's `metadata` holds texts only; anything else is meant for the proxy (tags, spend logs) and an error upstream. */
function isProxyMetadata(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((member) => typeof member !== "string");
}

/** Request fields meant for the proxy alone (litellm.md §3.9, decisions.md "bytes passed through"). */
const proxyFields: ReadonlySet<string> = new Set([
  "num_retries",
  "timeout",
  "stream_timeout",
  "fallbacks",
  "context_window_fallbacks",
  "content_policy_fallbacks",
  "disable_fallbacks",
  "cache",
  "guardrails",
  "tags",
  "litellm_metadata",
  "litellm_session_id",
  "litellm_trace_id",
  "router_settings_override",
  "drop_params",
  "mock_response",
  "mock_tool_calls",
  "mock_delay",
  "mock_timeout",
  "mock_testing_fallbacks",
  "mock_testing_context_fallbacks",
  "mock_testing_content_policy_fallbacks",
  "mock_testing_rate_limit_error",
]);
