import type { ChatCall, Fields, Message, Part } from "@gatewright/call";
import { describe, expect, it } from "vitest";
import { CallRefusal } from "../wire.ts";
import { bedrockChatWire } from "./chat-wire.ts";

const CLAUDE = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0";
const OLD_CLAUDE = "anthropic.claude-3-5-sonnet-20240620-v1:0";
const NOVA = "us.amazon.nova-2-lite-v1:0";
const LLAMA = "meta.llama3-1-70b-instruct-v1:0";

const user: Message = { role: "user", parts: [{ kind: "text", text: "hi" }] };
const hi = { role: "user", content: [{ text: "hi" }] };

function call(changes: Partial<ChatCall>): ChatCall {
  return {
    kind: "chat",
    from: "openai",
    stream: false,
    messages: [user],
    tools: [],
    options: {},
    extra: {},
    ...changes,
  };
}

const say = (role: Message["role"], ...parts: readonly (Part | string)[]): Message => ({
  role,
  parts: parts.map((part) => (typeof part === "string" ? { kind: "text", text: part } : part)),
});
const asked = (name: string, id: string, text = "{}"): Part => ({
  kind: "tool-call",
  id,
  name,
  arguments: text,
});
const answered = (id: string, text: string): Part => ({
  kind: "tool-result",
  id,
  content: [{ kind: "text", text }],
  isError: false,
});
const lookUp = { kind: "function", name: "look_up" } as const;
const noArguments = { json: { type: "object", properties: {} } };
const lookUpSpec = { toolSpec: { name: "look_up", inputSchema: noArguments } };
const schema = { kind: "schema", name: "city", schema: { type: "object" } } as const;
const cached = { type: "default" };

