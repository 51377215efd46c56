import type {
  CacheMark,
  ChatCall,
  Citation,
  DocumentPart,
  Fields,
  ImagePart,
  Message,
  Part,
  Source,
  TextPart,
  Tool,
  ToolChoice,
} from "@gatewright/call";

/** The parts of a call that a Messages request says, read back from it without the help of what wrote it. */
export type ReadBack = Pick<
  ChatCall,
  "messages" | "tools" | "toolChoice" | "format" | "reasoning" | "options" | "stream"
>;

/** Reads a valid request of the Messages API. */
export function readAnthropicRequest(body: Fields): ReadBack {
  const system = body["system"] as readonly Fields[] | undefined;
  const messages = (body["messages"] as readonly Fields[]).map(messageOf);
  const choice = body["tool_choice"] as Fields | undefined;
  const output = body["output_config"] as Fields | undefined;
  const format = output?.["format"] as Fields | undefined;
  return {
    stream: body["stream"] === true,
    messages: system === undefined ? messages : [{ role: "system", parts: system.map(partOf) }, ...messages],
    tools: ((body["tools"] ?? []) as readonly Fields[]).map(toolOf),
    ...(choice === undefined ? {} : { toolChoice: choiceOf(choice) }),
    ...(format === undefined
      ? {}
      : { format: { kind: "schema", name: "", schema: format["schema"] as Fields } as const }),
    ...reasoningOf(body["thinking"] as Fields | undefined, output?.["effort"] as string | undefined),
    options: optionsOf(body, choice),
  };
}

function messageOf({ content, role }: Fields): Message {
  return { role: role as Message["role"], parts: (content as readonly Fields[]).map(partOf) };
}

function cacheOf(block: Fields): { readonly cache?: CacheMark } {
  const mark = block["cache_control"] as { readonly ttl?: string } | undefined;
  if (mark === undefined) return {};
  return { cache: mark.ttl === undefined ? {} : { ttl: mark.ttl } };
}

function partOf(block: Fields): Part {
  switch (block["type"]) {
    case "text":
      return textOf(block);
    case "image":
      return { kind: "image", source: sourceOf(block["source"] as Fields), ...cacheOf(block) };
    case "document":
      return documentOf(block);
    case "tool_use":
      return {
        kind: "tool-call",
        id: String(block["id"]),
        name: String(block["name"]),
        arguments: JSON.stringify(block["input"]),
        ...cacheOf(block),
      };
    case "tool_result":
      return {
        kind: "tool-result",
        id: String(block["tool_use_id"]),
        content: ((block["content"] ?? []) as readonly Fields[]).map(partOf) as (
          | TextPart
          | ImagePart
          | DocumentPart
        )[],
        isError: block["is_error"] === true,
        ...cacheOf(block),
      };
    case "thinking":
      return { kind: "reasoning", text: String(block["thinking"]), signature: String(block["signature"]) };
    case "redacted_thinking":
      return { kind: "redacted-reasoning", data: String(block["data"]) };
    default:
      return { kind: "other", wire: "anthropic", value: block };
  }
}

function textOf(block: Fields): TextPart {
  const citations = block["citations"] as readonly Fields[] | undefined;
  const read = citations?.map((value): Citation => ({ wire: "anthropic", value }));
  return {
    kind: "text",
    text: String(block["text"]),
    ...(read === undefined ? {} : { citations: read }),
    ...cacheOf(block),
  };
}

function documentOf(block: Fields): DocumentPart {
  const { citations, context, source, title } = block as {
    readonly citations?: { readonly enabled: boolean };
    readonly context?: string;
    readonly source?: Fields;
    readonly title?: string;
  };
  return {
    kind: "document",
    source: sourceOf(source ?? {}),
    ...(title === undefined ? {} : { name: title }),
    ...(context === undefined ? {} : { context }),
    ...(citations === undefined ? {} : { cite: citations.enabled }),
    ...cacheOf(block),
  };
}

function sourceOf(source: Fields): Source {
  switch (source["type"]) {
    case "url":
      return { kind: "url", url: String(source["url"]) };
    case "file":
      return { kind: "file", id: String(source["file_id"]) };
    case "text":
      return { kind: "text", text: String(source["data"]) };
    default:
      return { kind: "base64", mediaType: String(source["media_type"]), data: String(source["data"]) };
  }
}

function toolOf(tool: Fields): Tool {
  if (tool["type"] !== undefined) return { kind: "other", wire: "anthropic", value: tool };
  const { description, input_schema: parameters, name, strict } = tool;
  return {
    kind: "function",
    name: String(name),
    ...(typeof description === "string" ? { description } : {}),
    parameters: parameters as Fields,
    ...(strict === undefined ? {} : { strict: strict === true }),
    ...cacheOf(tool),
  };
}

function choiceOf(choice: Fields): ToolChoice {
  switch (choice["type"]) {
    case "any":
      return { kind: "required" };
    case "tool":
      return { kind: "tool", name: String(choice["name"]) };
    case "none":
      return { kind: "none" };
    default:
      return { kind: "auto" };
  }
}

function reasoningOf(thinking: Fields | undefined, effort: string | undefined): Pick<ReadBack, "reasoning"> {
  if (thinking === undefined && effort === undefined) return {};
  const budget = thinking?.["budget_tokens"];
  return {
    reasoning: {
      enabled: thinking?.["type"] !== "disabled",
      ...(effort === undefined ? {} : { effort }),
      ...(typeof budget === "number" ? { budgetTokens: budget } : {}),
    },
  };
}

function optionsOf(body: Fields, choice: Fields | undefined): ChatCall["options"] {
  const options: { [name: string]: unknown } = {};
  for (const name of ["max_tokens", "temperature", "top_p", "top_k"]) {
    if (body[name] !== undefined) options[name] = body[name];
  }
  const stop = body["stop_sequences"];
  if (stop !== undefined) options["stop"] = stop;
  const user = (body["metadata"] as Fields | undefined)?.["user_id"];
  if (user !== undefined) options["user"] = user;
  const tier = body["service_tier"];
  if (tier !== undefined) options["service_tier"] = tier === "standard_only" ? "default" : tier;
  if (choice?.["disable_parallel_tool_use"] === true) options["parallel_tool_calls"] = false;
  return options;
}
