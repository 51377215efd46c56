import { performance } from "node:perf_hooks";
import { dollars } from "../budget/dollars.ts";
import type { Logger } from "../logger.ts";
import { answeringGroup, type RequestFacts } from "./request-facts.ts";
import { shortText } from "./short-text.ts";

/** One line per request. */
export interface AccessLog {
  write(exchange: RequestFacts, status: number): void;
}

/**
 * Writes to the process's log. Never the key, the prompt or the answer; texts that a client chose (the model name)
 * are cut short. Put together by hand, because printing an object costs five times as much. Members that say
 * something only now and then (a retry, a cache, a trace, a wait) are there only then.
 */
export function accessLog(logger: Logger): AccessLog {
  return {
    write(exchange, status) {
      const telemetry = exchange.group?.telemetry;
      if (telemetry !== undefined && (!telemetry.logRequests || status < telemetry.logFrom)) return;
      const now = performance.now();
      const { calledAt, answeredAt, firstByteAt, startedAt, deployment, failure } = exchange;
      const upstream = calledAt === 0 ? 0 : (answeredAt || now) - calledAt;
      const firstByte = firstByteAt === 0 ? 0 : firstByteAt - startedAt;
      const { model, caller } = exchange;
      logger.request(
        `"call_id":"${exchange.callId}","request_id":"${exchange.requestId}","route":"${exchange.path}","status":${status},` +
          `"model":${quoted(shortText(model))},"model_id":${quoted(deployment?.id ?? "")},` +
          `"stream":${exchange.stream},"duration_ms":${round(now - startedAt)},"upstream_ms":${round(upstream)},` +
          `"first_byte_ms":${round(firstByte)},"request_bytes":${exchange.requestBytes},"response_bytes":${exchange.sentBytes},` +
          `"client":"${exchange.request.socket.remoteAddress ?? ""}","caller":"${caller.kind}","user":${quoted(caller.user)},"error":"${failure?.exceptionClass ?? ""}"` +
          more(exchange),
      );
    },
  };
}

function more(exchange: RequestFacts): string {
  const { usage, cost, caller, attempts, retries, fallbacks, queuedMilliseconds, trace } = exchange;
  let text = "";
  const group = answeringGroup(exchange);
  if (group !== undefined && group.name !== exchange.model) text += `,"model_group":${quoted(group.name)}`;
  if (usage !== undefined) text += `,"input_tokens":${usage.input},"output_tokens":${usage.output}`;
  if (usage !== undefined && cost !== undefined) text += `,"cost":${dollars(cost)}`;
  if (attempts !== undefined && attempts.length > 0) text += `,"attempts":${attempts.length}`;
  if (retries) text += `,"retries":${retries}`;
  if (fallbacks) text += `,"fallbacks":${fallbacks}`;
  if (exchange.cacheKey !== undefined)
    text += exchange.cacheHit === true ? ',"cache":"hit"' : ',"cache":"miss"';
  if (queuedMilliseconds) text += `,"queue_ms":${round(queuedMilliseconds)}`;
  if (caller.keyAlias) text += `,"key_alias":${quoted(caller.keyAlias)}`;
  if (caller.team) text += `,"team":${quoted(caller.team)}`;
  if (trace !== undefined) text += `,"trace_id":"${trace.traceId}"`;
  return text;
}

/** JSON text of a string; names of models are nearly always as plain as they look. */
function quoted(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text);
}

const plain = /^[\w.:/@ -]*$/;

function round(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}
