import type { ChatCall, ChatEvent, Fields, Part } from "@gatewright/call";
import { describe, expect, it } from "vitest";
import { geminiChatWire } from "./chat-wire.ts";
import { exampleCall } from "./example-call.ts";

function translation(change: Partial<ChatCall> = {}) {
  return geminiChatWire.write(exampleCall(change), { model: "gemini-2.5-flash", dropUnknown: false });
}

/** What the client sees of a stream, as a whole answer would show it. */
function gathered(events: readonly ChatEvent[]): readonly Part[] {
  const parts: Part[] = [];
  for (const event of events) {
    const last = parts.at(-1);
    if (event.kind === "text" || event.kind === "reasoning") {
      if (last?.kind === event.kind && !("signature" in last)) {
        parts[parts.length - 1] = { kind: event.kind, text: last.text + event.text };
      } else parts.push({ kind: event.kind, text: event.text });
    } else if (event.kind === "reasoning-signature") {
      const { signature } = event;
      if (last?.kind === "reasoning" && last.signature === undefined)
        parts[parts.length - 1] = { ...last, signature };
      else parts.push({ kind: "reasoning", text: "", signature });
    } else if (event.kind === "tool-call") {
      const { id, name, signature } = event;
      parts.push({
        kind: "tool-call",
        id,
        name,
        arguments: "",
        ...(signature === undefined ? {} : { signature }),
      });
    } else if (event.kind === "tool-arguments" && last?.kind === "tool-call") {
      parts[parts.length - 1] = { ...last, arguments: last.arguments + event.text };
    } else if (event.kind === "other") parts.push({ kind: "other", wire: event.wire, value: event.value });
    else if (event.kind === "citation" && last?.kind === "text") {
      parts[parts.length - 1] = { ...last, citations: [...(last.citations ?? []), event.citation] };
    }
  }
  return parts;
}

function eventsOf(frames: readonly Fields[], change: Partial<ChatCall> = {}): readonly ChatEvent[] {
  const events: ChatEvent[] = [];
  const reader = translation(change).readStream((event) => events.push(event));
  for (const frame of frames) reader.push(Buffer.from(`data: ${JSON.stringify(frame)}\r\n\r\n`));
  reader.end();
  return events;
}

const segment = { startIndex: 0, endIndex: 4, text: "blue" };
const chunk = { web: { uri: "https://x.example", title: "x" } };

