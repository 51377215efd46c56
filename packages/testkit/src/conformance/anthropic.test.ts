import Anthropic, { APIError } from "@anthropic-ai/sdk";
import type {
  CallFailure,
  ChatAnswer,
  ChatCall,
  ChatEvent,
  DocumentPart,
  ImagePart,
  Message,
  Part,
  TextPart,
  Tool,
  ToolCallPart,
  ToolResultPart,
} from "@gatewright/call";
import { isFailure } from "@gatewright/call";
import { messagesApi } from "@gatewright/gateway";
import { type ChatWire, providerNamed, type Translation } from "@gatewright/providers";
import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { anthropicProblem } from "../fake-upstream/anthropic-problem.ts";
import { readAnthropicRequest } from "../fake-upstream/anthropic-request.ts";
import { anthropicWire } from "../fake-upstream/anthropic-wire.ts";
import type { Behaviour } from "../fake-upstream/behaviour.ts";
import { startFakeUpstream } from "../fake-upstream/fake-upstream.ts";
import { arbitraryCall } from "./arbitrary-call.ts";
import { conversationOf, keptCall } from "./kept-call.ts";

const MODEL = "claude-haiku-4-5";
const upstream = await startFakeUpstream();
const client = new Anthropic({ baseURL: upstream.url, apiKey: "sk-test", maxRetries: 0 });
afterAll(() => upstream.close());
beforeEach(() => {
  upstream.script = {};
});

function chatWire(): ChatWire {
  const wire = providerNamed("anthropic")?.chat(MODEL);
  if (wire === undefined) throw new Error("there is no provider anthropic");
  return wire;
}

const question: ChatCall = {
  kind: "chat",
  from: "openai",
  stream: false,
  messages: [{ role: "user", parts: [{ kind: "text", text: "hi" }] }],
  tools: [{ kind: "function", name: "look_up" }],
  options: { stop: ["."] },
  extra: {},
};

function translate(call: ChatCall): Translation {
  return chatWire().write(call, { model: MODEL, dropUnknown: false });
}

/** What both parsers say of an answer, in one form. */
interface Understood {
  readonly text: string;
  readonly reasoning: string;
  readonly signature: string;
  readonly tools: readonly { readonly id: string; readonly name: string; readonly input: unknown }[];
  readonly finish: string | null | undefined;
  readonly stopSequence: string | null;
  /** Tokens: input without the cache, read from it, written to it, output. */
  readonly usage: readonly number[];
}

const finishes: { readonly [stopReason: string]: string } = {
  end_turn: "stop",
  tool_use: "tool-calls",
  max_tokens: "length",
  refusal: "refusal",
  stop_sequence: "stop-sequence",
};

function ofClient({ content, stop_reason, stop_sequence, usage }: Anthropic.Message): Understood {
  return {
    text: content.map((block) => (block.type === "text" ? block.text : "")).join(""),
    reasoning: content.map((block) => (block.type === "thinking" ? block.thinking : "")).join(""),
    signature: content.map((block) => (block.type === "thinking" ? block.signature : "")).join(""),
    tools: content.flatMap((block) =>
      block.type === "tool_use" ? [{ id: block.id, name: block.name, input: block.input }] : [],
    ),
    finish: finishes[stop_reason ?? ""],
    stopSequence: stop_sequence,
    usage: [
      usage.input_tokens,
      usage.cache_read_input_tokens ?? 0,
      usage.cache_creation_input_tokens ?? 0,
      usage.output_tokens,
    ],
  };
}

function ofAnswer({ choices, usage }: ChatAnswer): Understood {
  const [choice] = choices;
  const parts = choice?.parts ?? [];
  const { cachedInput = 0, cacheWriteInput = 0, input = 0, output = 0 } = usage ?? {};
  return {
    text: parts.map((part) => (part.kind === "text" ? part.text : "")).join(""),
    reasoning: parts.map((part) => (part.kind === "reasoning" ? part.text : "")).join(""),
    signature: parts.map((part) => (part.kind === "reasoning" ? (part.signature ?? "") : "")).join(""),
    tools: parts.flatMap((part) =>
      part.kind === "tool-call"
        ? [{ id: part.id, name: part.name, input: JSON.parse(part.arguments) as unknown }]
        : [],
    ),
    finish: choice?.finish,
    stopSequence: choice?.stopSequence ?? null,
    usage: [input - cachedInput - cacheWriteInput, cachedInput, cacheWriteInput, output],
  };
}

