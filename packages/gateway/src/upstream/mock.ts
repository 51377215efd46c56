import { type ApiError, apiError, upstreamError } from "@gatewright/litellm";
import type { Exchange } from "../exchange.ts";
import type { CallListener } from "../route/call-listener.ts";
import type { Deployment } from "../snapshot/snapshot.ts";
import { beginAnswer } from "./answer.ts";

/** A mocked call. */
interface Scene {
  readonly exchange: Exchange;
  readonly deployment: Deployment;
  readonly listener: CallListener;
}

/**
 * Answers without an upstream, from `mock_response` and its companions in the deployment or the request
 * (litellm.md §3.9). Counts 10 prompt and 20 completion tokens, like LiteLLM.
 */
export function answerMock(exchange: Exchange, deployment: Deployment, listener: CallListener): void {
  const { fields } = exchange;
  const scene: Scene = { exchange, deployment, listener };
  const own = deployment.mock;
  const seconds = Number(fields["mock_delay"] ?? 0);
  const delay = seconds > 0 ? seconds * 1000 : (own?.delayMilliseconds ?? 0);
  const timesOut = fields["mock_timeout"] === true || own?.timeout === true;
  const wait = timesOut ? exchange.timeouts.timeoutMilliseconds : delay;
  const answer = (): void => {
    exchange.call = undefined;
    exchange.answeredAt = performance.now();
    if (timesOut) {
      const provider = deployment.provider.title;
      const detail = { provider, model: exchange.model, seconds: wait / 1000, silence: false };
      return failed(scene, apiError("upstream_timeout", detail), "timeout");
    }
    respond(scene, fields["mock_response"] ?? own?.response, fields["mock_tool_calls"] ?? own?.toolCalls);
  };
  if (wait === 0) return answer();
  const timer = setTimeout(answer, wait);
  exchange.call = {
    abandon: () => {
      clearTimeout(timer);
      listener.abandoned();
    },
  };
}

function failed({ listener }: Scene, error: ApiError, kind: "upstream" | "timeout"): void {
  listener.failed({ error, status: error.status, kind, retryAfterMilliseconds: undefined });
}

function respond(scene: Scene, response: unknown, toolCalls: unknown): void {
  const { exchange, deployment } = scene;
  const text = typeof response === "string" ? response : "";
  const error = raisedError(text, exchange, deployment);
  if (error !== undefined && !(text.startsWith("Exception: mock_streaming_error") && exchange.stream))
    return failed(scene, error, "upstream");
  if (exchange.operation === "embedding") return send(scene, embeddings(exchange, response), embeddingUsage);
  if (exchange.stream) return stream(scene, text, toolCalls, error);
  if (typeof response === "object" && response !== null && !Array.isArray(response)) {
    const { usage: own } = response as { readonly usage?: unknown };
    return send(scene, { ...response, model: exchange.model }, own);
  }
  send(scene, completion(exchange, text, toolCalls), usage);
}

const usage = { completion_tokens: 20, prompt_tokens: 10, total_tokens: 30 };
const embeddingUsage = { prompt_tokens: 10, total_tokens: 10 };

function completion(exchange: Exchange, text: string, toolCalls: unknown): object {
  const head = { id: answerId(exchange), created: Math.floor(Date.now() / 1000), model: exchange.model };
  const finish = toolCalls === undefined ? "stop" : "tool_calls";
  if (exchange.operation === "completion") {
    return {
      ...head,
      object: "text_completion",
      choices: [{ finish_reason: "stop", index: 0, text, logprobs: null }],
      usage,
    };
  }
  const message = {
    content: text === "" && toolCalls !== undefined ? null : text,
    role: "assistant",
    ...(toolCalls === undefined ? {} : { tool_calls: toolCalls }),
  };
  return {
    ...head,
    object: "chat.completion",
    choices: [{ finish_reason: finish, index: 0, message }],
    usage,
  };
}

