import { type ApiError, apiError } from "@gatewright/litellm";
import type { Exchange } from "../exchange.ts";
import type { FallbackTarget } from "../route/fallback.ts";
import type { Deployment } from "../snapshot/snapshot.ts";
import type { Form } from "./form.ts";
import { PassedAnswer } from "./passed-answer.ts";
import type { UpstreamCall } from "./upstream-call.ts";

/** A call with a form: the client's own, but for the model and what the deployment or the gateway asks to change. */
export function formCall(
  form: Form,
  exchange: Exchange,
  deployment: Deployment,
  overrides: FallbackTarget["overrides"],
  path: string,
): UpstreamCall | ApiError {
  const replaced = new Map([...deployment.overrides, ...overrides]);
  const edited = form.edited({
    model: deployment.upstreamModel,
    remove: new Set([...exchange.proxyFields, ...deployment.dropped, ...replaced.keys()]),
    add: [...replaced].map(([name, json]) => [name, textOf(json)] as const),
  });
  if (edited === undefined) {
    const { provider } = deployment;
    const text = "the form went upstream as it came in, so it cannot be sent a second time";
    return apiError("call_refused", { provider: provider.title, model: exchange.model, text });
  }
  const { body, length } = edited;
  const contentHeaders = ["content-type", form.contentType];
  // Without a length it goes in chunks, as it came.
  if (length !== undefined) contentHeaders.push("content-length", String(length));
  return { path, body, contentHeaders, form: new PassedAnswer(exchange, deployment.chatWire, false) };
}

/** A form has texts only; what is more than that is written as JSON. */
function textOf(json: string): string {
  const value: unknown = JSON.parse(json);
  return typeof value === "string" ? value : json;
}
