import type { ChatCall, Fields, Message, Part } from "@gatewright/call";
import { describe, expect, it } from "vitest";
import { CallRefusal } from "../wire.ts";
import { geminiChatWire } from "./chat-wire.ts";
import { exampleBody, exampleCall, said } from "./example-call.ts";

const look = { kind: "function", name: "look_up", parameters: { type: "object" } } as const;
const declaration = { name: "look_up", parametersJsonSchema: { type: "object" } };
const declared = { tools: [{ functionDeclarations: [declaration] }] };

function bodyOf(change: Partial<ChatCall>, model = "gemini-2.5-flash", dropUnknown = false): Fields {
  return geminiChatWire.write(exampleCall(change), { model, dropUnknown }).body;
}

const parameters: readonly {
  readonly name: string;
  readonly change: Partial<ChatCall>;
  readonly model?: string;
  readonly want: Fields;
}[] = [
  {
    name: "parameters under Gemini's names",
    change: {
      options: {
        max_tokens: 9,
        temperature: 0.5,
        top_p: 0.9,
        top_k: 40,
        stop: ["."],
        seed: 7,
        n: 2,
        frequency_penalty: 0.1,
        presence_penalty: 0.2,
        logprobs: true,
        top_logprobs: 3,
      },
    },
    want: {
      generationConfig: {
        maxOutputTokens: 9,
        temperature: 0.5,
        topP: 0.9,
        topK: 40,
        stopSequences: ["."],
        seed: 7,
        candidateCount: 2,
        frequencyPenalty: 0.1,
        presencePenalty: 0.2,
        responseLogprobs: true,
        logprobs: 3,
      },
    },
  },
  {
    name: "a schema for the answer, as it is",
    change: {
      format: { kind: "schema", name: "door", schema: { type: "object", additionalProperties: false } },
    },
    want: {
      generationConfig: {
        responseMimeType: "application/json",
        responseJsonSchema: { type: "object", additionalProperties: false },
      },
    },
  },
  {
    name: "JSON without a schema",
    change: { format: { kind: "json" } },
    want: { generationConfig: { responseMimeType: "application/json" } },
  },
  {
    name: "an effort as a budget before Gemini 3",
    change: { reasoning: { enabled: true, effort: "high" } },
    want: { generationConfig: { thinkingConfig: { thinkingBudget: 4096, includeThoughts: true } } },
  },
  {
    name: "an effort as a level from Gemini 3 on",
    change: { reasoning: { enabled: true, effort: "xhigh" } },
    model: "gemini-3-flash-preview",
    want: { generationConfig: { thinkingConfig: { thinkingLevel: "HIGH", includeThoughts: true } } },
  },
  {
    name: "the least effort of a pro model",
    change: { reasoning: { enabled: true, effort: "minimal" } },
    model: "gemini-3.1-pro-preview",
    want: { generationConfig: { thinkingConfig: { thinkingLevel: "LOW", includeThoughts: true } } },
  },
  {
    name: "a medium effort of the one model without a level for it",
    change: { reasoning: { enabled: true, effort: "medium" } },
    model: "gemini-3-pro-preview",
    want: { generationConfig: { thinkingConfig: { thinkingLevel: "HIGH", includeThoughts: true } } },
  },
  {
    name: "a budget as a level from Gemini 3 on",
    change: { reasoning: { enabled: true, budgetTokens: 3000 } },
    model: "gemini-3-flash-preview",
    want: { generationConfig: { thinkingConfig: { thinkingLevel: "MEDIUM", includeThoughts: true } } },
  },
  {
    name: "a budget as it is for a moving name",
    change: { reasoning: { enabled: true, budgetTokens: 3000 } },
    model: "gemini-flash-latest",
    want: { generationConfig: { thinkingConfig: { thinkingBudget: 3000, includeThoughts: true } } },
  },
  {
    name: "no thinking",
    change: { reasoning: { enabled: false } },
    want: { generationConfig: { thinkingConfig: { thinkingBudget: 0, includeThoughts: false } } },
  },
  {
    name: "no thinking, of a model that always thinks",
    change: { reasoning: { enabled: false } },
    model: "gemini-2.5-pro",
    want: { generationConfig: { thinkingConfig: { thinkingBudget: 128, includeThoughts: false } } },
  },
  {
    name: "thoughts as long as Gemini likes",
    change: { reasoning: { enabled: true } },
    want: { generationConfig: { thinkingConfig: { includeThoughts: true } } },
  },
  {
    name: "speech",
    change: { options: { modalities: ["audio"], audio: { voice: "Kore", format: "pcm16" } } },
    want: {
      generationConfig: {
        responseModalities: ["AUDIO"],
        speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: "Kore" } } },
      },
    },
  },
  { name: "a service tier", change: { options: { service_tier: "flex" } }, want: { serviceTier: "flex" } },
  {
    name: "the usual tier",
    change: { options: { service_tier: "default" } },
    want: { serviceTier: "standard" },
  },
  { name: "any tier", change: { options: { service_tier: "auto" } }, want: {} },
  {
    name: "a search in the web",
    change: { options: { web_search_options: {} } },
    want: { tools: [{ googleSearch: {} }] },
  },
  {
    name: "tools of Gemini's own, in every spelling, and web search of others",
    change: {
      tools: [
        { kind: "other", wire: "gemini", value: { urlContext: {} } },
        { kind: "other", wire: "openai", value: { code_execution: {} } },
        { kind: "other", wire: "openai", value: { googleMaps: { enableWidget: true } } },
        { kind: "other", wire: "anthropic", value: { type: "web_search_20250305", name: "web_search" } },
      ],
      options: { web_search_options: {} },
    },
    want: {
      tools: [
        { urlContext: {} },
        { codeExecution: {} },
        { googleMaps: { enableWidget: true } },
        { googleSearch: {} },
      ],
    },
  },
  { name: "a tool", change: { tools: [look] }, want: declared },
  {
    name: "a tool without parameters",
    change: { tools: [{ kind: "function", name: "now", description: "The time" }] },
    want: { tools: [{ functionDeclarations: [{ name: "now", description: "The time" }] }] },
  },
  {
    name: "some tool",
    change: { tools: [look], toolChoice: { kind: "required" } },
    want: { ...declared, toolConfig: { functionCallingConfig: { mode: "ANY" } } },
  },
  {
    name: "one tool",
    change: { tools: [look], toolChoice: { kind: "tool", name: "look_up" } },
    want: {
      ...declared,
      toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["look_up"] } },
    },
  },
  {
    name: "tools that may be called",
    change: { tools: [look], toolChoice: { kind: "allowed", required: false, names: ["look_up"] } },
    want: {
      ...declared,
      toolConfig: { functionCallingConfig: { mode: "VALIDATED", allowedFunctionNames: ["look_up"] } },
    },
  },
  {
    name: "no tool",
    change: { tools: [look], toolChoice: { kind: "none" } },
    want: { ...declared, toolConfig: { functionCallingConfig: { mode: "NONE" } } },
  },
  { name: "a choice without tools", change: { toolChoice: { kind: "required" } }, want: {} },
  {
    name: "parameters of Gemini's own, in both spellings",
    change: {
      extra: {
        safety_settings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
        cachedContent: "cachedContents/1",
        labels: { team: "a" },
        media_resolution: "MEDIA_RESOLUTION_LOW",
        thinkingConfig: { thinkingBudget: 5 },
      },
      reasoning: { enabled: true, effort: "low" },
    },
    want: {
      safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
      cachedContent: "cachedContents/1",
      labels: { team: "a" },
      generationConfig: { mediaResolution: "MEDIA_RESOLUTION_LOW", thinkingConfig: { thinkingBudget: 5 } },
    },
  },
  {
    name: "a tool configuration of Gemini's own beside ours",
    change: {
      tools: [look],
      toolChoice: { kind: "auto" },
      extra: { toolConfig: { retrievalConfig: { languageCode: "de" } } },
    },
    want: {
      ...declared,
      toolConfig: { functionCallingConfig: { mode: "AUTO" }, retrievalConfig: { languageCode: "de" } },
    },
  },
  {
    name: "what nobody knows, from a client of chat completions",
    change: { extra: { new: 1 } },
    want: { new: 1 },
  },
];

