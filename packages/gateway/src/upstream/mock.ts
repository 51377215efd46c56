import { type ChatEvent, type TextPart, type ToolCallPart, tokenUsage } from "@gatewright/call";
import { type ApiError, apiError, upstreamError } from "@gatewright/litellm";
import { chatApi } from "../edge/chat/chat-api.ts";
import { operationFacts } from "../edge/operations.ts";
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
  if (exchange.operation === "response" || exchange.operation === "message")
    return respondTranslated(scene, exchange.operation, text, toolCalls, error);
  if (exchange.stream) return stream(scene, text, toolCalls, error);
  if (typeof response === "object" && response !== null && !Array.isArray(response)) {
    const { usage: own } = response as { readonly usage?: unknown };
    return send(scene, { ...response, model: exchange.model }, own);
  }
  send(scene, completion(exchange, text, toolCalls), usage);
}

/** In the APIs that are not OpenAI's chat, the mock is a translated answer. */
function respondTranslated(
  scene: Scene,
  operation: "response" | "message",
  text: string,
  toolCalls: unknown,
  error: ApiError | undefined,
): void {
  const { exchange, listener } = scene;
  const { api } = operationFacts[operation];
  if (api === undefined) throw new Error(`${operation} has no API`);
  const { model, callId, fields } = exchange;
  const context = { model, callId, time: Date.now(), fields };
  const parts = mockedParts(text, toolCalls);
  const finish = toolCalls === undefined ? "stop" : "tool-calls";
  if (!exchange.stream) {
    const answer = { id: "", model, choices: [{ parts, finish }], usage: tokenUsage(10, 20) } as const;
    return send(scene, api.writeAnswer(answer, context), usage);
  }
  const writer = api.writeStream(context);
  exchange.streamFailure = (failure) => writer.fail(failure);
  const events = mockedEvents(model, parts);
  const written = events.map((event) => writer.write(event)).join("");
  begin(scene, "text/event-stream", undefined);
  if (error !== undefined) {
    exchange.send(Buffer.from(written));
    return failed(scene, error, "upstream");
  }
  const last: readonly ChatEvent[] = [
    { kind: "finish", choice: 0, reason: finish },
    { kind: "usage", usage: tokenUsage(10, 20) },
    { kind: "end" },
  ];
  exchange.usageText = JSON.stringify(usage);
  exchange.finish(Buffer.from(written + last.map((event) => writer.write(event)).join("")));
  listener.succeeded();
}

function mockedParts(text: string, toolCalls: unknown): readonly (TextPart | ToolCallPart)[] {
  const read = chatApi.read({ messages: [{ role: "assistant", content: text, tool_calls: toolCalls }] });
  const parts = "status" in read ? [] : (read.messages[0]?.parts ?? []);
  return parts.filter((part) => part.kind === "text" || part.kind === "tool-call");
}

function mockedEvents(model: string, parts: readonly (TextPart | ToolCallPart)[]): readonly ChatEvent[] {
  let tools = 0;
  const events: ChatEvent[] = [{ kind: "start", id: "", model }];
  for (const part of parts) {
    if (part.kind === "text") {
      for (const piece of words(part.text)) events.push({ kind: "text", choice: 0, text: piece });
    } else {
      const tool = tools++;
      events.push(
        { kind: "tool-call", choice: 0, tool, id: part.id, name: part.name },
        { kind: "tool-arguments", choice: 0, tool, text: part.arguments },
      );
    }
  }
  return events;
}

function words(text: string): readonly string[] {
  return text.match(/\S+\s*|\s+/g) ?? [];
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
  const pieces = words(text).map((piece, index) =>
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
