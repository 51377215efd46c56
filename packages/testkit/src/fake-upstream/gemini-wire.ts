import type { Behaviour } from "./behaviour.ts";
import { geminiProblem } from "./gemini-problem.ts";
import { type Ask, type FakeWire, type Fields, PROMPT_TOKENS, wordsOf } from "./wire.ts";

const PATH =
  /\/(?:models|tunedModels|endpoints)\/([^/:]+):(generateContent|streamGenerateContent|batchEmbedContents|predict)$/;

/**
 * generateContent and streamGenerateContent (with `alt=sse`) as Google's API references show them, under the paths of AI
 * Studio and of Vertex, with their embeddings: batchEmbedContents there, predict here. A chat that breaks Google's rules
 * is refused. Claude on Vertex is no part of it.
 */
export const geminiWire: FakeWire = {
  ask(path, fields) {
    const [, model, action] = PATH.exec(path) ?? [];
    if (model === undefined) return undefined;
    return {
      operation: action === "predict" || action === "batchEmbedContents" ? "embedding" : "chat",
      model: decodeURIComponent(model),
      stream: action === "streamGenerateContent",
      fields,
    };
  },
  problem: ({ fields, model, operation }) => {
    const message = operation === "chat" ? geminiProblem(fields, model) : undefined;
    return message === undefined ? undefined : { status: 400, message };
  },
  answer: (ask, behaviour) => {
    if (ask.operation === "embedding") return embeddings(ask, behaviour);
    const pieces = piecesOf(ask, behaviour);
    const candidate = {
      content: { parts: pieces.map(({ whole }) => whole), role: "model" },
      ...endOf(behaviour),
      index: 0,
    };
    return { candidates: [candidate], ...usageOf(wordsIn(pieces), behaviour), ...headOf(ask, behaviour) };
  },
  streamContentType: "text/event-stream",
  *frames(ask, behaviour) {
    for (const frame of framesOf(ask, behaviour)) yield `data: ${JSON.stringify(frame)}\r\n\r\n`;
  },
  closing: "",
  malformedFrame: 'data: {"candidates": [{"content": {"parts"\r\n\r\n',
  errorFrame: (message) => `data: ${errorBody({ status: 500, message })}\r\n\r\n`,
  errorBody,
};

const statusNames: { readonly [status: number]: string } = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};

function errorBody(error: NonNullable<Behaviour["error"]>): string {
  if (error.body !== undefined) return error.body;
  const { code, message = `fake error ${error.status}`, retryAfter, status, type } = error;
  const details = [
    ...(code === undefined
      ? []
      : [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: code, domain: "googleapis.com" }]),
    ...(typeof retryAfter === "number"
      ? [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: `${retryAfter}s` }]
      : []),
  ];
  const name = type ?? statusNames[status] ?? "UNKNOWN";
  return JSON.stringify({
    error: { code: status, message, status: name, ...(details.length === 0 ? {} : { details }) },
  });
}

/** A part of the answer: whole, and in the pieces of a stream. */
interface Piece {
  readonly whole: object;
  readonly pieces: readonly object[];
}

/** Models that think sign: the first call, else the last text. */
function piecesOf(ask: Ask, behaviour: Behaviour): readonly Piece[] {
  const { reasoning, signature, toolCalls } = behaviour;
  const thoughtSignature = signature ?? (reasoning === undefined ? undefined : "sig_fake");
  const signed = thoughtSignature === undefined ? {} : { thoughtSignature };
  const shown = shownThoughts(ask.fields) ? reasoning : undefined;
  const thought =
    shown === undefined ? [] : [{ whole: thoughtOf(shown), pieces: halves(shown).map(thoughtOf) }];
  if (toolCalls !== undefined) {
    const calls = toolCalls.map((call, index) => {
      const functionCall = { name: call.name, args: JSON.parse(call.arguments) as unknown };
      const whole = { functionCall, ...(index === 0 ? signed : {}) };
      return { whole, pieces: [whole] };
    });
    return [...thought, ...calls];
  }
  const words = wordsOf(ask.model, behaviour);
  const whole = { text: words.join(""), ...signed };
  // In a stream the signature comes behind the text, with an empty one.
  const end = thoughtSignature === undefined ? [] : [{ text: "", ...signed }];
  return [...thought, { whole, pieces: [...words.map((text) => ({ text })), ...end] }];
}

