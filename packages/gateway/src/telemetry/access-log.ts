import type { Exchange } from "../exchange.ts";
import type { Logger } from "../logger.ts";

/** One line per request. */
export interface AccessLog {
  write(exchange: Exchange, status: number): void;
}

/**
 * Writes to the process's log. Never the key, the prompt or the answer; texts that a client chose (the model name)
 * are cut short.
 */
export function accessLog(logger: Logger): AccessLog {
  return {
    write(exchange, status) {
      const now = performance.now();
      const { deployment, failure } = exchange;
      logger.request({
        call_id: exchange.callId,
        request_id: exchange.requestId,
        route: exchange.path,
        status,
        model: exchange.model.length > 200 ? exchange.model.slice(0, 200) : exchange.model,
        model_id: deployment?.id ?? "",
        stream: exchange.stream,
        duration_ms: round(now - exchange.startedAt),
        upstream_ms: exchange.calledAt === 0 ? 0 : round((exchange.answeredAt || now) - exchange.calledAt),
        first_byte_ms: exchange.firstByteAt === 0 ? 0 : round(exchange.firstByteAt - exchange.startedAt),
        request_bytes: exchange.body.length,
        response_bytes: exchange.sentBytes,
        client: exchange.request.socket.remoteAddress ?? "",
        caller: exchange.caller,
        error: failure?.exceptionClass ?? "",
      });
    },
  };
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 100) / 100;
}
