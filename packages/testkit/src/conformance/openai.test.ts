import { type ChatAnswer, type ChatCall, type ChatEvent, isFailure } from "@gatewright/call";
import { providerNamed, type Translation } from "@gatewright/providers";
import fc from "fast-check";
import OpenAI, { APIError } from "openai";
import { afterAll, describe, expect, it } from "vitest";
import type { Behaviour } from "../fake-upstream/behaviour.ts";
import { startFakeUpstream } from "../fake-upstream/fake-upstream.ts";
import { openaiProblem } from "../fake-upstream/openai-problem.ts";
import { openaiWire } from "../fake-upstream/openai-wire.ts";
import type { Fields } from "../fake-upstream/wire.ts";
import { arbitraryCall } from "./arbitrary-call.ts";
import { contextWindowErrors } from "./context-window-errors.ts";
import { keptCall } from "./kept-call.ts";

const MODEL = "gpt-5";
const upstream = await startFakeUpstream();
const client = new OpenAI({ baseURL: `${upstream.url}/v1`, apiKey: "sk-test", maxRetries: 0 });
afterAll(() => upstream.close());

const found = providerNamed("openai")?.chat(MODEL);
if (found === undefined) throw new Error("there is no provider openai");
const wire = found;

const question: ChatCall = {
  kind: "chat",
  from: "anthropic",
  stream: false,
  messages: [{ role: "user", parts: [{ kind: "text", text: "hi" }] }],
  tools: [],
  options: {},
  extra: {},
};

function translate(stream: boolean): Translation {
  return wire.write({ ...question, stream }, { model: MODEL, dropUnknown: false });
}

