import type {
  AnswerFormat,
  CacheMark,
  ChatCall,
  ChatOptions,
  FunctionTool,
  Message,
  Part,
  Reasoning,
  Source,
  TextPart,
  ToolChoice,
} from "@gatewright/call";
import fc from "fast-check";

/** Letters of one to four bytes, what JSON escapes, and what readers of lines and of frames may stumble over. */
const letters = [
  ...Array.from("abcXYZ019_-.:{}[]<>"),
  " ",
  "\n",
  "\t",
  '"',
  "\\",
  "ü",
  "ß",
  "→",
  "日",
  "\u2028",
  "🚪",
  "👩‍👧",
];

/** Text that says something: no API takes a part of white space only. */
const words = fc
  .array(fc.constantFrom(...letters), { minLength: 1, maxLength: 12 })
  .map((chosen) => chosen.join(""))
  .map((text) => (text.trim() === "" ? `${text}a` : text));

/** A name that every API takes for a tool. */
const toolName = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,15}$/);
const callId = fc.stringMatching(/^call_[a-zA-Z0-9]{8}$/);
const base64 = fc
  .uint8Array({ minLength: 1, maxLength: 12 })
  .map((bytes) => Buffer.from(bytes).toString("base64"));
const fileId = fc.stringMatching(/^file-[a-z0-9]{6}$/);
const cacheMark: fc.Arbitrary<CacheMark> = fc.constantFrom({}, { ttl: "5m" }, { ttl: "1h" });

/** All members but the mark, which `marked` adds; those in `optional` may be absent. */
function record<T extends object>(
  members: { [K in Exclude<keyof T, "cache">]-?: fc.Arbitrary<Exclude<T[K], undefined>> },
  optional: readonly (keyof T)[] = [],
): fc.Arbitrary<T> {
  const requiredKeys = (Object.keys(members) as (keyof T)[]).filter((key) => !optional.includes(key));
  return fc.record(members as never, { requiredKeys, noNullPrototype: true } as never) as fc.Arbitrary<T>;
}

function is<K extends string>(kind: K): fc.Arbitrary<K> {
  return fc.constant(kind);
}

function rarely<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value });
}

/** Some with a mark of the prompt cache. */
function marked<P extends object>(part: fc.Arbitrary<P>): fc.Arbitrary<P> {
  return fc
    .tuple(part, rarely(cacheMark))
    .map(([value, cache]) => (cache === undefined ? value : { ...value, cache }));
}

function urlOf(ending: string): fc.Arbitrary<Source> {
  const path = fc.stringMatching(/^[a-z0-9]{1,8}$/);
  return path.map((name) => ({ kind: "url", url: `https://example.org/${name}.${ending}?a=1&b=%20` }));
}

function bytesOf(...types: readonly string[]): fc.Arbitrary<Source> {
  return record<Extract<Source, { kind: "base64" }>>({
    kind: is("base64"),
    mediaType: fc.constantFrom(...types),
    data: base64,
  });
}

const fileSource: fc.Arbitrary<Source> = fileId.map((id) => ({ kind: "file", id }));
const textSource: fc.Arbitrary<Source> = words.map((text) => ({ kind: "text", text }));

const text: fc.Arbitrary<TextPart> = marked(words.map((said) => ({ kind: "text", text: said })));
const image = marked(
  record<Extract<Part, { kind: "image" }>>(
    {
      kind: is("image"),
      source: fc.oneof(
        urlOf("png"),
        bytesOf("image/png", "image/jpeg", "image/gif", "image/webp"),
        fileSource,
      ),
      detail: fc.constantFrom("auto", "low", "high"),
    },
    ["detail"],
  ),
);
const audio = record<Extract<Part, { kind: "audio" }>>({
  kind: is("audio"),
  data: base64,
  format: fc.constantFrom("wav", "mp3"),
});
const document = marked(
  record<Extract<Part, { kind: "document" }>>(
    {
      kind: is("document"),
      source: fc.oneof(urlOf("pdf"), bytesOf("application/pdf"), textSource, fileSource),
      name: fc.constantFrom("report.pdf", "Bericht für März"),
      context: words,
      cite: fc.constant(true),
    },
    ["name", "context", "cite"],
  ),
);
const reasoning: fc.Arbitrary<Part> = fc.oneof(
  record<Extract<Part, { kind: "reasoning" }>>({ kind: is("reasoning"), text: words, signature: base64 }, [
    "signature",
  ]),
  base64.map((data): Part => ({ kind: "redacted-reasoning", data })),
);