const cases: readonly {
  readonly name: string;
  readonly model?: string;
  readonly call: Partial<ChatCall>;
  readonly dropUnknown?: boolean;
  /** Beside the messages, which are one `hi` unless they are said. */
  readonly want: Fields;
}[] = [
  {
    name: "joins neighbours, gathers system texts, leaves out what is blank",
    call: {
      messages: [
        say("system", "a"),
        say("developer", "b", " "),
        say("user", "one"),
        say("user", "", "two"),
        say("assistant", ""),
        say("user", "three"),
        say("assistant", "four"),
      ],
    },
    want: {
      system: [{ text: "a" }, { text: "b" }],
      messages: [
        { role: "user", content: [{ text: "one" }, { text: "two" }, { text: "three" }] },
        { role: "assistant", content: [{ text: "four" }] },
      ],
    },
  },
  {
    name: "writes tools called side by side and their results",
    call: {
      tools: [lookUp],
      messages: [
        user,
        say("assistant", "let me see", asked("look_up", "t1", '{"a":1}'), asked("look_up", "t2", "")),
        say("user", answered("t1", "found")),
        say("user", { kind: "tool-result", id: "t2", content: [], isError: true }, "and?"),
      ],
    },
    want: {
      messages: [
        hi,
        {
          role: "assistant",
          content: [
            { text: "let me see" },
            { toolUse: { toolUseId: "t1", name: "look_up", input: { a: 1 } } },
            { toolUse: { toolUseId: "t2", name: "look_up", input: {} } },
          ],
        },
        {
          role: "user",
          content: [
            { toolResult: { toolUseId: "t1", content: [{ text: "found" }] } },
            { toolResult: { toolUseId: "t2", content: [{ text: "(empty)" }], status: "error" } },
            { text: "and?" },
          ],
        },
      ],
      toolConfig: { tools: [lookUpSpec] },
    },
  },
  {
    name: "puts results before what the client said ahead of them, with their cache points",
    call: {
      tools: [lookUp],
      messages: [
        user,
        say("assistant", asked("look_up", "t")),
        say("user", "so:", { ...answered("t", "x"), cache: {} } as Part, "?"),
      ],
    },
    want: {
      messages: [
        hi,
        { role: "assistant", content: [{ toolUse: { toolUseId: "t", name: "look_up", input: {} } }] },
        {
          role: "user",
          content: [
            { toolResult: { toolUseId: "t", content: [{ text: "x" }] } },
            { cachePoint: cached },
            { text: "so:" },
            { text: "?" },
          ],
        },
      ],
      toolConfig: { tools: [lookUpSpec] },
    },
  },
  {
    name: "trims the text that the model is to go on from",
    call: { messages: [user, say("assistant", "Well, ")] },
    want: { messages: [hi, { role: "assistant", content: [{ text: "Well," }] }] },
  },
  {
    name: "gives names and ids that Bedrock does not take others, each its own",
    call: {
      tools: [
        { kind: "function", name: "a.b" },
        { kind: "function", name: "a_b" },
      ],
      toolChoice: { kind: "tool", name: "a.b" },
      messages: [user, say("assistant", asked("a.b", "call:1")), say("user", answered("call:1", "x"))],
    },
    want: {
      messages: [
        hi,
        { role: "assistant", content: [{ toolUse: { toolUseId: "call_1", name: "a_b_2", input: {} } }] },
        { role: "user", content: [{ toolResult: { toolUseId: "call_1", content: [{ text: "x" }] } }] },
      ],
      toolConfig: {
        tools: [
          { toolSpec: { name: "a_b_2", inputSchema: noArguments } },
          { toolSpec: { name: "a_b", inputSchema: noArguments } },
        ],
        toolChoice: { tool: { name: "a_b_2" } },
      },
    },
  },
  {
    name: "keeps arguments that are no JSON object as text",
    call: { tools: [lookUp], messages: [user, say("assistant", asked("look_up", "t", "{broken"))] },
    want: {
      messages: [
        hi,
        {
          role: "assistant",
          content: [{ toolUse: { toolUseId: "t", name: "look_up", input: { arguments: "{broken" } } }],
        },
      ],
      toolConfig: { tools: [lookUpSpec] },
    },
  },
  {
    name: "forbids calls by leaving the tools out",
    call: { tools: [lookUp], toolChoice: { kind: "none" } },
    want: {},
  },
  {
    name: "forbids calls in words where earlier messages hold some",
    call: {
      tools: [lookUp],
      toolChoice: { kind: "none" },
      messages: [user, say("assistant", asked("look_up", "t")), say("user", answered("t", "x"))],
    },
    want: {
      messages: expect.any(Array) as unknown,
      system: [{ text: "Answer without calling a tool." }],
      toolConfig: { tools: [lookUpSpec] },
    },
  },
  {
    name: "makes up the tools that earlier messages speak of",
    call: { messages: [user, say("assistant", asked("look_up", "t")), say("user", answered("t", "x"))] },
    want: {
      messages: expect.any(Array) as unknown,
      system: [{ text: "Answer without calling a tool." }],
      toolConfig: { tools: [lookUpSpec] },
    },
  },
  {
    name: "offers only the allowed tools",
    call: {
      tools: [lookUp, { kind: "function", name: "other", parameters: { properties: {} }, description: "d" }],
      toolChoice: { kind: "allowed", required: true, names: ["other"] },
    },
    want: {
      toolConfig: {
        tools: [
          {
            toolSpec: {
              name: "other",
              description: "d",
              inputSchema: { json: { type: "object", properties: {} } },
            },
          },
        ],
        toolChoice: { any: {} },
      },
    },
  },
  {
    name: "allows Claude one call at a time in Claude's own words, never beside toolChoice",
    call: {
      tools: [lookUp],
      toolChoice: { kind: "required" },
      options: { parallel_tool_calls: false },
    },
    want: {
      toolConfig: { tools: [lookUpSpec] },
      additionalModelRequestFields: { tool_choice: { type: "any", disable_parallel_tool_use: true } },
    },
  },
  {
    name: "is strict with tools where the model can be",
    call: { tools: [{ ...lookUp, strict: true }] },
    want: {
      toolConfig: {
        tools: [
          {
            toolSpec: {
              name: "look_up",
              inputSchema: { json: { type: "object", properties: {}, additionalProperties: false } },
              strict: true,
            },
          },
        ],
      },
    },
  },
  {
    name: "is not strict where it cannot",
    model: OLD_CLAUDE,
    call: { tools: [{ ...lookUp, strict: true }] },
    want: { toolConfig: { tools: [lookUpSpec] } },
  },
  {
    name: "asks a model that can for a schema",
    call: { format: { ...schema, description: "d" } },
    want: {
      outputConfig: {
        textFormat: {
          type: "json_schema",
          structure: {
            jsonSchema: {
              schema: '{"type":"object","additionalProperties":false}',
              name: "city",
              description: "d",
            },
          },
        },
      },
    },
  },
  {
    name: "forces a tool of an earlier Claude",
    model: OLD_CLAUDE,
    call: { format: schema },
    want: {
      toolConfig: {
        tools: [
          {
            toolSpec: {
              name: "json_tool_call",
              description: expect.any(String) as unknown,
              inputSchema: { json: { type: "object" } },
            },
          },
        ],
        toolChoice: { tool: { name: "json_tool_call" } },
      },
    },
  },
  {
    name: "lets the client's tools be called first, under a name of its own",
    model: OLD_CLAUDE,
    call: { format: { kind: "json" }, tools: [{ kind: "function", name: "json_tool_call" }] },
    want: {
      toolConfig: {
        tools: [
          { toolSpec: { name: "json_tool_call", inputSchema: noArguments } },
          {
            toolSpec: {
              name: "json_tool_call_2",
              description: expect.any(String) as unknown,
              inputSchema: { json: { ...noArguments.json, additionalProperties: true } },
            },
          },
        ],
        toolChoice: { any: {} },
      },
    },
  },
  {
    name: "asks in words while Claude thinks",
    call: { format: { kind: "json" }, reasoning: { enabled: true, budgetTokens: 2000 } },
    want: {
      system: [{ text: expect.stringContaining("Answer with JSON only") as unknown }],
      additionalModelRequestFields: { thinking: { type: "enabled", budget_tokens: 2000 } },
    },
  },
  {
    name: "asks open models for a schema",
    model: "qwen.qwen3-32b-v1:0",
    call: { format: schema },
    want: { outputConfig: { textFormat: expect.objectContaining({ type: "json_schema" }) as unknown } },
  },
  {
    name: "asks other models in words",
    model: LLAMA,
    call: { format: schema },
    want: { system: [{ text: expect.stringContaining('{"type":"object"}') as unknown }] },
  },
  {
    name: "writes cache marks as cache points behind what they mark",
    call: {
      tools: [{ ...lookUp, cache: {} }],
      messages: [
        say("system", { kind: "text", text: "s", cache: { ttl: "1h" } }),
        say("user", { kind: "text", text: "u", cache: {} }),
        say("assistant", { ...asked("look_up", "t"), cache: {} } as Part),
        say("user", {
          kind: "tool-result",
          id: "t",
          content: [{ kind: "text", text: "r", cache: {} }],
          isError: false,
        }),
      ],
    },
    want: {
      system: [{ text: "s" }, { cachePoint: { type: "default", ttl: "1h" } }],
      toolConfig: { tools: [lookUpSpec, { cachePoint: cached }] },
      messages: [
        { role: "user", content: [{ text: "u" }, { cachePoint: cached }] },
        {
          role: "assistant",
          content: [{ toolUse: { toolUseId: "t", name: "look_up", input: {} } }, { cachePoint: cached }],
        },
        {
          role: "user",
          content: [{ toolResult: { toolUseId: "t", content: [{ text: "r" }] } }, { cachePoint: cached }],
        },
      ],
    },
  },
  {
    name: "caches no tools of Nova",
    model: NOVA,
    call: { tools: [{ ...lookUp, cache: {} }] },
    want: { toolConfig: { tools: [lookUpSpec] } },
  },
  {
    name: "caches nothing of others",
    model: LLAMA,
    call: { messages: [say("user", { kind: "text", text: "hi", cache: {} })] },
    want: {},
  },
  {
    name: "sends images, audio and documents, each document with a name that is allowed and its own",
    call: {
      messages: [
        say(
          "user",
          { kind: "image", source: { kind: "base64", mediaType: "image/jpg", data: "aW1n" } },
          { kind: "audio", data: "YXVk", format: "mp3" },
          {
            kind: "document",
            source: { kind: "base64", mediaType: "application/pdf", data: "cGRm" },
            name: "a/b  c_1.pdf",
            context: "about",
            cite: true,
          },
          { kind: "document", source: { kind: "text", text: "t" }, name: "a b c 1 pdf" },
        ),
      ],
    },
    want: {
      messages: [
        {
          role: "user",
          content: [
            { image: { format: "jpeg", source: { bytes: "aW1n" } } },
            { audio: { format: "mp3", source: { bytes: "YXVk" } } },
            {
              document: {
                format: "pdf",
                name: "a b c 1 pdf",
                source: { bytes: "cGRm" },
                context: "about",
                citations: { enabled: true },
              },
            },
            { document: { format: "txt", name: "a b c 1 pdf 2", source: { text: "t" } } },
            { text: "(document)" },
          ],
        },
      ],
    },
  },
  {
    name: "sends thinking back with its signature, and not without",
    call: {
      messages: [
        user,
        say(
          "assistant",
          { kind: "reasoning", text: "hm", signature: "sig" },
          { kind: "reasoning", text: "unsigned" },
          { kind: "redacted-reasoning", data: "cmVk" },
          "done",
        ),
        user,
      ],
    },
    want: {
      messages: [
        hi,
        {
          role: "assistant",
          content: [
            { reasoningContent: { reasoningText: { text: "hm", signature: "sig" } } },
            { reasoningContent: { redactedContent: "cmVk" } },
            { text: "done" },
          ],
        },
        hi,
      ],
    },
  },
  {
    name: "sends Bedrock's own parts and citations back as they came",
    call: {
      messages: [
        say("user", { kind: "other", wire: "bedrock", value: { guardContent: { text: { text: "g" } } } }),
        say("assistant", {
          kind: "text",
          text: "t",
          citations: [
            { wire: "bedrock", value: { title: "a" } },
            { wire: "openai", value: {} },
          ],
        }),
      ],
    },
    want: {
      messages: [
        { role: "user", content: [{ guardContent: { text: { text: "g" } } }] },
        {
          role: "assistant",
          content: [{ citationsContent: { content: [{ text: "t" }], citations: [{ title: "a" }] } }],
        },
      ],
    },
  },
  {
    name: "puts the common parameters where Converse has them",
    model: OLD_CLAUDE,
    call: {
      options: {
        max_tokens: 9,
        temperature: 1.5,
        top_p: 0.9,
        stop: [".", " "],
        service_tier: "flex",
        top_k: 3,
      },
    },
    want: {
      inferenceConfig: { maxTokens: 9, temperature: 1, topP: 0.9, stopSequences: ["."] },
      additionalModelResponseFieldPaths: ["/stop_sequence"],
      additionalModelRequestFields: { top_k: 3 },
      serviceTier: { type: "flex" },
    },
  },
  {
    name: "puts Nova's where Nova has them",
    model: NOVA,
    call: { options: { top_k: 3, stop: ["."] }, reasoning: { enabled: true, effort: "minimal" } },
    want: {
      inferenceConfig: { stopSequences: ["."] },
      additionalModelRequestFields: {
        inferenceConfig: { topK: 3 },
        reasoningConfig: { type: "enabled", maxReasoningEffort: "low" },
      },
    },
  },
  {
    name: "turns an effort into a budget, with max_tokens above it",
    call: { options: { max_tokens: 3000 }, reasoning: { enabled: true, effort: "high" } },
    want: {
      inferenceConfig: { maxTokens: 7096 },
      additionalModelRequestFields: { thinking: { type: "enabled", budget_tokens: 4096 } },
    },
  },
  {
    name: "leaves out what a thinking Claude does not take",
    call: {
      options: { temperature: 0.5, top_k: 3, top_p: 0.5 },
      reasoning: { enabled: true, budgetTokens: 2000 },
    },
    want: { additionalModelRequestFields: { thinking: { type: "enabled", budget_tokens: 2000 } } },
  },
  {
    name: "lets newer Claude think as much as it likes",
    model: "us.anthropic.claude-opus-4-7",
    call: { reasoning: { enabled: true, effort: "xhigh" } },
    want: {
      additionalModelRequestFields: { thinking: { type: "adaptive", display: "summarized" } },
      outputConfig: { effort: "xhigh" },
    },
  },
  {
    name: "tells OpenAI's models the effort",
    model: "openai.gpt-oss-120b-1:0",
    call: { reasoning: { enabled: true, budgetTokens: 5000 } },
    want: { additionalModelRequestFields: { reasoning_effort: "high" } },
  },
  { name: "does not ask for thinking that is off", call: { reasoning: { enabled: false } }, want: {} },
  {
    name: "takes Converse's own parameters, and hands the others to the model",
    call: {
      extra: {
        guardrailConfig: { guardrailIdentifier: "g" },
        performanceConfig: { latency: "optimized" },
        requestMetadata: { team: "a" },
        additionalModelRequestFields: { mine: 1 },
        anthropic_beta: ["x"],
      },
    },
    want: {
      guardrailConfig: { guardrailIdentifier: "g" },
      performanceConfig: { latency: "optimized" },
      requestMetadata: { team: "a" },
      additionalModelRequestFields: { mine: 1, anthropic_beta: ["x"] },
    },
  },
  {
    name: "leaves unknown parameters out when told to",
    dropUnknown: true,
    call: { extra: { guardrailConfig: { guardrailIdentifier: "g" }, unheard: 1 } },
    want: { guardrailConfig: { guardrailIdentifier: "g" } },
  },
];

