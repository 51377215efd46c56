import {
  type ChatAnswer,
  type ChatCall,
  type ChatEvent,
  isFailure,
  type Message,
  type Part,
} from "@gatewright/call";
import { CallRefusal, type ChatWire, providerNamed, type Translation } from "@gatewright/providers";
import {
  ApiError,
  type GenerateContentParameters,
  type GenerateContentResponse,
  GoogleGenAI,
} from "@google/genai";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { Behaviour } from "../fake-upstream/behaviour.ts";
import { startFakeUpstream } from "../fake-upstream/fake-upstream.ts";
import { geminiProblem } from "../fake-upstream/gemini-problem.ts";
import { readGeminiRequest } from "../fake-upstream/gemini-request.ts";
import { geminiWire } from "../fake-upstream/gemini-wire.ts";
import type { Fields } from "../fake-upstream/wire.ts";
import { arbitraryCall } from "./arbitrary-call.ts";
import { conversationOf, keptCall } from "./kept-call.ts";

const MODEL = "gemini-3-flash-preview";
const upstream = await startFakeUpstream();
const studio = new GoogleGenAI({
  apiKey: "AIza-fake",
  apiVersion: "v1beta",
  httpOptions: { baseUrl: upstream.url },
});
afterAll(async () => upstream.close());

/** Of Google's library, as much as the SDK asks of an account that has its token. */
const account = {
  getRequestHeaders: async (): Promise<Headers> => new Headers({ authorization: "Bearer token" }),
  getUniverseDomain: async (): Promise<string> => "googleapis.com",
};

function chatWire(): ChatWire {
  const wire = providerNamed("gemini")?.chat(MODEL);
  if (wire === undefined) throw new Error("there is no provider gemini");
  return wire;
}

const question: ChatCall = {
  kind: "chat",
  from: "openai",
  stream: false,
  messages: [{ role: "user", parts: [{ kind: "text", text: "hi" }] }],
  tools: [{ kind: "function", name: "look_up" }],
  reasoning: { enabled: true, effort: "low" },
  options: {},
  extra: {},
};
const translate = (call: ChatCall = question): Translation =>
  chatWire().write(call, { model: MODEL, dropUnknown: false });

/** The same request as the client sends, by hand: what our readers get to see. */
async function bytesOf(action: "generateContent" | "streamGenerateContent?alt=sse"): Promise<Response> {
  return fetch(`${upstream.url}/v1beta/models/${MODEL}:${action}`, {
    method: "POST",
    body: JSON.stringify(translate().body),
  });
}

/** What both parsers say of an answer, in one form. */
interface Understood {
  reasoning: string;
  signatures: string[];
  text: string;
  tools: { readonly name: string; readonly arguments: string }[];
  finish: string;
  usage: readonly number[];
}

const nothing = (): Understood => ({
  reasoning: "",
  signatures: [],
  text: "",
  tools: [],
  finish: "",
  usage: [],
});
const finishes: { readonly [finishReason: string]: string } = {
  STOP: "stop",
  MAX_TOKENS: "length",
  SAFETY: "content-filter",
};

function ofAnswer({ choices, usage }: ChatAnswer): Understood {
  const heard = nothing();
  for (const part of choices[0]?.parts ?? []) {
    if (part.kind === "text") heard.text += part.text;
    if (part.kind === "reasoning") heard.reasoning += part.text;
    if (part.kind === "reasoning" && part.signature !== undefined) heard.signatures.push(part.signature);
    if (part.kind === "tool-call") heard.tools.push({ name: part.name, arguments: part.arguments });
    if (part.kind === "tool-call" && part.signature !== undefined)
      heard.signatures.push(`gemini:${part.signature}`);
  }
  const finish = choices[0]?.finish ?? "";
  return {
    ...heard,
    finish: finish === "tool-calls" ? "stop" : finish,
    usage: [usage?.input ?? 0, usage?.output ?? 0, usage?.cachedInput ?? 0, usage?.reasoning ?? 0],
  };
}