/** JSON text as a model writes it. */
const toolArguments = fc
  .dictionary(
    fc.stringMatching(/^[a-z]{1,6}$/),
    fc.oneof(words, fc.integer(), fc.boolean(), fc.constant(null)),
    {
      maxKeys: 3,
      noNullPrototype: true,
    },
  )
  .map((value) => JSON.stringify(value));

/** A tool call and its result, which has the same id and name. */
const exchange = fc
  .record({
    id: callId,
    name: toolName,
    arguments: toolArguments,
    content: fc.array(fc.oneof({ weight: 3, arbitrary: text }, image, document), {
      minLength: 1,
      maxLength: 2,
    }),
    isError: fc.boolean(),
    cache: rarely(cacheMark),
  })
  .map(({ arguments: given, cache, content, id, isError, name }) => {
    const mark = cache === undefined ? {} : { cache };
    return {
      call: { kind: "tool-call", id, name, arguments: given, ...mark },
      result: { kind: "tool-result", id, name, content, isError, ...mark },
    } as const satisfies { readonly call: Part; readonly result: Part };
  });

const participant = rarely(fc.stringMatching(/^[a-z]{1,8}$/));
const userParts = fc.array(fc.oneof({ weight: 4, arbitrary: text }, image, document, audio), {
  minLength: 1,
  maxLength: 3,
});

function messageOf(role: Message["role"], parts: readonly Part[], name?: string): Message {
  return { role, parts, ...(name === undefined ? {} : { name }) };
}

const userMessage = fc.tuple(userParts, participant).map(([parts, name]) => messageOf("user", parts, name));

/** The user says something, the assistant answers, perhaps with calls; their results follow, one message for each. */
const turn = fc
  .record({
    user: userMessage,
    thought: fc.array(reasoning, { maxLength: 2 }),
    said: fc.array(text, { maxLength: 2 }),
    exchanges: fc.array(exchange, { maxLength: 3 }),
    reply: words,
  })
  .map(({ exchanges, reply, said, thought, user }): readonly Message[] => {
    // Reasoning never stands alone: content follows.
    const content: readonly Part[] =
      said.length + exchanges.length === 0 ? [{ kind: "text", text: reply }] : said;
    const asked = messageOf("assistant", [...thought, ...content, ...exchanges.map(({ call }) => call)]);
    if (exchanges.length === 0) return [user, asked];
    const results = exchanges.map(({ result }) => messageOf("user", [result]));
    return [user, asked, ...results, messageOf("assistant", [{ kind: "text", text: reply }])];
  });

const schema = fc.constantFrom(
  { type: "object", properties: {}, additionalProperties: false },
  {
    type: "object",
    properties: { topic: { type: "string", description: 'Größe "x"' }, count: { type: "integer" } },
    required: ["topic", "count"],
    additionalProperties: false,
  },
);

const tool = marked(
  record<FunctionTool>(
    {
      kind: is("function"),
      name: toolName,
      description: words,
      parameters: schema,
      strict: fc.boolean(),
    },
    ["description", "strict"],
  ),
);

function toolChoiceOf(names: readonly [string, ...string[]]): fc.Arbitrary<ToolChoice | undefined> {
  return fc.oneof(
    fc.constant(undefined),
    fc.constantFrom<ToolChoice>({ kind: "auto" }, { kind: "none" }, { kind: "required" }),
    fc.constantFrom(...names).map((name): ToolChoice => ({ kind: "tool", name })),
    record<Extract<ToolChoice, { kind: "allowed" }>>({
      kind: is("allowed"),
      required: fc.boolean(),
      names: fc.subarray([...names], { minLength: 1 }),
    }),
  );
}

const format: fc.Arbitrary<AnswerFormat | undefined> = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  fc.constant<AnswerFormat>({ kind: "json" }),
  record<Extract<AnswerFormat, { kind: "schema" }>>(
    { kind: is("schema"), name: toolName, description: words, schema, strict: fc.boolean() },
    ["description", "strict"],
  ),
);

/** A budget stays below every `max_tokens` here, as Anthropic wants it. */
const reasoningWish: fc.Arbitrary<Reasoning | undefined> = fc.constantFrom<Reasoning | undefined>(
  undefined,
  undefined,
  { enabled: false },
  { enabled: true, effort: "low" },
  { enabled: true, effort: "high", summary: "auto" },
  { enabled: true, budgetTokens: 1024 },
  { enabled: true, budgetTokens: 2047 },
);

const hundredths = fc.integer({ min: 1, max: 100 }).map((value) => value / 100);