/** The answer that the events of a stream add up to. */
function added(events: readonly ChatEvent[]): ChatAnswer {
  const parts: Part[] = [];
  const tools = new Map<number, { -readonly [M in keyof ToolCallPart]: ToolCallPart[M] }>();
  let text = "";
  let reasoning = "";
  let signature = "";
  let finish: Extract<ChatEvent, { kind: "finish" }> | undefined;
  let usage: ChatAnswer["usage"];
  for (const event of events) {
    if (event.kind === "text") text += event.text;
    if (event.kind === "reasoning") reasoning += event.text;
    if (event.kind === "reasoning-signature") signature += event.signature;
    if (event.kind === "tool-call") {
      tools.set(event.tool, { kind: "tool-call", id: event.id, name: event.name, arguments: "" });
    }
    const tool = event.kind === "tool-arguments" ? tools.get(event.tool) : undefined;
    if (tool !== undefined && event.kind === "tool-arguments") tool.arguments += event.text;
    if (event.kind === "finish") finish = event;
    if (event.kind === "usage") usage = event.usage;
  }
  parts.push({ kind: "reasoning", text: reasoning, signature }, { kind: "text", text }, ...tools.values());
  const { reason = "stop", stopSequence } = finish ?? {};
  const choice = { parts, finish: reason, ...(stopSequence === undefined ? {} : { stopSequence }) };
  return { id: "", model: "", choices: [choice], usage };
}

/** Asks by hand, with what the wire writes: what our readers get to see. */
async function post(call: ChatCall): Promise<Response> {
  return fetch(`${upstream.url}/v1/messages`, { method: "POST", body: JSON.stringify(translate(call).body) });
}

async function ours(stream: boolean): Promise<Understood> {
  const call = { ...question, stream };
  const response = await post(call);
  expect(response.status).toBe(200);
  if (!stream) {
    const answer = translate(call).readAnswer(await response.json());
    if (isFailure(answer)) throw new Error(answer.message);
    return ofAnswer(answer);
  }
  const events = eventsOf([Buffer.from(await response.arrayBuffer())]);
  expect(events.at(-1)).toEqual({ kind: "end" });
  return ofAnswer(added(events));
}

function eventsOf(chunks: readonly Buffer[]): readonly ChatEvent[] {
  const events: ChatEvent[] = [];
  const reader = translate({ ...question, stream: true }).readStream((event) => events.push(event));
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return events;
}

const behaviours: readonly (readonly [name: string, behaviour: Behaviour])[] = [
  ["text", { text: "Grüße, 🌍 !" }],
  ["nothing", { text: "" }],
  ["reasoning", { text: "Yes.", reasoning: "Is it? 🚪", signature: "sig_1" }],
  [
    "tools",
    {
      toolCalls: [
        { name: "look_up", arguments: '{"topic":"Grüße 🚪"}' },
        { name: "look_up", arguments: "{}" },
      ],
    },
  ],
  ["usage", { text: "one two", usageDetails: { cached: 3, cacheWrite: 2, reasoning: 1 } }],
  ["an end for length", { finish: "length" }],
  ["an end for a stop text", { finish: "stop-sequence" }],
  ["a refusal", { finish: "refusal" }],
];

describe("the official client and our readers understand the same", () => {
  it.each(behaviours)("of %s, whole and streamed", async (_, behaviour) => {
    upstream.script = { default: behaviour };
    const body = translate(question).body as unknown as Anthropic.MessageCreateParamsNonStreaming;
    const whole = ofClient(await client.messages.create(body));
    const stream = ofClient(await client.messages.stream(body).finalMessage());
    expect([await ours(false), await ours(true)]).toEqual([whole, stream]);
    expect({ ...stream, usage: [] }).toEqual({ ...whole, usage: [] });
  });

  it.each([400, 401, 403, 404, 413, 429, 500, 529])("of an error with status %i", async (status) => {
    upstream.script = { default: { error: { status, message: "the fake will not" } } };
    const body = translate(question).body as unknown as Anthropic.MessageCreateParamsNonStreaming;
    const error: unknown = await client.messages.create(body).catch((reason: unknown) => reason);
    const response = await post(question);
    const failure = chatWire().readFailure(response.status, await response.text());
    expect(error).toBeInstanceOf(APIError);
    const { apiMessage, status: heard } = error as APIError;
    expect([failure.status, failure.message]).toEqual([heard, apiMessage]);
  });

  it("of an error in a stream", async () => {
    upstream.script = { default: { errorAtFrame: 4 } };
    const body = translate(question).body as unknown as Anthropic.MessageCreateParamsNonStreaming;
    await expect(client.messages.stream(body).finalMessage()).rejects.toThrow("fake error in the stream");
    const response = await post({ ...question, stream: true });
    const events = eventsOf([Buffer.from(await response.arrayBuffer())]);
    expect(events.at(-1)).toEqual({
      kind: "failure",
      failure: { status: 500, message: "fake error in the stream" } satisfies CallFailure,
    });
  });
});