const contents: readonly {
  readonly name: string;
  readonly parts: readonly Fields[];
  readonly candidate?: Fields;
  readonly change?: Partial<ChatCall>;
  readonly want: readonly Part[];
  readonly finish?: string;
}[] = [
  {
    name: "text in pieces",
    parts: [{ text: "a" }, { text: "" }, { text: "b" }],
    want: [{ kind: "text", text: "ab" }],
  },
  {
    name: "thoughts before the text",
    parts: [{ text: "hm", thought: true }, { text: "m", thought: true }, { text: "b" }],
    want: [
      { kind: "reasoning", text: "hmm" },
      { kind: "text", text: "b" },
    ],
  },
  {
    name: "the signature of a text",
    parts: [{ text: "hm", thought: true }, { text: "a", thoughtSignature: "c2ln" }, { text: "b" }],
    want: [
      { kind: "reasoning", text: "hm" },
      { kind: "text", text: "a" },
      { kind: "reasoning", text: "", signature: "gemini:c2ln" },
      { kind: "text", text: "b" },
    ],
  },
  {
    name: "the signature of a thought, beside it and behind it",
    parts: [
      { text: "a", thought: true, thoughtSignature: "c2ln" },
      { text: "b", thought: true },
      { text: "", thoughtSignature: "bW9yZQ==" },
    ],
    want: [
      { kind: "reasoning", text: "a", signature: "gemini:c2ln" },
      { kind: "reasoning", text: "b", signature: "gemini:bW9yZQ==" },
    ],
  },
  {
    name: "calls, with and without an id, and a signature",
    parts: [
      { functionCall: { name: "a", args: { topic: "ü" } }, thoughtSignature: "+/8=" },
      { functionCall: { id: "of-gemini", name: "b" } },
    ],
    want: [
      {
        kind: "tool-call",
        id: "call_gemini_answer_0",
        name: "a",
        arguments: '{"topic":"ü"}',
        signature: "+/8=",
      },
      { kind: "tool-call", id: "of-gemini", name: "b", arguments: "{}" },
    ],
    finish: "tool-calls",
  },
  {
    name: "only the first call, where the client wants one at a time",
    parts: [{ functionCall: { id: "1", name: "a" } }, { functionCall: { id: "2", name: "b" } }],
    change: { options: { parallel_tool_calls: false } },
    want: [{ kind: "tool-call", id: "1", name: "a", arguments: "{}" }],
    finish: "tool-calls",
  },
  {
    name: "parts that nothing else has",
    parts: [
      { executableCode: { code: "1+1", language: "PYTHON" } },
      { codeExecutionResult: { outcome: "OUTCOME_OK", output: "2" } },
      { text: "2" },
    ],
    want: [
      { kind: "other", wire: "gemini", value: { executableCode: { code: "1+1", language: "PYTHON" } } },
      {
        kind: "other",
        wire: "gemini",
        value: { codeExecutionResult: { outcome: "OUTCOME_OK", output: "2" } },
      },
      { kind: "text", text: "2" },
    ],
  },
  {
    name: "what it found in the web: by passage, and the rest",
    parts: [{ text: "blue" }],
    candidate: {
      groundingMetadata: {
        webSearchQueries: ["sky"],
        groundingChunks: [chunk, { web: { uri: "https://y.example" } }],
        groundingSupports: [{ segment, groundingChunkIndices: [0, 9] }],
      },
      citationMetadata: { citations: [{ startIndex: 0, uri: "https://z.example", title: "z" }] },
    },
    want: [
      {
        kind: "text",
        text: "blue",
        citations: [
          {
            wire: "gemini",
            value: { ...chunk, segment },
            url: "https://x.example",
            title: "x",
            text: "blue",
          },
          { wire: "gemini", value: { web: { uri: "https://y.example" } }, url: "https://y.example" },
          {
            wire: "gemini",
            value: { startIndex: 0, uri: "https://z.example", title: "z" },
            url: "https://z.example",
            title: "z",
          },
        ],
      },
    ],
  },
  ...[
    ["MAX_TOKENS", "length"],
    ["SAFETY", "content-filter"],
    ["RECITATION", "content-filter"],
    ["BLOCKLIST", "content-filter"],
    ["PROHIBITED_CONTENT", "content-filter"],
    ["SPII", "content-filter"],
    ["MALFORMED_FUNCTION_CALL", "stop"],
    ["A_NEW_ONE", "stop"],
  ].map(([finishReason = "", finish = ""]) => ({
    name: `the end ${finishReason}`,
    parts: [{ text: "a" }],
    candidate: { finishReason },
    want: [{ kind: "text", text: "a" } as const],
    finish,
  })),
];

const usages: readonly { readonly name: string; readonly usage: Fields; readonly want: Fields }[] = [
  {
    name: "thoughts beside the answer's tokens, cached ones among the prompt's",
    usage: {
      promptTokenCount: 10,
      cachedContentTokenCount: 4,
      candidatesTokenCount: 5,
      thoughtsTokenCount: 3,
      toolUsePromptTokenCount: 2,
      totalTokenCount: 20,
    },
    want: { input: 12, output: 8, cachedInput: 4, reasoning: 3 },
  },
  {
    name: "thoughts among the answer's tokens",
    usage: { promptTokenCount: 10, candidatesTokenCount: 8, thoughtsTokenCount: 3, totalTokenCount: 18 },
    want: { input: 10, output: 8, reasoning: 3 },
  },
  {
    name: "audio",
    usage: {
      promptTokenCount: 10,
      candidatesTokenCount: 8,
      promptTokensDetails: [
        { modality: "TEXT", tokenCount: 4 },
        { modality: "AUDIO", tokenCount: 6 },
      ],
      candidatesTokensDetails: [{ modality: "AUDIO", tokenCount: 8 }],
    },
    want: { input: 10, output: 8, audioInput: 6, audioOutput: 8 },
  },
];

