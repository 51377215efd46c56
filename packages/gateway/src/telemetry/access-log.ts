import type { Exchange } from "../exchange.ts";
import type { Logger } from "../logger.ts";

/** One line per request. */
export interface AccessLog {
  write(exchange: Exchange, status: number): void;
}

/**
 * Writes to the process's log. Never the key, the prompt or the answer; texts that a client chose (the model name)
 * are cut short. Put together by hand, because printing an object costs five times as much.
 */
export function accessLog(logger: Logger): AccessLog {
  return {
    write(exchange, status) {
      const now = performance.now();
      const { calledAt, answeredAt, firstByteAt, startedAt, deployment, failure } = exchange;
      const upstream = calledAt === 0 ? 0 : (answeredAt || now) - calledAt;
      const firstByte = firstByteAt === 0 ? 0 : firstByteAt - startedAt;
      const { model, caller } = exchange;
      logger.request(
        `"call_id":"${exchange.callId}","request_id":"${exchange.requestId}","route":"${exchange.path}","status":${status},` +
          `"model":${quoted(model.length > 200 ? model.slice(0, 200) : model)},"model_id":${quoted(deployment?.id ?? "")},` +
          `"stream":${exchange.stream},"duration_ms":${round(now - startedAt)},"upstream_ms":${round(upstream)},` +
          `"first_byte_ms":${round(firstByte)},"request_bytes":${exchange.requestBytes},"response_bytes":${exchange.sentBytes},` +
          `"client":"${exchange.request.socket.remoteAddress ?? ""}","caller":"${caller.kind}","user":${quoted(caller.user)},"error":"${failure?.exceptionClass ?? ""}"`,
      );
    },
  };
}

/** JSON text of a string; names of models are nearly always as plain as they look. */
function quoted(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text);
}

const plain = /^[\w.:/@ -]*$/;

function round(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}