/** Every option at times, few at once. */
const options: fc.Arbitrary<ChatOptions> = fc
  .record({
    names: fc.uniqueArray(fc.nat({ max: 25 }), { maxLength: 5 }),
    values: record<ChatOptions>({
      max_tokens: fc.integer({ min: 2048, max: 64_000 }),
      temperature: hundredths,
      top_p: hundredths,
      top_k: fc.integer({ min: 1, max: 100 }),
      stop: fc.uniqueArray(words, { minLength: 1, maxLength: 4 }),
      seed: fc.nat(),
      n: fc.integer({ min: 2, max: 4 }),
      frequency_penalty: hundredths,
      presence_penalty: hundredths,
      logit_bias: fc.constant({ "50256": -100 }),
      logprobs: fc.constant(true),
      top_logprobs: fc.integer({ min: 1, max: 20 }),
      parallel_tool_calls: fc.boolean(),
      user: fc.stringMatching(/^user-[a-z0-9]{1,8}$/),
      metadata: fc.constant({ team: "Grün", user_id: "user-7" }),
      service_tier: fc.constantFrom("auto", "default", "flex", "priority"),
      store: fc.boolean(),
      verbosity: fc.constantFrom("low", "medium", "high"),
      modalities: fc.constant(["text", "audio"]),
      audio: fc.constant({ voice: "alloy", format: "wav" }),
      prediction: fc.constant({ type: "content", content: "a b c" }),
      web_search_options: fc.constant({ search_context_size: "low" }),
      prompt_cache_key: words,
      prompt_cache_retention: fc.constant("24h"),
      safety_identifier: fc.stringMatching(/^[a-z0-9]{8}$/),
    }),
  })
  .map(({ names, values }) => {
    const entries = Object.entries(values).filter((_, index) => names.includes(index));
    const chosen: ChatOptions = Object.fromEntries(entries);
    return chosen.top_logprobs === undefined ? chosen : { ...chosen, logprobs: true };
  });

/**
 * Legal calls of any content, as a chat completions client may send them: every tool call is answered, by its id and
 * name; names and ids are what all APIs take; nothing is empty. Parts and tools of one API's own do not occur, nor do
 * citations and parameters that are unknown (`extra`).
 */
export const arbitraryCall: fc.Arbitrary<ChatCall> = fc
  .record({
    stream: fc.boolean(),
    system: fc.array(fc.tuple(fc.constantFrom("system" as const, "developer" as const), text), {
      maxLength: 2,
    }),
    turns: fc.array(turn, { maxLength: 3 }),
    last: userMessage,
    prefill: rarely(words),
    tools: fc.uniqueArray(tool, { maxLength: 3, selector: ({ name }) => name }),
    format,
    reasoning: reasoningWish,
    options,
  })
  .map((drawn) => ({ ...drawn, turns: withUniqueIds(drawn.turns.flat()) }))
  .chain((drawn) => {
    const tools = withCalledTools(drawn.tools, drawn.turns);
    const [first, ...others] = tools.map(({ name }) => name);
    const choice = first === undefined ? fc.constant(undefined) : toolChoiceOf([first, ...others]);
    return choice.map((toolChoice): ChatCall => {
      // What a model is to go on from does not end in white space.
      const prefill = drawn.prefill?.trim();
      return {
        kind: "chat",
        from: "openai",
        stream: drawn.stream,
        messages: [
          ...drawn.system.map(([role, part]) => messageOf(role, [part])),
          ...drawn.turns,
          drawn.last,
          ...(prefill === undefined ? [] : [messageOf("assistant", [{ kind: "text", text: prefill }])]),
        ],
        tools,
        ...(toolChoice === undefined ? {} : { toolChoice }),
        ...(drawn.format === undefined ? {} : { format: drawn.format }),
        ...(drawn.reasoning === undefined ? {} : { reasoning: drawn.reasoning }),
        options: drawn.options,
        extra: {},
      };
    });
  });

/** Ids are drawn one by one: here they get a number, the same in the call and in its result. */
function withUniqueIds(messages: readonly Message[]): readonly Message[] {
  let calls = 0;
  let results = 0;
  return messages.map((message) => ({
    ...message,
    parts: message.parts.map((part) => {
      if (part.kind === "tool-call") return { ...part, id: `${part.id}${calls++}` };
      return part.kind === "tool-result" ? { ...part, id: `${part.id}${results++}` } : part;
    }),
  }));
}

/** Tools that were called are on offer. */
function withCalledTools(
  tools: readonly FunctionTool[],
  messages: readonly Message[],
): readonly FunctionTool[] {
  const byName = new Map(tools.map((offered) => [offered.name, offered]));
  for (const { parts } of messages) {
    for (const part of parts) {
      if (part.kind !== "tool-call" || byName.has(part.name)) continue;
      byName.set(part.name, {
        kind: "function",
        name: part.name,
        parameters: { type: "object", properties: {} },
      });
    }
  }
  return [...byName.values()];
}