const failures: readonly { readonly name: string; readonly answer: Fields; readonly want: Fields }[] = [
  {
    name: "a blocked prompt",
    answer: { promptFeedback: { blockReason: "PROHIBITED_CONTENT" }, usageMetadata: { promptTokenCount: 3 } },
    want: { status: 400, message: "Gemini blocked the prompt (PROHIBITED_CONTENT)", kind: "content-policy" },
  },
  {
    name: "a call that the model could not write",
    answer: { candidates: [{ finishReason: "MALFORMED_FUNCTION_CALL", finishMessage: "print(" }] },
    want: { status: 500, message: "Gemini gave no answer (MALFORMED_FUNCTION_CALL): print(" },
  },
  {
    name: "an error",
    answer: { error: { code: 429, message: "too much", status: "RESOURCE_EXHAUSTED" } },
    want: { status: 429, message: "too much" },
  },
];

describe("an answer of Gemini's", () => {
  it.each(contents)(
    "has $name, whole and streamed",
    ({ candidate, change, finish = "stop", parts, want }) => {
      const whole = translation(change).readAnswer({
        candidates: [{ content: { role: "model", parts }, finishReason: "STOP", ...candidate }],
        responseId: "answer",
        modelVersion: "gemini-2.5-flash-001",
      });
      expect(whole).toEqual({
        id: "answer",
        model: "gemini-2.5-flash-001",
        choices: [{ parts: want, finish }],
        usage: undefined,
      });
      const head = { responseId: "answer", modelVersion: "gemini-2.5-flash-001" };
      const frames = parts.map((part) => ({ candidates: [{ content: { parts: [part] } }], ...head }));
      const last = { candidates: [{ finishReason: "STOP", ...candidate }], ...head };
      const events = eventsOf([...frames, last], change);
      expect(events[0]).toEqual({ kind: "start", id: "answer", model: "gemini-2.5-flash-001" });
      expect(gathered(events)).toEqual(want);
      expect(events.slice(-2)).toEqual([{ kind: "finish", choice: 0, reason: finish }, { kind: "end" }]);
    },
  );

  it.each(usages)("counts $name", ({ usage, want }) => {
    const answer = { candidates: [{ content: { parts: [{ text: "a" }] } }], usageMetadata: usage };
    expect(translation().readAnswer(answer)).toMatchObject({ usage: want });
    expect(eventsOf([answer]).find(({ kind }) => kind === "usage")).toMatchObject({ usage: want });
  });

  it.each(failures)("that is none: $name, whole and streamed", ({ answer, want }) => {
    expect(translation().readAnswer(answer)).toEqual(want);
    expect(eventsOf([answer]).at(-1)).toEqual({ kind: "failure", failure: want });
  });

  it.each([[[]], [{}], ["text"], [{ candidates: [] }], [{ candidates: "none" }]])("is not %j", (value) => {
    expect(translation().readAnswer(value)).toEqual({
      status: 500,
      message: "Gemini's answer has no candidates",
    });
  });

  it("may have several choices, in any order", () => {
    const candidate = (index: number): Fields => ({
      index,
      content: { parts: [{ text: `${index}` }] },
      finishReason: "STOP",
    });
    expect(translation().readAnswer({ candidates: [candidate(1), candidate(0)] })).toMatchObject({
      choices: [{ parts: [{ text: "0" }] }, { parts: [{ text: "1" }] }],
    });
    const events = eventsOf([{ candidates: [candidate(1)] }, { candidates: [candidate(0)] }]);
    expect(events.filter(({ kind }) => kind === "finish")).toEqual([
      { kind: "finish", choice: 0, reason: "stop" },
      { kind: "finish", choice: 1, reason: "stop" },
    ]);
  });

  it("has pictures and speech", () => {
    const parts = [
      { inlineData: { mimeType: "image/png", data: "AAAA" } },
      { inlineData: { mimeType: "audio/L16;codec=pcm;rate=24000", data: "BBBB" } },
    ];
    expect(translation().readAnswer({ candidates: [{ content: { parts } }] })).toMatchObject({
      choices: [
        {
          parts: [
            { kind: "image", source: { kind: "base64", mediaType: "image/png", data: "AAAA" } },
            { kind: "audio", format: "pcm16", data: "BBBB" },
          ],
        },
      ],
    });
  });

  it("tells probabilities in OpenAI's form", () => {
    const logprobsResult = {
      chosenCandidates: [{ token: "ü", tokenId: 1, logProbability: -0.5 }, { token: "!" }],
      topCandidates: [{ candidates: [{ token: "ü", logProbability: -0.5 }] }],
    };
    const logprobs = {
      content: [
        {
          token: "ü",
          logprob: -0.5,
          bytes: [195, 188],
          top_logprobs: [{ token: "ü", logprob: -0.5, bytes: [195, 188] }],
        },
        { token: "!", logprob: 0, bytes: [33], top_logprobs: [] },
      ],
      refusal: null,
    };
    const answer = {
      candidates: [{ content: { parts: [{ text: "ü!" }] }, finishReason: "STOP", logprobsResult }],
    };
    expect(translation().readAnswer(answer)).toMatchObject({ choices: [{ logprobs }] });
    expect(eventsOf([answer])).toContainEqual({ kind: "text", choice: 0, text: "ü!", logprobs });
  });

  it("has calls with ids of their own where even the answer has none", () => {
    const answer = { candidates: [{ content: { parts: [{ functionCall: { name: "a" } }] } }] };
    const ids = [1, 2].map(() => {
      const read = translation().readAnswer(answer);
      const part = "choices" in read ? read.choices[0]?.parts[0] : undefined;
      return part?.kind === "tool-call" ? part.id : "";
    });
    expect(ids[0]).toMatch(/^call_gemini_[0-9a-f]{22}_0$/);
    expect(ids[1]).not.toBe(ids[0]);
  });
});