function ofEvents(events: readonly ChatEvent[]): Understood {
  const heard = nothing();
  for (const event of events) {
    if (event.kind === "text") heard.text += event.text;
    if (event.kind === "reasoning") heard.reasoning += event.text;
    if (event.kind === "reasoning-signature") heard.signatures.push(event.signature);
    if (event.kind === "tool-call") heard.tools.push({ name: event.name, arguments: "" });
    if (event.kind === "tool-call" && event.signature !== undefined)
      heard.signatures.push(`gemini:${event.signature}`);
    if (event.kind === "tool-arguments") {
      const { name = "", arguments: before = "" } = heard.tools[event.tool] ?? {};
      heard.tools[event.tool] = { name, arguments: before + event.text };
    }
    if (event.kind === "finish") heard.finish = event.reason === "tool-calls" ? "stop" : event.reason;
    if (event.kind === "usage") {
      const { cachedInput, input, output, reasoning } = event.usage;
      heard.usage = [input, output, cachedInput, reasoning];
    }
  }
  return heard;
}

function hearSdk(heard: Understood, response: GenerateContentResponse): void {
  const candidate = response.candidates?.[0];
  for (const part of candidate?.content?.parts ?? []) {
    if (part.thought === true) heard.reasoning += part.text ?? "";
    else heard.text += part.text ?? "";
    if (part.thoughtSignature !== undefined) heard.signatures.push(`gemini:${part.thoughtSignature}`);
  }
  for (const { args, name = "" } of response.functionCalls ?? []) {
    heard.tools.push({ name, arguments: JSON.stringify(args) });
  }
  if (candidate?.finishReason !== undefined) heard.finish = finishes[candidate.finishReason] ?? "";
  const usage = response.usageMetadata;
  if (usage === undefined) return;
  const thoughts = usage.thoughtsTokenCount ?? 0;
  heard.usage = [
    usage.promptTokenCount ?? 0,
    (usage.candidatesTokenCount ?? 0) + thoughts,
    usage.cachedContentTokenCount ?? 0,
    thoughts,
  ];
}

/** Our body as the SDK's parameters: it puts the members of `generationConfig` and the body's own side by side. */
function sdkParameters(body: Fields = translate().body): GenerateContentParameters {
  const { contents, generationConfig, ...more } = body;
  return {
    model: MODEL,
    contents,
    config: { ...(generationConfig as object), ...more },
  } as GenerateContentParameters;
}

async function sdkAnswer(): Promise<Understood> {
  const heard = nothing();
  hearSdk(heard, await studio.models.generateContent(sdkParameters()));
  return heard;
}

async function sdkStream(): Promise<Understood> {
  const heard = nothing();
  for await (const response of await studio.models.generateContentStream(sdkParameters()))
    hearSdk(heard, response);
  return heard;
}

const toolCalls = [
  { name: "look_up", arguments: '{"topic":"ü"}' },
  { name: "look_up", arguments: "{}" },
];
const behaviours: readonly { readonly name: string; readonly behaviour: Behaviour }[] = [
  { name: "text", behaviour: { text: "Grüße 🚪 an alle", usageDetails: { cached: 3, reasoning: 1 } } },
  { name: "reasoning", behaviour: { reasoning: "let me think", signature: "c2ln", frames: 3, padding: 50 } },
  { name: "tools", behaviour: { toolCalls } },
  { name: "signed tools", behaviour: { toolCalls, reasoning: "hm", signature: "c2ln" } },
  { name: "an end for length", behaviour: { finish: "length" } },
  { name: "an end by a filter", behaviour: { finish: "content-filter" } },
  { name: "no usage", behaviour: { usage: false } },
];

async function eventsOf(response: Response): Promise<readonly ChatEvent[]> {
  const events: ChatEvent[] = [];
  const reader = translate().readStream((event) => events.push(event));
  for await (const chunk of response.body ?? []) reader.push(Buffer.from(chunk));
  reader.end();
  return events;
}