/** One vector for each input: the list given as `mock_response`, or three fixed numbers. */
function embeddings(exchange: Exchange, response: unknown): object {
  const { input } = exchange.fields;
  const count = Array.isArray(input) && typeof input[0] !== "number" ? input.length : 1;
  const embedding = Array.isArray(response) ? response : [0.1, 0.2, 0.3];
  return {
    object: "list",
    data: Array.from({ length: count }, (_, index) => ({ object: "embedding", index, embedding })),
    model: exchange.model,
    usage: embeddingUsage,
  };
}

function stream(scene: Scene, text: string, toolCalls: unknown, error: ApiError | undefined): void {
  const { exchange, listener } = scene;
  const chat = exchange.operation === "chat";
  const head = {
    id: answerId(exchange),
    created: Math.floor(Date.now() / 1000),
    model: exchange.model,
    object: chat ? "chat.completion.chunk" : "text_completion",
  };
  const frame = (choices: readonly object[], more: object = {}): string =>
    `data: ${JSON.stringify({ ...head, choices, ...more })}\n\n`;
  const pieces = (text.match(/\S+\s*|\s+/g) ?? []).map((piece, index) =>
    frame([
      chat
        ? { index: 0, delta: { content: piece, ...(index === 0 ? { role: "assistant" } : {}) } }
        : { index: 0, text: piece },
    ]),
  );
  if (error !== undefined) {
    begin(scene, "text/event-stream", undefined);
    exchange.send(Buffer.from(pieces.join("")));
    return failed(scene, error, "upstream");
  }
  if (toolCalls !== undefined && Array.isArray(toolCalls)) {
    pieces.push(
      frame([
        {
          index: 0,
          delta: { role: "assistant", tool_calls: toolCalls.map((call, index) => ({ index, ...call })) },
        },
      ]),
    );
  }
  const finish = toolCalls === undefined ? "stop" : "tool_calls";
  pieces.push(
    frame([
      chat ? { index: 0, delta: {}, finish_reason: finish } : { index: 0, text: "", finish_reason: finish },
    ]),
  );
  const options = exchange.fields["stream_options"];
  if (
    typeof options === "object" &&
    options !== null &&
    "include_usage" in options &&
    options.include_usage === true
  )
    pieces.push(frame([], { usage }));
  exchange.usageText = JSON.stringify(usage);
  begin(scene, "text/event-stream", undefined);
  exchange.finish(Buffer.from(`${pieces.join("")}data: [DONE]\n\n`));
  listener.succeeded();
}

function send(scene: Scene, answer: object, usage: unknown): void {
  const { exchange, listener } = scene;
  exchange.stream = false;
  exchange.usageText = usage === undefined ? undefined : JSON.stringify(usage);
  const body = Buffer.from(JSON.stringify(answer));
  begin(scene, "application/json", body.length);
  exchange.finish(body);
  listener.succeeded();
}

function begin(
  { exchange, deployment, listener }: Scene,
  contentType: string,
  length: number | undefined,
): void {
  exchange.firstByteAt = performance.now();
  listener.answering();
  beginAnswer(exchange, deployment, { status: 200, contentType, upstream: {}, length });
}

function answerId(exchange: Exchange): string {
  return `chatcmpl-${exchange.callId}`;
}

/** Texts that LiteLLM takes for the name of an error to raise. */
function raisedError(text: string, exchange: Exchange, deployment: Deployment): ApiError | undefined {
  const failed = (status: number, message: string): ApiError =>
    upstreamError({ status, text: message, provider: deployment.provider.title, model: exchange.model });
  if (text === "litellm.RateLimitError") return failed(429, "this is a mock rate limit error");
  if (text === "litellm.ContextWindowExceededError")
    return failed(
      400,
      '{"error":{"message":"this is a mock context window error","code":"context_length_exceeded"}}',
    );
  if (text === "litellm.InternalServerError") return failed(500, "this is a mock internal server error");
  if (text.startsWith("Exception: content_filter_policy"))
    return failed(400, '{"error":{"message":"this is a mock content policy error","code":"content_filter"}}');
  if (text.startsWith("Exception: mock_streaming_error"))
    return failed(500, "this is a mock error in the middle of a stream");
  return undefined;
}