const call = (id: string, name = "look_up", more: Fields = {}): Part => ({
  kind: "tool-call",
  id,
  name,
  arguments: '{"topic":"a"}',
  ...more,
});
const result = (id: string, text: string, more: object = {}): Part => ({
  kind: "tool-result",
  id,
  content: [{ kind: "text", text }],
  isError: false,
  ...more,
});
const user = (...parts: readonly Part[]): Message => ({ role: "user", parts });
const assistant = (...parts: readonly Part[]): Message => ({ role: "assistant", parts });
const png = { kind: "image", source: { kind: "base64", mediaType: "image/png", data: "AAAA" } } as const;
const inlinePng = { inlineData: { mimeType: "image/png", data: "AAAA" } };
const functionCall = { name: "look_up", args: { topic: "a" } };

const conversations: readonly {
  readonly name: string;
  readonly why?: string;
  readonly messages: readonly Message[];
  readonly model?: string;
  readonly want: Fields;
}[] = [
  {
    name: "instructions before the conversation",
    messages: [
      { role: "system", parts: [said("a")] },
      user(said("hi")),
      { role: "developer", parts: [said("b")] },
    ],
    want: {
      systemInstruction: { parts: [{ text: "a" }, { text: "b" }] },
      contents: [{ role: "user", parts: [{ text: "hi" }] }],
    },
  },
  {
    name: "instructions alone",
    messages: [{ role: "system", parts: [said("a")] }],
    want: { contents: [{ role: "user", parts: [{ text: "a" }] }] },
  },
  {
    name: "neighbours of one role as one turn",
    messages: [user(said("a")), user(said("b")), assistant(said("c")), assistant(said("d")), user(said("e"))],
    want: {
      contents: [
        { role: "user", parts: [{ text: "a" }, { text: "b" }] },
        { role: "model", parts: [{ text: "c" }, { text: "d" }] },
        { role: "user", parts: [{ text: "e" }] },
      ],
    },
  },
  {
    name: "media",
    messages: [
      user(
        png,
        { kind: "image", source: { kind: "url", url: "https://x.example/a.webp?size=1" } },
        { kind: "image", source: { kind: "url", url: "https://x.example/a" } },
        { kind: "image", source: { kind: "url", url: "gs://bucket/film.mp4" } },
        { kind: "image", source: { kind: "url", url: "https://www.youtube.com/watch?v=1" } },
        { kind: "audio", format: "wav", data: "AAAA" },
        {
          kind: "document",
          source: { kind: "base64", mediaType: "application/pdf", data: "AAAA" },
          name: "a.pdf",
        },
        { kind: "document", source: { kind: "url", url: "https://x.example/a.csv" } },
        { kind: "document", source: { kind: "text", text: "long" }, context: "from a book" },
        {
          kind: "document",
          source: { kind: "file", id: "https://generativelanguage.googleapis.com/v1beta/files/abc" },
        },
      ),
    ],
    want: {
      contents: [
        {
          role: "user",
          parts: [
            inlinePng,
            { fileData: { mimeType: "image/webp", fileUri: "https://x.example/a.webp?size=1" } },
            { fileData: { mimeType: "image/jpeg", fileUri: "https://x.example/a" } },
            { fileData: { mimeType: "video/mp4", fileUri: "gs://bucket/film.mp4" } },
            { fileData: { mimeType: "video/mp4", fileUri: "https://www.youtube.com/watch?v=1" } },
            { inlineData: { mimeType: "audio/wav", data: "AAAA" } },
            { inlineData: { mimeType: "application/pdf", data: "AAAA" } },
            { fileData: { mimeType: "text/csv", fileUri: "https://x.example/a.csv" } },
            { text: "from a book" },
            { text: "long" },
            {
              fileData: {
                mimeType: "application/pdf",
                fileUri: "https://generativelanguage.googleapis.com/v1beta/files/abc",
              },
            },
          ],
        },
      ],
    },
  },
  {
    name: "calls and results by Gemini's ids, results in the order of their calls",
    messages: [
      user(said("hi")),
      assistant(call("id-1"), call("id-2")),
      user(result("id-2", "second")),
      user(result("id-1", "first", { isError: true }), said("go on")),
    ],
    want: {
      contents: [
        { role: "user", parts: [{ text: "hi" }] },
        {
          role: "model",
          parts: [
            { functionCall: { id: "id-1", ...functionCall } },
            { functionCall: { id: "id-2", ...functionCall } },
          ],
        },
        {
          role: "user",
          parts: [
            { functionResponse: { id: "id-1", name: "look_up", response: { error: "first" } } },
            { functionResponse: { id: "id-2", name: "look_up", response: { output: "second" } } },
            { text: "go on" },
          ],
        },
      ],
    },
  },
  {
    name: "no ids that Gemini did not give",
    messages: [
      user(said("hi")),
      assistant(call("call_gemini_abc_0")),
      user(result("call_gemini_abc_0", "x")),
    ],
    want: {
      contents: [
        { role: "user", parts: [{ text: "hi" }] },
        { role: "model", parts: [{ functionCall }] },
        { role: "user", parts: [{ functionResponse: { name: "look_up", response: { output: "x" } } }] },
      ],
    },
  },
  {
    name: "arguments that are no object",
    messages: [
      user(said("hi")),
      assistant(call("1", "look_up", { arguments: '{"topic":' }), call("2", "look_up", { arguments: "" })),
      user(result("1", "x"), result("2", "y")),
    ],
    want: {
      contents: [
        { role: "user", parts: [{ text: "hi" }] },
        {
          role: "model",
          parts: [
            { functionCall: { id: "1", name: "look_up", args: { arguments: '{"topic":' } } },
            { functionCall: { id: "2", name: "look_up", args: {} } },
          ],
        },
        {
          role: "user",
          parts: [
            { functionResponse: { id: "1", name: "look_up", response: { output: "x" } } },
            { functionResponse: { id: "2", name: "look_up", response: { output: "y" } } },
          ],
        },
      ],
    },
  },
  {
    name: "an image in a result",
    messages: [assistant(call("1")), user(result("1", "x", { content: [{ kind: "text", text: "x" }, png] }))],
    model: "gemini-3-flash-preview",
    want: {
      contents: [
        {
          role: "model",
          parts: [
            {
              functionCall: { id: "1", ...functionCall },
              thoughtSignature: "skip_thought_signature_validator",
            },
          ],
        },
        {
          role: "user",
          parts: [
            { functionResponse: { id: "1", name: "look_up", response: { output: "x" }, parts: [inlinePng] } },
          ],
        },
      ],
    },
  },
  {
    name: "an image in a result, before Gemini 3",
    messages: [assistant(call("1")), user(result("1", "x", { content: [{ kind: "text", text: "x" }, png] }))],
    want: {
      contents: [
        { role: "model", parts: [{ functionCall: { id: "1", ...functionCall } }] },
        {
          role: "user",
          parts: [{ functionResponse: { id: "1", name: "look_up", response: { output: "x" } } }, inlinePng],
        },
      ],
    },
  },
  {
    name: "signatures of calls, and what stands in for a lost one",
    messages: [
      user(said("hi")),
      assistant(call("1", "look_up", { signature: "c2ln" }), call("2")),
      user(result("1", "x"), result("2", "x")),
      assistant(call("4")),
      user(result("4", "x")),
    ],
    model: "gemini-3-flash-preview",
    want: {
      contents: [
        { role: "user", parts: [{ text: "hi" }] },
        {
          role: "model",
          parts: [
            { functionCall: { id: "1", ...functionCall }, thoughtSignature: "c2ln" },
            { functionCall: { id: "2", ...functionCall } },
          ],
        },
        {
          role: "user",
          parts: ["1", "2"].map((id) => ({
            functionResponse: { id, name: "look_up", response: { output: "x" } },
          })),
        },
        {
          role: "model",
          parts: [
            {
              functionCall: { id: "4", ...functionCall },
              thoughtSignature: "skip_thought_signature_validator",
            },
          ],
        },
        {
          role: "user",
          parts: [{ functionResponse: { id: "4", name: "look_up", response: { output: "x" } } }],
        },
      ],
    },
  },
  {
    name: "thoughts and signatures of Gemini's, but no signature of others",
    messages: [
      user(said("hi")),
      assistant(
        { kind: "reasoning", text: "a", signature: "gemini:c2ln" },
        { kind: "reasoning", text: "b", signature: "of-claude" },
        { kind: "reasoning", text: "", signature: "of-claude" },
        { kind: "redacted-reasoning", data: "x" },
        said("c"),
        { kind: "reasoning", text: "", signature: "gemini:dGV4dA==" },
        { kind: "reasoning", text: "", signature: "gemini:bW9yZQ==" },
      ),
    ],
    want: {
      contents: [
        { role: "user", parts: [{ text: "hi" }] },
        {
          role: "model",
          parts: [
            { text: "a", thought: true, thoughtSignature: "c2ln" },
            { text: "b", thought: true },
            { text: "c", thoughtSignature: "dGV4dA==" },
            { text: "", thoughtSignature: "bW9yZQ==" },
          ],
        },
      ],
    },
  },
  {
    name: "parts of Gemini's own",
    messages: [
      user(said("hi")),
      assistant({
        kind: "other",
        wire: "gemini",
        value: { executableCode: { code: "1", language: "PYTHON" } },
      }),
    ],
    want: {
      contents: [
        { role: "user", parts: [{ text: "hi" }] },
        { role: "model", parts: [{ executableCode: { code: "1", language: "PYTHON" } }] },
      ],
    },
  },
];

