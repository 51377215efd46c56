import {
  type ChatAnswer,
  type ChatCall,
  type ChatEvent,
  isFailure,
  type Message,
  type Part,
} from "@gatewright/call";
import { type ChatWire, providerNamed, type Translation } from "@gatewright/providers";
import fc from "fast-check";
import { type ChatRequest, type ChatResponse, Ollama } from "ollama";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { chat, exampleGateways, post as postTo } from "../example-gateways.ts";
import type { Behaviour } from "../fake-upstream/behaviour.ts";
import { startFakeUpstream } from "../fake-upstream/fake-upstream.ts";
import { ollamaProblem } from "../fake-upstream/ollama-problem.ts";
import { readOllamaRequest } from "../fake-upstream/ollama-request.ts";
import { ollamaWire } from "../fake-upstream/ollama-wire.ts";
import { arbitraryCall } from "./arbitrary-call.ts";
import { conversationOf, keptCall } from "./kept-call.ts";

const MODEL = "qwen3:8b";
const upstream = await startFakeUpstream();
const client = new Ollama({ host: upstream.url });
afterAll(async () => upstream.close());
beforeEach(() => {
  upstream.script = {};
});

function chatWire(model = MODEL): ChatWire {
  const wire = providerNamed("ollama_chat")?.chat(model);
  if (wire === undefined) throw new Error("there is no provider ollama_chat");
  return wire;
}

const question: ChatCall = {
  kind: "chat",
  from: "openai",
  stream: false,
  messages: [{ role: "user", parts: [{ kind: "text", text: "hi" }] }],
  tools: [{ kind: "function", name: "look_up" }],
  reasoning: { enabled: true, effort: "low" },
  options: { logprobs: true, top_logprobs: 1 },
  extra: {},
};

function translate(call: ChatCall = question, model = MODEL): Translation {
  return chatWire(model).write(call, { model, dropUnknown: false });
}

function plain<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}

/** What both parsers say of an answer, in one form. */
interface Understood {
  readonly text: string;
  readonly reasoning: string;
  readonly tools: readonly { readonly name: string; readonly input: unknown }[];
  readonly length: boolean;
  readonly usage: readonly number[] | undefined;
  /** Tokens with a probability. */
  readonly tokens: readonly string[];
}

/** What the client says of an answer, or of the lines of one. */
function ofClient(lines: readonly ChatResponse[]): Understood {
  const last = lines.at(-1);
  return {
    text: lines.map(({ message }) => message.content).join(""),
    reasoning: lines.map(({ message }) => message.thinking ?? "").join(""),
    tools: lines.flatMap(({ message }) =>
      (message.tool_calls ?? []).map((call) => ({
        name: call.function.name,
        input: call.function.arguments,
      })),
    ),
    length: last?.done_reason === "length",
    usage: last?.eval_count === undefined ? undefined : [last.prompt_eval_count, last.eval_count],
    tokens: lines.flatMap(({ logprobs }) => (logprobs ?? []).map(({ token }) => token)),
  };
}

function ofAnswer({ choices, usage }: ChatAnswer): Understood {
  const parts = choices[0]?.parts ?? [];
  return {
    text: parts.map((part) => (part.kind === "text" ? part.text : "")).join(""),
    reasoning: parts.map((part) => (part.kind === "reasoning" ? part.text : "")).join(""),
    tools: parts.flatMap((part) =>
      part.kind === "tool-call" ? [{ name: part.name, input: JSON.parse(part.arguments) as unknown }] : [],
    ),
    length: choices[0]?.finish === "length",
    usage: usage && [usage.input, usage.output],
    tokens: tokensIn(choices[0]?.logprobs),
  };
}