describe("a stream of Gemini's", () => {
  it("ends once, with its last finish, however often it finishes", () => {
    const frame = (text: string): Fields => ({
      candidates: [{ content: { parts: [{ text }] }, finishReason: "STOP" }],
    });
    expect(eventsOf([frame("a"), frame("b")]).map(({ kind }) => kind)).toEqual([
      "start",
      "text",
      "text",
      "finish",
      "end",
    ]);
  });

  it("has not ended where nothing has finished", () => {
    expect(
      eventsOf([{ candidates: [{ content: { parts: [{ text: "a" }] } }] }]).map(({ kind }) => kind),
    ).toEqual(["start", "text"]);
    expect(eventsOf([])).toEqual([]);
  });

  it("is cut off, and does not fail, where it ends with half a frame", () => {
    const frame = `data: ${JSON.stringify({ candidates: [{ content: { parts: [{ text: "a" }] }, finishReason: "STOP" }] })}`;
    for (let length = 0; length <= frame.length; length++) {
      const events: ChatEvent[] = [];
      const reader = translation().readStream((event) => events.push(event));
      reader.push(Buffer.from(frame.slice(0, length)));
      reader.end();
      expect(events.map(({ kind }) => kind)).toEqual(
        length < frame.length ? [] : ["start", "text", "finish", "end"],
      );
    }
  });

  it("fails on a frame that is no JSON, and says nothing more", () => {
    const events: ChatEvent[] = [];
    const reader = translation().readStream((event) => events.push(event));
    reader.push(
      Buffer.from('data: {"candidates": [\n\ndata: {"candidates": [{"finishReason": "STOP"}]}\n\n'),
    );
    reader.end();
    expect(events).toEqual([
      {
        kind: "failure",
        failure: { status: 500, message: "Gemini's stream has a frame that is no JSON object" },
      },
    ]);
  });
});
