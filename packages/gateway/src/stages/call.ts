import { performance } from "node:perf_hooks";
import type { Exchange, Timeouts } from "../exchange.ts";
import type { CallListener } from "../route/call-listener.ts";
import type { FallbackTarget } from "../route/fallback.ts";
import type { Deployment } from "../snapshot/snapshot.ts";
import { traceParent } from "../telemetry/trace.ts";
import { answerMock } from "../upstream/mock.ts";
import { Relay } from "../upstream/relay.ts";
import { editBody } from "../wire/request-body.ts";

/** Calls a deployment and relays what it answers. The listener hears how that ended. */
export function call(
  exchange: Exchange,
  deployment: Deployment,
  overrides: FallbackTarget["overrides"],
  listener: CallListener,
): void {
  exchange.calledAt = performance.now();
  exchange.answeredAt = 0;
  exchange.firstByteAt = 0;
  exchange.timeouts = timeouts(exchange, deployment.timeouts);
  if (deployment.mock !== undefined || hasMockField(exchange)) {
    return answerMock(exchange, deployment, listener);
  }
  const target = deployment.targets[exchange.operation];
  const addsUsage = wantsUsageAdded(exchange, deployment);
  deployment.pools.pool(deployment.origin).dispatch(
    {
      path: target.path,
      method: "POST",
      headers: upstreamHeaders(exchange, deployment),
      body: upstreamBody(exchange, deployment, overrides, addsUsage),
    },
    new Relay(exchange, deployment, listener, addsUsage),
  );
  exchange.forgetFields();
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
function upstreamHeaders(exchange: Exchange, deployment: Deployment): string[] {
  const own = exchange.stream ? deployment.streamRequestHeaders : deployment.requestHeaders;
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

/**
 * Streams say what they cost only when they are asked to (`stream_options.include_usage`), and limits, costs and
 * metrics need to know. `additional_drop_params: [stream_options]` keeps it from an upstream that does not know it.
 */
function wantsUsageAdded({ stream, operation, fields }: Exchange, { dropped }: Deployment): boolean {
  if (!stream || operation === "embedding" || dropped.has("stream_options")) return false;
  const options = fields["stream_options"];
  if (typeof options !== "object" || options === null) return true;
  return (options as { readonly include_usage?: unknown }).include_usage !== true;
}

/** The client's bytes, unless the deployment or the gateway's own fields ask for a change. */
function upstreamBody(
  exchange: Exchange,
  deployment: Deployment,
  overrides: FallbackTarget["overrides"],
  addsUsage: boolean,
): Buffer {
  const { fields } = exchange;
  let remove: string[] = [];
  let add = "";
  const put = (field: string, json: string): void => {
    add += `${add === "" ? "" : ","}${quoted(field)}:${json}`;
  };
  if (exchange.proxyFields.length > 0) remove.push(...exchange.proxyFields);
  for (const field of deployment.dropped) if (fields[field] !== undefined) remove.push(field);
  for (const [field, json] of deployment.defaults[exchange.operation]) {
    if (fields[field] === undefined) put(field, json);
  }
  for (const [field, json] of deployment.overrides) {
    if (fields[field] !== undefined) remove.push(field);
    put(field, json);
  }
  for (const [field, json] of overrides) {
    if (fields[field] !== undefined) remove.push(field);
    put(field, json);
  }
  if (addsUsage) {
    const options = fields["stream_options"];
    if (options !== undefined) remove.push("stream_options");
    put(
      "stream_options",
      options === undefined
        ? '{"include_usage":true}'
        : JSON.stringify({ ...(options as object), include_usage: true }),
    );
  }
  const renamed = fields["model"] !== deployment.upstreamModel;
  if (!renamed && remove.length === 0 && add === "") return exchange.body;
  if (remove.length > 1) remove = [...new Set(remove)];
  return editBody(exchange.body, { model: renamed ? deployment.upstreamModelJson : undefined, remove, add });
}

/** JSON text of a name; nearly all names are as plain as they look. */
function quoted(name: string): string {
  return /^\w*$/.test(name) ? `"${name}"` : JSON.stringify(name);
}