function shownThoughts(fields: Fields): boolean {
  const config = fields["generationConfig"] as
    | { readonly thinkingConfig?: { readonly includeThoughts?: boolean } }
    | undefined;
  return config?.thinkingConfig?.includeThoughts === true;
}

function thoughtOf(text: string): object {
  return { text, thought: true };
}

function halves(text: string): readonly string[] {
  const middle = Math.ceil(text.length / 2);
  return [text.slice(0, middle), text.slice(middle)];
}

function endOf({ finish }: Behaviour): object {
  switch (finish) {
    case "length":
      return { finishReason: "MAX_TOKENS" };
    case "content-filter":
    case "refusal":
      return { finishReason: "SAFETY" };
    case "stop-sequence":
    case undefined:
      return { finishReason: "STOP" };
  }
}

/** What every answer and every frame ends with. */
function headOf({ model }: Ask, behaviour: Behaviour): object {
  const { padding = 0 } = behaviour;
  return {
    modelVersion: behaviour.model ?? model,
    responseId: "fake-response_1",
    ...(padding === 0 ? {} : { padding: "x".repeat(padding) }),
  };
}

function* framesOf(ask: Ask, behaviour: Behaviour): Generator<object, void> {
  const pieces = piecesOf(ask, behaviour);
  const head = headOf(ask, behaviour);
  let words = 0;
  for (const piece of pieces.flatMap((part) => part.pieces)) {
    words += countOf(piece);
    const candidate = { content: { parts: [piece], role: "model" }, index: 0 };
    yield { candidates: [candidate], ...usageOf(words, behaviour), ...head };
  }
  const last = { content: { parts: [{ text: "" }], role: "model" }, ...endOf(behaviour), index: 0 };
  yield { candidates: [last], ...usageOf(words, behaviour), ...head };
}

function wordsIn(pieces: readonly Piece[]): number {
  return pieces.flatMap((part) => part.pieces).reduce((sum, piece) => sum + countOf(piece), 0);
}

/** One token for each word and each call; thoughts are counted beside them. */
function countOf(piece: object): number {
  if ("thought" in piece) return 0;
  return "functionCall" in piece || ("text" in piece && piece.text !== "") ? 1 : 0;
}

function usageOf(words: number, { usage, usageDetails = {} }: Behaviour): object {
  if (usage === false) return {};
  const { cached = 0, reasoning = 0 } = usageDetails;
  // Thoughts are parts of the answer's tokens in the script, and stand beside them in this wire.
  const candidates = Math.max(0, words - reasoning);
  return {
    usageMetadata: {
      promptTokenCount: PROMPT_TOKENS,
      candidatesTokenCount: candidates,
      totalTokenCount: PROMPT_TOKENS + candidates + reasoning,
      promptTokensDetails: [{ modality: "TEXT", tokenCount: PROMPT_TOKENS }],
      ...(cached === 0 ? {} : { cachedContentTokenCount: cached }),
      ...(reasoning === 0 ? {} : { thoughtsTokenCount: reasoning }),
    },
  };
}

function embeddings({ fields }: Ask, { dimensions = 3 }: Behaviour): object {
  const vector = (seed: number): readonly number[] =>
    Array.from({ length: dimensions }, (_, index) => (index + 1) / (seed + 2));
  const { instances, requests } = fields;
  if (Array.isArray(instances)) {
    return {
      predictions: instances.map((_, index) => ({
        embeddings: { values: vector(index), statistics: { truncated: false, token_count: 1 } },
      })),
      metadata: { billableCharacterCount: 1 },
    };
  }
  const all = Array.isArray(requests) ? requests : [];
  return {
    embeddings: all.map((_, index) => ({ values: vector(index) })),
    usageMetadata: { promptTokenCount: all.length },
  };
}
