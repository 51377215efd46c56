import {
  type ChatAnswer,
  type ChatCall,
  type ChatEvent,
  featuresOf,
  isFailure,
  lossesOf,
} from "@gatewright/call";
import { type ChatWire, providerNamed, type Translation } from "@gatewright/providers";
import { CohereClientV2, CohereError } from "cohere-ai";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { Behaviour } from "../fake-upstream/behaviour.ts";
import { cohereProblem } from "../fake-upstream/cohere-problem.ts";
import { readCohereRequest } from "../fake-upstream/cohere-request.ts";
import { cohereWire } from "../fake-upstream/cohere-wire.ts";
import { startFakeUpstream } from "../fake-upstream/fake-upstream.ts";
import type { Fields } from "../fake-upstream/wire.ts";
import { arbitraryCall } from "./arbitrary-call.ts";
import { conversationOf, keptCall } from "./kept-call.ts";

const MODEL = "command-a-03-2025";
const upstream = await startFakeUpstream();
const client = new CohereClientV2({ token: "co-fake", environment: upstream.url, maxRetries: 0 });
afterAll(async () => upstream.close());

function chatWire(): ChatWire {
  const wire = providerNamed("cohere")?.chat(MODEL);
  if (wire === undefined) throw new Error("there is no provider cohere");
  return wire;
}

const question: ChatCall = {
  kind: "chat",
  from: "openai",
  stream: false,
  messages: [{ role: "user", parts: [{ kind: "text", text: "hi" }] }],
  tools: [{ kind: "function", name: "look_up" }],
  options: {},
  extra: {},
};
const translate = (call: ChatCall = question): Translation =>
  chatWire().write(call, { model: MODEL, dropUnknown: false });

async function bytesOf(stream: boolean): Promise<Response> {
  return fetch(`${upstream.url}/v2/chat`, {
    method: "POST",
    body: JSON.stringify(translate({ ...question, stream }).body),
  });
}

/** What both parsers say of an answer, in one form. */
interface Understood {
  reasoning: string;
  text: string;
  tools: { readonly id: string; readonly name: string; readonly arguments: string }[];
  finish: string;
  usage: readonly number[];
}

const nothing = (): Understood => ({ reasoning: "", text: "", tools: [], finish: "", usage: [0, 0] });
const finishes: { readonly [reason: string]: string } = {
  COMPLETE: "stop",
  STOP_SEQUENCE: "stop-sequence",
  MAX_TOKENS: "length",
  TOOL_CALL: "tool-calls",
};

function ofAnswer({ choices, usage }: ChatAnswer): Understood {
  const heard = nothing();
  for (const part of choices[0]?.parts ?? []) {
    if (part.kind === "text") heard.text += part.text;
    if (part.kind === "reasoning") heard.reasoning += part.text;
    if (part.kind === "tool-call")
      heard.tools.push({ id: part.id, name: part.name, arguments: part.arguments });
  }
  return { ...heard, finish: choices[0]?.finish ?? "", usage: [usage?.input ?? 0, usage?.output ?? 0] };
}

function ofEvents(events: readonly ChatEvent[]): Understood {
  const heard = nothing();
  for (const event of events) {
    if (event.kind === "text") heard.text += event.text;
    if (event.kind === "reasoning") heard.reasoning += event.text;
    if (event.kind === "tool-call") heard.tools.push({ id: event.id, name: event.name, arguments: "" });
    if (event.kind === "tool-arguments") {
      const { id = "", name = "", arguments: before = "" } = heard.tools[event.tool] ?? {};
      heard.tools[event.tool] = { id, name, arguments: before + event.text };
    }
    if (event.kind === "finish") heard.finish = event.reason;
    if (event.kind === "usage") heard.usage = [event.usage.input, event.usage.output];
  }
  return heard;
}

const messages = [{ role: "user" as const, content: "hi" }];

async function sdkAnswer(): Promise<Understood> {
  const { finishReason, message, usage } = await client.chat({ model: MODEL, messages });
  const heard = nothing();
  for (const content of message.content ?? []) {
    if (content.type === "text") heard.text += content.text;
    if (content.type === "thinking") heard.reasoning += content.thinking;
  }
  heard.reasoning += message.toolPlan ?? "";
  for (const { id, function: details } of message.toolCalls ?? [])
    heard.tools.push({ id, name: details?.name ?? "", arguments: details?.arguments ?? "" });
  const { inputTokens = 0, outputTokens = 0 } = usage?.tokens ?? {};
  return { ...heard, finish: finishes[finishReason] ?? "", usage: [inputTokens, outputTokens] };
}