function ofEvents(events: readonly ChatEvent[]): Understood {
  const tools: { name: string; json: string }[] = [];
  let text = "";
  let reasoning = "";
  let length = false;
  let usage: readonly number[] | undefined;
  const tokens: string[] = [];
  for (const event of events) {
    if (event.kind === "text") {
      text += event.text;
      tokens.push(...tokensIn(event.logprobs));
    } else if (event.kind === "reasoning") reasoning += event.text;
    else if (event.kind === "tool-call") tools[event.tool] = { name: event.name, json: "" };
    else if (event.kind === "tool-arguments") {
      const tool = tools[event.tool];
      if (tool !== undefined) tool.json += event.text;
    } else if (event.kind === "finish") length = event.reason === "length";
    else if (event.kind === "usage") usage = [event.usage.input, event.usage.output];
  }
  const read = tools.map(({ json, name }) => ({ name, input: JSON.parse(json) as unknown }));
  return { text, reasoning, tools: read, length, usage, tokens };
}

function tokensIn(logprobs: unknown): readonly string[] {
  const { content = [] } = (logprobs ?? {}) as { readonly content?: readonly { readonly token: string }[] };
  return content.map(({ token }) => token);
}

function eventsOf(chunks: readonly Buffer[]): readonly ChatEvent[] {
  const events: ChatEvent[] = [];
  const reader = translate({ ...question, stream: true }).readStream((event) => events.push(event));
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return events;
}

/** The events without the ids that were made here, each time others. */
function withoutIds(events: readonly ChatEvent[]): readonly ChatEvent[] {
  return events.map((event) => (event.kind === "tool-call" ? { ...event, id: "" } : event));
}

/** Asks by hand, with what the wire writes: what our readers get to see. */
async function post(call: ChatCall): Promise<Response> {
  return fetch(`${upstream.url}/api/chat`, { method: "POST", body: JSON.stringify(translate(call).body) });
}

async function ours(stream: boolean): Promise<Understood> {
  const response = await post({ ...question, stream });
  expect(response.status).toBe(200);
  if (stream) {
    const events = eventsOf([Buffer.from(await response.arrayBuffer())]);
    expect(events.at(-1)).toEqual({ kind: "end" });
    return ofEvents(events);
  }
  const answer = translate().readAnswer(await response.json());
  if (isFailure(answer)) throw new Error(answer.message);
  return ofAnswer(answer);
}

async function theirs(stream: boolean): Promise<Understood> {
  const body = translate().body as unknown as ChatRequest;
  if (!stream) return ofClient([await client.chat({ ...body, stream: false })]);
  const lines: ChatResponse[] = [];
  for await (const line of await client.chat({ ...body, stream: true })) lines.push(line);
  return ofClient(lines);
}

const behaviours: readonly (readonly [name: string, behaviour: Behaviour])[] = [
  ["text", { text: "Grüße, 🌍 !" }],
  ["nothing", { text: "" }],
  ["reasoning", { text: "Yes.", reasoning: "Is it? 🚪" }],
  [
    "tools",
    {
      toolCalls: [
        { name: "look_up", arguments: '{"topic":"Grüße 🚪"}' },
        { name: "look_up", arguments: "{}" },
      ],
    },
  ],
  ["no usage", { text: "one two", usage: false }],
  ["an end for length", { finish: "length" }],
];

describe("the official client and our readers understand the same", () => {
  it.each(behaviours)("of %s, whole and streamed", async (_, behaviour) => {
    upstream.script = { default: behaviour };
    expect([await ours(false), await ours(true)]).toEqual([await theirs(false), await theirs(true)]);
  });

  it.each([400, 401, 403, 404, 429, 500, 503])("of an error with status %i", async (status) => {
    upstream.script = { default: { error: { status, message: "the fake will not" } } };
    const response = await post(question);
    const { message, status: told } = chatWire().readFailure(response.status, await response.text());
    await expect(theirs(false)).rejects.toMatchObject({ status_code: told, error: message });
  });

  it("of an error in a stream", async () => {
    upstream.script = { default: { errorAtFrame: 2 } };
    await expect(theirs(true)).rejects.toThrow("fake error in the stream");
    const response = await post({ ...question, stream: true });
    expect(eventsOf([Buffer.from(await response.arrayBuffer())]).at(-1)).toEqual({
      kind: "failure",
      failure: { status: 500, message: "fake error in the stream" },
    });
  });

  it("of embeddings", async () => {
    const wire = providerNamed("ollama_chat")?.embedding?.("nomic-embed-text");
    const written = wire?.write(
      { kind: "embedding", input: ["a", "b"], dimensions: 2, encoding: "float", extra: {} },
      { model: "nomic-embed-text", dropUnknown: false },
    );
    const answer = await client.embed(written?.body as unknown as Parameters<Ollama["embed"]>[0]);
    expect(written?.readAnswer(answer)).toMatchObject({
      model: "nomic-embed-text",
      vectors: answer.embeddings,
      usage: { input: answer.prompt_eval_count, output: 0 },
    });
  });
});

