import type { ApiError } from "@gatewright/litellm";
import type { Exchange } from "../exchange.ts";
import type { FallbackTarget } from "../route/fallback.ts";
import type { Deployment } from "../snapshot/snapshot.ts";
import { editBody } from "../wire/request-body.ts";
import { formCall } from "./form-call.ts";
import { PassedAnswer } from "./passed-answer.ts";
import type { UpstreamCall } from "./upstream-call.ts";

/** A call whose API is the upstream's own: the client's bytes, unless the deployment or the gateway asks for a change. */
export function passedCall(
  exchange: Exchange,
  deployment: Deployment,
  overrides: FallbackTarget["overrides"],
  path: string,
): UpstreamCall | ApiError {
  if (exchange.form !== undefined) return formCall(exchange.form, exchange, deployment, overrides, path);
  const addsUsage = wantsUsageAdded(exchange, deployment);
  return {
    path,
    body: upstreamBody(exchange, deployment, overrides, addsUsage),
    form: new PassedAnswer(exchange, deployment.chatWire, addsUsage),
  };
}

/**
 * Streams say what they cost only when they are asked to (`stream_options.include_usage`), and limits, costs and
 * metrics need to know. Not of providers whose facts say that they do not know it; `additional_drop_params:
 * [stream_options]` says the same of one upstream.
 */
function wantsUsageAdded(
  { stream, operation, fields }: Exchange,
  { dropped, provider }: Deployment,
): boolean {
  if (!stream || (operation !== "chat" && operation !== "completion")) return false;
  if (provider.streamOptions === false || dropped.has("stream_options")) return false;
  const options = fields["stream_options"];
  if (typeof options !== "object" || options === null) return true;
  return (options as { readonly include_usage?: unknown }).include_usage !== true;
}

/** The client's bytes with what has to change in them. */
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
  if (exchange.proxyFields.length > 0) {
    remove.push(...exchange.proxyFields);
    const unwanted = fields["additional_drop_params"];
    if (Array.isArray(unwanted)) remove.push(...unwanted.filter((name) => typeof name === "string"));
  }
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