async function sdkStream(): Promise<Understood> {
  const heard = nothing();
  for await (const event of await client.chatStream({ model: MODEL, messages })) {
    if (event.type === "content-delta") {
      const content = event.delta?.message?.content;
      heard.text += content?.text ?? "";
      heard.reasoning += content?.thinking ?? "";
    }
    if (event.type === "tool-plan-delta") heard.reasoning += event.delta?.message?.toolPlan ?? "";
    if (event.type === "tool-call-start") {
      const call = event.delta?.message?.toolCalls;
      heard.tools.push({ id: call?.id ?? "", name: call?.function?.name ?? "", arguments: "" });
    }
    if (event.type === "tool-call-delta") {
      const last = heard.tools.pop();
      const piece = event.delta?.message?.toolCalls?.function?.arguments ?? "";
      if (last !== undefined) heard.tools.push({ ...last, arguments: last.arguments + piece });
    }
    if (event.type === "message-end") {
      heard.finish = finishes[event.delta?.finishReason ?? ""] ?? "";
      const { inputTokens = 0, outputTokens = 0 } = event.delta?.usage?.tokens ?? {};
      heard.usage = [inputTokens, outputTokens];
    }
  }
  return heard;
}

const toolCalls = [
  { name: "look_up", arguments: '{"topic":"ü"}' },
  { name: "look_up", arguments: '{"topic":"b"}' },
];
const behaviours: readonly { readonly name: string; readonly behaviour: Behaviour }[] = [
  { name: "text", behaviour: { text: "Grüße 🚪 an alle" } },
  { name: "reasoning", behaviour: { reasoning: "let me think", frames: 3, padding: 50 } },
  { name: "tools", behaviour: { toolCalls } },
  { name: "a plan and tools", behaviour: { toolCalls, reasoning: "I will look it up" } },
  { name: "an end for length", behaviour: { finish: "length" } },
  { name: "an end at a stop text", behaviour: { finish: "stop-sequence" } },
  { name: "no usage", behaviour: { usage: false } },
];

async function eventsOf(response: Response): Promise<readonly ChatEvent[]> {
  const events: ChatEvent[] = [];
  const reader = translate().readStream((event) => events.push(event));
  for await (const chunk of response.body ?? []) reader.push(Buffer.from(chunk));
  reader.end();
  return events;
}

function recorded(behaviour: Behaviour): readonly Buffer[] {
  const ask = { operation: "chat", model: MODEL, stream: true, fields: {} } as const;
  return [...cohereWire.frames(ask, behaviour)].map((frame) => Buffer.from(frame));
}

function heardOf(chunks: readonly Buffer[]): readonly ChatEvent[] {
  const events: ChatEvent[] = [];
  const reader = translate().readStream((event) => events.push(event));
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return events;
}