const word = fc.string({ minLength: 1, maxLength: 9, unit: "grapheme" }).filter((text) => text.trim() !== "");
const name = fc.stringMatching(/^[a-zA-Z0-9_-]{1,12}$/);
const cache = fc.constantFrom({}, { cache: {} }, { cache: { ttl: "5m" } }, { cache: { ttl: "1h" } });

const text: fc.Arbitrary<TextPart> = fc
  .tuple(word, cache)
  .map(([words, mark]) => ({ kind: "text", text: words, ...mark }));
const url = fc.webUrl().map((address) => ({ kind: "url" as const, url: address }));
const file = name.map((id) => ({ kind: "file" as const, id }));
const base64 = (mediaType: string) =>
  fc.base64String().map((data) => ({ kind: "base64" as const, mediaType, data }));
const image: fc.Arbitrary<ImagePart> = fc
  .tuple(fc.oneof(url, file, base64("image/png")), cache)
  .map(([source, mark]) => ({ kind: "image", source, ...mark }));
const words = fc.string().map((said) => ({ kind: "text" as const, text: said }));
const document: fc.Arbitrary<DocumentPart> = fc
  .tuple(
    fc.oneof(url, file, base64("application/pdf"), words),
    fc.record({ name: word, context: word, cite: fc.boolean() }, { requiredKeys: [] }),
    cache,
  )
  .map(([source, more, mark]) => ({ kind: "document", source, ...more, ...mark }));
const content: fc.Arbitrary<TextPart | ImagePart | DocumentPart> = fc.oneof(text, image, document);
const citation = fc.record({ type: fc.constant("char_location"), cited_text: word });

const thought: fc.Arbitrary<Part> = fc.oneof(
  fc.record({ kind: fc.constant("reasoning" as const), text: fc.string(), signature: word }),
  fc.record({ kind: fc.constant("redacted-reasoning" as const), data: word }),
);
const said = fc.oneof<fc.Arbitrary<Part>[]>(
  text,
  fc.tuple(word, fc.array(citation, { minLength: 1, maxLength: 2 })).map(
    ([spoken, list]): Part => ({
      kind: "text",
      text: spoken,
      citations: list.map((value) => ({ wire: "anthropic", value }) as const),
    }),
  ),
  fc
    .record({ type: fc.constant("server_tool_use"), id: name, input: fc.dictionary(name, fc.jsonValue()) })
    .map((value): Part => ({ kind: "other", wire: "anthropic", value: plain(value) })),
);
const called = fc.tuple(name, fc.dictionary(name, fc.jsonValue()), cache);
const result = fc.tuple(fc.array(content, { maxLength: 2 }), fc.boolean(), cache);

/** A turn: what the assistant says and calls, the results, and what the user says then. */
const turn = fc.tuple(
  fc.array(thought, { maxLength: 2 }),
  fc.array(said, { minLength: 1, maxLength: 2 }),
  fc.array(fc.tuple(called, result), { maxLength: 3 }),
  fc.array(content, { minLength: 1, maxLength: 3 }),
);

function plain<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

function messagesOf(
  system: readonly TextPart[],
  first: readonly Part[],
  turns: readonly (typeof turn extends fc.Arbitrary<infer T> ? T : never)[],
): readonly Message[] {
  const messages: Message[] = system.length === 0 ? [] : [{ role: "system", parts: system }];
  messages.push({ role: "user", parts: first });
  let number = 0;
  for (const [thoughts, speech, calls, reply] of turns) {
    const results: ToolResultPart[] = [];
    const parts: Part[] = [...thoughts, ...speech];
    for (const [[tool, input, mark], [answer, isError, resultMark]] of calls) {
      const id = `call_${number++}`;
      parts.push({ kind: "tool-call", id, name: tool, arguments: JSON.stringify(input), ...mark });
      results.push({ kind: "tool-result", id, name: tool, content: answer, isError, ...resultMark });
    }
    messages.push({ role: "assistant", parts }, { role: "user", parts: [...results, ...reply] });
  }
  return messages;
}

const tool: fc.Arbitrary<Tool> = fc
  .tuple(fc.option(word, { nil: undefined }), fc.dictionary(name, fc.constant({ type: "string" })), cache)
  .map(([description, properties, mark]) => ({
    kind: "function",
    name: "",
    ...(description === undefined ? {} : { description }),
    parameters: plain({ type: "object", properties }),
    ...mark,
  }));