/** What `docs/decisions/2026-11-28-client-apis.md` says that this prefix is for. */
describe("Ollama's own settings, through a gateway", () => {
  const gateways = exampleGateways(upstream);
  afterEach(async () => gateways.end());
  const configured = { num_ctx: 8192, keep_alive: "10m", think: false, mirostat: 1 };

  it.each([
    ["a chat", "/v1/chat/completions", chat("m"), "/api/chat"],
    ["an embedding", "/v1/embeddings", { model: "m", input: ["a"] }, "/api/embed"],
  ] as const)(
    "of litellm_params are in %s, unless the client has another wish",
    async (_, path, body, to) => {
      const { gateway } = await gateways.start({
        model_list: [
          {
            model_name: "m",
            // Users of `/v1` keep their address when they change the prefix.
            litellm_params: { model: `ollama_chat/${MODEL}`, api_base: `${upstream.url}/v1`, ...configured },
          },
        ],
      });
      for (const [wish, num_ctx] of [
        [{}, 8192],
        [{ num_ctx: 512 }, 512],
      ] as const) {
        await (await postTo(gateway, path, { ...body, ...wish })).text();
        expect(upstream.requests.at(-1)).toMatchObject({
          path: to,
          body: { model: MODEL, keep_alive: "10m", options: { num_ctx, mirostat: 1 } },
        });
      }
    },
  );
});

/** In the form in which the wire has a message: texts in one, results without their images' types. */
function asWritten(messages: readonly Message[]): readonly Message[] {
  return messages.map((message) => ({
    ...message,
    parts: oneText(message.parts, message.role === "assistant" ? "" : "\n\n").map((part) =>
      part.kind === "tool-result"
        ? { ...part, content: oneText(part.content, "\n\n") as typeof part.content }
        : part,
    ),
  }));
}

/** Joins all texts into the first, and all thoughts. */
function oneText(parts: readonly Part[], between: string): readonly Part[] {
  const joined: Part[] = [];
  for (const part of parts) {
    const at = joined.findIndex(({ kind }) => kind === part.kind);
    const first = joined[at];
    if (part.kind === "text" && first?.kind === "text") {
      joined[at] = { ...first, text: `${first.text}${between}${part.text}` };
    } else if (part.kind === "reasoning" && first?.kind === "reasoning") {
      joined[at] = { ...first, text: `${first.text}\n\n${part.text}` };
    } else joined.push(part);
  }
  return joined;
}

/** What can be asked at all: the gateway refuses the rest before the wire sees it. */
function served(messages: readonly Message[]): readonly Message[] {
  const texts = (parts: readonly Part[]): readonly Part[] =>
    parts.map((part): Part => {
      if (part.kind === "tool-result")
        return { ...part, content: texts(part.content) as typeof part.content };
      const refused =
        part.kind === "audio" ||
        (part.kind === "image" && part.source.kind !== "base64") ||
        (part.kind === "document" && part.source.kind !== "text");
      return refused ? { kind: "text", text: "(left out)" } : part;
    });
  return messages.map((message) => ({ ...message, parts: texts(message.parts) }));
}