describe("Cohere's wire, read by us and by Cohere's client", () => {
  it.each(behaviours)("$name: the same whole", async ({ behaviour }) => {
    upstream.script = { default: behaviour };
    const answer = translate().readAnswer(await (await bytesOf(false)).json());
    if (isFailure(answer)) throw new Error(answer.message);
    expect(ofAnswer(answer)).toEqual(await sdkAnswer());
  });

  it.each(behaviours)("$name: the same streamed", async ({ behaviour }) => {
    upstream.script = { default: behaviour };
    const events = await eventsOf(await bytesOf(true));
    expect(events.at(-1)).toEqual({ kind: "end" });
    expect(ofEvents(events)).toEqual(await sdkStream());
  });

  it.each([400, 401, 404, 429, 500, 503])("%i: the same words", async (status) => {
    upstream.script = { default: { error: { status, message: "it is so" } } };
    const thrown = await sdkAnswer().catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(CohereError);
    expect(thrown).toMatchObject({
      statusCode: status,
      message: expect.stringContaining("it is so") as string,
    });
    const response = await bytesOf(false);
    expect(chatWire().readFailure(response.status, await response.text())).toEqual({
      status,
      message: "it is so",
    });
  });

  it("makes the embeddings that the client makes", async () => {
    upstream.script = { default: { dimensions: 2 } };
    const model = "embed-v4.0";
    const { embeddings } = await client.embed({
      model,
      texts: ["a", "b"],
      inputType: "search_document",
      embeddingTypes: ["float"],
      outputDimension: 2,
    });
    const sent = upstream.requests.at(-1);
    const call = {
      kind: "embedding",
      input: ["a", "b"],
      dimensions: 2,
      encoding: "float",
      extra: {},
    } as const;
    const translation = providerNamed("cohere")
      ?.embedding?.(model)
      ?.write(call, { model, dropUnknown: false });
    expect(translation?.body).toEqual(sent?.body);
    const response = await fetch(`${upstream.url}/v2/embed`, {
      method: "POST",
      body: JSON.stringify(translation?.body),
    });
    expect(translation?.readAnswer(await response.json())).toMatchObject({
      vectors: embeddings.float,
      usage: { input: 2 },
    });
  });

  it("an error in a stream that has begun", async () => {
    upstream.script = { default: { errorAtFrame: 3 } };
    const events = await eventsOf(await bytesOf(true));
    expect(events.at(-1)).toEqual({
      kind: "failure",
      failure: { status: 500, message: "fake error in the stream" },
    });
  });

  it("a stream cut anywhere ends only if its finish was heard", () => {
    for (const { behaviour } of behaviours) {
      const frames = recorded(behaviour);
      for (let kept = 0; kept <= frames.length; kept++) {
        const events = heardOf([Buffer.concat(frames.slice(0, kept))]);
        expect(events.at(-1)?.kind === "end").toBe(kept === frames.length);
      }
    }
  });

  it("a stream in arbitrary pieces has the same events", () => {
    for (const { behaviour } of behaviours) {
      const whole = Buffer.concat(recorded(behaviour));
      const want = heardOf([whole]);
      fc.assert(
        fc.property(fc.array(fc.nat(whole.length), { maxLength: 12 }), (places) => {
          const ends = [0, ...[...places].sort((a, b) => a - b), whole.length];
          const chunks = ends.slice(1).map((place, index) => whole.subarray(ends[index], place));
          expect(heardOf(chunks)).toEqual(want);
        }),
        { numRuns: 30 },
      );
    }
  });

  it("odd JSON in answers and frames never throws", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const translation = translate();
        translation.readAnswer(value);
        translation.readAnswer({ message: value, usage: value, finish_reason: value });
        const types = [
          "message-start",
          "content-start",
          "content-delta",
          "tool-plan-delta",
          "tool-call-start",
          "tool-call-delta",
          "tool-call-end",
          "citation-start",
          "message-end",
        ];
        for (const type of types) {
          const frames = [
            { type, delta: value, index: value },
            { type, delta: { message: value } },
          ];
          const text = frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join("");
          heardOf([Buffer.from(text)]);
        }
      }),
    );
  });
});

describe("a call in Cohere's wire", () => {
  it("keeps what the fidelity says is kept", () => {
    fc.assert(
      fc.property(arbitraryCall, (drawn) => {
        const wire = chatWire();
        const call = keptCall(drawn, wire.fidelity);
        const { messages: conversation, ...want } = conversationOf(call);
        const read = readCohereRequest(translate(call).body as Fields);
        const got = conversationOf({ ...call, messages: read.messages });
        expect(flattened(got.messages)).toEqual(flattened(conversation));
        expect(read.options).toEqual(want.options);
        expect(read.tools).toEqual(
          want.tools.map((tool) => ({ parameters: { type: "object", properties: {} }, ...tool })),
        );
        expect(read.format).toEqual(want.format);
        expect(read.reasoning).toEqual(want.reasoning);
        const { toolChoice } = want;
        expect(read.toolChoice).toEqual(toolChoice?.kind === "auto" ? undefined : toolChoice);
      }),
    );
  });

  it("breaks no rule of Cohere's", () => {
    fc.assert(
      fc.property(arbitraryCall, (drawn) => {
        const wire = chatWire();
        // Only the wire itself knows which documents in results it has to refuse.
        const whole =
          lossesOf(drawn, wire).refused.length === 0 && !featuresOf(drawn).has("tool_result_document");
        const call = whole ? drawn : keptCall(drawn, wire.fidelity);
        expect(cohereProblem(translate(call).body)).toBeUndefined();
      }),
    );
  });
});

/** What a conversation says, without where one text ends and the next begins in a result. */
function flattened(conversation: ChatCall["messages"]): unknown {
  return conversation.flatMap(({ parts, role }) =>
    parts.flatMap((part): readonly unknown[] => {
      if (part.kind !== "tool-result")
        return part.kind === "refusal" ? [] : [{ role, ...part, cache: undefined }];
      const text = part.content.map((one) => (one.kind === "text" ? one.text : "")).join("\n");
      return [{ role, kind: part.kind, id: part.id, text }];
    }),
  );
}