const tools: fc.Arbitrary<readonly Tool[]> = fc
  .tuple(fc.uniqueArray(name, { minLength: 1, maxLength: 3 }), fc.array(tool, { minLength: 3, maxLength: 3 }))
  .map(([names, list]) =>
    names.flatMap((one, index): Tool[] => (list[index] ? [{ ...list[index], name: one } as Tool] : [])),
  );

const sampling = fc.oneof(
  fc.record({
    temperature: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
    top_k: fc.nat(99),
  }),
  fc.record({ top_p: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0) }),
);
const options = fc.record(
  {
    stop: fc.array(word, { minLength: 1, maxLength: 3 }),
    user: name.filter((user) => /[a-z]/.test(user)),
    service_tier: fc.constantFrom("auto", "default"),
  },
  { requiredKeys: [] },
);
const reasoning = fc.oneof(
  fc.constant({}),
  fc.constant({ reasoning: { enabled: false } }),
  fc
    .integer({ min: 1024, max: 9999 })
    .map((budgetTokens) => ({ reasoning: { enabled: true, budgetTokens } })),
);

/** A call that says only what the wire keeps, in the order that the wire has. */
const keptChat: fc.Arbitrary<ChatCall> = fc
  .record({
    system: fc.array(text, { maxLength: 2 }),
    first: fc.array(content, { minLength: 1, maxLength: 3 }),
    turns: fc.array(turn, { maxLength: 3 }),
    stream: fc.boolean(),
    tools,
    choice: fc.constantFrom(undefined, "auto", "none", "required", "tool"),
    single: fc.boolean(),
    sampling,
    options,
    reasoning,
  })
  .map(({ choice, first, single, system, turns, ...drawn }): ChatCall => {
    const messages = messagesOf(system, first, turns);
    const demanded = choice === "required" || choice === "tool";
    const resumes = messages.at(-1)?.parts[0]?.kind === "tool-result";
    const thinks = demanded || resumes ? {} : drawn.reasoning;
    const active = "reasoning" in thinks && thinks.reasoning.enabled;
    const chosen = drawn.tools[0] as Tool & { readonly name: string };
    const toolChoice = choice === "tool" ? { kind: choice, name: chosen.name } : choice && { kind: choice };
    const parallel =
      single && choice !== undefined && choice !== "none" ? { parallel_tool_calls: false } : {};
    return {
      kind: "chat",
      from: "anthropic",
      stream: drawn.stream,
      messages,
      tools: drawn.tools,
      ...(toolChoice === undefined ? {} : { toolChoice }),
      ...thinks,
      options: {
        max_tokens: 20_000,
        ...(active ? {} : drawn.sampling),
        ...drawn.options,
        ...parallel,
      },
      extra: {},
    };
  });

/** Results as the Messages API has them: by id only. */
function withoutNames(messages: readonly Message[]): readonly Message[] {
  return messages.map((message) => ({
    ...message,
    parts: message.parts.map((part) => {
      if (part.kind !== "tool-result") return part;
      const { name: _, ...rest } = part;
      return rest;
    }),
  }));
}