const refusals: readonly {
  readonly name: string;
  readonly change: Partial<ChatCall>;
  readonly want: string;
}[] = [
  {
    name: "a result without a call",
    change: { messages: [user(result("1", "x"))] },
    want: "no call before it has the id 1",
  },
  {
    name: "a file that is not Google's",
    change: { messages: [user({ kind: "document", source: { kind: "file", id: "file-abc" } })] },
    want: '"file-abc"',
  },
  {
    name: "a tool that only another provider has",
    change: { tools: [{ kind: "other", wire: "anthropic", value: { type: "bash_20250124", name: "bash" } }] },
    want: 'Gemini has no tool "bash_20250124"',
  },
];

describe("a request of Gemini's", () => {
  it.each(parameters)("$name", ({ change, model, want }) => {
    expect(bodyOf(change, model)).toEqual(exampleBody(want));
  });

  it.each(conversations)("$name", ({ messages, model, want }) => {
    expect(bodyOf({ messages }, model)).toEqual(want);
  });

  it.each(refusals)("is not made of $name", ({ change, want }) => {
    expect(() => bodyOf(change)).toThrow(CallRefusal);
    expect(() => bodyOf(change)).toThrow(want);
  });

  it("leaves out what nobody knows, from a client of another API or where that is wanted, and says so", () => {
    const extra = { container: "c", safetySettings: [] };
    for (const [from, dropUnknown] of [
      ["anthropic", false],
      ["openai", true],
    ] as const) {
      const { body, ignored } = geminiChatWire.write(exampleCall({ from, extra }), {
        model: "gemini-2.5-flash",
        dropUnknown,
      });
      expect([body, ignored]).toEqual([exampleBody({ safetySettings: [] }), ["container"]]);
    }
  });

  it("gives functions names that Gemini takes, and gives them back as they were", () => {
    const tools = ["1st", "ok.name-1", "_1st", "mit leerzeichen"].map(
      (name) => ({ kind: "function", name }) as const,
    );
    const translation = geminiChatWire.write(exampleCall({ tools }), {
      model: "gemini-2.5-flash",
      dropUnknown: false,
    });
    const names = ["_1st_2", "ok.name-1", "_1st", "_mit_leerzeichen"];
    expect(translation.body["tools"]).toEqual([{ functionDeclarations: names.map((name) => ({ name })) }]);
    const parts = names.map((name) => ({ functionCall: { name, args: {} } }));
    expect(translation.readAnswer({ candidates: [{ content: { parts } }] })).toMatchObject({
      choices: [{ parts: tools.map(({ name }) => ({ kind: "tool-call", name })) }],
    });
  });
});