/** The bytes that the fake sends for our own request. */
async function bytesFor(translation: Translation): Promise<Response> {
  return fetch(`${upstream.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(translation.body),
  });
}

/** What a parser says of an answer. */
interface Understood {
  reasoning: string;
  text: string;
  refusal: string;
  tools: { readonly id: string; readonly name: string; arguments: string }[];
  finish: string;
  usage: readonly number[];
}

const nothing = (): Understood => ({
  reasoning: "",
  text: "",
  refusal: "",
  tools: [],
  finish: "",
  usage: [],
});

function ofAnswer({ choices, usage }: ChatAnswer): Understood {
  const heard = nothing();
  for (const part of choices[0]?.parts ?? []) {
    if (part.kind === "text" || part.kind === "reasoning" || part.kind === "refusal")
      heard[part.kind] += part.text;
    if (part.kind === "tool-call")
      heard.tools.push({ id: part.id, name: part.name, arguments: part.arguments });
  }
  heard.finish = choices[0]?.finish ?? "";
  if (usage !== undefined) heard.usage = [usage.input, usage.output, usage.cachedInput, usage.reasoning];
  return heard;
}

function ofEvents(events: readonly ChatEvent[]): Understood {
  const heard = nothing();
  for (const event of events) {
    if (event.kind === "text" || event.kind === "reasoning" || event.kind === "refusal")
      heard[event.kind] += event.text;
    if (event.kind === "tool-call") heard.tools.push({ id: event.id, name: event.name, arguments: "" });
    const call = event.kind === "tool-arguments" ? heard.tools[event.tool] : undefined;
    if (event.kind === "tool-arguments" && call !== undefined) call.arguments += event.text;
    if (event.kind === "finish") heard.finish = event.reason;
    if (event.kind !== "usage") continue;
    const { cachedInput, input, output, reasoning } = event.usage;
    heard.usage = [input, output, cachedInput, reasoning];
  }
  return heard;
}

/** OpenAI's client, whole and streamed, put into the same form. */
function ofCompletion(completion: OpenAI.ChatCompletion): Understood {
  const [choice] = completion.choices;
  const message = choice?.message as
    | (OpenAI.ChatCompletionMessage & { reasoning_content?: string })
    | undefined;
  const { completion_tokens: output, prompt_tokens: input } = completion.usage ?? {};
  const refused = (message?.refusal ?? "") !== "";
  const finishes = { stop: refused ? "refusal" : "stop", length: "length", tool_calls: "tool-calls" };
  const names: { readonly [reason: string]: string } = { ...finishes, content_filter: "content-filter" };
  return {
    reasoning: message?.reasoning_content ?? "",
    text: message?.content ?? "",
    refusal: message?.refusal ?? "",
    tools: (message?.tool_calls ?? []).flatMap((call) =>
      call.type === "function"
        ? [{ id: call.id, name: call.function.name, arguments: call.function.arguments }]
        : [],
    ),
    finish: names[choice?.finish_reason ?? ""] ?? "",
    usage: [
      input ?? 0,
      output ?? 0,
      completion.usage?.prompt_tokens_details?.cached_tokens ?? 0,
      completion.usage?.completion_tokens_details?.reasoning_tokens ?? 0,
    ],
  };
}

const behaviours: readonly { readonly name: string; readonly behaviour: Behaviour }[] = [
  {
    name: "text",
    behaviour: { text: 'Grüße: "≥ 1 \\ 🚪"\nan alle', usageDetails: { cached: 3, reasoning: 1 } },
  },
  { name: "reasoning", behaviour: { reasoning: "Let me think 🚪.", text: "Yes." } },
  {
    name: "tools",
    behaviour: {
      toolCalls: [
        { name: "look_up", arguments: '{"topic":"ü"}' },
        { name: "look_up", arguments: "{}" },
      ],
    },
  },
  { name: "a refusal", behaviour: { finish: "refusal", text: "I will not." } },
  { name: "an end for length", behaviour: { finish: "length" } },
  { name: "an end by a filter", behaviour: { finish: "content-filter" } },
  { name: "nothing", behaviour: { text: "" } },
];

describe("OpenAI's wire, read by us and by OpenAI's client", () => {
  it.each(behaviours)("$name: the same whole", async ({ behaviour }) => {
    upstream.script = { default: behaviour };
    const translation = translate(false);
    const answer = translation.readAnswer(await (await bytesFor(translation)).json());
    if (isFailure(answer)) throw new Error(answer.message);
    const body = translation.body as unknown as OpenAI.ChatCompletionCreateParamsNonStreaming;
    expect(ofAnswer(answer)).toEqual(ofCompletion(await client.chat.completions.create(body)));
  });

  it.each(behaviours)("$name: the same streamed", async ({ behaviour }) => {
    upstream.script = { default: behaviour };
    const translation = translate(true);
    const events: ChatEvent[] = [];
    const reader = translation.readStream((event) => events.push(event));
    for await (const chunk of (await bytesFor(translation)).body ?? []) reader.push(Buffer.from(chunk));
    reader.end();
    expect(events.at(-1)).toEqual({ kind: "end" });
    const body = translation.body as unknown as OpenAI.ChatCompletionCreateParamsStreaming;
    let reasoning = "";
    const stream = client.chat.completions.stream(body).on("chunk", ({ choices }) => {
      // The client itself keeps only the last piece of what it does not know.
      reasoning += (choices[0]?.delta as { reasoning_content?: string } | undefined)?.reasoning_content ?? "";
    });
    const completion = await stream.finalChatCompletion();
    expect(ofEvents(events)).toEqual({ ...ofCompletion(completion), reasoning });
  });

  it("an error, before the stream and in it", async () => {
    upstream.script = { default: { error: contextWindowErrors.openai } };
    const refused = await bytesFor(translate(true));
    const failure = wire.readFailure(refused.status, await refused.text());
    expect(failure).toMatchObject({ status: 400, kind: "context-window" });
    const body = translate(true).body as unknown as OpenAI.ChatCompletionCreateParamsStreaming;
    const error = await client.chat.completions.create(body).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(APIError);
    expect(error).toMatchObject({ status: 400, message: expect.stringContaining(failure.message) });
    upstream.script = { default: { errorAtFrame: 2 } };
    expect((await heard()).at(-1)).toEqual({
      kind: "failure",
      failure: { status: 500, message: "fake error in the stream" },
    });
    await expect(client.chat.completions.stream(body).finalChatCompletion()).rejects.toThrow("fake error");
  });

  it("a stream cut anywhere ends only if its finish was heard", () => {
    const ask = { operation: "chat", model: MODEL, stream: true, fields: translate(true).body } as const;
    for (const { behaviour } of behaviours) {
      const frames = [...openaiWire.frames(ask, behaviour)];
      for (let kept = 0; kept <= frames.length; kept++) {
        const events: ChatEvent[] = [];
        const reader = translate(true).readStream((event) => events.push(event));
        for (const frame of frames.slice(0, kept)) reader.push(Buffer.from(frame));
        reader.end();
        // The last frame is the usage.
        expect(events.at(-1)?.kind === "end").toBe(kept >= frames.length - 1);
      }
    }
  });
});

async function heard(): Promise<readonly ChatEvent[]> {
  const translation = translate(true);
  const events: ChatEvent[] = [];
  const reader = translation.readStream((event) => events.push(event));
  reader.push(Buffer.from(await (await bytesFor(translation)).arrayBuffer()));
  reader.end();
  return events;
}

describe("what OpenAI is asked", () => {
  it("breaks no rule of OpenAI's, whatever the call holds", () => {
    fc.assert(
      fc.property(arbitraryCall, (call) => {
        expect(problemOf(call)).toBeUndefined();
        expect(problemOf(keptCall(call, wire.fidelity))).toBeUndefined();
      }),
    );
  });
});

function problemOf(call: ChatCall): string | undefined {
  const { body } = wire.write(call, { model: MODEL, dropUnknown: false });
  return openaiProblem(JSON.parse(JSON.stringify(body)) as Fields);
}