describe("a request", () => {
  it("is valid, and says everything that is kept", () => {
    fc.assert(
      fc.property(keptChat, (call) => {
        const body = plain(translate(call).body);
        expect(anthropicProblem(body)).toBeUndefined();
        const { extra: _, from: __, kind: ___, ...want } = { ...call, messages: withoutNames(call.messages) };
        expect(readAnthropicRequest(body)).toEqual(plain(want));
      }),
    );
  });

  it("is read by the Messages API in front of us as the call it was written from", () => {
    fc.assert(
      fc.property(keptChat, (call) => {
        expect(messagesApi.read(plain(translate(call).body))).toEqual(plain(call));
      }),
    );
  });

  it.each([
    "claude-3-7-sonnet-latest",
    "claude-haiku-4-5",
    "claude-opus-4-6",
    "claude-opus-4-8",
    "claude-sonnet-5",
    "claude-opus-5-5",
    "claude-sonnet-5-5",
  ])("to %s is one it takes, whatever is asked", (model) => {
    const more = fc.record({
      effort: fc.constantFrom(undefined, "minimal", "low", "medium", "high", "xhigh"),
      tokens: fc.option(fc.integer({ min: 1, max: 9999 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(arbitraryCall, more, (call, { effort, tokens }) => {
        const asked: ChatCall = {
          ...call,
          messages: served(call.messages),
          ...(effort === undefined ? {} : { reasoning: { enabled: true, effort } }),
          options: { ...call.options, ...(tokens === undefined ? {} : { max_tokens: tokens }) },
        };
        const body = providerNamed("anthropic")?.chat(model).write(asked, { model, dropUnknown: false }).body;
        expect(anthropicProblem(plain(body ?? {}))).toBeUndefined();
      }),
    );
  });

  it("of any call says all that the fidelity calls kept", () => {
    fc.assert(
      fc.property(arbitraryCall, (call) => {
        const kept = keptCall(call, chatWire().fidelity);
        const { stream: _, ...read } = readAnthropicRequest(plain(translate(kept).body));
        const { max_tokens: __, ...options } = read.options;
        const want = conversationOf({ ...kept, messages: asWritten(kept.messages) });
        expect(conversationOf({ ...question, ...read, options })).toEqual(plain({ ...want, extra: {} }));
      }),
    );
  });
});

/** What every model can be asked: without sound, which is refused, and without an answer that is to be gone on with. */
function served(messages: readonly Message[]): readonly Message[] {
  return (messages.at(-1)?.role === "assistant" ? messages.slice(0, -1) : messages).map((message) => ({
    ...message,
    parts: message.parts.map((part) => (part.kind === "audio" ? { kind: "text", text: "(sound)" } : part)),
  }));
}

/** Without the names of results, and how closely images are to be looked at: Anthropic has no place for them. */
function asWritten(messages: readonly Message[]): readonly Message[] {
  const without = (part: Part): Part => {
    if (part.kind === "tool-result") {
      return { ...part, content: part.content.map((piece) => without(piece) as TextPart) };
    }
    if (part.kind !== "image") return part;
    const { detail: _, ...rest } = part;
    return rest;
  };
  return withoutNames(messages).map((message) => ({ ...message, parts: message.parts.map(without) }));
}

const recorded: Behaviour = {
  reasoning: "Is it? 🚪",
  toolCalls: [
    { name: "look_up", arguments: '{"topic":"Grüße 🚪"}' },
    { name: "look_up", arguments: "{}" },
  ],
};
const frames = [
  ...anthropicWire.frames({ operation: "chat", model: MODEL, stream: true, fields: {} }, recorded),
];

describe("a stream", () => {
  it("says the same, wherever its chunks end", () => {
    const bytes = Buffer.from(frames.join(""));
    const want = eventsOf([bytes]);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (cuts) => {
        const places = [0, ...cuts.toSorted((one, other) => one - other), bytes.length];
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        expect(eventsOf(chunks)).toEqual(want);
      }),
    );
  });

  it("that is cut has no end, wherever it is cut", () => {
    for (let count = 0; count <= frames.length; count++) {
      const events = eventsOf([Buffer.from(frames.slice(0, count).join(""))]);
      expect([count, events.some(({ kind }) => kind === "end")]).toEqual([count, count === frames.length]);
      expect(events.some(({ kind }) => kind === "failure")).toBe(false);
    }
  });

  it("never throws, whatever JSON it brings", () => {
    const type = fc.constantFrom(
      "message_start",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
      "error",
      "ping",
    );
    const kind = fc.constantFrom(
      "text",
      "tool_use",
      "thinking",
      "text_delta",
      "input_json_delta",
      "citations_delta",
    );
    const member = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(
        fc.constantFrom("type", "text", "input", "stop_reason", "usage"),
        fc.oneof(kind, fc.jsonValue()),
      ),
    );
    const event = fc.record(
      {
        type,
        index: fc.jsonValue(),
        content_block: member,
        delta: member,
        message: member,
        error: member,
        usage: member,
      },
      { requiredKeys: ["type"] },
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(event, fc.jsonValue()), { maxLength: 12 }), (list) => {
        const events = eventsOf(list.map((value) => Buffer.from(`data: ${JSON.stringify(value)}\n\n`)));
        const last = events.findIndex(({ kind: one }) => one === "end" || one === "failure");
        expect(last < 0 || last === events.length - 1).toBe(true);
      }),
    );
  });
});

it("an answer never throws, whatever JSON it is", () => {
  const part = fc.oneof(
    fc.jsonValue(),
    fc.record({
      type: fc.constantFrom("text", "tool_use", "thinking"),
      text: fc.jsonValue(),
      input: fc.jsonValue(),
      citations: fc.jsonValue(),
    }),
  );
  const message = fc.record(
    {
      content: fc.oneof(fc.array(part), fc.jsonValue()),
      stop_reason: fc.jsonValue(),
      usage: fc.jsonValue(),
      error: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(message, fc.jsonValue()), (value) => {
      const answer = translate(question).readAnswer(value);
      expect("choices" in answer || isFailure(answer)).toBe(true);
    }),
  );
});