describe("a request", () => {
  it.each([MODEL, "gpt-oss:20b"])("to %s is one it takes, whatever is asked", (model) => {
    const effort = fc.constantFrom(undefined, "minimal", "low", "medium", "high", "xhigh");
    fc.assert(
      fc.property(arbitraryCall, effort, (call, chosen) => {
        const asked: ChatCall = {
          ...call,
          messages: served(call.messages),
          ...(chosen === undefined ? {} : { reasoning: { enabled: true, effort: chosen } }),
        };
        expect(ollamaProblem(plain(translate(asked, model).body), false)).toBeUndefined();
      }),
    );
  });

  it("of any call says all that the fidelity calls kept", () => {
    fc.assert(
      fc.property(arbitraryCall, (call) => {
        const { toolChoice: _, ...kept } = keptCall(call, chatWire().fidelity);
        const read = readOllamaRequest(plain(translate(kept).body));
        const want = conversationOf({ ...kept, messages: asWritten(kept.messages) });
        expect(read.stream).toBe(kept.stream);
        expect(conversationOf({ kind: "chat", from: "openai", extra: {}, ...read })).toEqual(plain(want));
      }),
    );
  });
});

const frames = [
  ...ollamaWire.frames(
    { operation: "chat", model: MODEL, stream: true, fields: { think: true } },
    {
      reasoning: "Is it? 🚪",
      toolCalls: [
        { name: "look_up", arguments: '{"topic":"Grüße 🚪"}' },
        { name: "look_up", arguments: "{}" },
      ],
    },
  ),
];

describe("a stream", () => {
  it("says the same, wherever its chunks end", () => {
    const bytes = Buffer.from(frames.join(""));
    const want = withoutIds(eventsOf([bytes]));
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (cuts) => {
        const places = [0, ...cuts.toSorted((one, other) => one - other), bytes.length];
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        expect(withoutIds(eventsOf(chunks))).toEqual(want);
      }),
    );
  });

  it("that is cut has no end, wherever it is cut", () => {
    const bytes = Buffer.from(frames.join(""));
    for (let length = 0; length < bytes.length - 1; length++) {
      const kinds = eventsOf([bytes.subarray(0, length)]).map(({ kind }) => kind);
      expect([length, kinds.includes("end"), kinds.includes("failure")]).toEqual([length, false, false]);
    }
    // Only the last line's end is missing.
    expect(eventsOf([bytes.subarray(0, -1)]).at(-1)).toEqual({ kind: "end" });
  });

  it("never throws, whatever JSON it brings, and says nothing behind its end", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(oddAnswer, fc.jsonValue()), { maxLength: 12 }), (list) => {
        const events = eventsOf(list.map((value) => Buffer.from(`${JSON.stringify(value)}\n`)));
        const last = events.findIndex(({ kind }) => kind === "end" || kind === "failure");
        expect(last < 0 || last === events.length - 1).toBe(true);
      }),
    );
  });
});

const oddCall = fc.record(
  { id: fc.jsonValue(), function: fc.record({ name: fc.jsonValue(), arguments: fc.jsonValue() }) },
  { requiredKeys: [] },
);
const oddMessage = fc.record(
  {
    content: fc.jsonValue(),
    thinking: fc.jsonValue(),
    tool_calls: fc.oneof(fc.array(fc.oneof(oddCall, fc.jsonValue())), fc.jsonValue()),
  },
  { requiredKeys: [] },
);
const oddAnswer = fc.record(
  {
    model: fc.jsonValue(),
    message: fc.oneof(oddMessage, fc.jsonValue()),
    logprobs: fc.jsonValue(),
    done: fc.jsonValue(),
    done_reason: fc.jsonValue(),
    eval_count: fc.jsonValue(),
    error: fc.jsonValue(),
  },
  { requiredKeys: [] },
);

it("an answer never throws, whatever JSON it is", () => {
  fc.assert(
    fc.property(fc.oneof(oddAnswer, fc.jsonValue()), (value) => {
      const answer = translate().readAnswer(value);
      expect("choices" in answer || isFailure(answer)).toBe(true);
    }),
  );
});