describe("Gemini's wire, read by us and by Google's SDK", () => {
  it.each(behaviours)("$name: the same whole", async ({ behaviour }) => {
    upstream.script = { default: behaviour };
    const answer = translate().readAnswer(await (await bytesOf("generateContent")).json());
    if (isFailure(answer)) throw new Error(answer.message);
    const sdk = await sdkAnswer();
    expect(ofAnswer(answer)).toEqual({ ...sdk, usage: sdk.usage.length === 0 ? [0, 0, 0, 0] : sdk.usage });
  });

  it.each(behaviours)("$name: the same streamed", async ({ behaviour }) => {
    upstream.script = { default: behaviour };
    const events = await eventsOf(await bytesOf("streamGenerateContent?alt=sse"));
    expect(events.at(-1)).toEqual({ kind: "end" });
    expect(ofEvents(events)).toEqual(await sdkStream());
  });

  it("sends what the SDK sends", async () => {
    upstream.script = { default: { text: "x" } };
    const call: ChatCall = {
      ...question,
      messages: [{ role: "system", parts: [{ kind: "text", text: "be kind" }] }, ...question.messages],
      toolChoice: { kind: "tool", name: "look_up" },
      format: { kind: "schema", name: "a", schema: { type: "object" } },
      options: { max_tokens: 9, stop: ["."], n: 2, logprobs: true, top_logprobs: 2 },
      extra: { cachedContent: "cachedContents/1" },
    };
    const { body } = translate(call);
    await studio.models.generateContent(sdkParameters(body));
    const sent = upstream.requests.at(-1);
    expect(sent?.body).toEqual(body);
    const place = { baseUrl: upstream.url, model: MODEL, apiVersion: undefined };
    expect(providerNamed("gemini")?.target("chat", place, false).path).toBe(sent?.path);
    expect(sent?.headers["x-goog-api-key"]).toBe("AIza-fake");
  });

  it.each([false, true])("asks Vertex where the SDK asks it, streamed: %s", async (stream) => {
    upstream.script = { default: { text: "x" } };
    const location = "europe-west4";
    const { models } = new GoogleGenAI({
      vertexai: true,
      project: "acme",
      location,
      apiVersion: "v1",
      httpOptions: { baseUrl: upstream.url },
      googleAuthOptions: { authClient: account as never },
    });
    if (stream) for await (const _ of await models.generateContentStream(sdkParameters()));
    else await models.generateContent(sdkParameters());
    const sent = upstream.requests.at(-1);
    const place = { baseUrl: upstream.url, model: MODEL, apiVersion: undefined, project: "acme", location };
    expect(providerNamed("vertex_ai")?.target("chat", place, stream)).toEqual({
      origin: upstream.url,
      path: `${sent?.path}${sent?.query}`,
    });
    expect(sent?.body).toEqual(translate().body);
  });

  it("makes the embeddings that the SDK makes", async () => {
    upstream.script = { default: { dimensions: 2 } };
    const model = "gemini-embedding-001";
    const { embeddings } = await studio.models.embedContent({
      model,
      contents: ["a", "b"],
      config: { taskType: "CLUSTERING", outputDimensionality: 2 },
    });
    const sent = upstream.requests.at(-1);
    const wire = providerNamed("gemini")?.embedding?.(model);
    const translation = wire?.write(
      {
        kind: "embedding",
        input: ["a", "b"],
        dimensions: 2,
        encoding: "float",
        inputType: "clustering",
        extra: {},
      },
      { model, dropUnknown: false },
    );
    expect(translation?.body).toMatchObject(withoutRoles(sent?.body as Fields));
    const response = await fetch(`${upstream.url}${sent?.path}`, {
      method: "POST",
      body: JSON.stringify(translation?.body),
    });
    expect(translation?.readAnswer(await response.json())).toMatchObject({
      vectors: embeddings?.map(({ values }) => values),
    });
  });

  it.each([400, 403, 404, 429, 500, 503])("%i: the same words", async (status) => {
    upstream.script = { default: { error: { status, message: "it is so", retryAfter: 3 } } };
    const thrown = await sdkAnswer().catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(ApiError);
    expect(thrown).toMatchObject({ status, message: expect.stringContaining("it is so") as string });
    const response = await bytesOf("generateContent");
    expect(chatWire().readFailure(response.status, await response.text())).toEqual({
      status,
      message: "it is so",
      retryAfter: 3,
    });
  });

  it("an error in a stream that has begun", async () => {
    upstream.script = { default: { errorAtFrame: 2 } };
    await expect(sdkStream()).rejects.toThrow("fake error in the stream");
    const events = await eventsOf(await bytesOf("streamGenerateContent?alt=sse"));
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
});

function withoutRoles(body: Fields): Fields {
  return JSON.parse(
    JSON.stringify(body, (name, value: unknown) => (name === "role" ? undefined : value)),
  ) as Fields;
}

function recorded(behaviour: Behaviour): readonly Buffer[] {
  const fields = { generationConfig: { thinkingConfig: { includeThoughts: true } } };
  const ask = { operation: "chat", model: MODEL, stream: true, fields } as const;
  return [...geminiWire.frames(ask, behaviour)].map((frame) => Buffer.from(frame));
}

function heardOf(chunks: readonly Buffer[]): readonly ChatEvent[] {
  const events: ChatEvent[] = [];
  const reader = translate().readStream((event) => events.push(event));
  for (const chunk of chunks) reader.push(chunk);
  reader.end();
  return events;
}

const word = fc.stringMatching(/^[a-zA-Z0-9üß🚪 ]{0,10}[a-z]$/u);
const name = fc.stringMatching(/^[a-z_][a-zA-Z0-9_.:-]{0,11}$/);
const base64 = fc
  .uint8Array({ minLength: 1, maxLength: 12 })
  .map((bytes) => Buffer.from(bytes).toString("base64"));
const json = fc
  .dictionary(word, fc.jsonValue(), { maxKeys: 3 })
  .map((value) => JSON.stringify(JSON.parse(JSON.stringify(value))));
const textPart = word.map((text) => ({ kind: "text" as const, text }));
const imagePart = fc.record({
  kind: fc.constant("image" as const),
  source: fc.record({
    kind: fc.constant("base64" as const),
    mediaType: fc.constantFrom("image/png", "image/jpeg", "image/webp"),
    data: base64,
  }),
});
const documentPart = fc.record({
  kind: fc.constant("document" as const),
  source: fc.record({
    kind: fc.constant("base64" as const),
    mediaType: fc.constant("application/pdf"),
    data: base64,
  }),
});
const audioPart = fc.record({
  kind: fc.constant("audio" as const),
  format: fc.constantFrom("wav", "mp3", "flac"),
  data: base64,
});
const reasoningPart: fc.Arbitrary<Part> = fc.record(
  { kind: fc.constant("reasoning" as const), text: word, signature: base64.map((text) => `gemini:${text}`) },
  { requiredKeys: ["kind", "text"] },
);
const ownPart: fc.Arbitrary<Part> = word.map((code) => ({
  kind: "other",
  wire: "gemini",
  value: { executableCode: { language: "PYTHON", code } },
}));
const userMessage: fc.Arbitrary<Message> = fc.record({
  role: fc.constant("user" as const),
  parts: fc.array(fc.oneof(textPart, imagePart, documentPart, audioPart), { minLength: 1, maxLength: 3 }),
});

/** What an assistant says, and the results of the tools that it called. */
const exchange: fc.Arbitrary<readonly Message[]> = fc
  .record({
    said: fc.array(fc.oneof(reasoningPart, textPart, ownPart), { minLength: 1, maxLength: 3 }),
    calls: fc.uniqueArray(
      fc.record({
        call: fc.record({
          kind: fc.constant("tool-call" as const),
          id: fc.uuid(),
          name,
          arguments: json,
          signature: base64,
        }),
        content: fc
          .tuple(textPart)
          .chain(([text]) =>
            fc.array(fc.oneof(imagePart, documentPart), { maxLength: 2 }).map((media) => [text, ...media]),
          ),
        isError: fc.boolean(),
      }),
      { maxLength: 3, selector: ({ call }) => call.id },
    ),
    reply: userMessage,
  })
  .map(({ calls, reply, said }) => [
    { role: "assistant", parts: [...said, ...calls.map(({ call }) => call)] },
    {
      role: "user",
      parts: [
        ...calls.map(({ call, content, isError }) => ({
          kind: "tool-result" as const,
          id: call.id,
          name: call.name,
          content,
          isError,
        })),
        ...reply.parts,
      ],
    },
  ]);

const schema = { type: "object", properties: { a: { type: "string" } }, required: ["a"] };
const tools = [
  { kind: "function", name: "a", description: "A", parameters: schema },
  { kind: "function", name: "b" },
] as const;
const toolChoice = fc.constantFrom<ChatCall["toolChoice"][]>(
  undefined,
  { kind: "auto" },
  { kind: "none" },
  { kind: "required" },
  { kind: "tool", name: "a" },
  { kind: "allowed", required: false, names: ["a"] },
  { kind: "allowed", required: true, names: ["a", "b"] },
);
const options = fc.record(
  {
    max_tokens: fc.integer({ min: 1, max: 9999 }),
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
    top_p: fc.double({ min: 0, max: 1, noNaN: true }),
    top_k: fc.integer({ min: 1, max: 40 }),
    stop: fc.array(word, { minLength: 1, maxLength: 3 }),
    seed: fc.integer(),
    n: fc.integer({ min: 1, max: 8 }),
    frequency_penalty: fc.double({ min: -2, max: 2, noNaN: true }),
    presence_penalty: fc.double({ min: -2, max: 2, noNaN: true }),
    logprobs: fc.constant(true),
    modalities: fc.constantFrom(["text"], ["text", "image"]),
  },
  { requiredKeys: [] },
);
/** Calls that Gemini has a word for all of, with parts and signatures of its own. */
const sayableCall: fc.Arbitrary<ChatCall> = fc
  .record({
    system: fc.array(textPart, { maxLength: 2 }),
    first: userMessage,
    exchanges: fc.array(exchange, { maxLength: 3 }),
    choice: toolChoice,
    format: fc.constantFrom<ChatCall["format"][]>(
      undefined,
      { kind: "json" },
      { kind: "schema", name: "", schema },
    ),
    reasoning: fc.constantFrom<ChatCall["reasoning"][]>(undefined, { enabled: true, effort: "low" }),
    options,
    extra: fc.constantFrom<Fields[]>(
      {},
      { safetySettings: [] },
      { labels: { team: "a" }, cachedContent: "c/1" },
    ),
  })
  .map(({ choice, exchanges, extra, first, format, reasoning, system, ...more }) => ({
    kind: "chat",
    from: "openai",
    stream: false,
    messages: [
      ...(system.length === 0 ? [] : [{ role: "system" as const, parts: system }]),
      first,
      ...exchanges.flat(),
    ],
    tools,
    ...(choice === undefined ? {} : { toolChoice: choice }),
    ...(format === undefined ? {} : { format }),
    ...(reasoning === undefined ? {} : { reasoning }),
    options: more.options,
    extra,
  }));

const nothingSaid = { kind: "chat", from: "gemini", stream: false } as const;

/**
 * The call as its request reads: the texts of a result are one, calls that come without a signature are excused from it,
 * and the only tool that is allowed is the tool to call.
 */
function asRead(call: ChatCall): ChatCall {
  const { toolChoice } = call;
  const [only, second] = toolChoice?.kind === "allowed" && toolChoice.required ? toolChoice.names : [];
  return {
    ...call,
    messages: call.messages.map(({ parts, role }) => {
      const first = parts.find(({ kind }) => kind === "tool-call");
      return {
        role,
        parts: parts.map((part): Part => {
          if (part === first && part.kind === "tool-call") {
            return { ...part, signature: "skip_thought_signature_validator" };
          }
          if (part.kind !== "tool-result") return part;
          const texts = part.content.map((piece) => (piece.kind === "text" ? piece.text : ""));
          return { ...part, content: [{ kind: "text", text: texts.join("\n") }] };
        }),
      };
    }),
    ...(only === undefined || second !== undefined ? {} : { toolChoice: { kind: "tool", name: only } }),
  };
}

describe("Gemini's wire, for any call", () => {
  it("keeps what its fidelity says is kept, in a request that Google takes", () => {
    fc.assert(
      fc.property(sayableCall, (call) => {
        const { body, ignored } = translate(call);
        expect(geminiProblem(body, MODEL)).toBeUndefined();
        expect(ignored).toEqual([]);
        const { kind: _, from: _from, stream: _stream, ...said } = call;
        expect(readGeminiRequest(body)).toEqual(said);
      }),
      { numRuns: 200 },
    );
  });

  it("makes of any call a request that Google takes, or refuses the files of others", () => {
    fc.assert(
      fc.property(arbitraryCall, (call) => {
        if (JSON.stringify(call).includes('"kind":"file"'))
          expect(() => translate(call)).toThrow(CallRefusal);
        else expect(geminiProblem(translate(call).body, MODEL)).toBeUndefined();
        const kept = keptCall(call, chatWire().fidelity);
        expect(conversationOf({ ...nothingSaid, ...readGeminiRequest(translate(kept).body) })).toEqual(
          conversationOf(asRead(kept)),
        );
      }),
      { numRuns: 200 },
    );
  });

  it("gives back the signatures and ids of an answer in the next turn", () => {
    const first = {
      functionCall: { name: "look_up", args: { topic: "a" } },
      thoughtSignature: "+/8a+/8=",
    };
    const second = { functionCall: { id: "of-gemini", name: "look_up", args: { topic: "b" } } };
    const answer = translate().readAnswer({
      candidates: [{ content: { parts: [{ text: "hm", thought: true }, first, second] } }],
      responseId: "r-1",
    });
    if (isFailure(answer)) throw new Error(answer.message);
    const parts = answer.choices[0]?.parts ?? [];
    const results = parts.flatMap((part): readonly Part[] =>
      part.kind === "tool-call" ? [{ kind: "tool-result", id: part.id, content: [], isError: false }] : [],
    );
    const { body } = translate({
      ...question,
      messages: [...question.messages, { role: "assistant", parts }, { role: "user", parts: results }],
    });
    expect(geminiProblem(body, MODEL)).toBeUndefined();
    expect(body["contents"]).toEqual([
      { role: "user", parts: [{ text: "hi" }] },
      { role: "model", parts: [{ text: "hm", thought: true }, first, second] },
      {
        role: "user",
        parts: [
          { functionResponse: { name: "look_up", response: { output: "" } } },
          { functionResponse: { id: "of-gemini", name: "look_up", response: { output: "" } } },
        ],
      },
    ]);
  });

  it("reads a stream alike, however its bytes are cut", () => {
    const bytes = recorded({
      reasoning: "hm",
      text: "Grüße 🚪 an alle",
      signature: "c2ln",
      usageDetails: { cached: 2 },
    });
    const stream = Buffer.concat(bytes);
    const whole = heardOf([stream]);
    expect(whole.at(-1)).toEqual({ kind: "end" });
    fc.assert(
      fc.property(fc.array(fc.nat({ max: stream.length }), { maxLength: 8 }), (cuts) => {
        const places = [0, ...cuts.toSorted((one, other) => one - other), stream.length];
        const chunks = places.slice(1).map((end, index) => stream.subarray(places[index], end));
        expect(heardOf(chunks)).toEqual(whole);
      }),
    );
  });

  it("never throws over what an upstream sends", () => {
    const members = [
      "candidates",
      "content",
      "parts",
      "text",
      "thought",
      "thoughtSignature",
      "functionCall",
      "inlineData",
      "finishReason",
      "groundingMetadata",
      "groundingChunks",
      "groundingSupports",
      "citationMetadata",
      "citations",
      "logprobsResult",
      "chosenCandidates",
      "usageMetadata",
      "promptTokensDetails",
      "promptFeedback",
      "blockReason",
      "error",
      "details",
      "index",
      "responseId",
      "embeddings",
      "predictions",
    ];
    const { odd } = fc.letrec<{ odd: unknown }>((tie) => ({
      odd: fc.oneof(
        { depthSize: "medium" },
        fc.constantFrom<unknown[]>(null, true, 0, -1.5, "", "STOP", "SAFETY", "OTHER", "AUDIO"),
        fc.array(tie("odd"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...members, "new"), tie("odd"), { maxKeys: 5 }),
      ),
    }));
    const embedding = { kind: "embedding", input: ["a"], encoding: "float", extra: {} } as const;
    const embeddings = ["gemini", "vertex_ai"].map((provider) =>
      providerNamed(provider)?.embedding?.("e")?.write(embedding, { model: "e", dropUnknown: false }),
    );
    fc.assert(
      fc.property(odd, fc.array(odd, { maxLength: 3 }), (answer, frames) => {
        translate().readAnswer(answer);
        translate().readAnswer({ candidates: [answer], usageMetadata: answer });
        for (const translation of embeddings) translation?.readAnswer(answer);
        heardOf(frames.map((frame) => Buffer.from(`data: ${JSON.stringify(frame)}\n\n`)));
        chatWire().readFailure(400, JSON.stringify(answer));
        chatWire().readFailure(400, JSON.stringify({ error: answer }));
      }),
      { numRuns: 500 },
    );
  });
});