describe("bedrockChatWire.write", () => {
  it.each(cases)("$name", ({ call: changes, dropUnknown = false, model = CLAUDE, want }) => {
    const { body } = bedrockChatWire(model).write(call(changes), { model, dropUnknown });
    expect(body).toEqual({ messages: [hi], ...want });
  });

  it("names the parameters that it left out", () => {
    const written = call({ extra: { guardrailConfig: {}, unheard: 1 } });
    expect(bedrockChatWire(CLAUDE).write(written, { model: CLAUDE, dropUnknown: true }).ignored).toEqual([
      "unheard",
    ]);
  });

  it.each([
    {
      part: { kind: "image", source: { kind: "base64", mediaType: "image/bmp", data: "" } },
      says: "image/bmp",
    },
    {
      part: { kind: "document", source: { kind: "base64", mediaType: "application/zip", data: "" } },
      says: "application/zip",
    },
  ] as const)("refuses $says", ({ part, says }) => {
    const write = (): unknown =>
      bedrockChatWire(CLAUDE).write(call({ messages: [say("user", part)] }), {
        model: CLAUDE,
        dropUnknown: false,
      });
    expect(write).toThrow(CallRefusal);
    expect(write).toThrow(says);
  });

  it("names the parameters that do not go together", () => {
    const written = call({ options: { temperature: 0.5, top_p: 0.5 } });
    expect(bedrockChatWire(CLAUDE).write(written, { model: CLAUDE, dropUnknown: false }).ignored).toEqual([
      "top_p",
    ]);
  });

  it("refuses a call without a conversation", () => {
    const written = call({ messages: [say("system", "s"), say("user", " ")] });
    const write = (): unknown =>
      bedrockChatWire(CLAUDE).write(written, { model: CLAUDE, dropUnknown: false });
    expect(write).toThrow("needs a message beside the system prompt");
  });

  it("says of each family what is true of it", () => {
    const treatments = (model: string): readonly string[] => {
      const { cache_control, reasoning_effort, response_format_json, strict_tools } =
        bedrockChatWire(model).fidelity;
      return [cache_control, reasoning_effort, response_format_json, strict_tools];
    };
    expect(treatments(OLD_CLAUDE)).toEqual([
      "mapped: cachePoint",
      "dropped",
      expect.stringContaining("a forced tool"),
      "ignored",
    ]);
    expect(treatments(LLAMA)).toEqual([
      "ignored",
      "dropped",
      "mapped: a sentence in the system prompt",
      "ignored",
    ]);
    expect(treatments(NOVA)[1]).toContain("reasoningConfig");
    expect(treatments("arn:aws:bedrock:eu-west-1:1:application-inference-profile/x")[1]).toBe(
      "mapped: a thinking budget",
    );
  });
});
