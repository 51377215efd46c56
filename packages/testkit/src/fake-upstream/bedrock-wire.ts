import { bedrockProblem } from "./bedrock-problem.ts";
import type { Behaviour } from "./behaviour.ts";
import { eventStreamFrame } from "./event-stream-frame.ts";
import { type Ask, type FakeWire, type Fields, PROMPT_TOKENS, wordsOf } from "./wire.ts";

const PATH = /\/model\/([^/]+)\/(converse|converse-stream|invoke)$/;

/**
 * Amazon Bedrock's runtime as its API reference shows it: Converse, ConverseStream, and InvokeModel for the embeddings
 * of Titan and Cohere. A chat that breaks Converse's rules is refused.
 */
export const bedrockWire: FakeWire = {
  ask(path, fields) {
    const [, model, action] = PATH.exec(path) ?? [];
    if (model === undefined) return undefined;
    return {
      operation: action === "invoke" ? "embedding" : "chat",
      model: decodeURIComponent(model),
      stream: action === "converse-stream",
      fields,
    };
  },
  problem: ({ fields, operation }) => {
    const message = operation === "chat" ? bedrockProblem(fields) : undefined;
    return message === undefined ? undefined : { status: 400, message };
  },
  answer: (ask, behaviour) =>
    ask.operation === "embedding" ? embeddings(ask, behaviour) : answer(ask, behaviour),
  streamContentType: "application/vnd.amazon.eventstream",
  *frames(ask, behaviour) {
    const { padding = 0 } = behaviour;
    const more = padding === 0 ? {} : { p: "x".repeat(padding) };
    for (const [type, event] of events(ask, behaviour)) yield frame(type, { ...event, ...more });
  },
  closing: "",
  malformedFrame: Buffer.from(
    frame("contentBlockDelta", {}).map((byte, at) => (at === 20 ? byte ^ 1 : byte)),
  ),
  errorFrame: (message) =>
    eventStreamFrame(
      {
        ":message-type": "exception",
        ":exception-type": "internalServerException",
        ":content-type": "application/json",
      },
      JSON.stringify({ message }),
    ),
  errorBody: ({ body, message, status }) =>
    body ?? JSON.stringify({ message: message ?? `fake error ${status}` }),
  errorHeaders: ({ status, type }) => ({
    "x-amzn-errortype": type ?? exceptions[status] ?? "InternalServerException",
  }),
};

const exceptions: { readonly [status: number]: string } = {
  400: "ValidationException",
  401: "UnrecognizedClientException",
  403: "AccessDeniedException",
  404: "ResourceNotFoundException",
  408: "ModelTimeoutException",
  424: "ModelErrorException",
  429: "ThrottlingException",
  503: "ServiceUnavailableException",
};

function frame(type: string, event: object): Buffer {
  const headers = { ":event-type": type, ":content-type": "application/json", ":message-type": "event" };
  return eventStreamFrame(headers, JSON.stringify(event));
}

/** A block of the answer: whole, as it starts in a stream (only tools do), and its deltas. */
interface Block {
  readonly whole: object;
  readonly start?: object;
  readonly deltas: readonly object[];
}

function blocksOf(ask: Ask, behaviour: Behaviour): readonly Block[] {
  const { reasoning, signature = "sig_fake" } = behaviour;
  const blocks: Block[] = [];
  if (reasoning !== undefined) {
    blocks.push({
      whole: { reasoningContent: { reasoningText: { text: reasoning, signature } } },
      deltas: [
        ...halves(reasoning).map((text) => ({ reasoningContent: { text } })),
        { reasoningContent: { signature } },
      ],
    });
  }
  const calls = behaviour.toolCalls ?? forcedCall(ask.fields, behaviour);
  if (calls !== undefined) return [...blocks, ...calls.map(toolBlock)];
  const words = wordsOf(ask.model, behaviour);
  return [...blocks, { whole: { text: words.join("") }, deltas: words.map((text) => ({ text })) }];
}

function toolBlock(call: { readonly name: string; readonly arguments: string }, index: number): Block {
  const toolUse = { toolUseId: `tooluse_${index}`, name: call.name };
  return {
    whole: { toolUse: { ...toolUse, input: JSON.parse(call.arguments) as unknown } },
    start: { toolUse },
    deltas: halves(call.arguments).map((input) => ({ toolUse: { input } })),
  };
}

/** A model that is forced to call a tool does: with the script's text as the arguments, if it is an object. */
function forcedCall(fields: Fields, { text }: Behaviour): Behaviour["toolCalls"] {
  const config = fields["toolConfig"] as
    | { readonly toolChoice?: { readonly tool?: { readonly name: string } } }
    | undefined;
  const name = config?.toolChoice?.tool?.name;
  return name === undefined || text?.startsWith("{") !== true ? undefined : [{ name, arguments: text }];
}

function halves(text: string): readonly string[] {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)];
}

function stopOf(ask: Ask, behaviour: Behaviour, blocks: readonly Block[]): object {
  const stopReason = stopReasonOf(behaviour, blocks);
  const paths = ask.fields["additionalModelResponseFieldPaths"];
  const config = ask.fields["inferenceConfig"] as { readonly stopSequences?: readonly string[] } | undefined;
  const asked = Array.isArray(paths) && paths.includes("/stop_sequence");
  if (stopReason !== "stop_sequence" || !asked) return { stopReason };
  return { stopReason, additionalModelResponseFields: { stop_sequence: config?.stopSequences?.[0] ?? null } };
}

function stopReasonOf({ finish }: Behaviour, blocks: readonly Block[]): string {
  switch (finish) {
    case "length":
      return "max_tokens";
    case "stop-sequence":
      return "stop_sequence";
    case "content-filter":
    case "refusal":
      return "content_filtered";
    case undefined:
      return blocks.some(({ start }) => start !== undefined) ? "tool_use" : "end_turn";
  }
}

function answer(ask: Ask, behaviour: Behaviour): object {
  const blocks = blocksOf(ask, behaviour);
  const { padding = 0 } = behaviour;
  return {
    output: { message: { role: "assistant", content: blocks.map(({ whole }) => whole) } },
    ...stopOf(ask, behaviour, blocks),
    ...usageOf(blocks, behaviour),
    metrics: { latencyMs: 1 },
    ...(padding === 0 ? {} : { padding: "x".repeat(padding) }),
  };
}

function* events(ask: Ask, behaviour: Behaviour): Generator<readonly [type: string, event: object]> {
  const blocks = blocksOf(ask, behaviour);
  yield ["messageStart", { role: "assistant" }];
  for (const [contentBlockIndex, { deltas, start }] of blocks.entries()) {
    if (start !== undefined) yield ["contentBlockStart", { start, contentBlockIndex }];
    for (const delta of deltas) yield ["contentBlockDelta", { delta, contentBlockIndex }];
    yield ["contentBlockStop", { contentBlockIndex }];
  }
  yield ["messageStop", stopOf(ask, behaviour, blocks)];
  yield ["metadata", { ...usageOf(blocks, behaviour), metrics: { latencyMs: 1 } }];
}

/** One token for each word, or for each delta of another kind. */
function usageOf(blocks: readonly Block[], { usage, usageDetails = {} }: Behaviour): object {
  if (usage === false) return {};
  const { cached = 0, cacheWrite = 0 } = usageDetails;
  const outputTokens = blocks.reduce((sum, { deltas }) => sum + deltas.length, 0);
  const inputTokens = PROMPT_TOKENS - cached - cacheWrite;
  return {
    usage: {
      inputTokens,
      outputTokens,
      totalTokens: PROMPT_TOKENS + outputTokens,
      ...(cached === 0 ? {} : { cacheReadInputTokens: cached }),
      ...(cacheWrite === 0 ? {} : { cacheWriteInputTokens: cacheWrite }),
    },
  };
}

function embeddings({ fields }: Ask, { dimensions = 3 }: Behaviour): object {
  const vector = (seed: number): readonly number[] =>
    Array.from({ length: dimensions }, (_, index) => (index + 1) / (seed + 2));
  const { texts } = fields;
  if (Array.isArray(texts)) {
    const all = texts.map((_, index) => vector(index));
    return { id: "emb_fake", response_type: "embeddings_floats", embeddings: all, texts };
  }
  return { embedding: vector(0), inputTextTokenCount: 1, embeddingsByType: { float: vector(0) } };
}
